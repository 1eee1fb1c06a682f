"""A list in memory that answers as the register does: entries of one view in their order."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from services.credit_blacklist.feed.documents import document_key
from services.credit_blacklist.feed.register.model import Held, Point, Position, Row

NOW = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
SESSION = "7c0e7a52-1d5c-4d53-9a0f-4f6f3f1a2b3c"
CARD = "RESIDENT_IDENTITY_CARD"
NUMBER = "530399198001010015"


def payload(record_id: str = "r-1", **changed: Any) -> dict[str, Any]:
    """Return an entry's payload; what is named in `changed` differs from a plain listing."""
    subject = {
        "name": changed.pop("name", "张三"),
        "party_type": "PERSON",
        "identity_documents": changed.pop("documents", [{"type": CARD, "number": NUMBER}]),
    }
    return {
        "view": "court",
        "record_id": record_id,
        "record_version": 1,
        "list_type": "LISTING",
        "status": "LISTED",
        "change": "ADDED",
        "subject": subject,
        "court": {"code": "云0381", "name": "大理市人民法院", "telephone": "0872-1234567"},
        "case_number": "（2024）云0381执101号",
        "order_number": "（2024）云0381执101号之一",
        "effective_from": "2024-04-01T00:00:00.000000Z",
        "grounds": ["VIOLATES_PROPERTY_REPORTING"],
        "duty": "支付100000元",
        **changed,
    }


def restriction(record_id: str = "o-1.p-1", **changed: Any) -> dict[str, Any]:
    """Return a restriction's payload, of all nine kinds."""
    fields = {"list_type": "RESTRICTION", "status": "RESTRICTED", "kinds": list(range(1, 10)), **changed}
    return payload(record_id, **fields)


class HeldList:
    """One view; `put` appends, one second after the other, and the head names everything at once."""

    def __init__(self, view: str = "court", issued_at: datetime | None = NOW - timedelta(seconds=30)) -> None:
        self.view = view
        self.session_id = SESSION
        self.issued_at = issued_at
        self.began = NOW - timedelta(days=30)
        self.held: list[Held] = []
        self.queries = 0
        self.callbacks: list[Callable[[str], None]] = []

    def put(self, *payloads: dict[str, Any]) -> None:
        for each in payloads:
            sequence = len(self.held) + 1
            for place, old in enumerate(self.held):
                if old.record_id == each["record_id"] and old.to_sequence is None:
                    self.held[place] = replace(old, to_sequence=sequence)
            jws = f"h.{urlsafe_b64encode(orjson.dumps(each)).rstrip(b'=').decode()}.s"
            at = self.began + timedelta(days=sequence)
            self.held.append(
                Held(sequence, each["record_id"], each["record_version"], each["status"], each, jws, None, at)
            )
        for callback in self.callbacks:
            callback(self.view)

    async def position(self, view: str) -> Position:
        return Position(view, self.session_id, len(self.held), self.issued_at)

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> list[Row]:
        assert (view, session_id) == (self.view, self.session_id)
        return [Row(one.sequence, one.jws, one.at) for one in self.held[after : after + limit]]

    async def lookup(
        self, view: str, documents: Sequence[tuple[str, str]], *, as_of: Point | None = None
    ) -> list[list[Held]]:
        assert view == self.view
        self.queries += 1
        last = len(self.held) if as_of is None else as_of.sequence
        return [[one for one in self.held if self._bears(one, document, last)] for document in documents]

    @staticmethod
    def _bears(one: Held, document: tuple[str, str], last: int) -> bool:
        keys = {document_key(each["type"], each["number"]) for each in one.payload["subject"]["identity_documents"]}
        return document in keys and one.sequence <= last and (one.to_sequence is None or one.to_sequence > last)

    async def record(self, view: str, record_id: str, *, at: Point | None = None) -> Held | None:
        assert view == self.view
        last = len(self.held) if at is None else at.sequence
        return next((one for one in reversed(self.held[:last]) if one.record_id == record_id), None)

    async def in_force(self, view: str, *, at: Point | None = None) -> AsyncIterator[list[Held]]:
        assert view == self.view
        last = len(self.held) if at is None else at.sequence
        yield [
            one
            for one in self.held[:last]
            if one.status != "REMOVED" and (one.to_sequence is None or one.to_sequence > last)
        ]

    async def sequence_at(self, view: str, moment: datetime) -> Point | None:
        assert view == self.view
        return Point(self.session_id, sum(one.at <= moment for one in self.held)) if moment >= self.began else None

    def on_head(self, callback: Callable[[str], None]) -> None:
        self.callbacks.append(callback)
