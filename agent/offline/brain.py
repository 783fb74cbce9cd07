"""The extractive brain: it plans tool calls from the kind of question, then composes from what the tools returned."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agent.answer import Mode
from agent.brain import Turn
from agent.history import meaning_of
from agent.offline import compose
from agent.offline.arc import arc, conversations
from agent.offline.drafting import write_reply
from agent.offline.extract import Extract, named_by
from agent.offline.figures import attachments, compare, count, health, pace, records, silence
from agent.offline.leaning import (
    THEIR_MOOD,
    about_it,
    carries_on,
    names_only,
    names_topic_only,
    orders_another,
    pace_before,
    question_before,
    why_before,
)
from agent.offline.mood import mood
from agent.offline.open_points import open_points, waiting
from agent.offline.personal_pace import personal_pace
from agent.offline.replied import replied
from agent.offline.rewording import reworded
from agent.offline.roles import holders
from agent.offline.routing import (
    Kind,
    about_reaction,
    about_state,
    about_staying,
    adds_up,
    asks_for_all,
    asks_for_anybody,
    asks_for_summary,
    asks_surely,
    asks_whether_we_replied,
    beside_records,
    halves,
    has_quotation,
    is_name,
    leans,
    learnt,
    our_pace,
    owing,
    plain,
    route,
    terms,
    topic,
    wanted,
    wants_to,
)
from agent.offline.sought import sought
from agent.offline.tickets import tickets
from agent.periods import ANY_TIME
from agent.rewording import Rewording
from agent.scope import Scope, telling
from agent.wording import asks_one_thing_more, speaks_of_several
from crm.database import Database
from crm.folding import fold
from crm.generic_domains import own_domain
from crm.health.calendar import Calendar
from crm.health.policy import policy_of
from crm.index import lexical
from crm.index.embedder import Embedder
from crm.mails import MailFilter, StoredMail, get_mails, list_mails
from crm.signals.injection import speaks_to_an_assistant
from crm.signals.keywords import find, lexicon_of
from crm.signals.lexicon import canonical, concept_forms
from tools.rendering import reference

_SUMMARY = 12  # mails, when the question names no number
_LATEST = 6  # mails of a briefing
_RECENT = 25  # mails to look for open points in
_FEW = 6  # mails cited; of more, one was not told yet
_STORIES = 3  # conversations that a short question after an answer may be about
_MOST = 8  # … where those of several customers were cited
_SILENT = timedelta(days=30)  # without a mail of theirs
_OURS = 300  # of our mails, to see whom we wrote to since
_ENDED = 3  # best sentences, of whose mails the newest tells which conversation is asked about
_SHORT = 3  # letters
_ENDS = ".,;:?!¿¡()\"'"
_LIKELY = 0.28  # how near a sentence is to a question that it may answer, though in other words
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
        self._database, self._embedder, self._reader = database, embedder, reader

    def next(self, turn: Turn) -> AIMessage:
        message = self._next(turn)
        short = bool(message.text) and names_only(_this_turn(turn)[0])
        return AIMessage(compose.unquoted(self._told(turn), str(message.text))) if short else message

    def _next(self, turn: Turn) -> AIMessage:
        question, results = _this_turn(turn)
        before = _question_before(turn)
        asked = _asked(question, before, turn.scope)
        kind = _kind(asked, turn.scope, before)
        if kind == "draft" or orders_another(question, before):
            return self._draft(turn, question, results)
        if kind in ("help", "edit"):
            return AIMessage(compose.fixed(turn.scope.language, kind))
        joined = asked not in (question, before)  # what are the renewals, and their sum: one question
        parts = [asked] if kind == "story" or joined else halves(asked, turn.scope)
        if not results:
            return _together(self._plan(_kind(part, turn.scope, before), part, _about(part, turn)) for part in parts)
        if results[-1].status == "error":  # what could not be read must not be told as "not found"
            return AIMessage(str(results[-1].content))
        if len(parts) > 1:
            return AIMessage(self._both(parts, turn, [result.artifact or {} for result in results]))
        scanned = results[0].artifact or {}
        scans = [held.artifact or {} for held in results if (held.artifact or {}).get("kind") == "mentions"]
        names = self._names_in(turn, scanned, asked) if kind == "mentions" else []
        if names and len(scans) == 1:  # the phrase stands nowhere; its name, perhaps
            return _call("scan_mentions", terms=names)
        if names and self._by_them(turn, scans[-1]):
            return AIMessage(self._composed("mentions", asked, asked, turn, scans[-1]))
        if kind == "mentions" and _in_other_words(scanned, asked):
            if len(results) == len(scans):  # somebody may have said it in other words
                queries = dict.fromkeys((_query(" ".join(scanned["terms"])), _nameless(asked, turn.scope)))
                return _together(_call("search_mail", query=query, most=_WIDE) for query in queries)
            return AIMessage(
                self._closest(turn, asked, scanned, [held.artifact or {} for held in results[len(scans) :]])
            )
        if kind == "search" and (further := self._look_further(turn, asked, question, results)):
            return further
        if kind == "story" and _told_already(turn.scope, results):
            return _call("search_mail", query=_query(wanted(turn.scope, asked)))
        if kind == "compare":
            return AIMessage(compare(self._told(turn), [result.artifact or {} for result in results]))
        return AIMessage(self._composed(kind, asked, question, turn, *(result.artifact or {} for result in results)))

    def reword(self, task: Rewording) -> str:
        return reworded(task)

    def _told(self, turn: Turn) -> compose.Told:
        return compose.Told(scope=turn.scope, zone=turn.principal.zone, now=turn.now)

    def _look_further(self, turn: Turn, asked: str, question: str, results: Sequence[ToolMessage]) -> AIMessage | None:
        """The next thing to read after a search: what a conversation came to, or where else the answer may stand."""
        read: list[dict[str, Any]] = [result.artifact or {} for result in results]
        whole = _nameless(asked, turn.scope)
        if any(artifact.get("kind") in ("thread", "timeline") for artifact in read):
            return None
        if any(artifact.get("query") == whole for artifact in read[1:]):  # the first may ask for these very words
            return None
        best = [extract for artifact in read for extract in self._said_about(turn, artifact, asked)]
        if best:
            if len(read) == 1 and asks_for_summary(asked, turn.scope):
                return _threads(conversations(best))
            if len(read) > 1 or not about_state(asked):
                return None
            return _threads([max(best[:_ENDED], key=lambda held: held.mail.sent_at).mail.id])
        if names_topic_only(question):
            return None
        goes_on = turn.scope.before and not _about_it(turn) and not _names_whom(question, turn.scope)
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

    def _composed(self, kind: Kind, asked: str, question: str, turn: Turn, *found: dict[str, Any]) -> str:
        """The answer from what the tools found. `asked` is the question before, where `question` only carries it on."""
        artifact = found[0]
        mails = self._load(turn, artifact)
        scope = self._told(turn)
        match kind:
            case "mentions" if artifact.get("kind") == "mentions":
                denied = _denied(asked, artifact) or about_staying(asked, turn.scope)
                if asks_for_all(asked) and turn.scope.direction != "outbound":  # … what they said by themselves
                    artifact = compose.mentions_of(artifact, self._by_them(turn, artifact))
                # of one customer it is told, too, that it says the opposite
                leaves = wants_to(asked) or asks_surely(asked, turn.scope, "leave", "threat")
                without = leaves and not turn.scope.customer_ids
                threats = asks_surely(asked, turn.scope, "threat")
                return compose.mentions(
                    scope,
                    artifact,
                    mails,
                    only_negated=denied,
                    without_negated=without,
                    conditions_first=threats,
                    ordinary=_in_other_words(artifact, asked),
                )
            case "story":
                return self._story(turn, asked, found)
            case "open":
                return open_points(scope, mails) or compose.timeline(scope, artifact, mails, self._embedder)
            case "briefing":
                return self._briefing(scope, artifact, mails)
            case "tickets":
                return tickets(scope, mails, asked) or self._on_topic(asked, wanted(turn.scope, asked), turn, found)
            case "timeline" | "mentions":
                shown = compose.newest_of_each(scope, mails) if _one_each(turn.scope) else mails
                return compose.timeline(scope, artifact, shown, self._embedder)
            case "search":
                return self._on_topic(asked, wanted(turn.scope, asked) or question, turn, found)
            case _:
                return self._computed(kind, asked, question, turn, artifact, mails)

    def _computed(
        self,
        kind: Kind,
        asked: str,
        question: str,
        turn: Turn,
        artifact: dict[str, Any],
        mails: list[StoredMail],
    ) -> str:
        """The answers that are computed: figures, records, who answered whom, tones."""
        scope = self._told(turn)
        match kind:
            case "health":
                return health(scope, artifact, asked)
            case "waiting":
                one, side = learnt(asked, scope.scope).one, owing(asked, scope.scope)
                return waiting(scope, artifact, mails, side, one=one, elsewhere=self._written_since(turn, mails))
            case "pace" if scope.scope.people:
                ours = our_pace(asked, scope.scope)
                return personal_pace(scope, mails, self._calendar(turn), ours=ours)
            case "pace":
                return pace(scope, artifact, asked)
            case "silence":
                return silence(scope, mails)
            case "mood":
                silent = asked in THEIR_MOOD.values() and _long_silent(mails, turn.now)  # "why so low?"
                return silence(scope, mails) if silent else mood(scope, mails)
            case "replied":
                ours = asks_whether_we_replied(asked, scope.scope)
                return replied(scope, mails, self._embedder, ours=ours, cited=scope.scope.story)
            case "role":
                return holders(scope, artifact, plain(asked)) or compose.empty(scope)
            case "record":
                return records(scope, artifact, asked, question)
            case "count":
                return count(scope, artifact, mails)
            case _:
                return attachments(scope, mails)

    def _written_since(self, turn: Turn, mails: Sequence[StoredMail]) -> dict[str, StoredMail]:
        """Of mails that came in: what we wrote to their sender later, in another conversation of the same customer; the newest."""
        asked = [mail for mail in mails if mail.direction == "inbound"]
        if not asked:
            return {}
        chosen = MailFilter(
            people={mail.sender.email for mail in asked},
            since=min(mail.sent_at for mail in asked),
            until=turn.now,
            direction="outbound",
            human_only=True,
        )
        with self._database.read() as session:
            ours = list_mails(session, turn.principal.workspace_id, chosen, newest_first=True, limit=_OURS)
        found = {mail.id: [held for held in ours if _is_to(held, mail)] for mail in asked}
        return {mail_id: held[0] for mail_id, held in found.items() if held}

    def _briefing(self, told: compose.Told, artifact: dict[str, Any], mails: Sequence[StoredMail]) -> str:
        """What a call begins with: what is open, and the latest mails."""
        latest = compose.timeline(told, artifact, mails[:_LATEST], self._embedder)
        return "\n\n".join(filter(None, (compose.bare(told, open_points(told, mails)), latest)))

    def _story(
        self, turn: Turn, asked: str, found: Sequence[dict[str, Any]], missing: str = "", least: float | None = None
    ) -> str:
        every = {mail.id: mail for artifact in found for mail in self._load(turn, artifact)}
        threads = {mail for artifact in found if artifact.get("kind") != "search" for mail in artifact.get("mails", ())}
        beside = every.keys() - threads
        if turn.scope.story and not turn.scope.customers:  # it goes on about those whose mails were cited
            cited = {name for mail in self._load(turn, {"mails": turn.scope.story}) for name in mail.customers}
            every = {held: mail for held, mail in every.items() if not cited.isdisjoint(mail.customers)}
        # "which of them …?" is about the very mails; of one customer, "they" are that customer
        among = speaks_of_several(plain(asked)) and len(turn.scope.customer_ids) != 1
        if among and (told_of := {mail: every[mail] for mail in turn.scope.story if mail in every}):
            every = told_of
        before_this = set(turn.scope.story)
        all_told = among or len(before_this) > _FEW or every.keys() <= before_this
        questions = [_nameless(asked, turn.scope)]
        if turn.scope.story and (before := _question_before(turn)):  # "was it fixed?": what was asked about before
            questions.append(_nameless(f"{before} {asked}", turn.scope))
        return compose.story(
            self._told(turn),
            questions,
            [*every.values()],
            self._embedder,
            self._reader,
            sought(asked),
            cited=() if all_told else turn.scope.story,
            again=asks_one_thing_more(plain(asked)) or len(turn.scope.story) == 1,
            missing=missing,
            least=least,
            beside=beside if beside < every.keys() else (),
        )

    def _both(self, parts: Sequence[str], turn: Turn, found: Sequence[dict[str, Any]]) -> str:
        """The answers to both halves of a question, one below the other; once that they are extractive."""
        told = self._told(turn)
        texts = [
            self._composed(_kind(part, turn.scope), part, part, _about(part, turn), artifact)
            for part, artifact in zip(parts, found, strict=False)
        ]
        whole = [compose.bare(told, text) for text in texts]
        return "\n\n".join([*whole, *([told.say("extractive")] if whole != texts else [])])

    def _on_topic(self, asked: str, words: str, turn: Turn, found: Sequence[dict[str, Any]]) -> str:
        """What was said about something: by its own words, or by those of the conversation before too."""
        artifact, thread = found[0], list[StoredMail]()
        if turn.scope.before and _about_it(turn):
            words = f"{words} {turn.scope.before}"
        whole = _nameless(asked, turn.scope)
        widely = found[-1:] if len(found) > 1 and found[-1].get("query") == whole else ()
        threads = [more for more in found[1:] if more.get("kind") in ("thread", "timeline")]
        # what leans on an answer names no topic that a mail could lack: "when did he pay?"
        alone = leans(asked, turn.scope) == "alone" or not turn.scope.story
        missing = words if alone and telling(topic(turn.scope), asked, turn.scope) else ""
        if widely and not threads and (near := self._story(turn, asked, widely, missing, least=_LIKELY)):
            return near
        if threads and not any(
            self._said_about(turn, more, asked) for more in found if more not in (*threads, *widely)
        ):
            return self._story(turn, asked, [*threads, *widely], missing=missing)
        if threads and asks_for_summary(asked, turn.scope):
            every = [mail for more in threads for mail in self._load(turn, more)]
            every += [
                extract.mail for extract in self._said_about(turn, artifact, asked)
            ]  # … and what went on elsewhere
            searched = int(artifact.get("searched", 0))
            return arc(
                self._told(turn), words, searched, every, self._embedder, self._reader, self._load(turn, artifact)
            )
        for more in found[1:]:
            if more in threads:
                thread = self._load(turn, more)
            elif more.get("query") != whole and self._said_about(turn, more, asked):
                artifact, words = more, f"{words} {turn.scope.before}"
        return compose.topic(
            self._told(turn),
            words,
            artifact,
            self._load(turn, artifact),
            self._embedder,
            self._reader,
            latest=about_state(asked),
            sought=sought(asked),
            question=_whole(asked, turn.scope),
            conversation=thread,
            best_first=learnt(asked, turn.scope).asked == "fact",
            reaction=about_reaction(asked),
        )

    def _closest(self, turn: Turn, asked: str, scanned: dict[str, Any], found: Sequence[dict[str, Any]]) -> str:
        """Who used the words, or the honest "nobody", and what others said that comes close by its meaning."""
        told = self._composed("mentions", asked, asked, turn, scanned)
        others = [*{mail.id: mail for artifact in found for mail in self._load(turn, artifact)}.values()]
        if scanned.get("matches"):  # … of customers who are not among them, and by themselves
            ids = {match["mail"] for match in scanned["matches"]}
            inbound = [mail for mail in self._load(turn, scanned) if mail.id in ids and mail.direction == "inbound"]
            named = {name for mail in inbound for name in mail.customers}
            others = [mail for mail in others if named.isdisjoint(mail.customers)]
        if asks_for_all(asked):  # who said it by themselves
            others = [mail for mail in others if mail.direction == "inbound"]
        return compose.with_closest(
            self._told(turn),
            told,
            " ".join(scanned["terms"]),
            others,
            self._embedder,
            self._reader,
            question=_nameless(asked, turn.scope),
            everybody=asks_for_all(asked) or asks_for_anybody(asked) or bool(turn.scope.customers),
        )

    def _said_about(self, turn: Turn, found: dict[str, Any], asked: str) -> list[Extract]:
        """What a search found about its query, best first."""
        mails, whole = self._load(turn, found), _whole(asked, turn.scope)
        said = compose.said_about(str(found.get("query")), mails, self._embedder, self._reader, question=whole)
        return sorted(said, key=lambda held: -held.score)

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
                last = _RECENT if _one_each(scope) or (scope.tone and not scope.limit) else scope.limit or _SUMMARY
                return _call("read_timeline", last=last, skip=scope.skip, oldest_first=scope.oldest)
            case _ if kind in _READS:
                return _together(_call(name, **arguments) for name, arguments in _READS[kind])
            case _:
                query = wanted(turn.scope, question)
                if turn.scope.before and _about_it(turn):
                    query = f"{query} {turn.scope.before}"
                return _call("search_mail", query=_query(query) or question)

    def _by_them(self, turn: Turn, artifact: dict[str, Any]) -> list[StoredMail]:
        """The mails that customers wrote themselves: a colleague's comes in, too."""
        own, found = own_domain(turn.principal.email), self._load(turn, artifact)
        colleagues = {mail.id for mail in found if own and mail.sender.email.endswith(f"@{own}")}
        return [mail for mail in found if mail.direction == "inbound" and mail.id not in colleagues]

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
        threads, whole = _threads(told_of), _nameless(question, turn.scope)
        if not whole or turn.scope.period != ANY_TIME or asks_one_thing_more(plain(question)):
            return threads
        return _together((threads, _call("search_mail", query=whole)))

    def _told_of(self, turn: Turn) -> list[str]:
        """The newest mail of each conversation that was cited before, of those cited most first."""
        mails = self._load(turn, {"mails": turn.scope.story})
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
        told = self._told(turn)
        if not results:
            return _call("read_timeline", last=25)
        artifact: dict[str, Any] = results[-1].artifact or {}
        if artifact.get("kind") == "draft":
            if artifact.get("draft_id") is None:
                return AIMessage(str(results[-1].content))
            answered = self._load(turn, artifact)
            return AIMessage(compose.drafted(told, answered[0]))
        mail = _to_answer(self._load(turn, artifact), turn, question)
        if mail is None:
            return AIMessage(compose.nobody_to_answer(told))
        text = write_reply(question, mail, sender_name=turn.principal.name, request_language=turn.scope.language)
        return _call("draft_reply", mail=reference(mail.id).strip("[]"), text=text)

    def _calendar(self, turn: Turn) -> Calendar:
        with self._database.read() as session:
            return policy_of(session, turn.principal.workspace_id).calendar

    def _load(self, turn: Turn, artifact: dict[str, Any]) -> list[StoredMail]:
        wanted = list(artifact.get("mails", []))
        with self._database.read() as session:
            found = get_mails(session, turn.principal.workspace_id, wanted)
        return [found[mail_id] for mail_id in wanted if mail_id in found]


