"""Composing the extractive answers: every sentence is quoted from a mail and cited, every figure is computed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from agent.offline.extract import Extract, Rank, about, gist, in_full, named_by, nearest
from agent.offline.ranking import Asked, ranked
from agent.offline.wording import TEXTS, day, listing, say
from agent.scope import Scope
from crm.folding import fold
from crm.index.embedder import Embedder
from crm.index.search import is_identifier
from crm.mails import StoredMail
from crm.signals.injection import speaks_to_an_assistant
from crm.signals.lexicon import critical_terms
from tools.rendering import reference

# A sentence is about the topic when it means it, or is near to it and names a good part of it.
_CLOSE = 0.36
_NEAR, _NAMED = 0.42, 0.3
_AKIN, _HALF = 0.3, 0.5  # … where all are asked for, and half of the words stand there
_KIN, _PART, _TWO = 0.2, 0.4, 1.9  # … or less near, and two of its words or more
_SAME, _ALIKE = 0.45, 0.38  # … and means much the same from here, or where all are asked for who said something
_QUOTES = re.compile(r":?(?:\s*[“«][^”»]*[”»])+")
_SHOWN = 6
_ALMOST = 0.8  # of the best one's score has what another customer says, to be told before more of the first
_FILLED, _LIKELY = 4, 0.25  # lines of an answer to a question for a fact; what is as near fills them
_NEAREST = 4  # sentences nearest to a question
# Of one customer's mail is told what is about the topic and what answers no less than a twelfth as likely as the best, six at most
# (`told` of evals/answers/train_ranking.py prints what that is worth).
LESS_LIKELY = 2.5
_LESS_NEAR = 0.1  # … and how much less near it may be, where it is the nearest to the question that is asked for
_IN_FULL = 2  # mails
_ENDING = 2  # mails at the end of a conversation


@dataclass(frozen=True, kw_only=True)
class Told:
    """What every answer needs to say where it looked."""

    scope: Scope
    zone: ZoneInfo
    now: datetime

    @property
    def language(self) -> str:
        return self.scope.language

    def say(self, key: str, **values: object) -> str:
        return say(self.language, key, who=self.who(), when=self.when(), **values)

    def counted(self, key: str, number: int, **values: object) -> str:
        """The sentence for one, where there is another for one, or the sentence for many."""
        single = f"{key}_1"
        return self.say(single if number == 1 and single in TEXTS[self.language] else key, **values)

    def names(self) -> list[str]:
        people = () if self.scope.wide else self.scope.people
        return [f"{person.name} ({person.customer})" for person in people] or list(self.scope.customers)

    def who(self) -> str:
        names = self.names()
        toned = say(self.language, f"toned_{self.scope.tone}") if self.scope.tone else ""
        ours = ", ".join(name for name, _ in self.scope.ours)
        by = say(self.language, "by", names=ours) if ours else ""
        return toned + by + (say(self.language, "with", names=", ".join(names)) if names else "")

    def when(self) -> str:
        since, until = self.scope.period.since, self.scope.period.until
        if until is not None and until > self.now:
            until = None
        first = self.day(since) if since else ""
        last = self.day(until - timedelta(seconds=1)) if until else ""
        if first and first == last:
            return say(self.language, "on", since=first)
        key = "between" if first and last else "since" if first else "until" if last else ""
        return say(self.language, key, since=first, until=last) if key else ""

    @property
    def ahead(self) -> bool:
        """Whether the period asked for has not begun."""
        return self.scope.period.since is not None and self.scope.period.since > self.now

    def day(self, instant: datetime) -> str:
        return day(self.language, instant.astimezone(self.zone))


def topic(
    told: Told,
    wanted: str,
    artifact: dict[str, Any],
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None = None,
    *,
    latest: bool = False,
    sought: re.Pattern[str] | None = None,
    question: str = "",
    conversation: Sequence[StoredMail] = (),
    fact: bool = False,
    reaction: bool = False,
    in_time: bool = False,
) -> str:
    """The sentences that answer best, the best first or `in_time`; an honest "not found" when none is close to the topic.

    With `latest`, those of newer mails answer better and are told first, and how the `conversation` of the best ended, in whatever
    words. A question for a `fact` is answered by some that are less close, too.
    """
    searched = int(artifact.get("searched", 0))
    unquoted_ones = left_out(told, wanted, mails)
    query = str(artifact.get("query", wanted))
    asked = replace(_asked(told, sought), state=latest, reaction=reaction)
    near = _near(query, mails, embedder, reader, sought, question, partial(ranked, asked))
    found = [extract for extract in near if _is_about(extract)]
    if found and len(told.scope.customers) == 1:  # the answer may be in words that are not the question's
        found = _likely(near)
    elif fact and found and len(found) < _FILLED:
        likely = [extract for extract in near if extract not in found and extract.cosine >= _LIKELY]
        found += sorted(likely, key=lambda held: -held.cosine)[: _FILLED - len(found)]
    found = _best_in_full(_best(told, found))
    if not found:
        since = artifact.get("indexed_since")
        none = not_found(told, wanted, searched, datetime.fromisoformat(since) if since else None)
        return "\n".join([none, *unquoted_ones])
    lines = [told.counted("topic", searched, topic=wanted, read=searched)]
    told_of = {extract.mail.id for extract in found}
    ended = [mail for mail in conversation[-_ENDING:] if mail.id not in told_of and may_be_told(told, mail)]
    found.sort(key=lambda held: held.order, reverse=True)
    if ended:
        found = found[: _SHOWN - len(ended)] + [held for mail in ended for held in _as_one(gist(mail, embedder))]
    if latest or in_time:
        found.sort(key=lambda held: held.mail.sent_at, reverse=latest)
    if latest:
        found[0] = in_full(found[0])
    if len(told.scope.customers) > 1:
        for customer in told.scope.customers:
            theirs = [extract for extract in found if customer in extract.mail.customers]
            lines.append(f"{customer}:" if theirs else say(told.language, "nothing_with", name=customer))
            lines += [line(told, extract) for extract in theirs]
    else:
        lines += [line(told, extract) for extract in found]
    lines += unquoted_ones
    return "\n".join([*lines, "", told.say("extractive")])


def story(
    told: Told,
    questions: Sequence[str],
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None = None,
    sought: re.Pattern[str] | None = None,
    *,
    cited: Collection[str] = (),
    missing: str = "",
    least: float | None = None,
    beside: Collection[str] = (),
    again: bool = False,
) -> str:
    """What comes nearest to a question that names nothing to search for ("did it help?"), what came next after the mails `cited`
    before, and how the conversation ended. `missing` is what it did name, and no mail does. With `least`, what comes as near
    is told, and what answers likely and comes nearly as near, without the end; "" where nothing comes as near. Mails `beside` belong to other conversations.
    """
    inside = sorted((mail for mail in mails if may_be_told(told, mail)), key=lambda mail: mail.sent_at)
    human = [mail for mail in inside if not (mail.bulk or mail.automatic)] or inside
    unquoted_ones = left_out(told, missing, mails) if missing else []
    if not human and unquoted_ones and least is None:
        return "\n".join([*unquoted_ones, "", told.say("extractive")])
    if not human:
        return "" if least is not None else told.say("no_words", topic=missing) if missing else empty(told)
    asked = replace(_asked(told, sought), told=cited, story=True, again=again)
    near = nearest(questions, human, embedder, reader, sought, partial(ranked, asked))
    if least is not None:
        if not any(held.score >= least for held in near):
            return ""
        likely = _likely(near)
        near = [held for held in near if held.score >= least or (held in likely and held.score >= least - _LESS_NEAR)]
    near = _each_first(near, told)[:_NEAREST]
    near = _best_in_full(near)
    if any(held.cosine >= _CLOSE for held in near):  # one answers, in other words
        missing = ""
    last = [mail for mail in human if mail.id not in beside][-_ENDING:] if least is None else []
    ended = [mail for mail in last if mail.id not in {extract.mail.id for extract in near}]
    found = [*near, *(extract for mail in ended for extract in _as_one(gist(mail, embedder)))]
    lines = [told.say("no_words", topic=missing)] if missing and not unquoted_ones else []
    lines += [
        told.counted("story", len(human), read=len(human)),
        *(line(told, extract) for extract in found),
        *unquoted_ones,
    ]
    return "\n".join([*lines, "", told.say("extractive")])


def unquoted(told: Told, text: str) -> str:
    """An answer without what it quotes, each line once: who, when, where."""
    lines = bare(told, text).split("\n")
    return "\n".join(dict.fromkeys(_QUOTES.sub("", line) if line.startswith("- ") else line for line in lines))


def bare(told: Told, text: str) -> str:
    """An answer without the remark that it is extractive, to stand above another one."""
    return text.removesuffix(told.say("extractive")).rstrip()


def left_out(told: Told, topic: str, mails: Sequence[StoredMail]) -> list[str]:
    """That a mail on the topic speaks to an assistant, and is not quoted."""
    speaking = (mail for mail in mails if speaks_to_an_assistant(mail.new_text))
    about_it = [mail for mail in speaking if named_by(topic, _words(mail)) >= _HALF]
    return [
        f"- {_heading(told, mail)}: {say(told.language, 'suspicious')} {reference(mail.id)}" for mail in about_it[:1]
    ]


def _asked(told: Told, sought: re.Pattern[str] | None) -> Asked:
    asked = sought is not None and sought.search("?") is not None
    return Asked(people={person.email for person in told.scope.people}, asked=asked)


def may_be_told(told: Told, mail: StoredMail) -> bool:
    """Whether a mail of a whole conversation is inside the scope, and speaks to people."""
    scope, period = told.scope, told.scope.period
    return (
        not speaks_to_an_assistant(mail.new_text)
        and (not scope.customers or not set(scope.customers).isdisjoint(mail.customers))
        and (scope.direction is None or mail.direction == scope.direction)
        and (not scope.ours or mail.sender.email in {email for _, email in scope.ours})
        and (period.since is None or mail.sent_at >= period.since)
        and (period.until is None or mail.sent_at < period.until)
    )


def _as_one(sentences: Sequence[Extract]) -> list[Extract]:
    """The sentences of a gist as one line where they stand together, else the last of them."""
    if len(sentences) < 2:
        return list(sentences)
    quote = " ".join(extract.quote for extract in sentences)
    whole = " ".join(sentences[0].mail.new_text.split())
    return [replace(sentences[0], quote=quote)] if quote in whole else list(sentences[-1:])


def said_about(
    query: str,
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None = None,
    sought: re.Pattern[str] | None = None,
    question: str = "",
) -> list[Extract]:
    """The sentence of each mail that is about something, if one is; of mails that speak to an assistant none."""
    return [extract for extract in _near(query, mails, embedder, reader, sought, question) if _is_about(extract)]


def _near(
    query: str,
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None,
    sought: re.Pattern[str] | None,
    question: str,
    rank: Rank | None = None,
) -> list[Extract]:
    """The sentence of each mail that is nearest to something, or answers best by its `rank`."""
    kept = [mail for mail in mails if not speaks_to_an_assistant(mail.new_text)]
    human = [mail for mail in kept if not mail.bulk] or kept  # what is said on a mailing list is said, too
    held = _holding_identifiers(query, human)
    return about(query, held, embedder, reader, sought, question, rank)


def _likely(near: Sequence[Extract]) -> list[Extract]:
    """The extracts that are about it, and those that answer nearly as likely as the best one."""
    least = max((held.rank for held in near), default=0.0) - LESS_LIKELY
    return [held for held in near if _is_about(held) or held.rank >= least]


def _best(told: Told, found: list[Extract]) -> list[Extract]:
    """The best few; where customers are compared, the best few of each."""
    best_first = _each_first(sorted(found, key=lambda held: held.order, reverse=True), told)
    if len(told.scope.customers) < 2:
        return best_first[:_SHOWN]
    each = max(_SHOWN // len(told.scope.customers), 2)
    chosen = [
        held
        for customer in told.scope.customers
        for held in [extract for extract in best_first if customer in extract.mail.customers][:each]
    ]
    return list({held.mail.id: held for held in chosen}.values())


def _best_in_full(found: Sequence[Extract]) -> list[Extract]:
    """The extracts, those of the best mails with what stands around them."""
    best = sorted(found, key=lambda held: held.order, reverse=True)[:_IN_FULL]
    return [in_full(held) if held in best else held for held in found]


def _each_first(best_first: list[Extract], told: Told) -> list[Extract]:
    """Where all customers are asked about, the best of each goes before the next best of another."""
    if told.scope.customers or not best_first:
        return best_first
    firsts = list({extract.mail.customers: extract for extract in reversed(best_first)}.values())[::-1]
    least = _ALMOST * max(extract.score for extract in best_first)
    near = [extract for extract in firsts if extract.score >= least]
    return [*near, *(extract for extract in best_first if extract not in near)]


def _is_about(extract: Extract) -> bool:
    return extract.cosine >= _CLOSE or (extract.score >= _NEAR and (extract.named or 0.0) >= _NAMED)


def _holding_identifiers(query: str, mails: Sequence[StoredMail]) -> list[StoredMail]:
    """Who asks for LU-4821 means mails with LU-4821, not those with another number. What is an identifier without a digit,
    "node.js" or "contrato.pdf", may be written in another way where no mail holds it so.
    """
    for token in map(fold, filter(is_identifier, query.split())):
        holding = [mail for mail in mails if token in fold(_words(mail))]
        if holding or any(char.isdigit() for char in token):
            mails = holding
    return list(mails)


def _words(mail: StoredMail) -> str:
    people = (person.email for person in (mail.sender, *mail.to, *mail.cc))
    names = (held.name for held in mail.attachments)
    return "\n".join((mail.subject, mail.new_text, *people, *names, *(text for _, text in mail.files)))


def timeline(told: Told, artifact: dict[str, Any], mails: Sequence[StoredMail], embedder: Embedder) -> str:
    """Mail by mail, newest first: who, when, subject, and its central sentences."""
    if not mails:
        return empty(told)
    heading = "timeline_before" if told.scope.skip else "timeline_first" if told.scope.oldest else "timeline"
    lines = [told.counted(heading, len(mails), shown=len(mails), total=artifact.get("total", len(mails)))]
    for mail in mails:
        if speaks_to_an_assistant(mail.new_text):
            said = say(told.language, "suspicious")
        else:
            # one mail alone is told as a whole, as far as there is room: what matters may stand anywhere in it
            told_of = [in_full(held) for held in gist(mail, embedder)[-1:]] if len(mails) == 1 else gist(mail, embedder)
            said = " ".join(f"“{extract.quote}”" for extract in told_of) or f"“{mail.subject}”"
        files = ", ".join(file.name for file in mail.attachments)
        note = f" ({say(told.language, 'attachments')}: {files})" if files else ""
        lines.append(f"- {_heading(told, mail)}{note}: {said} {reference(mail.id)}")
    if told.scope.limit == 1 and len(told.scope.customers) > 1 and not told.scope.skip:
        shown = {name for mail in mails for name in mail.customers}
        read = len(artifact.get("mails", ()))
        lines += [
            say(told.language, "not_among", name=name, read=read) for name in told.scope.customers if name not in shown
        ]
    return "\n".join([*lines, "", told.say("extractive")])


def newest_of_each(told: Told, mails: Sequence[StoredMail]) -> list[StoredMail]:
    """The newest mail of each customer that is asked about, of mails that come newest first."""
    each = (next((mail for mail in mails if name in mail.customers), None) for name in told.scope.customers)
    return list({mail.id: mail for mail in each if mail}.values())


def mentions(
    told: Told,
    artifact: dict[str, Any],
    mails: Sequence[StoredMail],
    *,
    only_negated: bool = False,
    without_negated: bool = False,
    conditions_first: bool = False,
    ordinary: bool = False,
) -> str:
    """Every mention, with those that deny it or only suppose it marked; and how many mails were read. What was looked for is
    `ordinary` where it can be said in other words.
    """
    terms = listing(told.language, [f"“{term}”" for term in artifact.get("terms", [])])
    by_id = {mail.id: mail for mail in mails}
    matches = [match for match in artifact.get("matches", []) if match["mail"] in by_id]
    if only_negated:
        matches = [match for match in matches if match["negated"]]
    denied = [match for match in matches if match["negated"]] if without_negated and not only_negated else []
    matches = [match for match in matches if match not in denied]
    read = artifact.get("read", 0)
    if not matches:
        lines = [told.say("no_words_used" if ordinary else "no_mentions", terms=terms, read=read)]
        for match in artifact.get("before", []):
            if match["mail"] in by_id:
                lines.append(say(told.language, "before", date=told.day(by_id[match["mail"]].sent_at)))
                lines.append(_mention(told, match, by_id[match["mail"]]))
        return "\n".join([*lines, "", told.say("extractive")])
    found = [by_id[match["mail"]] for match in matches]
    customers = 0 if denied or only_negated else int(artifact.get("customers", 0))
    named = list(dict.fromkeys(name for mail in found for name in mail.customers))
    names = f" ({', '.join(sorted(named))})" if len(named) <= _SHOWN and len(named) == customers else ""
    of = say(told.language, "of_customers", count=customers) + names if customers > 1 else ""
    key = "mention" if len(matches) == 1 else "mentions"
    mentioning = told.counted("in_mails", len({mail.id for mail in found}), count=len({mail.id for mail in found}))
    lines = [told.say(key, hits=len(matches), terms=terms, mails=mentioning, of=of, read=read)]
    ordered = sorted(matches, key=lambda match: (match["negated"], match["hypothetical"] is not conditions_first))
    critical = any(map(critical_terms, artifact.get("terms", [])))
    lines += [
        _mention(told, match, by_id[match["mail"]], critical=critical) for match in _without_subjects(ordered, by_id)
    ]
    lines += [say(told.language, "left_out")] if denied else []
    return "\n".join([*lines, "", told.say("extractive")])


def _without_subjects(matches: Sequence[dict[str, Any]], by_id: Mapping[str, StoredMail]) -> list[dict[str, Any]]:
    """The matches without the subjects of mails whose text is quoted, too."""
    subject_only = [match["quote"] == by_id[match["mail"]].subject for match in matches]
    quoted = {match["mail"] for match, alone in zip(matches, subject_only, strict=True) if not alone}
    return [
        match for match, alone in zip(matches, subject_only, strict=True) if not alone or match["mail"] not in quoted
    ]


def mentions_of(artifact: dict[str, Any], mails: Sequence[StoredMail]) -> dict[str, Any]:
    """What a scan found, of these mails alone."""
    ids = {mail.id for mail in mails}
    matches = [match for match in artifact.get("matches", []) if match["mail"] in ids]
    customers = {name for mail in mails if mail.id in {match["mail"] for match in matches} for name in mail.customers}
    return {**artifact, "matches": matches, "customers": len(customers)}


def with_closest(
    told: Told,
    nobody: str,
    wanted: str,
    mails: Sequence[StoredMail],
    embedder: Embedder,
    reader: Embedder | None = None,
    *,
    question: str = "",
    everybody: bool = False,
) -> str:
    """Below the answer of who used some words, or that nobody did, the sentences that mean much the same, if there are any."""
    quotable = [mail for mail in mails if not speaks_to_an_assistant(mail.new_text)]
    found, words = about(wanted, quotable, embedder, reader, question=question), len(wanted.split())
    near = [
        held for held in found if held.cosine >= (_ALIKE if everybody else _SAME) or (everybody and _akin(held, words))
    ]
    if not near:
        return nobody
    *first, blank, note = nobody.split("\n")
    lines = [line(told, extract) for extract in sorted(near, key=lambda held: -held.score)[:_SHOWN]]
    return "\n".join([*first, say(told.language, "closest"), *lines, blank, note])


def _akin(extract: Extract, words: int) -> bool:
    """Whether it means something like that and holds a good part of the words."""
    named = extract.named or 0.0
    return (extract.cosine >= _AKIN and named >= _HALF) or (
        extract.cosine >= _KIN and named >= _PART and named * words >= _TWO
    )


def _mention(told: Told, match: dict[str, Any], mail: StoredMail, *, critical: bool = True) -> str:
    """One line. That something is only supposed says much of a threat, and nothing of an offer ("if you like, quote me")."""
    marks = ("negated", "hypothetical") if critical else ("negated",)
    notes = [say(told.language, mark) for mark in marks if match[mark]]
    notes += [say(told.language, "in_attachment", file=match["file"])] if match.get("file") else []
    note = f" ({'; '.join(notes)})" if notes else ""
    who = f"{'/'.join(mail.customers)} · {told.day(mail.sent_at)} · {who_wrote(mail)}"
    if speaks_to_an_assistant(mail.new_text):
        return f"- {who}: {say(told.language, 'suspicious')} {reference(mail.id)}"
    return f"- {who}: “{match['quote'] or mail.subject}”{note} {reference(mail.id)}"


def drafted(told: Told, mail: StoredMail) -> str:
    name = mail.sender.name or mail.sender.email
    return say(told.language, "drafted", name=name, subject=mail.subject, reference=reference(mail.id))


def nobody_to_answer(told: Told) -> str:
    return say(told.language, "nobody")


def not_found(told: Told, wanted: str, searched: int, oldest: datetime | None) -> str:
    """What was searched, how much of it, and why it may not be there (Q4)."""
    about_ = say(told.language, "about", topic=wanted) if wanted else ""
    window = told.day(oldest) if oldest else say(told.language, "no_window")
    why = say(told.language, "future") if told.ahead else say(told.language, "reasons", oldest=window)
    return f"{told.say('not_found', about=about_, read=searched)} {why}"


def ambiguous(told: Told) -> str:
    """Two people or customers fit: ask, never guess."""
    return "\n".join(
        say(told.language, "ambiguous", name=name, candidates=listing(told.language, list(candidates)))
        for name, candidates in told.scope.ambiguous
    )


def unknown(told: Told, names: Sequence[str]) -> str:
    return say(told.language, "unknown", name=listing(told.language, [f"“{name}”" for name in names]))


def stranger(told: Told, names: Sequence[str], known: Sequence[str]) -> str:
    """Somebody asked after at a known customer whom no record and no mail knows."""
    quoted = listing(told.language, [f"“{name}”" for name in names])
    return told.say("stranger", name=quoted, known=", ".join(known))


def _plainly(scope: Scope) -> bool:
    """Whether there is nothing but a direction that a customer's mails are narrowed by."""
    return scope.direction is not None and bool(scope.customers) and scope.tone is None


def empty(told: Told) -> str:
    ahead = f" {say(told.language, 'future')}" if told.ahead else ""
    key = f"no_mail_{told.scope.direction}" if _plainly(told.scope) else "no_mail"
    return told.say(key, names=", ".join(told.names())) + ahead


def line(told: Told, extract: Extract) -> str:
    mail = extract.mail
    shared = "" if len(told.scope.customers) == 1 else f" · {'/'.join(mail.customers)}"
    more = f" “{extract.more}”" if extract.more else ""
    return f"- {told.day(mail.sent_at)} · {who_wrote(mail)}{shared}: “{extract.quote}”{more} {reference(mail.id)}"


def fixed(language: str, kind: Literal["help", "edit"]) -> str:
    """What can be asked, when nothing was, or why nothing is changed here."""
    return say(language, kind)


def _heading(told: Told, mail: StoredMail) -> str:
    shared = "" if len(told.scope.customers) == 1 else f" · {'/'.join(mail.customers)}"
    return f"{told.day(mail.sent_at)} · {who_wrote(mail)}{shared} · {mail.subject}"


def who_wrote(mail: StoredMail) -> str:
    return mail.sender.name or mail.sender.email
