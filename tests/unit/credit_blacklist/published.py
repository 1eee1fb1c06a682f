"""A published feed in memory: what distribution asks of the register, without a journal."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from libs.evidence.lthash import SetState
from services.credit_blacklist.feed.register.model import Checksum, Head, Point, Row

NOW = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
SESSION = "7c0e7a52-1d5c-4d53-9a0f-4f6f3f1a2b3c"


def unsigned(payload: dict[str, Any], typ: str = "zhixing-entry+jws") -> str:
    """Return a text of the form of a compact JWS; nothing here verifies it."""
    parts = (orjson.dumps({"typ": typ}), orjson.dumps(payload), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class Published:
    """One view: entries that are there, and a head that names some of them."""

    def __init__(self, view: str = "air", session: str = SESSION) -> None:
        self.view = view
        self.session = session
        self.rows: list[Row] = []
        self.records: list[tuple[str, str]] = []
        self.signed: Head | None = None
        self.callbacks: list[Callable[[str], None]] = []
        self.heads = 0

    def add(self, record_id: str, status: str = "RESTRICTED", at: datetime = NOW) -> int:
        """Append an entry; nobody sees it before a head names it."""
        sequence = len(self.rows) + 1
        payload = {"record_id": record_id, "status": status, "changed_at": at.isoformat(), "n": sequence}
        self.rows.append(Row(sequence, unsigned(payload), at))
        self.records.append((record_id, status))
        return sequence

    def sign(self, at: datetime | None = None, **more: Any) -> Head:
        """Sign a head that names all entries, and ring."""
        self.heads += 1
        issued = at or NOW + timedelta(seconds=self.heads)
        payload = {
            "view": self.view,
            "session_id": self.session,
            "sequence": len(self.rows),
            "oldest_sequence": 1,
            "issued_at": issued.isoformat(),
            **more,
        }
        jws = unsigned(payload, "zhixing-head+jws")
        self.signed = Head(jws, payload, self.heads, hashlib.sha256(jws.encode()).hexdigest())
        for callback in self.callbacks:
            callback(self.view)
        return self.signed

    def begin_again(self, session: str) -> None:
        """Begin another session without entries."""
        self.session, self.rows, self.records = session, [], []

    async def head(self, view: str) -> Head | None:
        return self.signed if view == self.view else None

    def named(self, view: str) -> Head | None:
        return self.signed if view == self.view else None

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> Sequence[Row]:
        if view != self.view or session_id != self.session or self.signed is None:
            return []
        return self.rows[after : min(after + limit, self.signed.sequence)]

    async def removed_before(
        self, view: str, session_id: str, after: int, moment: datetime, limit: int
    ) -> Sequence[tuple[int, str]]:
        last = {record: number for number, (record, _status) in enumerate(self.records, start=1)}
        found = [
            (row.sequence, record)
            for row, (record, status) in zip(self.rows, self.records, strict=True)
            if status == "REMOVED" and row.sequence > after and row.at < moment and last[record] == row.sequence
        ]
        return found[:limit] if (view, session_id) == (self.view, self.session) else []

    async def checksum(self, view: str, session_id: str, sequence: int) -> Checksum:
        if (view, session_id) != (self.view, self.session) or sequence > len(self.rows):
            raise LookupError(f"{session_id}:{sequence}")
        state = SetState.of([f"{sequence}".encode()])
        return Checksum(Point(session_id, sequence), state, hashlib.sha256(f"{sequence}".encode()).hexdigest())

    async def reach(self, point: Point, seconds: float) -> bool:
        del seconds
        return point.sequence <= len(self.rows)

    def on_head(self, callback: Callable[[str], None]) -> None:
        self.callbacks.append(callback)
