"""The load: cases live their lives at once, each step by somebody outside, contended on purpose, refused on purpose."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from devstack.demo import wages_world as world
from tests.e2e.bad_input.letters import public_jwk
from tests.e2e.bad_input.setting import AGENCY
from tests.fault.kill.client import Answer, Command
from tests.fault.kill.house import BANKS, House
from tests.fault.kill.people import application
from tests.fault.kill.together import Stopped, together

MET = dict.fromkeys(("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True)
LOOK_SECONDS = 0.3
LOOK_SECONDS_MAX = 3.0
"""A case waits for what other rooms owe it while the load goes on; whether it was owed at all, the counting says."""


async def furnish(house: House) -> None:
    """Connect court, fund account and agencies; every write is recorded like all others."""
    client = house.client
    contact = {"contact_name": "值班员", "contact_phone": "0874-7120000"}
    await client.write("operator", "intake", f"/v1/courts/{world.COURT}/roster", world.roster(), method="PUT")
    fund = f"/v1/courts/{world.COURT}/fund-accounts"
    await client.write("operator", "payments", fund, world.FUND_ACCOUNT, method="PUT")
    for agency_id in BANKS:
        body = world.AGENCIES[agency_id] | contact
        await client.write("operator", "asset_inquiry", f"/v1/agencies/{agency_id}", body, method="PUT")
    for probe, key in house.keys.items():
        await client.write("operator", "asset_inquiry", f"/v1/agencies/{probe}", AGENCY, method="PUT")
        jwk = {"jwk": public_jwk(key)}
        path = f"/v1/agencies/me/keys/{probe}-1"
        await client.write(probe, "asset_inquiry", path, jwk, method="PUT", kind="keys")


class Case:
    """One case's life outside of the house: who does what in which order."""

    def __init__(self, house: House, serial: int) -> None:
        self.house = house
        self.client = house.client
        self.serial = serial
        self.dice = random.Random(f"{house.seed}-{serial}")
        self.case_id = ""
        self.seen: dict[str, Any] = {}

    def pass_on(self) -> None:
        """Go on, unless the load is over."""
        if self.house.stopping:
            raise Stopped

    async def write(self, who: str, service: str, path: str, body: Any, **how: Any) -> Command:
        """Write as somebody."""
        self.pass_on()
        return await self.client.write(who, service, path, body, **how)

    async def refused(self, who: str, service: str, path: str, body: Any, **how: Any) -> None:
        """Write what the law refuses today and for ever."""
        await self.write(who, service, path, body, deliberate=True, **how)

    async def insist(self, attempt: Callable[[], Awaitable[Command]]) -> Answer | None:
        """Write anew where the service says that its copy of a fact is on the way, or that somebody was quicker."""
        pause = LOOK_SECONDS
        while True:
            answer = (await attempt()).answer
            assert answer is not None
            if answer.accepted:
                return answer
            if answer.status != httpx.codes.PRECONDITION_FAILED and not answer.body.get("retryable"):
                return None
            await asyncio.sleep(pause)
            pause = min(2 * pause, LOOK_SECONDS_MAX)

    async def until(self, who: str, service: str, path: str, reached: Callable[[Any], bool]) -> Any:
        """Read until it is as wanted."""
        while True:
            self.pass_on()
            response = await self.client.read(who, service, path)
            if response.is_success and reached(found := response.json()):
                return found
            await asyncio.sleep(LOOK_SECONDS)

    async def etag(self, who: str, service: str, path: str) -> str:
        """Return the ETag of what is there."""
        self.pass_on()
        return str((await self.client.read(who, service, path)).headers.get("etag", '"0"'))

    async def live(self) -> None:
        """Live until the money is paid out."""
        application_id = await self.file()
        if application_id is None or not await self.decide(application_id):
            return
        path = f"/v1/enforcement-cases/{self.case_id}"
        self.seen = await self.until("u-duty", "intake", path, _is_open)
        sides = [self.assess(), self.money()]
        await together(*sides, *([self.inquire()] if self.serial % 2 == 0 else []))
        self.house.lived += 1

    async def file(self) -> str | None:
        """File, sometimes twice at once, sometimes with papers lacking; an incomplete one is refused first."""
        complete = self.dice.random() < 0.7
        path, body = "/v1/enforcement-applications", application(self.serial, complete=complete)
        twice = self.dice.random() < 0.3
        filed = await together(*(self.write("portal", "intake", path, body) for _ in range(2 if twice else 1)))
        found = [one.answer.body["id"] for one in filed if one.answer is not None and one.answer.accepted]
        if not found:
            return None
        application_id = str(found[0])
        await self.refused("portal", "intake", path, body | {"claim_fen": 0})
        if not complete:
            shown = f"{path}/{application_id}"
            decision = {"decision": "ACCEPT", "conditions": MET}
            etag = await self.etag("u-clerk", "intake", shown)
            await self.write("u-clerk", "intake", f"{shown}/decisions", decision, etag=etag)
            await self.write("portal", "intake", f"{shown}/supplements", {"papers": world.missing_papers()})
        return application_id

    async def decide(self, application_id: str) -> bool:
        """Decide, two clerks at once on what both have read: one of them comes too late. Some are refused by law."""
        shown = f"/v1/enforcement-applications/{application_id}"
        etag = await self.etag("u-clerk", "intake", shown)
        if self.dice.random() < 0.1:
            unmet = {"decision": "REFUSE", "conditions": MET | {"content_clear": False}, "reason": "内容不明确"}
            await self.write("u-clerk", "intake", f"{shown}/decisions", unmet, etag=etag)
            return False
        body = {"decision": "ACCEPT", "conditions": MET}
        both = [self.write("u-clerk", "intake", f"{shown}/decisions", body, etag=etag) for _ in range(2)]
        for one in await together(*both):
            if one.answer is not None and one.answer.accepted:
                self.case_id = str(one.answer.body["case_id"])
        return bool(self.case_id)

    async def assess(self) -> None:
        """Assess the debt for expected days, on a stream that the money writes to at the same moment."""
        for ahead in self.dice.sample(range(2, 30), 4):
            body = {"case_id": self.case_id, "as_of": f"2026-03-{ahead + 2:02d}" if ahead < 29 else "2026-03-31"}
            await self.write("u-duty", "payments", "/v1/debt-statements", body)
            await asyncio.sleep(self.dice.uniform(0.05, 0.4))
        await self.refused("u-duty", "payments", "/v1/debt-statements", {"case_id": "case_of_nobody"})

    async def money(self) -> None:
        """Let money come in at the custodian and, with duplicates, at another bank; pay some of it out."""
        from tests.fault.kill.money import Money  # noqa: PLC0415 -- the two speak of each other

        await Money(self).flow()

    async def inquire(self) -> None:
        """Ask the agencies; every second debtor has an account that is frozen and deducted."""
        from tests.fault.kill.questions import Questions  # noqa: PLC0415 -- the two speak of each other

        await Questions(self).ask()


async def many(house: House, at_once: int) -> list[BaseException]:
    """Let cases live, so many at once, until the load is over; what went wrong in one is returned."""
    serials = itertools.count()
    wrong: list[BaseException] = []

    async def one_after_another() -> None:
        while not house.stopping:
            try:
                await Case(house, next(serials)).live()
            except Exception as error:  # noqa: BLE001 -- one case that went wrong must not end the load of the others
                if not isinstance(error, Stopped):
                    wrong.append(error)

    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return wrong


def _is_open(case: dict[str, Any]) -> bool:
    return bool(case.get("case_number") and (case.get("debt") or {}).get("account"))
