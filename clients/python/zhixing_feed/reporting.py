"""What goes back to the publisher: positions (what I hold) and reports (what I did), each until it is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.answers import Hit
from zhixing_feed.bell import Bell
from zhixing_feed.copy_state import as_text
from zhixing_feed.journal import StoredReport
from zhixing_feed.jws import PrivateKey
from zhixing_feed.means import Means
from zhixing_feed.standing import Position
from zhixing_feed.threads import to_its_end
from zhixing_feed.wire import Refused, Unavailable

POSITION_TYPE: Final = "zhixing-position+jws"


@dataclass(frozen=True, slots=True)
class Report:
    """One measure taken, as `Subscriber.report` is told it."""

    hit: Hit
    measure_code: str
    outcome: str
    agency_reference: str
    started_at: datetime
    ended_at: datetime | None = None
    order_number: str | None = None
    reason: str | None = None


class Reporting:
    """Keeps in the copy's file what is to be sent, and sends it."""

    def __init__(self, means: Means, bell: Bell, key: PrivateKey | None) -> None:
        """`key` signs positions; without one none is stated."""
        self._means = means
        self._bell = bell
        self._key = key
        self._stated: tuple[str, str] | None = None

    def position(self) -> Position | None:
        """Return what the copy holds; None while it is on its way from one head to the next."""
        state = self._means.store.state
        if state is None or state.head is None or not state.whole or state.log_root is None:
            return None
        return Position(
            view=state.view,
            session_id=state.session_id,
            sequence=state.sequence,
            set_digest=state.sums.whole.digest(),
            count=state.sums.whole.count,
            log_root=state.log_root,
            head_sha256=state.head.sha256,
            fetched_at=state.fetched_at,
            applied_at=max(state.applied_at, state.fetched_at),
            snapshot_reason=state.snapshot_reason,
        )

    async def acknowledge(self, *, again: bool = False) -> str | None:
        """Sign and state the position; return `CONFIRMED` or `DIFFERS`, None if there is nothing new to state.

        Raises `Unavailable` or `Refused`; a position that differs is an alarm.
        """
        position = self.position()
        if self._key is None or position is None:
            return None
        stated = (position.session_id, f"{position.sequence} {position.set_digest} {position.log_root}")
        if stated == self._stated and not again:
            return None
        answer = await self._means.wire.put_position(self._key.sign(_claims(position), POSITION_TYPE))
        status = str(answer.get("status"))
        if status == "DIFFERS":
            detail = f"the publisher holds another list at sequence {position.sequence} than the one it signed"
            self._bell(AlarmCode.POSITION_DIFFERS, detail, answer=answer)
        self._stated = stated
        await to_its_end(self._means.store.acknowledged)
        return status

    async def report(self, report: Report) -> bool:
        """Keep a report and try to send it; return whether it is there. Raises `MeasureUnknown`."""
        policy, state = self._means.trust.policy, self._means.store.state
        if policy is not None:
            policy.measure(report.measure_code)
        body: dict[str, Any] = {
            "record_id": report.hit.record_id,
            "record_version": report.hit.record_version,
            "session_id": state.session_id if state else "",
            "sequence": state.sequence if state else 0,
            "measure_code": report.measure_code,
            "outcome": report.outcome,
            "started_at": as_text(report.started_at),
            "agency_reference": report.agency_reference,
        }
        body |= {"ended_at": as_text(report.ended_at)} if report.ended_at else {}
        body |= {"order_number": report.order_number} if report.order_number else {}
        body |= {"reason": report.reason} if report.reason else {}
        record_id, ended = report.hit.record_id, report.ended_at is not None
        return await self._keep(StoredReport(report.agency_reference, record_id, body, sent=False, ended=ended))

    async def end(self, agency_reference: str, ended_at: datetime) -> bool:
        """Report the end of a measure; return whether it is there. Raises `LookupError` for one never reported."""
        known = self._means.store.journal.report(agency_reference)
        if known is None:
            raise LookupError(f"no measure was reported as {agency_reference}")
        body = known.body | {"ended_at": as_text(ended_at)}
        return await self._keep(replace(known, body=body, sent=False, ended=True))

    async def stands(self, agency_reference: str) -> bool:
        """Report that a measure stands after its record was corrected; return whether it is there. `LookupError`."""
        store = self._means.store
        known = store.journal.report(agency_reference)
        record = store.record(known.record_id) if known else None
        if known is None or record is None or store.state is None:
            raise LookupError(f"no measure was reported as {agency_reference}")
        place = {"session_id": store.state.session_id, "sequence": store.state.sequence}
        body = known.body | place | {"record_version": record[0].version}
        return await self._keep(replace(known, body=body, sent=False))

    async def _keep(self, report: StoredReport) -> bool:
        await to_its_end(self._means.store.journal.keep_report, report)
        try:
            return await self._send(report)
        except Unavailable:
            return False

    async def send_unsent(self) -> None:
        """Send what did not get through yet. Raises `Unavailable`."""
        for report in self._means.store.journal.reports_unsent():
            await self._send(report)

    async def _send(self, report: StoredReport) -> bool:
        key = f"{report.agency_reference}:{report.body['record_version']}:{'end' if report.ended else 'start'}"
        try:
            await self._means.wire.report(report.body, key)
        except (Refused, FeedFault) as error:
            detail = f"the report {report.agency_reference} was refused: {error}"
            self._bell(AlarmCode.REPORT_REFUSED, detail, agency_reference=report.agency_reference)
            return False
        await to_its_end(self._means.store.journal.keep_report, replace(report, sent=True))
        return True


def _claims(position: Position) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "view": position.view,
        "session_id": position.session_id,
        "sequence": position.sequence,
        "set_digest": position.set_digest,
        "count": position.count,
        "log_root": position.log_root,
        "head_sha256": position.head_sha256,
        "fetched_at": as_text(position.fetched_at),
        "applied_at": as_text(position.applied_at),
    }
    return claims | ({"snapshot_reason": position.snapshot_reason} if position.snapshot_reason else {})
