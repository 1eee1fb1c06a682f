"""The counter: answers from the copy, and asks the publisher where the staleness table says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.answers import TRUSTED, Answer, AsOf, Freshness, Hit, answer, confirmed, freshness_of, unclear
from zhixing_feed.bell import Bell
from zhixing_feed.engine import Engine
from zhixing_feed.means import Means
from zhixing_feed.names import miswritten, normal_document, normal_name
from zhixing_feed.wire import Refused, Unavailable

CONFIRM_S: Final = 5
"""How long somebody at a counter waits for the publisher."""

_NO_POLICY: Final = Answer("HOLD", "UNKNOWN", "NONE", "NO_POLICY", to_review=True)
"""Before a policy came nobody knows whether an act can be undone."""


class Counter:
    """Decides about one person at a time."""

    def __init__(self, means: Means, engine: Engine, bell: Bell, now: Callable[[], datetime]) -> None:
        """Take the copy and what tells how far it may be trusted."""
        self._means = means
        self._engine = engine
        self._bell = bell
        self._now = now

    def freshness(self) -> Freshness:
        """Return which row of the staleness table the copy is in now."""
        state = self._means.store.state
        return freshness_of(
            now=self._now(),
            valid_until=state.valid_until if state else None,
            policy=self._means.trust.policy,
            doubtful=self._means.store.damage is not None,
            clock_off=self._engine.clock_off,
        )

    def look_up(self, document_type: str, number: str, name: str, measure_code: str) -> Answer:
        """Answer from the copy alone. Raises `MeasureUnknown`."""
        means = self._means
        policy, state, now = means.trust.policy, means.store.state, self._now()
        if policy is None:
            return _NO_POLICY
        measure = policy.measure(measure_code)
        freshness = self.freshness()
        if freshness not in TRUSTED:
            self._bell(AlarmCode.DECIDED_WITHOUT_COPY, f"answers are UNKNOWN: the copy is {freshness}")
        if state is None or state.issued_at is None:
            return answer("NONE", measure, (), None)
        entries = means.store.entries_about(document_type, number)
        biting = [each for each in entries if each.bites(now, measure.list_types, measure.kinds)]
        same_name = normal_name(name)
        hits = tuple(Hit.of(each) for each in biting if each.name == same_name)
        as_of = AsOf(state.session_id, state.sequence, state.issued_at)
        if not hits and freshness in TRUSTED and (biting or miswritten(normal_document(document_type, number))):
            return unclear(freshness, measure, as_of, "NAME_DIFFERS" if biting else "DOCUMENT_MISWRITTEN")
        return answer(freshness, measure, hits, as_of)

    async def check(self, document_type: str, number: str, name: str, measure_code: str) -> Answer:
        """Answer from the copy, confirmed online where the table says so. Raises `MeasureUnknown`."""
        local = self.look_up(document_type, number, name, measure_code)
        if not local.confirm:
            return local
        body = {
            "document": {"type": document_type, "number": number},
            "name": name,
            "measure_code": measure_code,
        }
        try:
            async with asyncio.timeout(CONFIRM_S):
                online = await self._means.wire.check(body)
        except (Unavailable, Refused, FeedFault, TimeoutError):
            return replace(local, confirm=False)
        return confirmed(local, str(online.get("status")))
