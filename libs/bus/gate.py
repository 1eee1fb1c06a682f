"""The gate of a consumer group: shut while too much waits in quarantine, open again when operators cleared it."""

from __future__ import annotations

from libs.bus.metrics import CONSUMER_HALTED, QUARANTINE_OPEN
from libs.bus.quarantine import Quarantine
from libs.foundation.errors import Transient
from libs.telemetry import get_logger

log = get_logger("zhixing.bus")


class QuarantineFull(Transient):
    """No further message may be put into quarantine: so many at once is a fault of ours, not of the messages."""

    code = "quarantine_full"
    title = "Too many messages wait in quarantine"
    remedy = "Find the common cause, then release or discard what waits; the consumer goes on by itself."


class Gate:
    """Shut while the group has `limit` unresolved entries or more. Partitions fetch nothing behind a shut gate."""

    def __init__(self, quarantine: Quarantine, group: str, limit: int) -> None:
        self._quarantine = quarantine
        self._group = group
        self._limit = limit
        self.shut = False
        self.waiting = 0
        """Unresolved entries at the last look, counted no further than the limit."""

    async def look(self) -> None:
        """Count what waits, and open or shut."""
        self.waiting = await self._quarantine.open_count(self._group, self._limit)
        QUARANTINE_OPEN.labels(self._group).set(self.waiting)
        shut = self.waiting >= self._limit
        if shut != self.shut:
            self.shut = shut
            CONSUMER_HALTED.labels(self._group).set(int(shut))
            if shut:
                log.error("consumer_halted", group=self._group, limit=self._limit)
            else:
                log.info("consumer_resumed", group=self._group)

    async def admit(self) -> None:
        """Raise `QuarantineFull` if nothing more may be put into quarantine."""
        await self.look()
        if self.shut:
            msg = f"{self._limit} messages of group {self._group} wait in quarantine"
            raise QuarantineFull(msg)
