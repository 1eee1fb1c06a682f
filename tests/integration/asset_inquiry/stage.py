"""The stage of these tests: the service over real HTTP, writers of intake's and payments' facts, simulated agencies."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx

from libs.evidence import Signer
from libs.evidence.keys import new_key
from libs.foundation.canonical import sha256_hex
from libs.foundation.ids import stream_name
from libs.journal import Actor, CommandMeta, Decider, Journal
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    CaseClosed,
    CaseRegistered,
    DocumentApproved,
    EnforcementBasis,
    IdentityDocument,
    Officer,
    PaperWritten,
    PartyRegistered,
    RosterSet,
    Staff,
)
from libs.schemas.parts import DocumentKind, PartyRef
from libs.web import DevIssuer

COURT = "云0381"
COURT_NAME = "宣威市人民法院"
DEBTOR_NUMBER = "530399198001010015"
PHONE = "0874-7120000"

AGENCIES: dict[str, dict[str, Any]] = {
    "bank-a": {
        "name": "甲银行",
        "kind": "BANK",
        "asset_classes": ["DEPOSIT"],
        "measure_codes": ["01", "02", "04", "06"],
    },
    "bank-b": {
        "name": "乙银行",
        "kind": "BANK",
        "asset_classes": ["DEPOSIT"],
        "measure_codes": ["01", "02", "04", "06"],
    },
    "bank-c": {
        "name": "丁银行",
        "kind": "BANK",
        "asset_classes": ["DEPOSIT", "NET_FUND"],
        "measure_codes": ["01", "04", "06"],
    },
    "land": {
        "name": "不动产登记中心",
        "kind": "LAND_REGISTRY",
        "asset_classes": ["REAL_ESTATE"],
        "measure_codes": ["11", "12", "14"],
    },
    "vehicle": {
        "name": "车辆管理所",
        "kind": "VEHICLE_REGISTRY",
        "asset_classes": ["VEHICLE"],
        "measure_codes": ["11", "12", "14"],
    },
}


def says(_state: int, event: Event, _now: datetime) -> list[Event]:
    return [event]


def speaker(service: str, *categories: str) -> tuple[Decider[Any], ...]:
    """Streams of another service whose commands are its facts: what it says is all that this service sees of it."""
    return tuple(Decider(service, one, lambda: 0, says, lambda state, _event: state) for one in categories)


@dataclass
class Stage:
    """Everything that a test of this service talks to."""

    url: str
    issuer: DevIssuer
    intake: Journal
    payments: Journal
    client: httpx.AsyncClient
    serials: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    keys: itertools.count[int] = field(default_factory=itertools.count)
    signers: dict[str, Signer] = field(default_factory=dict)

    # --- tokens and calls ---------------------------------------------------------------------------------------------

    def staff(self, subject: str = "u-duty", role: str = "duty_officer", court: str = COURT) -> str:
        return self.issuer.token(
            subject=subject,
            organisation=court,
            roles=[role],
            scopes=["asset_inquiry.*.read", "asset_inquiry.*.write"],
            courts=[court],
        )

    def agency(self, agency_id: str) -> str:
        return self.issuer.token(
            subject=f"{agency_id}-test",
            organisation=agency_id,
            roles=["agency"],
            scopes=["asset_inquiry.requests.read", "asset_inquiry.requests.write"],
            agency_id=agency_id,
        )

    async def call(
        self, method: str, token: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        if method != "GET":
            sent["Idempotency-Key"] = key or f"key-{next(self.keys)}"
        return await self.client.request(method, self.url + path, json=body, headers=sent)

    async def get(self, token: str, path: str) -> dict[str, Any]:
        response = await self.call("GET", token, path)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def until(
        self, token: str, path: str, reached: Callable[[Any], Any], *, seconds: float = 60.0
    ) -> dict[str, Any]:
        last = "nothing"

        async def look() -> dict[str, Any] | None:
            nonlocal last
            response = await self.call("GET", token, path)
            last = response.text[:1500]
            return response.json() if response.is_success and reached(response.json()) else None

        return await eventually(look, lambda: f"{path}: {last}", seconds=seconds)

    # --- what other services say --------------------------------------------------------------------------------------

    async def say(self, journal: Journal, stream: str, event: Event, key: str) -> None:
        meta = CommandMeta(f"say-{next(self.keys)}-{stream}", "f", Actor("test", "test", "service"), COURT, key=key)
        await journal.execute(stream, event, meta)

    async def open_case(self) -> str:
        """Let intake say that a case is registered, with its debtor; return its id."""
        serial = next(self.serials)
        case_id = f"case_{serial:04d}"
        debtor = PartyRegistered(
            party_id=debtor_of(case_id),
            party_type="PERSON",
            name="李建业",
            display_name="李**",
            documents=(IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number=DEBTOR_NUMBER),),
            phone="13908740001",
            address="云南省宣威市",
        )
        await self.say(self.intake, stream_name("party", debtor.party_id), debtor, debtor.party_id)
        await self.say(self.intake, stream_name("case", case_id), case_registered(case_id, serial), case_id)
        return case_id

    async def close_case(self, case_id: str) -> None:
        closed = CaseClosed(
            case_id=case_id, case_number="n", kind="FULLY_PERFORMED", closed_on=date(2026, 3, 3), recovered_fen=0
        )
        await self.say(self.intake, stream_name("case", case_id), closed, case_id)

    async def set_roster(self) -> None:
        roster = RosterSet(
            court=COURT,
            court_name=COURT_NAME,
            officers=tuple(
                Officer(
                    officer_id=officer_id,
                    name=name,
                    work_permit_number=f"云宣执{n:04d}",
                    duty_permit_number=f"滇公务{n:05d}" if name != "无证" else "",
                    roles=("case_officer",),
                    phone="13908740002",
                )
                for n, (officer_id, name) in enumerate(
                    [("u-duty", "周值班"), ("u-second", "钱协办"), ("u-bare", "无证")], start=1
                )
            ),
            teams=(),
            duty_officer="u-duty",
            duty_leader="u-lead",
            bureau_head="u-head",
            president="u-president",
            node_supervisor="u-nodes",
        )
        await self.say(self.intake, stream_name("roster", COURT), roster, COURT_KEY)

    async def paper(self, case_id: str, kind: DocumentKind, *, sealed: bool = True) -> str:
        document_id = f"doc_{next(self.serials)}"
        content = f"<html>{kind} {document_id}</html>"
        shared: dict[str, Any] = {
            "document_id": document_id,
            "case_id": case_id,
            "kind": kind,
            "number": f"(2026){COURT}执1号",
            "title": kind.title(),
            "sha256": sha256_hex(content.encode()),
        }
        written = PaperWritten(**shared, media_type="text/html", content=content)
        await self.say(self.intake, stream_name("paper", document_id), written, case_id)
        if sealed:
            approved = DocumentApproved(**shared, approved_by="u-lead", approval_level="TEAM_LEADER", seal="a.b.c")
            await self.say(self.intake, stream_name("document", document_id), approved, case_id)
        return document_id

    # --- agencies -----------------------------------------------------------------------------------------------------

    async def connect(self, *agency_ids: str) -> None:
        operator = self.staff("u-op", "operator")
        for agency_id in agency_ids:
            body = AGENCIES[agency_id] | {"contact_name": "值班员", "contact_phone": PHONE}
            response = await self.call("PUT", operator, f"/v1/agencies/{agency_id}", body)
            assert response.status_code == 201, response.text

    async def give_key(self, agency_id: str) -> Signer:
        """Register a key for an agency that the test itself plays."""
        signer = Signer(new_key(kid=f"{agency_id}-k1"))
        jwk = signer.jwks()["keys"][0]
        response = await self.call("PUT", self.agency(agency_id), f"/v1/agencies/me/keys/{signer.kid}", {"jwk": jwk})
        assert response.status_code == 201, response.text
        self.signers[agency_id] = signer
        return signer

    async def queue(self, agency_id: str, **params: Any) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in {"status": "PENDING", **params}.items())
        return list((await self.get(self.agency(agency_id), f"/v1/assistance-requests?{query}"))["items"])

    async def next_request(self, agency_id: str, wait: int = 20) -> dict[str, Any]:
        """Return the first request of an agency's queue, in full."""
        found = await self.queue(agency_id, wait=wait)
        assert found, "nothing came"
        return await self.get(self.agency(agency_id), f"/v1/assistance-requests/{found[0]['id']}")

    async def signed(
        self, kind: str, request: dict[str, Any], body: dict[str, Any], signer: Signer | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Return the body with the agency's signature; `changes` falsify what is signed."""
        payload = {
            "kind": kind,
            "request_number": request["request_number"],
            "request_sha256": request["content_sha256"],
            "body": body,
        } | changes
        signer = signer or self.signers[request["agency"]]
        return body | {"signature": await signer.sign(payload)}

    def reply_body(self, request: dict[str, Any], *answers: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {
            "reply_id": f"r-{next(self.serials)}",
            "status": "FINAL",
            "request_sha256": request["content_sha256"],
            "answers": list(answers),
        } | changes

    async def reply(self, request: dict[str, Any], body: dict[str, Any], key: str | None = None) -> httpx.Response:
        path = f"/v1/assistance-requests/{request['id']}/replies"
        return await self.call(
            "POST", self.agency(request["agency"]), path, await self.signed("REPLY", request, body), key=key
        )

    async def inquire(self, case_id: str, *asset_classes: str, **changes: Any) -> httpx.Response:
        body = {
            "case_id": changes.pop("case_id_sent", case_id),
            "subject_ids": [debtor_of(case_id)],
            "asset_classes": list(asset_classes),
            "document_ids": changes.pop("document_ids", None) or [await self.paper(case_id, "ASSISTANCE_QUERY_NOTICE")],
            "officer_ids": ["u-duty", "u-second"],
            "urgency": "URGENT",
        } | changes
        response = await self.call("POST", self.staff(), "/v1/asset-inquiries", body)
        for _ in range(200):
            # Our copies of intake's facts may still be on the way: the answer says so, and the client repeats.
            if response.is_success or not response.json().get("retryable"):
                break
            await asyncio.sleep(0.1)
            response = await self.call("POST", self.staff(), "/v1/asset-inquiries", body)
        return response


COURT_KEY = "court_yun0381"


def debtor_of(case_id: str) -> str:
    return f"debtor_of_{case_id}"


def case_registered(case_id: str, serial: int) -> CaseRegistered:
    return CaseRegistered(
        case_id=case_id,
        case_number=f"(2026){COURT}执{serial}号",
        court=COURT,
        court_name=COURT_NAME,
        application_id=f"app_{serial}",
        applicants=(PartyRef(party_id=f"applicant_{serial}", display_name="浦**", party_type="PERSON"),),
        debtors=(PartyRef(party_id=debtor_of(case_id), display_name="李**", party_type="PERSON"),),
        basis=EnforcementBasis(
            kind="MEDIATION_STATEMENT",
            number="(2026)云0381民初105号",
            issued_by=COURT_NAME,
            effective_on=date(2026, 1, 28),
            last_day_of_performance=date(2026, 2, 12),
            content="支付劳动报酬",
        ),
        cause="WAGES",
        claim_fen=500_000,
        green_channel=True,
        received_at=datetime.now(UTC),
        filed_on=date(2026, 3, 2),
        acting_officer=Staff(officer_id="u-duty", name="周值班"),
        acting_leader=Staff(officer_id="u-lead", name="吴指挥"),
        rule_version="test",
    )


async def eventually(
    look: Callable[[], Awaitable[dict[str, Any] | None]], what: Callable[[], str], *, seconds: float = 60.0
) -> dict[str, Any]:
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    msg = f"waited {seconds:.0f} s in vain: {what()}"
    raise AssertionError(msg)
