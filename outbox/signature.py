"""A CSM's signature: plain text, below every new reply behind the "-- " line that mail programs know."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.errors import InputError
from crm.identity import Principal

DELIMITER = "-- "
LONGEST = 2_000  # characters


def signature_of(session: Session, principal: Principal) -> str:
    """The user's signature, or ""."""
    return session.get_one(schema.User, principal.user_id).signature


def set_signature(session: Session, clock: Clock, principal: Principal, text: str) -> str:
    """Keep it for the next replies; "" takes it away. Raises `InputError` for one that is too long."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")]
    kept = "\n".join(line for line in lines if line != "--").strip()
    if len(kept) > LONGEST:
        raise InputError("signature", sentence=f"A signature can have at most {LONGEST} characters.")
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in kept):
        raise InputError("signature", sentence="That signature holds a character that no mail can carry.")
    session.get_one(schema.User, principal.user_id).signature = kept
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action="signature.set", subject=str(principal.user_id), characters=len(kept),
    )  # fmt: skip
    session.flush()
    return kept


def signed(text: str, signature: str) -> str:
    """The text with the signature below it; one that stands there already is not repeated."""
    if not signature:
        return text
    return f"{unsigned(text, signature).rstrip()}\n\n{DELIMITER}\n{signature}\n"


def unsigned(text: str, signature: str) -> str:
    """The text without this signature at its end: what is worded anew."""
    below = f"\n{DELIMITER}\n{signature}"
    body = text.rstrip()
    return f"{body[: -len(below)].rstrip()}\n" if signature and body.endswith(below) else text
