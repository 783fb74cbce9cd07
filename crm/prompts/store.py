"""Saved prompts of a user, and those that the workspace shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from crm import audit, schema
from crm.clock import Clock
from crm.errors import InputError, NotAllowed, NotFound
from crm.folding import fold
from crm.identity import Principal

LONGEST_NAME, LONGEST_TEXT = 80, 4000  # characters; the text is a question


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Instants are aware UTC; `owner` is the name, or the address, of whoever saved it."""

    id: int
    name: str
    text: str
    shared: bool
    owner: str
    owner_id: int
    created_at: datetime
    updated_at: datetime

    def mine(self, principal: Principal) -> bool:
        return self.owner_id == principal.user_id

    def editable_by(self, principal: Principal) -> bool:
        return self.mine(principal) or (self.shared and principal.role == "admin")

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "text": self.text,
            "shared": self.shared,
            "owner": self.owner,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


def prompts_of(session: Session, principal: Principal) -> tuple[Prompt, ...]:
    """One's own and the workspace's shared ones, one's own first, by name."""
    found = [_prompt(*row) for row in session.execute(_visible(principal))]
    return tuple(sorted(found, key=lambda held: (not held.mine(principal), fold(held.name), held.id)))


def get_prompt(session: Session, principal: Principal, which: int | str) -> Prompt:
    """By number, or by name (one's own before a shared one). Raises `NotFound`, also for somebody else's private one."""
    wanted = fold(str(which)).strip()
    for prompt in prompts_of(session, principal):
        if str(prompt.id) == wanted or (isinstance(which, str) and fold(prompt.name).strip() == wanted):
            return prompt
    raise NotFound(str(which), sentence=f"There is no prompt “{which}”.", next_step="See `lealup prompts list`.")


def add_prompt(
    session: Session, clock: Clock, principal: Principal, *, text: str, name: str = "", shared: bool = False
) -> Prompt:
    """Keep a question; without a name it is called by its beginning. Raises `InputError`."""
    text = _checked(text)
    row = schema.SavedPrompt(
        workspace_id=principal.workspace_id, user_id=principal.user_id, name=_named(name, text), text=text,
        shared=shared, created_at=clock(), updated_at=clock(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, clock, principal, "prompt.add", row)
    return get_prompt(session, principal, row.id)


def edit_prompt(
    session: Session,
    clock: Clock,
    principal: Principal,
    prompt_id: int,
    *,
    text: str | None = None,
    name: str | None = None,
    shared: bool | None = None,
) -> Prompt:
    """Change what is given: one's own, or as an admin a shared one. Raises `NotFound`, `NotAllowed`, `InputError`.

    An admin who unshares somebody's prompt no longer sees it; what is returned is as it was written.
    """
    row = _own(session, principal, prompt_id)
    row.text = row.text if text is None else _checked(text)
    row.name = row.name if name is None else _named(name, row.text)
    row.shared = row.shared if shared is None else shared
    row.updated_at = clock()
    session.flush()
    _record(session, clock, principal, "prompt.edit", row)
    return _prompt(row, session.get_one(schema.User, row.user_id))


def remove_prompt(session: Session, clock: Clock, principal: Principal, prompt_id: int) -> None:
    """Delete one's own, or as an admin a shared one. Raises `NotFound`, `NotAllowed`."""
    row = _own(session, principal, prompt_id)
    _record(session, clock, principal, "prompt.remove", row)
    session.delete(row)
    session.flush()


def _visible(principal: Principal) -> Select[schema.SavedPrompt, schema.User]:
    held = schema.SavedPrompt
    return (
        select(held, schema.User)
        .join(schema.User, schema.User.id == held.user_id)
        .where(held.workspace_id == principal.workspace_id)
        .where(or_(held.user_id == principal.user_id, held.shared))
    )


def _own(session: Session, principal: Principal, prompt_id: int) -> schema.SavedPrompt:
    if not get_prompt(session, principal, prompt_id).editable_by(principal):
        raise NotAllowed(
            str(prompt_id), sentence="That prompt is somebody else's.", next_step="Save a copy of your own."
        )
    return session.get_one(schema.SavedPrompt, prompt_id)


def _checked(text: str) -> str:
    wanted = text.strip()
    if not wanted:
        raise InputError(sentence="A prompt needs a text.")
    if len(wanted) > LONGEST_TEXT:
        raise InputError(str(len(wanted)), sentence=f"A prompt has at most {LONGEST_TEXT:,} characters.")
    return wanted


def _named(name: str, text: str) -> str:
    wanted = " ".join(name.split())
    if len(wanted) > LONGEST_NAME:
        raise InputError(str(len(wanted)), sentence=f"The name of a prompt has at most {LONGEST_NAME} characters.")
    beginning = " ".join(text.split())
    return wanted or (beginning if len(beginning) <= 60 else beginning[:59].rstrip() + "…")


def _prompt(row: schema.SavedPrompt, user: schema.User) -> Prompt:
    return Prompt(
        id=row.id,
        name=row.name,
        text=row.text,
        shared=row.shared,
        owner=user.name or user.email,
        owner_id=user.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _record(session: Session, clock: Clock, principal: Principal, action: str, row: schema.SavedPrompt) -> None:
    audit.record(
        session, clock, workspace_id=principal.workspace_id, user_id=principal.user_id,
        action=action, subject=str(row.id), shared=row.shared,
    )  # fmt: skip
