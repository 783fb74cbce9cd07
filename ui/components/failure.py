"""Failures as a user sees them: one sentence, the next step, the trace id."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from crm.database import store_failure
from crm.errors import LealUpError
from crm.trace import operation
from ui import inert

_log = logging.getLogger(__name__)


def describe(error: LealUpError, trace_id: str) -> str:
    """The failure in plain text."""
    return f"{error.for_user()} Trace id: {trace_id}"


@contextmanager
def failures() -> Iterator[None]:
    """Show an expected failure where it happens; anything else goes on to the server's handler."""
    with operation() as trace_id:
        try:
            yield
        except LealUpError as error:
            _log.warning("shown failure", extra={"fields": {"kind": type(error).__name__}})
            show(describe(error, trace_id))


def show(text: str) -> None:
    st.error(inert.label(text), icon=":material/error:")


def show_unexpected(error: Exception) -> bool:
    """Streamlit's hook for what nobody expected: a fixed sentence, and the rest in the log."""
    with operation() as trace_id:
        _log.error("page failed", exc_info=error)
        show(describe(store_failure(error) or LealUpError(), trace_id))
    return True
