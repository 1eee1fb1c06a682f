"""A command on its way: what it wants, who waits for it until when, and what is not known about it yet."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from libs.foundation.errors import OutcomeUnknown
from libs.journal.model import CommandMeta, Outcome
from libs.journal.refusals import StoreUnavailable


@dataclass(slots=True, eq=False)
class Pending:
    """One command in the writer. Instants are real and monotonic."""

    stream: str
    command: Any
    meta: CommandMeta
    arrived: float
    future: asyncio.Future[Outcome[Any]] = field(repr=False)
    attempts: int = 0
    in_doubt: bool = False
    """An insert with this command has left, and it is not known what became of it."""
    doubt_version: int = 0
    """The highest version that such an insert had: while that place is free, the insert may still land in it."""

    @property
    def done(self) -> bool:
        """Whether it was answered; nothing more is done for it then."""
        return self.future.done()

    def resolve(self, answer: Outcome[Any] | BaseException) -> None:
        """Answer it, once."""
        if self.future.done():
            return
        if isinstance(answer, BaseException):
            self.future.set_exception(answer)
            # A caller that went away never looks; that is no accident to report.
            self.future.exception()
        else:
            self.future.set_result(answer)

    def expire(self) -> None:
        """Answer what can be said at the deadline: that nobody knows, or that nothing was written."""
        if self.in_doubt or self.doubt_version:
            self.resolve(OutcomeUnknown("the database did not say what became of the write"))
        else:
            self.resolve(StoreUnavailable("the database did not answer in time; nothing was written"))
