"""Composing the extractive answers: which room tells a kind of question, out of what its tools found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage

from agent.brain import Turn
from agent.history import meaning_of
from agent.offline import compose
from agent.offline.arc import arc
from agent.offline.extract import Extract
from agent.offline.figures import attachments, count, health, pace, records, silence
from agent.offline.leaning import (
    THEIR_MOOD,
    about_it,
    names_topic_only,
    question_before,
)
from agent.offline.mood import mood
from agent.offline.open_points import open_points, waiting
from agent.offline.personal_pace import personal_pace
from agent.offline.replied import replied
from agent.offline.roles import holders
from agent.offline.routing import (
    Kind,
    about_reaction,
    about_state,
    asks_for_all,
    asks_for_anybody,
    asks_for_summary,
    asks_surely,
    asks_whether_we_replied,
    counts_events,
    has_quotation,
    leans,
    learnt,
    our_pace,
    owing,
    plain,
    route,
    topic,
    wanted,
    wants_to,
)
from agent.offline.scanned import about_staying
from agent.offline.sought import sought
from agent.offline.tickets import tickets
from agent.scope import Scope, telling
from agent.wording import asks_one_thing_more, speaks_of_several
from crm.database import Database
from crm.folding import fold
from crm.generic_domains import own_domain
from crm.health.calendar import Calendar
from crm.health.policy import policy_of
from crm.index.embedder import Embedder
from crm.mails import MailFilter, StoredMail, get_mails, list_mails
from crm.signals.keywords import find, lexicon_of
from crm.signals.lexicon import concept_forms, critical_terms

_LATEST = 6  # mails of a briefing
_FEW = 6  # mails cited; of more, one was not told yet
_SILENT = timedelta(days=30)  # without a mail of theirs
_OURS = 300  # of our mails, to see whom we wrote to since
_ENDS = ".,;:?!¿¡()\"'"
_LIKELY = 0.28  # how near a sentence is to a question that it may answer, though in other words


class Answering:
    """Composes the answer to a question of a kind out of what its tools found."""

    def __init__(self, database: Database, embedder: Embedder, reader: Embedder | None) -> None:
        self._database, self._embedder, self._reader = database, embedder, reader

    def told(self, turn: Turn) -> compose.Told:
        """What every answer of this turn needs to say where it looked."""
        return compose.Told(scope=turn.scope, zone=turn.principal.zone, now=turn.now)

    def composed(self, kind: Kind, asked: str, question: str, turn: Turn, *found: dict[str, Any]) -> str:
        """The answer from what the tools found. `asked` is the question before, where `question` only carries it on."""
        artifact = found[0]
        mails = self.load(turn, artifact)
        scope = self.told(turn)
        match kind:
            case "mentions" if artifact.get("kind") == "mentions":
                denied = _denied(asked, artifact, turn.scope.language) or about_staying(asked, turn.scope)
                if asks_for_all(asked) and turn.scope.direction != "outbound":  # … what they said by themselves
                    artifact = compose.mentions_of(artifact, self.by_them(turn, artifact))
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
                    ordinary=in_other_words(artifact, asked),
                )
            case "story":
                return self.story(turn, asked, found)
            case "open":
                return open_points(scope, mails) or compose.timeline(scope, artifact, mails, self._embedder)
            case "briefing":
                return self._briefing(scope, artifact, mails)
            case "tickets":
                return tickets(scope, mails, asked) or self._on_topic(asked, wanted(turn.scope, asked), turn, found)
            case "timeline" | "mentions":
                shown = compose.newest_of_each(scope, mails) if one_each(turn.scope) else mails
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
        scope = self.told(turn)
        match kind:
            case "health":
                return health(scope, artifact, asked, silent=asks_surely(asked, scope.scope, "silence"))
            case "waiting":
                one, side = learnt(question, scope.scope).one, owing(asked, scope.scope)
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

    def story(
        self, turn: Turn, asked: str, found: Sequence[dict[str, Any]], missing: str = "", least: float | None = None
    ) -> str:
        every = {mail.id: mail for artifact in found for mail in self.load(turn, artifact)}
        threads = {mail for artifact in found if artifact.get("kind") != "search" for mail in artifact.get("mails", ())}
        beside = every.keys() - threads
        if turn.scope.story and not turn.scope.customers:  # it goes on about those whose mails were cited
            cited = {name for mail in self.load(turn, {"mails": turn.scope.story}) for name in mail.customers}
            every = {held: mail for held, mail in every.items() if not cited.isdisjoint(mail.customers)}
        # "which of them …?" is about the very mails; of one customer, "they" are that customer
        among = speaks_of_several(plain(asked)) and len(turn.scope.customer_ids) != 1
        if among and (told_of := {mail: every[mail] for mail in turn.scope.story if mail in every}):
            every = told_of
        before_this = set(turn.scope.story)
        all_told = among or len(before_this) > _FEW or every.keys() <= before_this
        questions = [without_names(asked, turn.scope)]
        if turn.scope.story and (before := asked_before(turn)):  # "was it fixed?": what was asked about before
            questions.append(without_names(f"{before} {asked}", turn.scope))
        return compose.story(
            self.told(turn),
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

    def both(self, parts: Sequence[str], turn: Turn, found: Sequence[dict[str, Any]]) -> str:
        """The answers to both halves of a question, one below the other; once that they are extractive."""
        told = self.told(turn)
        texts = [
            self.composed(kind_of(part, turn.scope), part, part, of_half(part, turn), artifact)
            for part, artifact in zip(parts, found, strict=False)
        ]
        whole = [compose.bare(told, text) for text in texts]
        return "\n\n".join([*whole, *([told.say("extractive")] if whole != texts else [])])

    def _on_topic(self, asked: str, words: str, turn: Turn, found: Sequence[dict[str, Any]]) -> str:
        """What was said about something: by its own words, or by those of the conversation before too."""
        artifact, thread = found[0], list[StoredMail]()
        if turn.scope.before and speaks_of_it(turn):
            words = f"{words} {turn.scope.before}"
        whole = without_names(asked, turn.scope)
        widely = found[-1:] if len(found) > 1 and found[-1].get("query") == whole else ()
        threads = [more for more in found[1:] if more.get("kind") in ("thread", "timeline")]
        # what leans on an answer names no topic that a mail could lack: "when did he pay?"
        alone = leans(asked, turn.scope) == "alone" or not turn.scope.story
        missing = words if alone and telling(topic(turn.scope), asked, turn.scope) else ""
        if widely and not threads and (near := self.story(turn, asked, widely, missing, least=_LIKELY)):
            return near
        if threads and not any(self.said_about(turn, more, asked) for more in found if more not in (*threads, *widely)):
            return self.story(turn, asked, [*threads, *widely], missing=missing)
        if threads and asks_for_summary(asked, turn.scope):
            every = [mail for more in threads for mail in self.load(turn, more)]
            # … and what went on elsewhere
            every += [extract.mail for extract in self.said_about(turn, artifact, asked)]
            searched = int(artifact.get("searched", 0))
            return arc(self.told(turn), words, searched, every, self._embedder, self._reader, self.load(turn, artifact))
        for more in found[1:]:
            if more in threads:
                thread += [mail for mail in self.load(turn, more) if mail not in thread]
            elif more.get("query") != whole and self.said_about(turn, more, asked):
                artifact, words = more, f"{words} {turn.scope.before}"
        thread.sort(key=lambda mail: mail.sent_at)
        return compose.topic(
            self.told(turn),
            words,
            artifact,
            self.load(turn, artifact),
            self._embedder,
            self._reader,
            latest=about_state(asked),
            sought=sought(asked),
            question=in_whole(asked, turn.scope),
            conversation=thread,
            fact=learnt(asked, turn.scope).asked == "fact",
            in_time=counts_events(plain(asked)),  # "how many times did it go down?"
            reaction=about_reaction(asked),
        )

    def closest(self, turn: Turn, asked: str, scanned: dict[str, Any], found: Sequence[dict[str, Any]]) -> str:
        """Who used the words, or the honest "nobody", and what others said that comes close by its meaning."""
        told = self.composed("mentions", asked, asked, turn, scanned)
        others = [*{mail.id: mail for artifact in found for mail in self.load(turn, artifact)}.values()]
        if scanned.get("matches"):  # … of customers who are not among them, and by themselves
            ids = {match["mail"] for match in scanned["matches"]}
            inbound = [mail for mail in self.load(turn, scanned) if mail.id in ids and mail.direction == "inbound"]
            named = {name for mail in inbound for name in mail.customers}
            others = [mail for mail in others if named.isdisjoint(mail.customers)]
        if asks_for_all(asked):  # who said it by themselves
            others = [mail for mail in others if mail.direction == "inbound"]
        return compose.with_closest(
            self.told(turn),
            told,
            " ".join(scanned["terms"]),
            others,
            self._embedder,
            self._reader,
            question=without_names(asked, turn.scope),
            everybody=asks_for_all(asked) or asks_for_anybody(asked) or bool(turn.scope.customers),
        )

    def said_about(self, turn: Turn, found: dict[str, Any], asked: str) -> list[Extract]:
        """What a search found about its query, best first."""
        mails, whole = self.load(turn, found), in_whole(asked, turn.scope)
        said = compose.said_about(str(found.get("query")), mails, self._embedder, self._reader, question=whole)
        return sorted(said, key=lambda held: -held.score)

    def by_them(self, turn: Turn, artifact: dict[str, Any]) -> list[StoredMail]:
        """The mails that customers wrote themselves: a colleague's comes in, too."""
        own, found = own_domain(turn.principal.email), self.load(turn, artifact)
        colleagues = {mail.id for mail in found if own and mail.sender.email.endswith(f"@{own}")}
        return [mail for mail in found if mail.direction == "inbound" and mail.id not in colleagues]

    def _calendar(self, turn: Turn) -> Calendar:
        with self._database.read() as session:
            return policy_of(session, turn.principal.workspace_id).calendar

    def load(self, turn: Turn, artifact: dict[str, Any]) -> list[StoredMail]:
        """The mails that a tool has read, in its order."""
        wanted = list(artifact.get("mails", []))
        with self._database.read() as session:
            found = get_mails(session, turn.principal.workspace_id, wanted)
        return [found[mail_id] for mail_id in wanted if mail_id in found]


