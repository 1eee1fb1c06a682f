"""Alarms: told once while they stand, kept in the copy's file, and cleared when the feed is well again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from zhixing_feed.alarms import Alarm, AlarmCode, FeedFault
from zhixing_feed.journal import Journal

OnAlarm = Callable[[Alarm], None]

_log = logging.getLogger("zhixing_feed")


class Bell:
    """Rings once for what stands; `standing` are the alarms since the last round that went well."""

    def __init__(self, journal: Journal, now: Callable[[], datetime], on_alarm: OnAlarm | None) -> None:
        """`on_alarm` is called in the event loop and should be quick; what it raises is logged."""
        self._journal = journal
        self._now = now
        self._on_alarm = on_alarm
        self.standing: dict[AlarmCode, Alarm] = {}
        self._unkept: list[Alarm] = []

    def __call__(self, code: AlarmCode, detail: str, **facts: Any) -> None:
        """Raise an alarm; the same code again is not told twice while it stands."""
        alarm = Alarm(code, detail, self._now(), facts)
        if code in self.standing:
            return
        self.standing[code] = alarm
        self._unkept.append(alarm)
        self.keep_waiting()
        _log.warning("%s: %s", code, detail)
        if self._on_alarm is not None:
            try:
                self._on_alarm(alarm)
            except Exception:  # noqa: BLE001 -- an agency's callback must not stop its own feed
                _log.exception("the alarm's callback failed")

    def keep_waiting(self) -> None:
        """Write down what could not be written when it rang, because a long step was being written."""
        while self._unkept and self._journal.try_keep_alarm(self._unkept[0]):
            del self._unkept[0]

    def fault(self, fault: FeedFault) -> None:
        """Raise the alarm that a fault is."""
        self(fault.code, fault.detail, **fault.facts)

    def clear(self, *, but: frozenset[AlarmCode] = frozenset()) -> None:
        """The feed is well again: what comes now is new. What is named stands on."""
        self.standing = {code: alarm for code, alarm in self.standing.items() if code in but}
