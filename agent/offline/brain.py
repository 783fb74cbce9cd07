"""The extractive brain: it plans tool calls from the kind of question, then composes from what the tools returned."""

from __future__ import annotations

import uuid
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agent.answer import Mode
from agent.brain import Turn
from agent.offline import compose
from agent.offline.drafting import write_reply
from agent.offline.figures import attachments, compare, count, health, pace, records
from agent.offline.open_points import open_points, waiting
from agent.offline.rewording import reworded
from agent.offline.roles import holders
from agent.offline.routing import Kind, about_state, carries_on, owing, plain, route, terms, topic, wants_to
from agent.rewording import Rewording
from crm.database import Database
from crm.index.embedder import Embedder
from crm.mails import StoredMail, get_mails
from crm.signals.keywords import find, lexicon_of
from crm.signals.lexicon import canonical
from tools.rendering import reference

_SUMMARY = 10  # mails, when the question names no number
_RECENT = 25  # mails to look for open points in


class ExtractiveBrain:
    """Deterministic: the same question over the same mails gives the same answer."""

    name = "offline"
    mode: Mode = "extractive"

    def __init__(self, database: Database, embedder: Embedder, reader: Embedder | None = None) -> None:
        self._database, self._embedder, self._reader = database, embedder, reader

    def next(self, turn: Turn) -> AIMessage:
        question, results = _this_turn(turn)
        asked = question
        if carries_on(question):
            asked = _question_before(turn) or question
        kind = route(asked, turn.scope)
        if kind == "draft":
            return self._draft(turn, question, results)
        if kind == "help":
            return AIMessage(compose.help_(turn.scope.language))
        if not results:
            return self._plan(kind, asked, turn)
        if results[-1].status == "error":  # what could not be read must not be told as "not found"
            return AIMessage(str(results[-1].content))
        scanned = results[0].artifact or {}
        if kind == "mentions" and _nowhere(scanned):
            if len(results) == 1:  # nobody used these words; somebody may have said it in others
                return _call("search_mail", query=scanned["terms"][0])
            return AIMessage(self._closest(turn, scanned, results[-1].artifact or {}))
        if kind == "compare":
            return AIMessage(compare(self._told(turn), [result.artifact or {} for result in results]))
        return AIMessage(self._composed(kind, asked, question, turn, results[-1].artifact or {}))

    def reword(self, task: Rewording) -> str:
        return reworded(task)

    def _told(self, turn: Turn) -> compose.Told:
        return compose.Told(scope=turn.scope, zone=turn.principal.zone, now=turn.now)

    def _composed(self, kind: Kind, asked: str, question: str, turn: Turn, artifact: dict[str, Any]) -> str:
        """The answer from what the tool found. `asked` is the question before, where `question` only carries it on."""
        mails = self._load(turn, artifact)
        scope = self._told(turn)
        match kind:
            case "mentions":
                denied = _denied(asked, artifact)
                return compose.mentions(
                    scope, artifact, mails, only_negated=denied, without_negated=wants_to(asked) and not denied
                )
            case "health":
                return health(scope, artifact, asked)
            case "waiting":
                return waiting(scope, artifact, mails, owing(asked))
            case "pace":
                return pace(scope, artifact, asked)
            case "role":
                return holders(scope, artifact, plain(asked)) or compose.empty(scope)
            case "record":
                return records(scope, artifact, asked)
            case "count":
                return count(scope, artifact, mails)
            case "open":
                return open_points(scope, mails) or compose.timeline(scope, artifact, mails, self._embedder)
            case "timeline":
                return compose.timeline(scope, artifact, mails, self._embedder)
            case "attachments":
                return attachments(scope, mails)
            case _:
                wanted = topic(turn.scope) or question
                latest = about_state(asked)
                return compose.topic(scope, wanted, artifact, mails, self._embedder, self._reader, latest=latest)

    def _closest(self, turn: Turn, scanned: dict[str, Any], found: dict[str, Any]) -> str:
        """The scan's honest "nobody", and what comes closest by its meaning."""
        told = self._told(turn)
        nobody = compose.mentions(told, scanned, [])
        return compose.with_closest(
            told, nobody, scanned["terms"][0], self._load(turn, found), self._embedder, self._reader
        )

    def _plan(self, kind: Kind, question: str, turn: Turn) -> AIMessage:
        match kind:
            case "mentions":
                words = terms(question, turn.scope)
                return _call("scan_mentions", terms=words) if words else _call("read_timeline", last=_SUMMARY)
            case "health" | "waiting" | "pace":
                return _call("customer_health")
            case "record" | "role":
                return _call("list_customers")
            case "compare":
                both = (_call("list_customers"), _call("customer_health"))
                return AIMessage("", tool_calls=[call for message in both for call in message.tool_calls])
            case "count":
                return _call("read_timeline", last=3)
            case "open":
                return _call("read_timeline", last=_RECENT)
            case "attachments":
                return _call("list_attachments")
            case "timeline":
                scope = turn.scope
                return _call("read_timeline", last=scope.limit or _SUMMARY, skip=scope.skip, oldest_first=scope.oldest)
            case _:
                # one name for the topic in every language, so that every phrasing finds the same mails
                wanted = topic(turn.scope)
                return _call("search_mail", query=" ".join(map(canonical, wanted.split())) or question)

    def _draft(self, turn: Turn, question: str, results: list[ToolMessage]) -> AIMessage:
        told = self._told(turn)
        if not results:
            return _call("read_timeline", last=25)
        artifact: dict[str, Any] = results[-1].artifact or {}
        if artifact.get("kind") == "draft":
            if artifact.get("draft_id") is None:
                return AIMessage(str(results[-1].content))
            answered = self._load(turn, artifact)
            return AIMessage(compose.drafted(told, answered[0]))
        mail = _to_answer(self._load(turn, artifact), turn)
        if mail is None:
            return AIMessage(compose.nobody_to_answer(told))
        text = write_reply(question, mail, sender_name=turn.principal.name, request_language=turn.scope.language)
        return _call("draft_reply", mail=reference(mail.id).strip("[]"), text=text)

    def _load(self, turn: Turn, artifact: dict[str, Any]) -> list[StoredMail]:
        wanted = list(artifact.get("mails", []))
        with self._database.read() as session:
            found = get_mails(session, turn.principal.workspace_id, wanted)
        return [found[mail_id] for mail_id in wanted if mail_id in found]


