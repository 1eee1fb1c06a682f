"""What letter (h) stands on: a publisher, the events and people that lead to a listing decision, and subscribers."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from aiokafka import AIOKafkaProducer

from devstack.devkeys import KeyFolder
from devstack.processes import Processes, Program
from devstack.stack import Stack
from libs.bus.cloudevents import Envelope, encode
from libs.foundation.clock import instant_text
from libs.web import DevIssuer

SERVICE: Final = "credit_blacklist"
COURT: Final = "云0381"
VIEW: Final = "finance"
SCOPES: Final = ("credit_blacklist.*.read", "credit_blacklist.*.write")
AT_ONCE: Final = 12
READY_SECONDS: Final = 30.0
TOPICS: Final = {"case": "zhixing.intake.v1", "party": "zhixing.parties.v1"}
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Decision:
    """A listing decision that is signed and waits for its service: with that it is published."""

    decision_id: str
    record_id: str


@dataclass
class FeedCourt:
    """The court's people and the cases they decide; its publisher is one process with its own relay."""

    stack: Stack
    processes: Processes
    run: str
    keys: KeyFolder = field(init=False)
    http: httpx.AsyncClient = field(init=False)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def serve(self) -> Program:
        """Register the publisher; it is not started yet."""
        self.keys = KeyFolder(self.processes.folder / "keys")
        self.keys.make()
        settings = {
            "MONGO_URI": self.stack.mongo_uri,
            "MONGO_DATABASE": f"bench_h_{self.run}",
            "KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "TOPIC_PREFIX": self.prefix,
            "JWKS": str(self.keys.jwks),
            "CREDIT_BLACKLIST_FEED_MINIMUM_WAIT_S": "1",
        }
        return self.processes.service(SERVICE, settings | self.keys.settings(SERVICE))

    @property
    def prefix(self) -> str:
        """Put before this run's topics."""
        return f"bench_h_{self.run}."

    def token(self, role: str, agency_id: str | None = None) -> str:
        """Return the token of a member of staff, or of an agency."""
        return DevIssuer(self.keys.issuer_key).token(
            subject=agency_id or role,
            organisation=agency_id or COURT,
            roles=[role],
            scopes=SCOPES,
            courts=[] if agency_id else ["*"] if role == "operator" else [COURT],
            agency_id=agency_id,
            ttl_seconds=7200,
        )

    async def subscribers(self, names: Sequence[str]) -> list[str]:
        """Connect agencies to the view and return their tokens."""
        operator = self.token("operator")
        jwk = self.keys.public_agency_key("bench")
        gate = asyncio.Semaphore(AT_ONCE)

        async def connect(name: str) -> str:
            about = {"view": VIEW, "title": name, "contact_name": "李四", "contact_phone": "010-12345678"}
            async with gate:
                await self._write("PUT", f"/v1/subscribers/{name}", operator, {**about, "keys": [jwk]})
            return self.token("agency", name)

        return list(await asyncio.gather(*(connect(name) for name in names)))

    async def decisions(self, count: int) -> list[Decision]:
        """Return so many signed decisions, each about another debtor of another case (ground 4)."""
        serials = [next(self.numbers) for _ in range(count)]
        await self._say(serials)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(serial: int) -> Decision:
            async with gate:
                return await self._signed(serial)

        return list(await asyncio.gather(*(one(serial) for serial in serials)))

    async def publish(self, decision: Decision) -> float:
        """Serve a decision, which publishes it; return the moment before, on this machine's clock."""
        began = time.monotonic()
        path = f"/v1/listing-decisions/{decision.decision_id}/services"
        await self._write("POST", path, self.token("case_officer"), {"method": "DIRECT", "evidence": "回证"})
        return began

    async def _signed(self, serial: int) -> Decision:
        body = {
            "case_id": f"case_{serial}",
            "party_id": f"party_{serial}",
            "grounds": ["VIOLATES_PROPERTY_REPORTING"],
            "facts": "未按期报告财产",
            "duty": "支付100000元",
            "performance": "NONE",
            "initiated": "EX_OFFICIO",
        }
        officer, until = self.token("case_officer"), time.monotonic() + READY_SECONDS
        while True:
            drafted = await self._send("POST", "/v1/listing-decisions", officer, body)
            if drafted.status_code == httpx.codes.CREATED:
                break
            if time.monotonic() > until:
                msg = f"no decision could be drafted: {drafted.text}"
                raise RuntimeError(msg)
            await asyncio.sleep(0.2)
        said = drafted.json()
        path = f"/v1/listing-decisions/{said['id']}/approvals"
        president = self.token("president")
        await self._write("POST", path, president, {"decision": "APPROVE"}, {"If-Match": drafted.headers["etag"]})
        return Decision(said["id"], said["listing_id"])

    async def _write(
        self, method: str, path: str, token: str, body: Any, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        answer = await self._send(method, path, token, body, headers)
        if answer.is_error:
            msg = f"{method} {path}: {answer.text}"
            raise RuntimeError(msg)
        return answer

    async def _send(
        self, method: str, path: str, token: str, body: Any, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        key = f"{self.run}-{next(self.numbers)}"
        given = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, **(headers or {})}
        return await self.http.request(method, path, json=body, headers=given)

    async def _say(self, serials: Sequence[int]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.stack.kafka_bootstrap)
        await producer.start()
        try:
            sent = [
                await producer.send(self.prefix + TOPICS[topic], record.value, key=record.key, headers=record.headers)
                for serial in serials
                for topic, record in (_record(*event) for event in _events(serial))
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()


def _record(topic: str, stream: str, seq: int, name: str, key: str, data: dict[str, Any]) -> tuple[str, Any]:
    identity = f"evt_{stream}_{seq}"
    now = instant_text(datetime.now(UTC))
    kind = f"zhixing.intake.{name}.v1"
    return topic, encode(Envelope(identity, kind, "intake", stream, seq, COURT, key, now, identity, None, None, data))


def _events(serial: int) -> list[tuple[str, str, int, str, str, dict[str, Any]]]:
    """Return what intake says of a case: filed, who owes, the notice served, the report that never came."""
    case, party = f"case_{serial}", f"party_{serial}"
    debtor = {"party_id": party, "display_name": "王某某", "party_type": "PERSON"}
    registered = _case(serial, debtor)
    person = {
        "party_id": party,
        "party_type": "PERSON",
        "name": f"王{chr(0x4E00 + serial)}",
        "display_name": "王某某",
        "documents": [{"id_type": "RESIDENT_IDENTITY_CARD", "id_number": _number(serial)}],
    }
    served = {
        "document_id": f"doc_{serial}",
        "case_id": case,
        "kind": "ENFORCEMENT_NOTICE",
        "party": debtor,
        "method": "DIRECT",
        "served_at": "2026-03-03T01:00:00Z",
        "evidence": "回证",
        "recorded_by": "clerk",
    }
    breached = {"case_id": case, "party_id": party, "reason": "NOT_REPORTED"}
    return [
        ("case", f"case/{case}", 1, "case_registered", case, registered),
        ("party", f"party/{party}", 1, "party_registered", party, person),
        ("case", f"document/doc_{serial}", 1, "document_served", case, served),
        ("case", f"case/{case}", 2, "property_report_breached", case, breached),
    ]


def _case(serial: int, debtor: dict[str, str]) -> dict[str, Any]:
    officer = {"officer_id": "officer", "name": "李法官"}
    return {
        "case_id": f"case_{serial}",
        "case_number": f"（2026）{COURT}执{serial}号",
        "court": COURT,
        "court_name": "安宁市人民法院",
        "application_id": f"app_{serial}",
        "applicants": [{"party_id": f"creditor_{serial}", "display_name": "赵某", "party_type": "PERSON"}],
        "debtors": [debtor],
        "basis": {
            "kind": "JUDGMENT",
            "number": f"（2025）{COURT}民初{serial}号",
            "issued_by": "安宁市人民法院",
            "content": "支付100000元",
            "effective_on": "2025-03-01",
            "last_day_of_performance": "2025-03-11",
        },
        "cause": "CONTRACT",
        "claim_fen": 10_000_000,
        "green_channel": False,
        "received_at": "2026-03-02T01:00:00Z",
        "filed_on": "2026-03-02",
        "acting_officer": officer,
        "acting_leader": officer,
        "rule_version": "2026",
    }


def _number(serial: int) -> str:
    digits = f"530399198001{serial // 1000 + 1:02}{serial % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]
