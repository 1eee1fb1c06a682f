"""What a caller may see: a stream of another court does not exist for them."""

from __future__ import annotations

from typing import Any

from libs.foundation.errors import NotFound
from libs.journal import Folded, Journal
from libs.web.caller import Caller


async def fold_for(caller: Caller, journal: Journal, stream: str, unknown: type[NotFound] = NotFound) -> Folded[Any]:
    """Return a stream of one of the caller's courts. Raises `unknown` (404), also for another court's stream."""
    folded = await journal.fold(stream, court=None)
    if folded.seq == 0 or not caller.may_act_in(folded.court):
        raise unknown
    return folded
