"""The stage of restriction: the service over real HTTP, writers of intake's and payments' facts, an airline."""

from __future__ import annotations

import asyncio
import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx

from libs.foundation.clock import ScheduleFile
from libs.foundation.errors import Transient
from libs.foundation.ids import stream_name
from libs.journal import Actor, CommandMeta, Decider, Journal
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    CaseRegistered,
    DocumentServed,
    EnforcementBasis,
    IdentityDocument,
    PartyRegistered,
    Staff,
)
from libs.schemas.parts import PartyRef, PartyType
from libs.schemas.payments import DebtSatisfied
from libs.web import DevIssuer

COURT, COURT_NAME = "京0107", "北京市石景山区人民法院"
BEGAN = datetime(2024, 4, 10, 2, 0, tzinfo=UTC)
SCOPES = ["credit_blacklist.*.read", "credit_blacklist.*.write"]
NUMBERS = ("110107198001010019", "110107198001010027")
FIRM_CODE = "91110107MA01A2B3C1"

AIRLINE: dict[str, Any] = {
    "view": "air",
    "title": "某航空公司",
    "contact_name": "值班经理",
    "contact_phone": "010-1",
    "sales_channels": ["柜台", "网站"],
    "keys": [],
}


def says(_state: int, event: Event, _now: datetime) -> list[Event]:
    return [event]


def speaker(service: str, *categories: str) -> tuple[Decider[Any], ...]:
    """Streams of another service whose commands are its facts."""
    return tuple(Decider(service, one, lambda: 0, says, lambda state, _event: state) for one in categories)


@dataclass
class Stage:
    """Everything that a test of restriction talks to."""

    url: str
    issuer: DevIssuer
    intake: Journal
    payments: Journal
    clock: ScheduleFile
    client: httpx.AsyncClient
    serials: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    keys: itertools.count[int] = field(default_factory=itertools.count)
    ready: Case | None = None

    def staff(self, role: str = "case_officer", court: str = COURT, subject: str | None = None) -> str:
        return self.issuer.token(
            subject=subject or f"u-{role}", organisation=court, roles=[role], scopes=SCOPES, courts=[court]
        )

    def operator(self) -> str:
        return self.issuer.token(
            subject="u-operator", organisation="zhixing", roles=["operator"], scopes=SCOPES, courts=["*"]
        )

    def agency(self, agency_id: str = "airline") -> str:
        return self.issuer.token(
            subject=f"{agency_id}-1", organisation=agency_id, roles=["agency"], scopes=SCOPES, agency_id=agency_id
        )

    async def call(
        self, method: str, token: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        if method != "GET":
            sent["Idempotency-Key"] = key or f"key-{next(self.keys)}"
        try:
            return await self.client.request(method, self.url + path, json=body, headers=sent)
        except httpx.TransportError:
            # A connection that broke off on a busy machine: the repeat has the same key, so nothing happens twice.
            return await self.client.request(method, self.url + path, json=body, headers=sent)

    async def post(self, token: str, path: str, body: Any, **headers: str) -> dict[str, Any]:
        response = await self.call("POST", token, path, body, **headers)
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def get(self, token: str, path: str) -> dict[str, Any]:
        response = await self.call("GET", token, path)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def until(self, token: str, path: str, reached: Callable[[Any], Any], seconds: float = 40.0) -> Any:
        last = "nothing"
        try:
            async with asyncio.timeout(seconds):
                while True:
                    response = await self.call("GET", token, path)
                    last = response.text[:1500]
                    if response.is_success and reached(response.json()):
                        return response.json()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{path}: {last}") from None

    # --- what other services say --------------------------------------------------------------------------------------

    async def say(self, journal: Journal, stream: str, event: Event, key: str) -> None:
        meta = CommandMeta(f"say-{next(self.keys)}-{stream}", "f", Actor("test", "test", "service"), COURT, key=key)
        async with asyncio.timeout(60):
            while True:
                try:
                    await journal.execute(stream, event, meta)
                except Transient:
                    # A busy machine: the same command is asked again, so that nothing is said twice.
                    await asyncio.sleep(0.5)
                else:
                    return

    async def open_case(self) -> Case:
        """Let intake register a case against a person and a firm, and serve the notice on both."""
        case = Case(self, next(self.serials))
        for party in (case.person, case.firm):
            registered = PartyRegistered(
                party_id=party.party_id,
                party_type=party.party_type,
                name="李建业" if party.party_type == "PERSON" else "甲公司",
                display_name=party.display_name,
                documents=(document_of(party.party_type),),
            )
            await self.say(self.intake, stream_name("party", party.party_id), registered, party.party_id)
        await self.say(self.intake, stream_name("case", case.case_id), case.registered(), case.case_id)
        for party in (case.person, case.firm):
            served = DocumentServed(
                document_id=f"doc_{case.case_id}",
                case_id=case.case_id,
                kind="ENFORCEMENT_NOTICE",
                party=party,
                method="DIRECT",
                served_at=BEGAN,
                evidence="送达回证",
                recorded_by="u-officer",
            )
            await self.say(
                self.intake, stream_name("document", f"{case.case_id}.{party.party_id}"), served, case.case_id
            )
        return case

    async def pay(self, case: Case) -> None:
        """Let payments say that the debt is covered."""
        paid = DebtSatisfied(case_id=case.case_id, as_of=date(2024, 4, 10), total_fen=100, recovered_fen=100)
        await self.say(self.payments, stream_name("account", case.case_id), paid, case.case_id)


def document_of(party_type: PartyType) -> IdentityDocument:
    if party_type == "PERSON":
        return IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number=NUMBERS[0])
    return IdentityDocument(id_type="UNIFIED_SOCIAL_CREDIT_CODE", id_number=FIRM_CODE)


