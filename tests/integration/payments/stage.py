"""The stage of these tests: the service over real HTTP, a writer of intake's facts, the custodian bank."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
import orjson

from libs.foundation.ids import stream_name
from libs.journal import Actor, CommandMeta, Decider, Journal
from libs.schemas.envelope import Event
from libs.schemas.intake import BankAccount, CaseRegistered, EnforcementBasis, IdentityDocument, PartyRegistered, Staff
from libs.schemas.parts import PartyRef
from libs.testing.simulators.custodian import Custodian
from libs.testing.simulators.custodian_books import Arrival
from libs.web import DevIssuer

COURT = "云0381"
BANK = "custodian"
PREFIX = "5303990001"
FUND: dict[str, Any] = {
    "account_name": "宣威市人民法院执行款专户",
    "account_number_prefix": PREFIX,
    "bank_name": "宣威农村商业银行",
    "bank_id": BANK,
    "fee_account": {
        "account_name": "宣威市非税收入专户",
        "account_number": "53039900019999",
        "bank_id": BANK,
        "bank_name": "宣威农村商业银行",
    },
}

ROLES = {
    "maker": "fund_officer",
    "checker": "fund_checker",
    "approver": "fund_approver",
    "operator": "operator",
    "officer": "case_officer",
}


def says(_state: int, event: Event, _now: datetime) -> list[Event]:
    return [event]


INTAKE_SAYS = tuple(
    Decider("intake", category, lambda: 0, says, lambda state, _event: state) for category in ("case", "party")
)
"""Streams of intake whose commands are its facts: what another service says is all that payments sees of it."""


@dataclass
class Stage:
    """Everything that a test of this service talks to."""

    url: str
    issuer: DevIssuer
    intake: Journal
    bank: Custodian | None
    client: httpx.AsyncClient
    serials: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    keys: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def own_bank(self) -> Custodian:
        """The bank inside this process; where it is a process of its own there is none."""
        assert self.bank is not None
        return self.bank

    def reference(self) -> str:
        """Return a bank reference that no other test uses."""
        return f"IN-{next(self.serials)}"

    async def balance(self) -> dict[str, int]:
        """Return the court's trial balance of today."""
        response = await self.get("maker", "/v1/trial-balances/2100-01-01", court=COURT)
        assert response.status_code == 200, response.text
        return {name: value for name, value in response.json().items() if name.endswith("_fen")}

    def token(self, who: str, *, courts: tuple[str, ...] = (COURT,), roles: tuple[str, ...] | None = None) -> str:
        return self.issuer.token(
            subject=f"u-{who}",
            organisation=COURT,
            roles=roles if roles is not None else (ROLES[who],),
            scopes=["payments.*.read", "payments.*.write"],
            courts=courts,
        )

    def bank_token(self, bank: str = BANK, courts: tuple[str, ...] = ("*",)) -> str:
        return self.issuer.token(
            subject=f"{bank}-statements",
            organisation=bank,
            roles=["custodian_bank"],
            scopes=["payments.bank_statements.write"],
            courts=courts,
        )

    def headers(self, token: str, key: str | None = None, etag: str | None = None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or f"key-{next(self.keys)}"}
        return headers if etag is None else {**headers, "If-Match": etag}

    async def post(
        self, who: str, path: str, body: Any, *, etag: str | None = None, key: str | None = None, **kwargs: Any
    ) -> httpx.Response:
        headers = self.headers(self.token(who, **kwargs), key, etag)
        return await self.client.post(self.url + path, json=body, headers=headers)

    async def get(self, who: str, path: str, **params: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(who)}"}
        return await self.client.get(self.url + path, params=params, headers=headers)

    async def statement(
        self, *lines: dict[str, Any] | bytes, key: str | None = None, token: str | None = None
    ) -> httpx.Response:
        body = b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines)
        headers = self.headers(token or self.bank_token(), key) | {"Content-Type": "application/x-ndjson"}
        return await self.client.post(f"{self.url}/v1/bank-statements", content=body, headers=headers)

    async def results(self, *lines: dict[str, Any] | bytes, **kwargs: Any) -> list[dict[str, Any]]:
        response = await self.statement(*lines, **kwargs)
        assert response.status_code == 200, response.text
        return [orjson.loads(line) for line in response.text.splitlines()]

    async def set_fund(self, court: str = COURT, *, key: str | None = None, **changes: Any) -> httpx.Response:
        headers = self.headers(self.token("operator", courts=(court,)), key)
        return await self.client.put(
            f"{self.url}/v1/courts/{court}/fund-accounts", json=FUND | changes, headers=headers
        )

    async def register_case(self, *, claim_fen: int = 500_000, court: str = COURT, open_it: bool = True) -> str:
        """Let intake say that a case is registered; return its id when its account is open."""
        serial = next(self.serials)
        case_id = f"case_{serial:08d}"
        await self.say(stream_name("case", case_id), case_registered(case_id, serial, claim_fen, court), case_id, court)
        if open_it:
            await self.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["account"] is not None, court=court)
        return case_id

    async def register_party(self, party_id: str, name: str, account_name: str | None) -> None:
        account = account_name and BankAccount(
            account_name=account_name, account_number="6217003860009999", bank_id="bank-a", bank_name="甲银行"
        )
        party = PartyRegistered(
            party_id=party_id,
            party_type="PERSON",
            name=name,
            display_name=f"{name[:1]}**",
            documents=(IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="53039919800101004X"),),
            payee_account=account or None,
        )
        await self.say(stream_name("party", party_id), party, party_id, COURT)

    async def say(self, stream: str, event: Event, key: str, court: str) -> None:
        meta = CommandMeta(f"say-{next(self.keys)}-{stream}", "f", Actor("test", "test", "service"), court, key=key)
        await self.intake.execute(stream, event, meta)

    async def account(self, case_id: str) -> dict[str, Any]:
        response = await self.get("maker", f"/v1/case-accounts/{case_id}")
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def until(
        self, path: str, reached: Callable[[Any], bool], *, seconds: float = 20.0, court: str = COURT
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token('maker', courts=(court,))}"}

        async def look() -> dict[str, Any] | None:
            response = await self.client.get(self.url + path, headers=headers)
            return response.json() if response.is_success and reached(response.json()) else None

        return await eventually(look, path, seconds=seconds)

    async def paid_in(self, case_id: str, *amounts: int) -> None:
        """Let money arrive at the bank, whose statement credits the case; return when it stands there."""
        account = await self.account(case_id)
        for amount in amounts:
            reference = f"DED-{next(self.serials)}"
            number = account["account"]["account_number"]
            self.own_bank.receive(Arrival("bank-a", reference, number, amount, "李建业", ""))
        total = account["recovered_fen"] + sum(amounts)
        await self.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["recovered_fen"] == total)

    async def transfers(self, case_id: str) -> list[dict[str, Any]]:
        """Return what the bank's own books hold of orders from the case's account."""
        number = (await self.account(case_id))["account"]["account_number"]
        return [transfer for transfer in self.own_bank.books.transfers() if transfer["from_account"] == number]

    async def decide(self, who: str, payout_id: str, decision: str = "APPROVE", **body: Any) -> httpx.Response:
        """Decide as careful people do: whoever finds that the account has moved on looks again."""
        while True:
            etag = (await self.get(who, f"/v1/payouts/{payout_id}")).headers["etag"]
            sent = {"decision": decision, **body}
            response = await self.post(who, f"/v1/payouts/{payout_id}/approvals", sent, etag=etag)
            if response.status_code != 412:
                return response

    async def approved(self, case_id: str, purpose: str, amount_fen: int, **body: Any) -> str:
        """Have a payout drafted, checked and approved by three people; return its id."""
        draft = {"case_id": case_id, "purpose": purpose, "amount_fen": amount_fen, **body}
        drafted = await self.post("maker", "/v1/payouts", draft)
        assert drafted.status_code == 201, drafted.text
        payout_id = str(drafted.json()["id"])
        for who in ("checker", "approver"):
            response = await self.decide(who, payout_id)
            assert response.status_code == 201, response.text
        return payout_id


