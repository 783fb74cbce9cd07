"""Cases and evidence as the tests of the scorers need them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from agent.answer import Answer, Citation
from evals.answers.case import Case
from evals.answers.evidence import CitedMail, DraftSeen, Evidence
from evals.scenario import gold_mails


def case(kind: str = "discussed", language: str = "en", **expect: Any) -> Case:
    expect = expect or {"customers": ["Acme Robotics"]}
    return Case.model_validate(
        {"id": "a-case", "language": language, "kind": kind, "turns": ["What about Acme?"], "expect": expect}
    )


def mail(key: str, customer: str = "Acme Robotics", text: str = "We expect 150 seats.", subject: str = "") -> CitedMail:
    return CitedMail(
        message_id=gold_mails()[key],
        customers=frozenset({customer}),
        subject=subject,
        text=text,
        sent_at=datetime(2026, 5, 21, 11, 36, tzinfo=UTC),
    )


def evidence(
    text: str = "The mails with Acme say: “We expect 150 seats.” [1]",
    *cited: CitedMail,
    language: str = "en",
    verified: bool = True,
    not_found: bool = False,
    figures: str = "",
    draft: DraftSeen | None = None,
    sent: int = 0,
    customers: tuple[str, ...] = ("Acme Robotics",),
    mode: Literal["model", "extractive"] = "extractive",
) -> Evidence:
    citations = tuple(
        Citation(
            n=number, message_id=f"m{number}", gmail_id="g", customer="/".join(one.customers), date=one.sent_at,
            sender="Priya Raman", quote=one.text, verified=verified, url="",
        )
        for number, one in enumerate(cited, start=1)
    )  # fmt: skip
    answer = Answer(
        answer=text, language=language, model="offline", mode=mode, not_found=not_found,
        scope={"customers": list(customers), "people": [], "since": None, "until": None, "searched": 26},
        citations=citations, tools=(), draft_id="d" if draft else None, removed=0, thread="t", trace_id="f00d", seconds=0.1,
    )  # fmt: skip
    return Evidence(question="What about Acme?", answer=answer, cited=cited, figures=figures, draft=draft, sent=sent)
