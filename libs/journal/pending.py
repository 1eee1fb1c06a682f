"""A command on its way: what it wants, who waits for it since when, and what is not known about it yet."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from libs.foundation.errors import OutcomeUnknown
from libs.journal.model import CommandMeta, Outcome
from libs.journal.refusals import StoreUnavailable

Answer = Outcome[Any] | Exception


@dataclass(slots=True, eq=False)
class Pending:
    """One command in the writer. `arrived` is real and monotonic.

    `future` wakes whoever waits; it is cancelled with its caller, and the command goes on without one.
    """

    stream: str
    command: Any
    meta: CommandMeta
    arrived: float
    future: asyncio.Future[None] = field(repr=False)
    answer: Answer | None = None
    attempts: int = 0
    in_doubt: bool = False
    """An insert with this command has left, and it is not known what became of it."""
    doubt_version: int = 0
    """The highest version that such an insert had: while that place is free, the insert may still land in it."""

    def resolve(self, answer: Answer) -> None:
        """Answer it, once."""
        if self.answer is None:
            self.answer = answer
            if not self.future.done():
                self.future.set_result(None)

    def expire(self) -> None:
        """Answer what can be said at the deadline: that nobody knows, or that nothing was written."""
        if self.in_doubt or self.doubt_version:
            self.resolve(OutcomeUnknown("the database did not say what became of the write"))
        else:
            self.resolve(StoreUnavailable("the database did not answer in time; nothing was written"))

    def told(self) -> Outcome[Any]:
        """Return the answer that it got, or raise it."""
        if isinstance(self.answer, Outcome):
            return self.answer
        raise self.answer or AssertionError("nobody has answered yet")