async def eventually(
    look: Callable[[], Awaitable[dict[str, Any] | None]], what: str, *, seconds: float = 20.0
) -> dict[str, Any]:
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    msg = f"waited {seconds:.0f} s in vain: {what}"
    raise AssertionError(msg)


def line(account_number: str, amount_fen: int, reference: str, **changes: Any) -> dict[str, Any]:
    """Return a statement line as the custodian bank sends it."""
    return {
        "bank_id": BANK,
        "reference": reference,
        "account_number": account_number,
        "amount_fen": amount_fen,
        "value_at": datetime.now(UTC).isoformat(),
        "payer_name": "李建业",
        **changes,
    }


def applicant_of(case_id: str) -> str:
    return f"party_of_{case_id}"


def case_registered(case_id: str, serial: int, claim_fen: int, court: str = COURT) -> CaseRegistered:
    today = datetime.now(UTC).date()
    return CaseRegistered(
        case_id=case_id,
        case_number=f"(2026){court}执{serial}号",
        court=court,
        court_name="宣威市人民法院",
        application_id=f"app_{serial}",
        applicants=(PartyRef(party_id=applicant_of(case_id), display_name="浦**", party_type="PERSON"),),
        debtors=(PartyRef(party_id=f"debtor_{serial}", display_name="李**", party_type="PERSON"),),
        basis=EnforcementBasis(
            kind="MEDIATION_STATEMENT",
            number="(2026)云0381民初105号",
            issued_by="宣威市人民法院",
            effective_on=date(2026, 1, 28),
            # The period ends in the future: whatever today is, no interest blurs the sums of a test.
            last_day_of_performance=date(2090, 1, 1),
            content="支付劳动报酬",
        ),
        cause="WAGES",
        claim_fen=claim_fen,
        green_channel=True,
        received_at=datetime.now(UTC),
        filed_on=today,
        acting_officer=Staff(officer_id="u-duty", name="周值班"),
        acting_leader=Staff(officer_id="u-duty-lead", name="吴指挥"),
        rule_version="test",
    )
