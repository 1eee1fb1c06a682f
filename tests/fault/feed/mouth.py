"""What intake and payments would say of a case, said by hand: CloudEvents in binary mode, made of nothing of ours."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from aiokafka import AIOKafkaProducer

INTAKE, PARTIES, PAYMENTS = "zhixing.intake.v1", "zhixing.parties.v1", "zhixing.payments.v1"
COURT, COURT_NAME = "云0381", "安宁市人民法院"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Debtor:
    """A natural person who owes; the identity number is of a region code that no person has."""

    party_id: str
    name: str
    number: str

    @property
    def reference(self) -> dict[str, str]:
        """The person as events name it."""
        return {"party_id": self.party_id, "display_name": f"{self.name[0]}某某", "party_type": "PERSON"}


def debtor(serial: int) -> Debtor:
    """Return the debtor of a number: always the same one."""
    digits = f"5399991980{serial // 1000 % 12 + 1:02}01{serial % 1000:03}"
    check = CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]
    return Debtor(f"party_{serial}", f"王{chr(0x4E00 + serial % 2000)}{chr(0x4E00 + serial // 2000)}", digits + check)


@dataclass
class Mouth:
    """Says events, each stream's in order."""

    producer: AIOKafkaProducer
    prefix: str = ""
    run: str = "m"
    _seqs: dict[str, itertools.count[int]] = field(default_factory=lambda: defaultdict(lambda: itertools.count(1)))

    async def registered(self, case_id: str, debtors: Iterable[Debtor]) -> None:
        """Say that a case with these debtors is filed, who they are, and that each was served the notice."""
        owing = list(debtors)
        references = [one.reference for one in owing]
        serial = case_id.rpartition("_")[2]
        said = [self._say(INTAKE, "intake", "case_registered", f"case/{case_id}", case_id, _case(case_id, references))]
        for one in owing:
            register = {
                "party_id": one.party_id,
                "party_type": "PERSON",
                "name": one.name,
                "display_name": one.reference["display_name"],
                "documents": [{"id_type": "RESIDENT_IDENTITY_CARD", "id_number": one.number}],
            }
            served = {
                "document_id": f"doc_{serial}_{one.party_id}",
                "case_id": case_id,
                "kind": "ENFORCEMENT_NOTICE",
                "party": one.reference,
                "method": "DIRECT",
                "served_at": _now(),
                "evidence": "回证",
                "recorded_by": "clerk-1",
            }
            party = f"party/{one.party_id}"
            said.append(self._say(PARTIES, "intake", "party_registered", party, one.party_id, register))
            paper = f"document/{served['document_id']}"
            said.append(self._say(INTAKE, "intake", "document_served", paper, case_id, served))
        await asyncio.gather(*said)

    async def satisfied(self, case_id: str) -> None:
        """Say that what came in covers what was owed."""
        today = datetime.now(UTC).date().isoformat()
        data = {"case_id": case_id, "as_of": today, "total_fen": 10_000_000, "recovered_fen": 10_000_000}
        await self._say(PAYMENTS, "payments", "debt_satisfied", f"account/{case_id}", case_id, data)

    async def _say(self, topic: str, service: str, name: str, stream: str, key: str, data: dict[str, Any]) -> None:
        seq = next(self._seqs[stream])
        identity = f"{self.run}-{stream}-{seq}"
        headers = {
            "ce_specversion": "1.0",
            "ce_id": identity,
            "ce_source": f"/zhixing/{service}",
            "ce_type": f"zhixing.{service}.{name}.v1",
            "ce_subject": stream,
            "ce_time": _now(),
            "content-type": "application/json",
            "ce_partitionkey": key,
            "ce_sequence": f"{seq:010}",
            "ce_court": quote(COURT, safe=""),
            "ce_correlationid": identity,
        }
        await self.producer.send_and_wait(
            self.prefix + topic,
            json.dumps(data, ensure_ascii=False, sort_keys=True).encode(),
            key=key.encode(),
            headers=[(each, text.encode()) for each, text in headers.items()],
        )


@asynccontextmanager
async def mouth(bootstrap: str, prefix: str = "", run: str = "m") -> AsyncIterator[Mouth]:
    """Give a mouth; the topics must be there, as the listeners make them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        yield Mouth(producer, prefix, run)
    finally:
        await producer.stop()


def _case(case_id: str, debtors: list[dict[str, str]]) -> dict[str, Any]:
    serial = int(case_id.rpartition("_")[2])
    officer = {"officer_id": "officer-1", "name": "李法官"}
    return {
        "case_id": case_id,
        "case_number": f"（2026）{COURT}执{serial}号",
        "court": COURT,
        "court_name": COURT_NAME,
        "application_id": f"app_{serial}",
        "applicants": [{"party_id": f"creditor_{serial}", "display_name": "赵某", "party_type": "PERSON"}],
        "debtors": debtors,
        "basis": {
            "kind": "JUDGMENT",
            "number": f"（2025）{COURT}民初{serial}号",
            "issued_by": COURT_NAME,
            "content": "被执行人支付申请执行人100000元",
            "effective_on": "2025-03-01",
            "last_day_of_performance": "2025-03-11",
        },
        "cause": "CONTRACT",
        "claim_fen": 10_000_000,
        "green_channel": False,
        "received_at": _now(),
        "filed_on": "2026-03-02",
        "acting_officer": officer,
        "acting_leader": officer,
        "rule_version": "2026",
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
