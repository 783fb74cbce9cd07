"""The one error tree. A user sees `sentence` and `next_step` plus a trace id; everything else goes to the log."""

from __future__ import annotations


class LealUpError(Exception):
    """Base of every expected failure.

    `sentence` is one fixed sentence for the user; `next_step` says what to do. Neither may hold a token, a body or an
    exception text from a library: details belong in `args[0]`, which is logged and never shown.
    """

    sentence = "Something went wrong."
    next_step = "Try again, and report the trace id if it happens twice."
    exit_code = 1

    def __init__(self, detail: str = "", *, sentence: str | None = None, next_step: str | None = None) -> None:
        super().__init__(detail or sentence or self.sentence)
        if sentence is not None:
            self.sentence = sentence
        if next_step is not None:
            self.next_step = next_step

    def for_user(self) -> str:
        """One line for a face: what happened and what to do next."""
        return f"{self.sentence} {self.next_step}".strip()


class SettingError(LealUpError):
    sentence = "A setting is missing or wrong."
    next_step = "Correct it in the environment or in .env and start again."
    exit_code = 2


class StoreUnavailable(LealUpError):
    """The database can't be written or read for the moment."""

    sentence = "The database is busy or can't be reached right now."
    next_step = "Nothing is lost: run it again in a moment, it goes on where it stopped."


class InputError(LealUpError):
    """The user's input cannot be used as it is."""

    sentence = "That input can't be used."
    next_step = "Correct it and try again."
    exit_code = 2


class NotFound(LealUpError):
    sentence = "That does not exist in this workspace."
    next_step = "Check the name or the id."


class UnknownCustomer(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            sentence=f"No customer is called “{name}”.",
            next_step="See `lealup customers list`, or import it with `lealup customers import`.",
        )


class AmbiguousCustomer(InputError):
    """`candidates` holds the names that fit equally well."""

    def __init__(self, name: str, candidates: tuple[str, ...]) -> None:
        super().__init__(
            name, sentence=f"“{name}” fits several customers: {', '.join(candidates)}.", next_step="Name one of them."
        )
        self.candidates = candidates


class EditConflict(LealUpError):
    """Somebody else saved the same record since it was shown; nothing was overwritten."""

    next_step = "Look at the values as they are now, and make your change again."

    def __init__(self, name: str, changed: tuple[str, ...]) -> None:
        super().__init__(name, sentence=f"{name} was changed meanwhile: {'; '.join(changed)}.")
        self.changed = changed


class NotConnected(LealUpError):
    sentence = "Gmail is not connected for this user."
    next_step = "Connect it with `lealup connect` or in Settings → Gmail."


class Disconnected(NotConnected):
    """Google answered invalid_grant: the refresh token is dead."""

    sentence = "Gmail access was revoked."
    next_step = "Reconnect in Settings → Gmail; if it comes back, ask your Workspace admin to allow LealUp."


class SendNotEnabled(LealUpError):
    sentence = "Sending is not enabled for this mailbox."
    next_step = "Turn on “Reply from LealUp” in Settings → Gmail (`lealup connect --send`)."


class GoogleUnavailable(LealUpError):
    sentence = "Gmail can't be reached right now."
    next_step = "Nothing is lost: try again in a moment, a sync goes on where it stopped."


class QuotaExceeded(GoogleUnavailable):
    sentence = "Gmail's quota is used up for the moment."
    next_step = "The sync goes on by itself when Google allows it."


class RequestRefused(GoogleUnavailable):
    """Gmail understood the request and does not accept it (4xx), such as a page token that has expired."""


class MessageGone(LealUpError):
    """Gmail answered 404 for a message."""

    sentence = "That mail no longer exists in Gmail."
    next_step = "It will be hidden here at the next sync."


class UnreadableMail(LealUpError):
    """One mail that can't be parsed, analysed or stored; the others go on."""

    sentence = "That mail can't be read."
    next_step = "It is set aside and tried again once a day."


class HistoryExpired(LealUpError):
    """Gmail answered 404 for a startHistoryId."""

    sentence = "Gmail no longer keeps the changes since the last sync."
    next_step = "A full comparison of the window runs by itself."


class OAuthRefused(LealUpError):
    sentence = "Google did not grant the access."
    next_step = "Start the connection again and accept the permissions."


class ModelUnavailable(LealUpError):
    sentence = "The language model does not answer."
    next_step = "The question is kept; try again, or set LEALUP_MODEL=offline."


class AnswerStopped(LealUpError):
    """Whoever asked no longer waits for the answer."""

    sentence = "The answer was stopped."
    next_step = "The question is kept; ask again when you like."
    exit_code = 130


class DraftConflict(LealUpError):
    """The draft changed, expired, or somebody has already handled it."""

    sentence = "This draft was already handled or has changed since it was shown."
    next_step = "Open it again and review the current text."


class TooLate(DraftConflict):
    """An undo after the sender had claimed the draft."""

    next_step = "It can't be taken back any more."


class StillWaiting(DraftConflict):
    """A send before the moment that the draft was approved for; until then it can be undone."""

    sentence = "This reply was approved and has not left yet."
    next_step = "It leaves by itself; until then it can be undone."


class PolicyRefused(LealUpError):
    """A warning blocks, or there is one that the human has not seen."""

    sentence = "There is a warning on this draft that you have not seen yet: something has changed meanwhile."
    next_step = "Nothing was approved. Read them, and decide again."


class SendUncertain(LealUpError):
    sentence = "Google's answer was lost, so it is not known yet whether the mail went out."
    next_step = "It will be looked up in Sent mail; it is never sent twice."


class NotAllowed(LealUpError):
    sentence = "That belongs to somebody else."
    next_step = "Ask its owner."