def _asked(question: str, before: str, scope: Scope) -> str:
    """The question, or the one `before` where it only carries that on."""
    if before and names_only(question):
        return question if route(before, scope) == "draft" else before
    if before and (other := pace_before(question, before, scope) or why_before(question, before, scope)):
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


def _about(part: str, turn: Turn) -> Turn:
    """The turn with those words of its topic that stand in one half of the question; all of them where none does."""
    asked = set(part.replace("?", " ").replace(",", " ").split())
    topic = " ".join(word for word in turn.scope.remainder.split() if word in asked)
    return replace(turn, scope=replace(turn.scope, remainder=topic)) if topic else turn


def _whole(question: str, scope: Scope) -> str:
    """The whole question where its customer is known; among everybody's mails some sentence is near to any question."""
    return _nameless(question, scope) if scope.customer_ids or scope.people else ""


def _nameless(question: str, scope: Scope) -> str:
    """The question without names: any sentence that holds one of them would be near it, whatever it says."""
    known = _names(scope) | {fold(word) for name, _ in scope.ours for word in name.split()}
    return " ".join(word for word in question.split() if fold(word.strip(_ENDS)) not in known) or question


def _names_whom(question: str, scope: Scope) -> bool:
    """Whether the question itself names the customers or people of its scope: then its own words are its topic."""
    asked = {word.strip(_ENDS) for word in fold(question).split()}
    return any(len(name) > 2 and name in asked for name in _names(scope))