def _to_answer(mails: list[StoredMail], turn: Turn) -> StoredMail | None:
    """The newest mail somebody wrote to us: by the person named, when one is."""
    people = {person.email for person in turn.scope.people}
    if not people and not turn.scope.customer_ids:
        return None  # "write a reply" to whom? Never a guess.
    for mail in mails:
        human = mail.direction == "inbound" and not mail.automatic and not mail.bulk
        if human and (not people or mail.sender.email in people):
            return mail
    return None


def _nowhere(scanned: dict[str, Any]) -> bool:
    """Whether a scan for several words found nothing, now or before: one word alone is what was meant, and nothing like it."""
    terms = scanned.get("terms", [])
    found = scanned.get("matches") or scanned.get("before")
    return scanned.get("kind") == "mentions" and not found and len(terms) == 1 and len(terms[0].split()) > 1


def _denied(question: str, artifact: dict[str, Any]) -> bool:
    """Whether the question asks for who will NOT: "which customers are not going to cancel?"."""
    hits = find(question, lexicon_of(artifact.get("terms", [])))
    return bool(hits) and all(hit.negated for hit in hits)


def _question_before(turn: Turn) -> str:
    questions = [str(message.content) for message in turn.messages if isinstance(message, HumanMessage)]
    earlier = [question for question in questions[:-1] if not carries_on(question)]
    return earlier[-1] if earlier else ""


def _this_turn(turn: Turn) -> tuple[str, list[ToolMessage]]:
    """The last question and the tool results that came after it."""
    start = max(place for place, message in enumerate(turn.messages) if isinstance(message, HumanMessage))
    later = turn.messages[start + 1 :]
    return str(turn.messages[start].content), [message for message in later if isinstance(message, ToolMessage)]


def _call(name: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call_{uuid.uuid4().hex[:12]}"}])
