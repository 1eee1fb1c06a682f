"""The ids that follow a piece of work through the code, so that every log line of it can be found again."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CORRELATION: ContextVar[str] = ContextVar("correlation_id", default="")
_CASE: ContextVar[str] = ContextVar("case_id", default="")


def correlation_id() -> str:
    """Return the correlation id of the work at hand, or an empty text outside of any."""
    return _CORRELATION.get()


def case_id() -> str:
    """Return the id of the case at hand, or an empty text."""
    return _CASE.get()


def new_correlation_id() -> str:
    """Return a fresh correlation id: 32 hexadecimal characters, which also fit a W3C trace id."""
    return secrets.token_hex(16)


@contextmanager
def bound(*, correlation_id: str | None = None, case_id: str | None = None) -> Iterator[None]:
    """Carry these ids in every log line inside the block; an id that is None stays what it was."""
    tokens = []
    if correlation_id is not None:
        tokens.append((_CORRELATION, _CORRELATION.set(correlation_id)))
    if case_id is not None:
        tokens.append((_CASE, _CASE.set(case_id)))
    try:
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)
