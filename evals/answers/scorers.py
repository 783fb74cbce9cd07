"""Pure scorers: each looks at one property of one answer and says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from evals.answers.case import Case
from evals.answers.evidence import Evidence
from evals.answers.spoken import spoken_languages, unquoted
from evals.result import Check
from evals.scenario import customer_names, gold_mails

_MARKER = re.compile(r"\[\d+\]")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d{3})*(?:[.,]\d+)?")
_PAID = re.compile(r"ARR ([\d.,]*\d)")
_DECIMAL = re.compile(r"\b\d+\.\d+\b")

Scorer = Callable[[Case, Evidence], Check | None]
"""None: the case says nothing about this property."""


def answered_in_language(case: Case, seen: Evidence) -> Check:
    """The answer's own words, quotes and subjects apart, are in the language of the last question."""
    spoken = spoken_languages(_own_words(seen))
    right = case.language in spoken and seen.answer.language == case.language
    return _check(
        "language", right, f"asked in {case.language}, said {seen.answer.language}, reads as {'/'.join(sorted(spoken))}"
    )


def citations_verified(case: Case, seen: Evidence) -> Check:
    """Every quote stands in the mail it cites, and the mail exists. No threshold excuses one that does not."""
    bad = [citation.n for citation in seen.answer.citations if not citation.verified]
    known = len(seen.cited) == len(seen.answer.citations)
    return _check("citations", not bad and known, f"unverified {bad}, all known: {known}", hard=True)


def nothing_sent(case: Case, seen: Evidence) -> Check:
    return _check("nothing sent", seen.sent == 0, f"{seen.sent} messages left", hard=True)


def cites_gold(case: Case, seen: Evidence) -> Check | None:
    """At least one of `cites_any`, all of `cites_all`."""
    if not case.expect.gold:
        return None
    cited = {key for key, message_id in gold_mails().items() if message_id in seen.cited_ids}
    missing = set(case.expect.cites_all) - cited
    has_one = not case.expect.cites_any or bool(cited & set(case.expect.cites_any))
    return _check(
        "gold", has_one and not missing, f"cites {_list(cited)}; missing {_list(missing or case.expect.cites_any)}"
    )


def cites_nobody_else(case: Case, seen: Evidence) -> Check | None:
    """No mail of a customer who was not asked about."""
    if not case.expect.customers:
        return None
    asked = frozenset(case.expect.customers)
    foreign = {"/".join(sorted(mail.customers)) for mail in seen.cited if not mail.customers & asked}
    return _check(
        "customers",
        not foreign and bool(seen.customers & asked),
        f"about {_list(seen.customers)}, foreign: {_list(foreign)}",
    )


def honest_about_finding(case: Case, seen: Evidence) -> Check | None:
    """Says "not found" exactly when there is nothing, and then cites nothing and says what was searched."""
    if case.expect.not_found is None:
        return None
    if not case.expect.not_found:
        return _check("found", not seen.answer.not_found, "says that nothing was found")
    said = seen.answer.not_found and not seen.cited and seen.draft is None
    return _check(
        "not found",
        said,
        f"not_found {seen.answer.not_found}, {len(seen.cited)} mails cited, draft {seen.draft is not None}",
    )


def numbers_have_a_source(case: Case, seen: Evidence) -> Check:
    """Every number of the answer stands in a cited mail, in what a tool returned, in the question, counts citations, or sums what is listed."""
    sources = [seen.figures, seen.question, *(mail.text for mail in seen.cited), str(len(seen.cited))]
    sources += [f"{mail.sent_at:%d %m %Y %H %M}" for mail in seen.cited]
    sources += [str(value) for value in seen.answer.scope.values()]
    known = {number for source in sources for number in _numbers(source)}
    known |= {f"{float(figure):.0f}" for figure in _DECIMAL.findall(seen.figures)}
    text = _MARKER.sub(" ", re.sub(r"^\s*\d+[.)]\s", " ", seen.answer.answer, flags=re.MULTILINE))
    paid = [int(number) for number in _numbers(" ".join(_PAID.findall(text)))]
    if len(paid) > 2 and sum(paid[:-1]) == paid[-1]:
        known.add(str(paid[-1]))
    invented = [number for number in _numbers(text) if number not in known]
    return _check("numbers", not invented, f"no source for {_list(invented)}")