@dataclass
class Case:
    """A case with a natural debtor and a firm, and the orders on them."""

    stage: Stage
    serial: int

    @property
    def case_id(self) -> str:
        return f"case_{self.serial:04d}"

    @property
    def person(self) -> PartyRef:
        return PartyRef(party_id=f"party_li_{self.serial}", display_name="李**", party_type="PERSON")

    @property
    def firm(self) -> PartyRef:
        return PartyRef(party_id=f"party_firm_{self.serial}", display_name="甲公司", party_type="ORGANISATION")

    def registered(self) -> CaseRegistered:
        return CaseRegistered(
            case_id=self.case_id,
            case_number=f"(2024){COURT}执{self.serial}号",
            court=COURT,
            court_name=COURT_NAME,
            application_id=f"app_{self.serial}",
            applicants=(PartyRef(party_id="party_zhang", display_name="张**", party_type="PERSON"),),
            debtors=(self.person, self.firm),
            basis=EnforcementBasis(
                kind="JUDGMENT",
                number=f"(2023){COURT}民初{self.serial}号",
                issued_by=COURT_NAME,
                effective_on=date(2024, 2, 1),
                last_day_of_performance=date(2024, 3, 11),
                content="支付100000元",
            ),
            cause="LOAN",
            claim_fen=10_000_000,
            green_channel=False,
            received_at=BEGAN,
            filed_on=date(2024, 3, 20),
            acting_officer=Staff(officer_id="u-officer", name="周值班"),
            acting_leader=Staff(officer_id="u-leader", name="钱组长"),
            rule_version="1",
        )

    def body(self, *persons: dict[str, Any], **changed: Any) -> dict[str, Any]:
        named = persons or ({"role": "DEBTOR", "party_id": self.person.party_id},)
        return {
            "case_id": self.case_id,
            "kinds": list(range(1, 10)),
            "reason": "UNPAID",
            "persons": list(named),
            "court_phone": "010-68899000",
        } | changed

    def entity(self) -> tuple[dict[str, Any], ...]:
        """The firm, its legal representative and its actual controller, who are no parties of the case."""
        card = {"type": "RESIDENT_IDENTITY_CARD", "number": NUMBERS[1]}
        passport = {"type": "PASSPORT", "number": f"E{self.serial:08d}"}
        return (
            {"role": "DEBTOR", "party_id": self.firm.party_id},
            {
                "role": "LEGAL_REPRESENTATIVE",
                "name": "王法人",
                "party_type": "PERSON",
                "identity_documents": [card],
            },
            {
                "role": "ACTUAL_CONTROLLER",
                "name": "赵控制",
                "party_type": "PERSON",
                "identity_documents": [passport],
            },
        )

    async def draft(self, *persons: dict[str, Any], **changed: Any) -> dict[str, Any]:
        body = self.body(*persons, **changed)
        token = self.stage.staff()
        # The facts of intake take their time over the broker: the door says so, and is asked again.
        async with asyncio.timeout(40):
            while True:
                response = await self.stage.call("POST", token, "/v1/restriction-orders", body)
                if response.status_code == 201:
                    return dict(response.json())
                assert response.json()["code"] in {
                    "case_file_unknown",
                    "person_not_here_yet",
                    "debtor_not_in_default",
                }, response.text
                await asyncio.sleep(0.2)

    async def published(self, *persons: dict[str, Any], **changed: Any) -> dict[str, Any]:
        order = await self.draft(*persons, **changed)
        await self.approve(f"/v1/restriction-orders/{order['id']}", order["id"])
        path = f"/v1/restriction-orders/{order['id']}/services"
        return await self.stage.post(self.stage.staff(), path, {"method": "DIRECT", "evidence": "送达回证"})

    async def approve(
        self, path: str, order_id: str, body: dict[str, Any] | None = None, step: str = "approvals"
    ) -> Any:
        president = self.stage.staff("president")
        seen = await self.stage.call("GET", president, f"/v1/restriction-orders/{order_id}")
        return await self.stage.post(
            president, f"{path}/{step}", body or {"decision": "APPROVE"}, If_Match=seen.headers["ETag"]
        )


def opened(jws: str) -> dict[str, Any]:
    """Return the payload of a compact JWS."""
    part = jws.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def records(order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the records of an order by masked name."""
    return {person["display_name"]: person["record"] for person in order["persons"]}