def of_half(part: str, turn: Turn) -> Turn:
    """The turn with those words of its topic that stand in one half of the question; all of them where none does."""
    asked = set(part.replace("?", " ").replace(",", " ").split())
    topic = " ".join(word for word in turn.scope.remainder.split() if word in asked)
    return replace(turn, scope=replace(turn.scope, remainder=topic)) if topic else turn


def in_whole(question: str, scope: Scope) -> str:
    """The whole question where its customer is known; among everybody's mails some sentence is near to any question."""
    return without_names(question, scope) if scope.customer_ids or scope.people else ""


def without_names(question: str, scope: Scope) -> str:
    """The question without names: any sentence that holds one of them would be near it, whatever it says."""
    known = names_of(scope) | {fold(word) for name, _ in scope.ours for word in name.split()}
    return " ".join(word for word in question.split() if fold(word.strip(_ENDS)) not in known) or question


def names_of(scope: Scope) -> set[str]:
    """The words of the names that a question is about, folded."""
    named = (*scope.customers, *(person.name for person in scope.people))
    return {fold(word) for name in named for word in name.split()}


def speaks_of_it(turn: Turn) -> bool:
    """Whether the question speaks of a thing that only the one before names."""
    return about_it(this_turn(turn)[0])


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


def one_each(scope: Scope) -> bool:
    """Whether the last mail is asked for, of several customers."""
    return scope.limit == 1 and len(scope.customers) > 1 and not (scope.skip or scope.oldest)


