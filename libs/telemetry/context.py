"""The id that follows a piece of work through the code, so that every log line of it can be found again."""

from __future__ import annotations

import random
from contextvars import ContextVar, Token

_CORRELATION: ContextVar[str] = ContextVar("correlation_id", default="")


def correlation_id() -> str:
    """Return the correlation id of the work at hand, or an empty text outside of any."""
    return _CORRELATION.get()


def new_correlation_id() -> str:
    """Return a fresh correlation id: 32 hexadecimal characters, which also fit a W3C trace id. It is no secret."""
    return f"{random.getrandbits(128):032x}"


class bound:  # noqa: N801 -- reads as a word: `with bound(correlation_id=…)`
    """Carry this id in every log line inside the block."""

    __slots__ = ("_id", "_token")

    _token: Token[str]

    def __init__(self, *, correlation_id: str) -> None:
        """Nothing is carried before the block."""
        self._id = correlation_id

    def __enter__(self) -> None:
        """Carry it."""
        self._token = _CORRELATION.set(self._id)

    def __exit__(self, *_: object) -> None:
        """Carry again what was carried before."""
        _CORRELATION.reset(self._token)
