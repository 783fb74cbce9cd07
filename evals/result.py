"""What a suite gives back: checks, cases, and whether the threshold is met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.answer import Answer


@dataclass(frozen=True, kw_only=True)
class Check:
    """One scorer's word on one case; `reason` says what is wrong. One failed `hard` check fails the whole suite."""

    name: str
    passed: bool
    reason: str = ""
    hard: bool = False


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One turn as it happened: the question, and the answer or the sentence of the error."""

    question: str
    answer: Answer | None
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "error": self.error,
            "answer": self.answer.as_json() if self.answer else None,
        }


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """One case with everything a person needs to judge it; `seconds` is wall time of all its turns."""

    id: str
    kind: str
    language: str
    checks: tuple[Check, ...]
    exchanges: tuple[Exchange, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(f"{check.name}: {check.reason}" for check in self.checks if not check.passed)

    def as_json(self) -> dict[str, Any]:
        answers = [exchange.answer for exchange in self.exchanges if exchange.answer]
        return {
            "id": self.id,
            "kind": self.kind,
            "language": self.language,
            "passed": self.passed,
            "reasons": list(self.reasons),
            "checks": {check.name: check.passed for check in self.checks},
            "trace_ids": [answer.trace_id for answer in answers],
            "seconds": self.seconds,
            "turns": [exchange.as_json() for exchange in self.exchanges],
        }


@dataclass(frozen=True, kw_only=True)
class SuiteResult:
    """`score` is the share of cases that passed whole; `threshold` is the least that is enough."""

    name: str
    model: str
    threshold: float
    cases: tuple[CaseResult, ...]
    seconds: float

    @property
    def passed(self) -> int:
        return sum(case.passed for case in self.cases)

    @property
    def score(self) -> float:
        return self.passed / len(self.cases) if self.cases else 0.0

    @property
    def broken(self) -> tuple[str, ...]:
        """The cases in which something happened that no threshold excuses."""
        return tuple(case.id for case in self.cases if any(check.hard and not check.passed for check in case.checks))

    @property
    def met(self) -> bool:
        return self.score >= self.threshold and not self.broken

    def as_json(self) -> dict[str, Any]:
        return {
            "suite": self.name,
            "model": self.model,
            "cases": len(self.cases),
            "passed": self.passed,
            "score": round(self.score, 4),
            "threshold": self.threshold,
            "met": self.met,
            "broken": list(self.broken),
            "seconds": round(self.seconds, 1),
            "results": [case.as_json() for case in self.cases],
        }
