"""A draft worded anew because its human asked for it: shorter, warmer, or in another language. A new version, never a sending."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from crm.clock import Clock
from crm.database import Database
from crm.errors import DraftConflict, InputError
from crm.identity import Principal
from crm.mails import StoredMail, get_mail
from outbox import drafts
from outbox.signature import signature_of, signed, unsigned
from outbox.versions import ASSISTANT, Version

How = Literal["shorter", "warmer", "en", "es", "pt"]
HOWS: tuple[How, ...] = get_args(How)
_REFERENCE = re.compile(r"\s*\[m:[^\]\n]*\]")


@dataclass(frozen=True, kw_only=True)
class Rewording:
    """What a brain gets: the text without its signature, what is wanted, and where the text comes from.

    `before` are the ways it was worded anew already, oldest first; `by_hand` says that a human has written in it.
    """

    principal: Principal
    text: str
    how: How
    before: tuple[How, ...]
    by_hand: bool
    asked: str
    mail: StoredMail


class Worder(Protocol):
    def reword(self, task: Rewording) -> str:
        """The whole new text. Raises `ModelUnavailable`, or `InputError` when this brain can't."""
        ...


def reword(
    database: Database, clock: Clock, worder: Worder, principal: Principal, draft_id: str, *, sha256: str, how: str
) -> drafts.Draft:
    """Store the new wording as the next version of the draft. Raises `DraftConflict` when it moved on meanwhile."""
    if how not in HOWS:
        raise InputError(how, sentence=f"“{how}” is not a way to word a reply.", next_step=f"Use {', '.join(HOWS)}.")
    with database.read() as session:
        draft = drafts.get(session, principal, draft_id)
        if draft.sha256 != sha256 or draft.status != "draft":
            raise DraftConflict(draft_id)
        signature = signature_of(session, principal)
        mail = get_mail(session, principal.workspace_id, draft.mail_id)
        versions = drafts.list_versions(session, principal, draft_id)
    bare = unsigned(draft.text, signature)
    task = Rewording(
        principal=principal,
        text=bare,
        how=how,
        before=_before(versions),
        by_hand=any(held.author != ASSISTANT for held in versions),
        asked=draft.asked,
        mail=mail,
    )
    text = _REFERENCE.sub("", worder.reword(task)).strip()
    if " ".join(text.split()) == " ".join(bare.split()):
        raise InputError(how, sentence="There is no other wording of it.", next_step="Edit it by hand.")
    text = signed(f"{text}\n", signature) if bare != draft.text else text
    with database.write() as session:
        return drafts.edit(session, clock, principal, draft_id, sha256=sha256, text=text, how=how, by_assistant=True)


def _before(versions: Sequence[Version]) -> tuple[How, ...]:
    return tuple(held.how for held in reversed(versions) if held.how in HOWS)
