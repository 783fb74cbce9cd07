"""The extractive brain: it plans tool calls from the kind of question; `answering` composes from what the tools returned."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage

from agent.answer import Mode
from agent.brain import Turn
from agent.offline import compose
from agent.offline.answering import (
    Answering,
    asked_before,
    in_other_words,
    kind_of,
    names_of,
    of_half,
    one_each,
    speaks_of_it,
    this_turn,
    without_names,
)
from agent.offline.arc import conversations
from agent.offline.drafting import write_reply
from agent.offline.extract import Extract, named_by
from agent.offline.figures import compare
from agent.offline.leaning import (
    carries_on,
    longest_before,
    names_only,
    names_topic_only,
    one_of_records,
    orders_another,
    pace_before,
    why_before,
)
from agent.offline.rewording import reworded
from agent.offline.routing import (
    Kind,
    about_state,
    adds_up,
    asks_for_summary,
    beside_records,
    halves,
    has_quotation,
    is_name,
    plain,
    route,
    topic,
    wanted,
)
from agent.offline.scanned import terms
from agent.periods import ANY_TIME
from agent.rewording import Rewording
from agent.scope import Scope, telling
from agent.wording import asks_one_thing_more
from crm.database import Database
from crm.folding import fold
from crm.index import lexical
from crm.index.embedder import Embedder
from crm.mails import StoredMail, get_mails
from crm.signals.injection import speaks_to_an_assistant
from crm.signals.lexicon import canonical
from tools.rendering import reference

_SUMMARY = 12  # mails, when the question names no number
_RECENT = 25  # mails to look for open points in
_STORIES = 3  # conversations that a short question after an answer may be about
_MOST = 8  # … where those of several customers were cited
_ENDED = 3  # best sentences, of whose mails the newest tells which conversation is asked about
_SHORT = 3  # letters
_NUMBERED = re.compile(r"\b[A-Z]{2,5}-\d{2,}\b")  # "LU-5090", "INV-20388"
_ENDS = ".,;:?!¿¡()\"'"
_NARROW = 20  # mails of a customer
_WIDE = 40  # mails to look for what was said in other words


_Read = tuple[str, dict[str, Any]]  # a tool and its arguments
_TIMELINE: _Read = ("read_timeline", {"last": _RECENT})
_HEALTH: _Read = ("customer_health", {})
_RECORDS: _Read = ("list_customers", {})
_READS: dict[Kind, tuple[_Read, ...]] = {  # what is read for a kind, whatever else it asks
    "health": (_HEALTH,), "waiting": (_HEALTH,), "pace": (_HEALTH,), "record": (_RECORDS,), "role": (_RECORDS,),
    "compare": (_RECORDS, _HEALTH), "count": (("read_timeline", {"last": 3}),), "open": (_TIMELINE,), "story": (_TIMELINE,),
    "briefing": (_TIMELINE,), "silence": (_TIMELINE,), "mood": (_TIMELINE,), "replied": (_TIMELINE,),
    "attachments": (("list_attachments", {}),), "tickets": (("search_mail", {"query": "ticket", "most": _WIDE}),),
}  # fmt: skip


class ExtractiveBrain:
    """Deterministic: the same question over the same mails gives the same answer."""

    name = "offline"
    mode: Mode = "extractive"

    def __init__(self, database: Database, embedder: Embedder, reader: Embedder | None = None) -> None:
        self._database = database
        self._answers = Answering(database, embedder, reader)

    def next(self, turn: Turn) -> AIMessage:
        message = self._next(turn)
        short = bool(message.text) and names_only(this_turn(turn)[0])
        return AIMessage(compose.unquoted(self._answers.told(turn), str(message.text))) if short else message

    def _next(self, turn: Turn) -> AIMessage:
        question, results = this_turn(turn)
        before = asked_before(turn)
        asked = _asked(question, before, turn.scope)
        kind = kind_of(asked, turn.scope, before)
        if kind == "draft" or orders_another(question, before):
            return self._draft(turn, question, results)
        if kind in ("help", "edit"):
            return AIMessage(compose.fixed(turn.scope.language, kind))
        joined = asked not in (question, before)  # what are the renewals, and their sum: one question
        parts = [asked] if kind == "story" or joined else halves(asked, turn.scope)
        if not results:
            return _together(self._plan(kind_of(part, turn.scope, before), part, of_half(part, turn)) for part in parts)
        if results[-1].status == "error":  # what could not be read must not be told as "not found"
            return AIMessage(str(results[-1].content))
        if len(parts) > 1:
            return AIMessage(self._answers.both(parts, turn, [result.artifact or {} for result in results]))
        scanned = results[0].artifact or {}
        scans = [held.artifact or {} for held in results if (held.artifact or {}).get("kind") == "mentions"]
        names = self._names_in(turn, scanned, asked) if kind == "mentions" else []
        if names and len(scans) == 1:  # the phrase stands nowhere; its name, perhaps
            return _call("scan_mentions", terms=names)
        if names and self._answers.by_them(turn, scans[-1]):
            return AIMessage(self._answers.composed("mentions", asked, asked, turn, scans[-1]))
        if kind == "mentions" and in_other_words(scanned, asked):
            if len(results) == len(scans):  # somebody may have said it in other words
                queries = dict.fromkeys((_query(" ".join(scanned["terms"])), without_names(asked, turn.scope)))
                return _together(_call("search_mail", query=query, most=_WIDE) for query in queries)
            return AIMessage(
                self._answers.closest(turn, asked, scanned, [held.artifact or {} for held in results[len(scans) :]])
            )
        if kind == "search" and (further := self._look_further(turn, asked, question, results)):
            return further
        if kind == "story" and _told_already(turn.scope, results):
            return _call("search_mail", query=_query(wanted(turn.scope, asked)))
        if kind == "compare":
            return AIMessage(compare(self._answers.told(turn), [result.artifact or {} for result in results]))
        return AIMessage(
            self._answers.composed(kind, asked, question, turn, *(result.artifact or {} for result in results))
        )

    def reword(self, task: Rewording) -> str:
        return reworded(task)

    def _look_further(self, turn: Turn, asked: str, question: str, results: Sequence[ToolMessage]) -> AIMessage | None:
        """The next thing to read after a search: what a conversation came to, or where else the answer may stand."""
        read: list[dict[str, Any]] = [result.artifact or {} for result in results]
        whole = without_names(asked, turn.scope)
        if any(artifact.get("kind") in ("thread", "timeline") for artifact in read):
            return None
        if any(artifact.get("query") == whole for artifact in read[1:]):  # the first may ask for these very words
            return None
        best = [extract for artifact in read for extract in self._answers.said_about(turn, artifact, asked)]
        if best:
            if len(read) == 1 and asks_for_summary(asked, turn.scope):
                return _threads(conversations(best))
            if len(read) > 1 or not about_state(asked):
                return None
            newest = max(best[:_ENDED], key=lambda held: held.mail.sent_at).mail
            return _threads(list(dict.fromkeys((newest.id, *self._going_on(turn, best[:_MOST])))))
        if names_topic_only(question):
            return None
        goes_on = turn.scope.before and not speaks_of_it(turn) and not _names_whom(question, turn.scope)
        told_of = self._told_of(turn)
        if (
            len(read) == 1 and goes_on and not (told_of and turn.scope.customer_ids)
        ):  # by what was spoken of before, perhaps
            return _call("search_mail", query=_query(f"{wanted(turn.scope, asked)} {turn.scope.before}"))
        if told_of:
            return self._about_those(told_of, asked, turn)
        if not (turn.scope.customer_ids or turn.scope.people):
            return None
        if telling(topic(turn.scope), asked, turn.scope):  # in words that nobody used: what comes near by its meaning
            return _call("search_mail", query=whole, most=_WIDE)
        return _call("read_timeline", last=_RECENT)

    def _going_on(self, turn: Turn, told: Sequence[Extract]) -> list[str]:
        """The newest mail about each ticket or invoice that the best mails name: the matter may go on in another conversation."""
        text = " ".join(f"{held.mail.subject} {held.mail.new_text}" for held in told)
        numbers = list(dict.fromkeys(_NUMBERED.findall(text)))[:_STORIES]
        with self._database.read() as session:
            holding = [lexical.containing(session, turn.principal.workspace_id, number) for number in numbers]
            mails = get_mails(session, turn.principal.workspace_id, sorted(set[str]().union(*holding)))
        scope = self._answers.told(turn)
        return [
            max(inside, key=lambda mail: mail.sent_at).id
            for held in holding
            if (inside := [mails[mail] for mail in held if mail in mails and compose.may_be_told(scope, mails[mail])])
        ]

    def _plan(self, kind: Kind, question: str, turn: Turn) -> AIMessage:
        match kind:
            case "mentions":
                words = terms(question, turn.scope)
                return _call("scan_mentions", terms=words) if words else _call("read_timeline", last=_SUMMARY)
            case "pace" if turn.scope.people:
                return _call("read_timeline", last=_RECENT)
            case "story" if turn.scope.period == ANY_TIME and (told_of := self._told_of(turn)):
                return self._about_those(told_of, question, turn)
            case "timeline":
                scope = turn.scope
                last = _RECENT if one_each(scope) or (scope.tone and not scope.limit) else scope.limit or _SUMMARY
                return _call("read_timeline", last=last, skip=scope.skip, oldest_first=scope.oldest)
            case _ if kind in _READS:
                return _together(_call(name, **arguments) for name, arguments in _READS[kind])
            case _:
                query = wanted(turn.scope, question)
                if turn.scope.before and speaks_of_it(turn):
                    query = f"{query} {turn.scope.before}"
                return _call("search_mail", query=_query(query) or question, **_mails_of(turn.scope))

    def _names_in(self, turn: Turn, scanned: dict[str, Any], asked: str) -> list[str]:
        """The names among the words of a phrase that was scanned for and stands nowhere: "Churnly" of "Churnly offer". A name is
        written with a capital in the question, or within the sentences of mails.
        """
        words = list(dict.fromkeys(word for term in scanned.get("terms", []) for word in term.split()))
        if len(words) < 2 or scanned.get("matches") or has_quotation(asked):
            return []
        named = [word for word in words if is_name(word, asked)] or [
            word for word in words if len(word) > _SHORT and self._is_written_as_a_name(turn, word)
        ]
        return named if len(named) < len(words) else []

    def _is_written_as_a_name(self, turn: Turn, word: str) -> bool:
        with self._database.read() as session:
            holding = sorted(lexical.containing(session, turn.principal.workspace_id, word))[:_RECENT]
            mails = get_mails(session, turn.principal.workspace_id, holding).values()
        written = [
            found for mail in mails for found in re.findall(rf"(?<=[a-zà-ÿ,] ){re.escape(word)}\b", mail.new_text, re.I)
        ]
        return bool(written) and all(found[0].isupper() for found in written)

    def _about_those(self, told_of: Sequence[str], question: str, turn: Turn) -> AIMessage:
        """To read the conversations of these mails, and what of the same customer or person comes near to the whole question."""
        threads, whole = _threads(told_of), without_names(question, turn.scope)
        if not whole or turn.scope.period != ANY_TIME or asks_one_thing_more(plain(question)):
            return threads
        return _together((threads, _call("search_mail", query=whole)))

    def _told_of(self, turn: Turn) -> list[str]:
        """The newest mail of each conversation that was cited before, of those cited most first."""
        mails = self._answers.load(turn, {"mails": turn.scope.story})
        if turn.scope.customers:
            mails = [mail for mail in mails if not set(turn.scope.customers).isdisjoint(mail.customers)]
        threads: dict[tuple[str, str], list[StoredMail]] = {}
        for mail in mails:
            threads.setdefault((mail.mailbox, mail.gmail_thread_id), []).append(mail)
        newest = [max(held, key=lambda mail: mail.sent_at) for held in threads.values()]
        newest.sort(key=lambda mail: (-len(threads[mail.mailbox, mail.gmail_thread_id]), -mail.sent_at.timestamp()))
        most = max(map(len, threads.values()), default=0)
        often = [mail for mail in newest if 2 * len(threads[mail.mailbox, mail.gmail_thread_id]) >= most][:_STORIES]
        # … and of each customer that was cited, the one cited most
        each = {mail.customers: mail for mail in reversed(newest)} if not turn.scope.customers else {}
        return list(dict.fromkeys(mail.id for mail in (*often, *reversed(each.values()))))[:_MOST]

    def _draft(self, turn: Turn, question: str, results: list[ToolMessage]) -> AIMessage:
        told = self._answers.told(turn)
        if not results:
            return _call("read_timeline", last=25)
        artifact: dict[str, Any] = results[-1].artifact or {}
        if artifact.get("kind") == "draft":
            if artifact.get("draft_id") is None:
                return AIMessage(str(results[-1].content))
            answered = self._answers.load(turn, artifact)
            return AIMessage(compose.drafted(told, answered[0]))
        mail = _to_answer(self._answers.load(turn, artifact), turn, question)
        if mail is None:
            return AIMessage(compose.nobody_to_answer(told))
        text = write_reply(question, mail, sender_name=turn.principal.name, request_language=turn.scope.language)
        return _call("draft_reply", mail=reference(mail.id).strip("[]"), text=text)


def _asked(question: str, before: str, scope: Scope) -> str:
    """The question, or the one `before` where it only carries that on."""
    if before and names_only(question):
        return question if route(before, scope) == "draft" else before
    carried = (pace_before, why_before, longest_before, one_of_records)
    if before and (other := next(filter(None, (asks(question, before, scope) for asks in carried)), "")):
        return other
    if not before or scope.more:
        return question
    if adds_up(question) and route(before, scope) == "record":
        return f"{before} {question}"
    shows_its_kind = route(question, scope) not in ("search", "timeline", "mentions")
    # "and before the upgrade?" after what they pay: no record tells it
    recorded = route(before, scope) == "record" and beside_records(question, scope)
    of_its_own = recorded or (route(before, scope) == "briefing" and telling(scope.remainder, question, scope))
    return before if carries_on(question, scope) and not (shows_its_kind or of_its_own) else question


def _mails_of(scope: Scope) -> dict[str, int]:
    """How many mails a search reads: of a customer more than of all, as most of what it finds there is about the same."""
    return {"most": _NARROW} if scope.customer_ids else {}


def _names_whom(question: str, scope: Scope) -> bool:
    """Whether the question itself names the customers or people of its scope: then its own words are its topic."""
    asked = {word.strip(_ENDS) for word in fold(question).split()}
    return any(len(name) > 2 and name in asked for name in names_of(scope))


def _told_already(scope: Scope, results: Sequence[ToolMessage]) -> bool:
    """Whether the conversations cited before hold only a mail or two, all of them cited."""
    read = [result.artifact or {} for result in results]
    threads = all(artifact.get("kind") == "thread" for artifact in read)
    mails = {mail for artifact in read for mail in artifact["mails"]}
    return bool(threads and scope.more and scope.remainder) and len(mails) < _STORIES and mails <= set(scope.story)


def _threads(mails: Sequence[str]) -> AIMessage:
    return _together(_call("read_thread", mail=reference(mail).strip("[]")) for mail in mails)


def _to_answer(mails: list[StoredMail], turn: Turn, order: str) -> StoredMail | None:
    """The newest mail somebody wrote to us: by the person named, when one is, and in a conversation whose subject the order names.

    What speaks to an assistant is answered by nobody's order to write.
    """
    people = {person.email for person in turn.scope.people}
    if not people and not turn.scope.customer_ids:
        return None  # "write a reply" to whom? Never a guess.
    theirs = [
        mail
        for mail in mails
        if mail.direction == "inbound" and not (mail.automatic or mail.bulk or speaks_to_an_assistant(mail.new_text))
        if not people or mail.sender.email in people
    ]
    if turn.scope.limit == 1:  # "Maria's last mail"
        return next(iter(theirs), None)
    return max(theirs, key=lambda mail: named_by(wanted(turn.scope, order), mail.subject), default=None)


def _query(wanted: str) -> str:
    """One name for the topic in every language, so that every phrasing finds the same mails."""
    return " ".join(map(canonical, wanted.split()))


def _together(messages: Iterable[AIMessage]) -> AIMessage:
    """The tool calls of all of them in one."""
    return AIMessage("", tool_calls=[call for message in messages for call in message.tool_calls])


def _call(name: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call_{uuid.uuid4().hex[:12]}"}])
