"""What is open: the questions nobody answered, what was promised, and whose turn it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from agent.offline.compose import Told, who_wrote
from agent.offline.extract import sentences
from agent.offline.wording import say
from crm.folding import fold
from crm.mails import StoredMail
from crm.signals.asking import ASKS
from crm.signals.injection import speaks_to_an_assistant
from tools.rendering import reference

_SHOWN = 8  # conversations
_EACH = 2  # sentences of a mail
_QUOTE = 240  # characters
_STALE = timedelta(days=30)  # a turn open for longer is history, not a task
# Sentences that promise, or say that something is missing.
_PROMISE = re.compile(
    r"\bstill (?:open|waiting|pending|outstanding|missing|need|needs|on the table)\b|\bstill to\b"
    r"|\b(?:pending|outstanding|to be confirmed|deadline|let me know|get back to|waiting for|by (?:mon|tues|wednes|thurs|fri)day)\b"
    r"|\b(?:i|we)(?:'ll| will| shall)\b|\bwill (?:send|have|get|follow|confirm|receive)\b|\b(?:planned|due|expected) (?:for|by|on)\b"
    r"|\b(?:pendientes?|falta|faltan|quedo a la espera|espero|esperamos|confirmame|avisame|dime|sigue (?:abierto|encima))\b"
    r"|\b(?:te|os|le|les) (?:mando|envio|llamo|escribo|paso|confirmo|enviamos)\b|\b(?:enviare|mandare|llamare|confirmare|tendras|tendreis)\b"
    r"|\b(?:pendente|falta|faltam|aguardo|aguardamos|fica aberto|conto ter|avise|diga-me)\b"
    r"|\b(?:te|lhe|vos) (?:mando|envio|ligo|escrevo|confirmo)\b|\b(?:enviarei|mandarei|ligarei|confirmarei|esta a redigir)\b"
)
# A day ahead, which is a promise where we name one.
_SOON = r"(?:\d+|one|two|three|un|una|dos|tres|dois|duas|um|uma) (?:hours?|days?|weeks?|horas?|dias?|semanas?)"
_DATED = re.compile(
    r"\b(?:tomorrow|next week|(?:on|by|until|next) (?:mon|tues|wednes|thurs|fri)day|(?<!esta )(?<!la )manana|semana que viene|proxima semana"
    r"|(?:el|este|antes del) (?:lunes|martes|miercoles|jueves|viernes)|amanha|semana que vem|(?:ate|na|esta) (?:segunda|terca|quarta|quinta|sexta)-feira"
    rf"|(?:within|in|en|em|dentro de) {_SOON}|(?:until|once|as soon as|ate|hasta que|cuando|quando|assim que)\b.{{3,40}}\b(?:confirm|complet|check|comprob|termin)\w*)"
)
_WE_WILL = re.compile(
    r"\b(?:i|we)(?:['’]ll| will| shall)\b|\bnext step is with (?:me|us)\b|\byou will (?:have|get|receive)\b"
    r"|\b(?:te|os|le|les|lhe|lhes|vos) (?:mando|envio|escribo|escrevo|paso|confirmo|digo|enviamos|mandamos)\b"
    r"|\b(?:enviare|mandare|escribire|confirmare|tendras|tendreis|enviarei|mandarei|escreverei|confirmarei|esta a redigir|vou (?:enviar|mandar|ver|confirmar))\b"
)
_OPEN = re.compile(f"{ASKS.pattern}|{_PROMISE.pattern}")


def open_points(told: Told, mails: Sequence[StoredMail]) -> str:
    """The sentences that ask or promise in the last mail of each conversation, newest first; "" when there are none.

    Of what we wrote alone ("what did we promise?"), every mail counts and not the last of a conversation only.
    """
    human = [mail for mail in mails if not mail.automatic and not mail.bulk]
    ours = told.scope.direction == "outbound"
    wanted = re.compile(f"{_PROMISE.pattern}|{_DATED.pattern}") if ours else _OPEN
    human.sort(key=lambda mail: mail.sent_at)
    newest = {_thread(mail): mail.id for mail in human}
    heads = human if told.scope.direction else list({(_thread(mail), mail.direction): mail for mail in human}.values())
    if not told.scope.period.label:
        heads = [mail for mail in heads if told.now - mail.sent_at <= _STALE] or heads
    points = [
        (mail, quotes)
        for mail in sorted(heads, key=_sent, reverse=True)
        if (quotes := _matching(mail, wanted, _EACH + ours))
    ]
    points = points[:_SHOWN]
    if not points:
        return ""
    lines = [told.say("promises" if told.scope.direction else "open_points")]
    for mail, quotes in points:
        last = mail.id == newest[_thread(mail)] and not told.scope.direction
        turn = f" ({say(told.language, _turn(mail, quotes))})" if last else ""
        said = " ".join(f"“{quote}”" for quote in quotes)
        shared = "" if len(told.scope.customers) == 1 else f" · {'/'.join(mail.customers)}"
        lines.append(f"- {told.day(mail.sent_at)} · {who_wrote(mail)}{shared}{turn}: {said} {reference(mail.id)}")
    return "\n".join([*lines, "", told.say("extractive")])


def waiting(
    told: Told,
    artifact: dict[str, Any],
    mails: Sequence[StoredMail],
    side: Literal["us", "customer"] | None,
    *,
    one: bool = False,
    elsewhere: Mapping[str, StoredMail] | None = None,
) -> str:
    """Who waits for whose answer, of the last 30 days, longest first, with what was asked; or `one`, who waits longest for one.

    Those who ask nothing, and those to whom we wrote in another conversation since (`elsewhere`: by their mail's id), stand apart.
    """
    by_id = {mail.id: mail for mail in mails}
    sections: list[str] = []
    for which in [side] if side else ["us", "customer"]:
        every = [
            turn
            for found in artifact.get("health", [])
            for half in found["responses"]
            if half["side"] == which
            for turn in half["waiting"]
            if turn["mail_id"] in by_id
        ]
        turns = [turn for turn in every if told.now - datetime.fromisoformat(turn["since"]) <= _STALE]
        # What asks nothing ("Thanks, that was it") may need no answer, and what went to somebody else even less: it comes last.
        turns.sort(key=lambda turn: (*_less_urgent(by_id[turn["mail_id"]]), turn["since"]))
        left = len(every) - len(turns)
        stale = [told.counted("stale", left, count=left)] if left else []
        if not turns:
            sections += [told.say(f"nobody_waits_{which}"), *stale]
            continue
        since = {mail_id: mail for mail_id, mail in (elsewhere or {}).items() if which == "us"}
        groups = {
            f"waits_{which}": [turn for turn in turns if _asks(turn, by_id) and turn["mail_id"] not in since],
            "waits_elsewhere": [turn for turn in turns if _asks(turn, by_id) and turn["mail_id"] in since],
            "waits_for_nothing": [turn for turn in turns if not _asks(turn, by_id)],
        }
        asking = groups[f"waits_{which}"]
        if one and asking:
            sections += [told.say("waits_longest", count=len(asking))] if len(asking) > 1 else []
            sections += [_turn_line(told, asking[0], by_id[asking[0]["mail_id"]]), *stale]
            continue
        if not asking:
            sections.append(told.say(f"nobody_waits_{which}"))
        for key, held in groups.items():
            sections += [told.counted(key, len(held), count=len(held))] if held else []
            sections += [_turn_line(told, turn, by_id[turn["mail_id"]], since.get(turn["mail_id"])) for turn in held]
        sections += stale
    if side != "customer" and not told.scope.customer_ids:
        sections.append(told.say("outside"))
    return "\n".join(sections)


def _asks(turn: Mapping[str, Any], by_id: Mapping[str, StoredMail]) -> bool:
    return not any(_less_urgent(by_id[turn["mail_id"]]))


def _less_urgent(mail: StoredMail) -> tuple[bool, bool]:
    return _only_in_copy(mail), not _matching(mail, ASKS)


def _only_in_copy(mail: StoredMail) -> bool:
    """Whether it is addressed to somebody else, and we only are to know of it."""
    to, cc = ({address.email for address in held} for held in (mail.to, mail.cc))
    return mail.direction == "inbound" and mail.mailbox in cc - to and bool(to)


def _turn_line(told: Told, turn: dict[str, Any], mail: StoredMail, since: StoredMail | None = None) -> str:
    note = "in_copy" if _only_in_copy(mail) else "asks_nothing"
    asked = " ".join(f"“{quote}”" for quote in _matching(mail, ASKS)[:1]) if note == "asks_nothing" else ""
    asked = asked or f"({say(told.language, note)})"
    if not asked.startswith("“"):  # nobody waits for an answer to what asks nothing
        return f"- {'/'.join(mail.customers)} · {told.day(mail.sent_at)} · {who_wrote(mail)} · {mail.subject}: {asked} {reference(mail.id)}"
    later = f" {say(told.language, 'wrote_since', day=told.day(since.sent_at), subject=since.subject)}" if since else ""
    mark = f" {reference(since.id)}" if since else ""
    return f"- {turn['explanation']} {who_wrote(mail)} · {mail.subject}: {asked} {reference(mail.id)}{later}{mark}"


def _matching(mail: StoredMail, pattern: re.Pattern[str], most: int = _EACH) -> list[str]:
    """The few sentences that fit, questions first, in the order they stand. What speaks to an assistant is not quoted."""
    if speaks_to_an_assistant(mail.new_text):
        return []
    found = [sentence for sentence in sentences(mail) if pattern.search(fold(sentence).replace("’", "'"))]
    questions = [sentence for sentence in found if "?" in sentence]
    chosen = set((questions + [sentence for sentence in found if sentence not in questions])[:most])
    return [sentence[:_QUOTE] for sentence in found if sentence in chosen]


def _sent(mail: StoredMail) -> datetime:
    return mail.sent_at


def _thread(mail: StoredMail) -> tuple[str, str]:
    return mail.mailbox, mail.gmail_thread_id


def _turn(mail: StoredMail, quotes: Sequence[str]) -> str:
    """Ours where they wrote last, and where we did and only promised something."""
    promised = not any("?" in quote for quote in quotes) and any(_WE_WILL.search(fold(quote)) for quote in quotes)
    return "our_turn" if mail.direction == "inbound" or promised else "their_turn"