def _names(scope: Scope) -> set[str]:
    """The words of the names that a question is about, folded."""
    named = (*scope.customers, *(person.name for person in scope.people))
    return {fold(word) for name in named for word in name.split()}


def _about_it(turn: Turn) -> bool:
    return about_it(_this_turn(turn)[0])


def _told_already(scope: Scope, results: Sequence[ToolMessage]) -> bool:
    """Whether the conversations cited before hold only a mail or two, all of them cited."""
    read = [result.artifact or {} for result in results]
    threads = all(artifact.get("kind") == "thread" for artifact in read)
    mails = {mail for artifact in read for mail in artifact["mails"]}
    return bool(threads and scope.more and scope.remainder) and len(mails) < _STORIES and mails <= set(scope.story)


def _long_silent(mails: Sequence[StoredMail], now: datetime) -> bool:
    """Whether nobody of theirs has written for a month."""
    theirs = [mail.sent_at for mail in mails if mail.direction == "inbound" and not (mail.automatic or mail.bulk)]
    return bool(theirs) and now - max(theirs) > _SILENT


def _is_to(ours: StoredMail, mail: StoredMail) -> bool:
    """Whether we wrote it to the sender of a mail, later and in another conversation."""
    elsewhere = (ours.mailbox, ours.gmail_thread_id) != (mail.mailbox, mail.gmail_thread_id)
    addressed = mail.sender.email in {person.email for person in ours.to}
    return (
        elsewhere and addressed and ours.sent_at > mail.sent_at and not set(ours.customers).isdisjoint(mail.customers)
    )


