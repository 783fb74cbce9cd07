"""Every suite there is. A new one is a folder with cases, a task and scorers, and a line here."""

from __future__ import annotations

from evals.answers.task import SUITE as ANSWERS
from evals.retrieval.task import SUITE as RETRIEVAL
from evals.security.task import SUITE as SECURITY
from evals.send_safety.task import SUITE as SEND_SAFETY
from evals.suite import Suite
from evals.understanding.task import SUITE as UNDERSTANDING

SUITES: tuple[Suite, ...] = (ANSWERS, RETRIEVAL, SEND_SAFETY, SECURITY, UNDERSTANDING)