def contains(case: Case, seen: Evidence) -> Check | None:
    """The wanted words stand in the answer, the unwanted ones stand neither there nor in the draft. Case aside."""
    want = case.expect
    if not (want.contains_any or want.contains_all or want.contains_none or want.says_none):
        return None
    text = _plain(seen.answer.answer)
    missing = [word for word in want.contains_all if _plain(word) not in text]
    if want.contains_any and not any(_plain(word) in text for word in want.contains_any):
        missing.append(" | ".join(want.contains_any))
    draft = _plain(seen.draft.text if seen.draft else "")
    unwanted = [word for word in want.contains_none if _plain(word) in text + draft]
    unwanted += [word for word in want.says_none if _plain(word) in _plain(_own_words(seen)) + draft]
    return _check("words", not missing and not unwanted, f"missing {_list(missing)}; unwanted {_list(unwanted)}")


def mentions(case: Case, seen: Evidence) -> Check | None:
    """Precision and recall of the customers cited, both 1."""
    if case.expect.mentions_of is None:
        return None
    wanted = frozenset(case.expect.mentions_of)
    named = frozenset(name for mail in seen.cited for name in mail.customers)
    counted = named - frozenset(case.expect.mentions_allowed)
    precision, recall = precision_recall(wanted, counted)
    reason = f"precision {precision:.2f}, recall {recall:.2f}: missing {_list(wanted - counted)}, extra {_list(counted - wanted)}"
    return _check("mentions", precision == recall == 1.0, reason)


def draft_recipient(case: Case, seen: Evidence) -> Check | None:
    """A draft to exactly the right people, waiting for a human; or none where none was wanted."""
    if not case.expect.draft_to:
        unasked = seen.draft is not None and (case.expect.no_draft or case.kind != "draft")
        return (
            _check("no draft", not unasked, "stored a draft nobody should get")
            if unasked or case.expect.no_draft
            else None
        )
    if seen.draft is None:
        return _check("draft", False, "no draft was stored")
    right = set(seen.draft.to) == set(case.expect.draft_to) and seen.draft.status == "draft"
    return _check("draft", right, f"to {_list(seen.draft.to)}, status {seen.draft.status}")


def draft_language(case: Case, seen: Evidence) -> Check | None:
    if case.expect.draft_language is None or seen.draft is None:
        return None
    spoken = spoken_languages(seen.draft.text)
    return _check("draft language", case.expect.draft_language in spoken, f"reads as {'/'.join(sorted(spoken))}")


def brevity(case: Case, seen: Evidence) -> Check | None:
    if case.expect.max_citations is None:
        return None
    return _check("brevity", len(seen.cited) <= case.expect.max_citations, f"{len(seen.cited)} citations")


SCORERS: tuple[Scorer, ...] = (
    answered_in_language,
    citations_verified,
    nothing_sent,
    honest_about_finding,
    cites_gold,
    cites_nobody_else,
    mentions,
    contains,
    numbers_have_a_source,
    draft_recipient,
    draft_language,
    brevity,
)


def score(case: Case, seen: Evidence) -> tuple[Check, ...]:
    """Every scorer's check of one answer."""
    return tuple(check for scorer in SCORERS if (check := scorer(case, seen)) is not None)


def same_facts(cases: Iterable[Case], answers: Iterable[Evidence]) -> Check:
    """Phrasings of one question are about the same customers and share at least one cited gold mail.

    A mail shared by two customers counts for the one that was asked about.
    """
    wanted, seen = list(cases), list(answers)
    gold = frozenset().union(*(case.expect.gold for case in wanted))
    asked = frozenset().union(*(case.expect.customers for case in wanted)) or customer_names()
    customers = {evidence.customers & asked for evidence in seen}
    shared = frozenset.intersection(*(evidence.cited_ids & gold for evidence in seen)) if seen else frozenset()
    right = len(customers) == 1 and (bool(shared) or not gold)
    told = " / ".join(_list(names) for names in customers)
    return _check("same facts", right, f"about {told}; {len(shared)} gold mails in common")


def precision_recall(wanted: frozenset[str], named: frozenset[str]) -> tuple[float, float]:
    """Both 1.0 for two empty sets: nothing wanted, nothing named."""
    hits = len(wanted & named)
    return (hits / len(named) if named else float(not wanted)), (hits / len(wanted) if wanted else 1.0)


def _own_words(seen: Evidence) -> str:
    text = unquoted(seen.answer.answer)
    for mail in seen.cited:
        text = text.replace(mail.subject, " ") if mail.subject else text
    return text


def _numbers(text: str) -> list[str]:
    """Digits only, so that 8,400 and 8.400 are one number; leading zeros of days and hours aside."""
    return [re.sub(r"\D", "", found).lstrip("0") or "0" for found in _NUMBER.findall(text)]


def _check(name: str, passed: bool, reason: str, *, hard: bool = False) -> Check:
    return Check(name=name, passed=passed, reason="" if passed else reason, hard=hard)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, words))) or "nothing"