def kind_of(question: str, scope: Scope, before: str = "") -> Kind:
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


def in_other_words(scanned: dict[str, Any], asked: str) -> bool:
    """Whether a scan may have missed what was meant: it was for words that can be said otherwise, not for a name ("Salesforce",
    “cancel”), and found them nowhere, or some customers were asked for who said something.
    """
    if scanned.get("kind") != "mentions" or scanned.get("before") or has_quotation(asked):
        return False
    several = any(len(term.split()) > 1 for term in scanned["terms"])
    # … in all the ways that a concept is written it was looked for already
    ordinary = all(term == term.lower() and len(concept_forms(term)) == 1 for term in scanned["terms"])
    spoken = asks_for_all(asked) and not any(map(critical_terms, scanned["terms"]))  # "slow" is also "takes minutes"
    lower = all(term == term.lower() for term in scanned["terms"])
    return (spoken and lower) or ((several or ordinary) and (not scanned.get("matches") or asks_for_all(asked)))


def _denied(question: str, artifact: dict[str, Any], language: str) -> bool:
    """Whether the question asks for who will NOT: "which customers are not going to cancel?". In Portuguese "no" is "in the"."""
    terms = artifact.get("terms", [])
    if language == "pt" and not any("no" in term.split() for term in terms):
        question = re.sub(r"\bno\b", "em o", question, flags=re.IGNORECASE)
    hits = find(question, lexicon_of(terms))
    return bool(hits) and all(hit.negated for hit in hits)


def asked_before(turn: Turn) -> str:
    """The question before this one that stands by itself; "" where there is none."""
    return question_before(_questions(turn), turn.scope)


def _questions(turn: Turn) -> list[str]:
    return [meaning_of(message) for message in turn.messages if isinstance(message, HumanMessage)]


def this_turn(turn: Turn) -> tuple[str, list[ToolMessage]]:
    """The last question and the tool results that came after it."""
    start = max(place for place, message in enumerate(turn.messages) if isinstance(message, HumanMessage))
    return _questions(turn)[-1], [message for message in turn.messages[start:] if isinstance(message, ToolMessage)]
