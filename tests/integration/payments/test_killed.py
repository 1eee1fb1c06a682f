"""The service as a process of its own, killed in the middle: the bank's books still hold every order once."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from devstack.ports import free_ports
from devstack.processes import Processes, Program
from libs.bus import BusSettings, Relay
from libs.foundation.clock import RealClock
from libs.journal import Journal, JournalSettings
from libs.web import DevIssuer
from tests.integration.payments.stage import BANK, INTAKE_SAYS, Stage, applicant_of, eventually

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(180)]


@dataclass
class Office:
    """The service and the bank as processes."""

    stage: Stage
    service: Program
    partners: Program
    bank_url: str

    async def books(self) -> dict[str, Any]:
        return dict((await self.stage.client.get(f"{self.bank_url}/books")).json())

    async def arrives(self, case_id: str, amount_fen: int) -> None:
        number = (await self.stage.account(case_id))["account"]["account_number"]
        sent = {"from_bank": "bank-a", "payment_reference": f"D-{case_id}", "account_number": number}
        body = sent | {"amount_fen": amount_fen, "payer_name": "李建业"}
        for _ in range(2):
            (await self.stage.client.post(f"{self.bank_url}/incoming", json=body)).raise_for_status()
        await self.stage.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["recovered_fen"] == amount_fen)

    async def funded_case(self, amount_fen: int) -> str:
        case_id = await self.stage.register_case()
        await self.stage.register_party(applicant_of(case_id), "浦明远", "浦明远")
        await self.arrives(case_id, amount_fen)
        return case_id

    async def ordered(self) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            transfers = (await self.books())["transfers"]
            return transfers[0] if transfers else None

        return await eventually(look, "an order in the bank's books")


@pytest_asyncio.fixture
async def office(kafka_bootstrap: str, mongo_uri: str, unique: str, tmp_path: Path) -> AsyncIterator[Office]:
    issuer = DevIssuer(tmp_path / "issuer.json")
    (port,) = free_ports(1)
    bank_url = f"http://127.0.0.1:{port}"
    env = {
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "MONGO_URI": mongo_uri,
        "TOPIC_PREFIX": f"{unique}.",
        "MONGO_DATABASE": f"{unique}_payments",
        "JWKS": str(issuer.write_jwks(tmp_path / "jwks.json")),
        "PAYMENTS_BANK_URL": bank_url,
        "PAYMENTS_BANK_SECONDS_MAX": "2",
    }
    journal = Journal(
        JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_intake"),
        service="intake",
        clock=RealClock(),
        deciders=INTAKE_SAYS,
    )
    relay = Relay(BusSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{unique}."), journal, service="intake")
    with Processes(tmp_path, env) as processes:
        service = processes.service("payments")
        partners = processes.program("simulators", "libs.testing.simulators")
        config = {
            "folder": str(tmp_path / "books"),
            "token_key": str(tmp_path / "issuer.json"),
            "services": {"payments": service.url},
            "custodian": {
                "bank_id": BANK,
                "port": port,
                "repeat_line_once": True,
                "stray_line_fen": 8_800,
                "transfer_faults": ["TIMEOUT_AFTER_ACTING"],
                "silence_seconds": 4.0,
            },
        }
        (tmp_path / "config.json").write_text(json.dumps(config))
        partners.arguments = ["--config", str(tmp_path / "config.json")]
        await asyncio.to_thread(processes.start_all)
        await journal.start()
        await relay.start()
        try:
            async with httpx.AsyncClient(timeout=20.0) as client:
                stage = Stage(service.url, issuer, journal, None, client)
                assert (await stage.set_fund()).status_code == 200
                yield Office(stage, service, partners, bank_url)
        finally:
            await relay.stop()
            await journal.stop()


async def test_killed_between_intent_and_outcome_the_bank_is_asked_and_pays_once(office: Office) -> None:
    case_id = await office.funded_case(10_000)
    payout_id = await office.stage.approved(case_id, "TO_APPLICANT", 10_000, payee_id=applicant_of(case_id))
    await office.ordered()
    await asyncio.to_thread(office.service.kill)
    await asyncio.to_thread(office.service.start)
    await office.stage.until(f"/v1/payouts/{payout_id}", lambda seen: seen["state"] == "CONFIRMED", seconds=60)
    (transfer,) = (await office.books())["transfers"]
    assert (transfer["calls"], transfer["state"]) == (1, "DONE")
    assert (await office.stage.account(case_id))["paid_out_fen"] == 10_000


async def test_statement_lines_wait_while_the_service_is_dead_and_the_repeated_and_the_stray_line_harm_nothing(
    office: Office,
) -> None:
    case_id = await office.stage.register_case()
    number = (await office.stage.account(case_id))["account"]["account_number"]
    await asyncio.to_thread(office.service.kill)
    body = {"from_bank": "bank-a", "payment_reference": "D-1", "account_number": number, "amount_fen": 320_000}
    (await office.stage.client.post(f"{office.bank_url}/incoming", json=body)).raise_for_status()
    await asyncio.to_thread(office.partners.restart)
    await asyncio.to_thread(office.service.start)
    await office.stage.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["recovered_fen"] == 320_000, seconds=60)

    async def both_sent() -> dict[str, Any] | None:
        books = await office.books()
        sent = [line["sent"] for line in books["incoming"]]
        return books if sorted(sent) == [1, 2] else None

    books = await eventually(both_sent, "the repeated and the stray line")
    assert [line["result"] for line in books["incoming"]] == ["REPEATED", "UNIDENTIFIED"]
    assert (await office.stage.account(case_id))["recovered_fen"] == 320_000
    balance = await office.stage.until(
        "/v1/trial-balances/2100-01-01?court=云0381", lambda seen: seen["unidentified_fen"] == 8_800
    )
    assert (balance["bank_fen"], balance["difference_fen"]) == (328_800, 0)