def _one_each(scope: Scope) -> bool:
    """Whether the last mail is asked for, of several customers."""
    return scope.limit == 1 and len(scope.customers) > 1 and not (scope.skip or scope.oldest)


def _threads(mails: Sequence[str]) -> AIMessage:
    return _together(_call("read_thread", mail=reference(mail).strip("[]")) for mail in mails)


def _kind(question: str, scope: Scope, before: str = "") -> Kind:
    """The kind of a question; where everyday words alone are left of it, the meaning of the whole is asked for ("story")."""
    kind = route(question, scope)
    if (
        before
        and kind == "search"
        and names_topic_only(question)
        and not scope.customer_ids
        and route(before, scope) == "mentions"
    ):
        return "mentions"  # "and what about Slack?"
    if kind not in ("search", "mentions", "timeline") or scope.limit is not None or has_quotation(question):
        return kind
    leaning = kind == "timeline" and scope.story and leans(question, scope) == "more"  # "which is the oldest?"
    return "story" if scope.more or leaning else kind


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


def _in_other_words(scanned: dict[str, Any], asked: str) -> bool:
    """Whether a scan may have missed what was meant: it was for words that can be said otherwise, not for a name ("Salesforce",
    “cancel”), and found them nowhere, or some customers were asked for who said something.
    """
    if scanned.get("kind") != "mentions" or scanned.get("before") or has_quotation(asked):
        return False
    several = any(len(term.split()) > 1 for term in scanned["terms"])
    # … in all the ways that a concept is written it was looked for already
    ordinary = all(term == term.lower() and len(concept_forms(term)) == 1 for term in scanned["terms"])
    return (several or ordinary) and (not scanned.get("matches") or asks_for_all(asked))


def _denied(question: str, artifact: dict[str, Any]) -> bool:
    """Whether the question asks for who will NOT: "which customers are not going to cancel?"."""
    hits = find(question, lexicon_of(artifact.get("terms", [])))
    return bool(hits) and all(hit.negated for hit in hits)


def _question_before(turn: Turn) -> str:
    return question_before(_questions(turn), turn.scope)


def _questions(turn: Turn) -> list[str]:
    return [meaning_of(message) for message in turn.messages if isinstance(message, HumanMessage)]


def _this_turn(turn: Turn) -> tuple[str, list[ToolMessage]]:
    """The last question and the tool results that came after it."""
    start = max(place for place, message in enumerate(turn.messages) if isinstance(message, HumanMessage))
    return _questions(turn)[-1], [message for message in turn.messages[start:] if isinstance(message, ToolMessage)]


def _query(wanted: str) -> str:
    """One name for the topic in every language, so that every phrasing finds the same mails."""
    return " ".join(map(canonical, wanted.split()))


def _together(messages: Iterable[AIMessage]) -> AIMessage:
    """The tool calls of all of them in one."""
    return AIMessage("", tool_calls=[call for message in messages for call in message.tool_calls])


def _call(name: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call_{uuid.uuid4().hex[:12]}"}])
