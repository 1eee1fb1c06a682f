"""Story 2, its first half: two cases are filed, nobody reports property, debtors come onto the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devstack.demo import dishonest_world as world
from devstack.demo.counters import Counters
from devstack.demo.desk import Cast, Desk
from devstack.demo.list_desk import ListDesk
from devstack.demo.screen import Screen
from libs.foundation.clock import SHANGHAI
from libs.foundation.fen import yuan

Leap = Callable[[datetime], Awaitable[None]]
Keys = Callable[[str], dict[str, Any]]


@dataclass
class Affairs:
    """What the story has brought about: ids by what they are, for later chapters and for the proof."""

    case_number: str = ""
    applicant_id: str = ""
    firm_id: str = ""
    wrong_debtor_id: str = ""
    unmoved_id: str = ""
    account_number: str = ""
    listing: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    batch: dict[str, Any] = field(default_factory=dict)
    wrong_order: dict[str, Any] = field(default_factory=dict)
    orders: list[dict[str, Any]] = field(default_factory=list)

    @property
    def wrong_records(self) -> set[str]:
        """The records of the man who was listed by mistake."""
        return {self.wrong["listing_id"], f"{self.wrong_order['id']}.{self.wrong_debtor_id}"}

    def wrong_of(self, view: str) -> set[str]:
        """Return those of the wrong records that a view carries: who sells tickets is not told of listings."""
        own = self.wrong_records
        return own - {self.wrong["listing_id"]} if view in world.RESTRICTIONS_ONLY else own


@dataclass
class UntilListed:
    """The chapters until two debtors are listed and five persons restricted."""

    cast: Cast
    screen: Screen
    counters: Counters
    leap: Leap
    now: Callable[[], datetime]
    keys: Keys
    at_stage: Callable[[str], None] = lambda _: None
    affairs: Affairs = field(default_factory=Affairs)

    def __post_init__(self) -> None:
        """Sit down at the desks: of the case, of the small case, of the list."""
        self.desk, self.small, self.list = Desk(self.cast), Desk(self.cast), ListDesk(self.cast, world.COURT, self.now)
        self.screen.stamp = "%m-%d %H:%M"

    async def prepare_the_house(self) -> None:
        """The operator connects the court, its fund account and the subscribers of the list."""
        operator = self.cast["operator"]
        await operator.expect("intake", f"/v1/courts/{world.COURT}/roster", world.roster(), method="PUT")
        await operator.expect("payments", f"/v1/courts/{world.COURT}/fund-accounts", world.FUND_ACCOUNT, method="PUT")
        for agency, one in world.SUBSCRIBERS.items():
            profile = {
                "view": one["view"],
                "title": one["title"],
                "contact_name": "值班员",
                "contact_phone": "010-60107000",
                "sales_channels": ["柜台"],
                "keys": [self.keys(agency)],
            }
            await operator.expect("credit_blacklist", f"/v1/subscribers/{agency}", profile, method="PUT")
        for agency in world.SUBSCRIBERS:
            await self.counters.when(agency, "its first copy", lambda seen: bool(seen["session_id"]))
        await self.counters.sleep(world.SLEEPER)
        ways = ", ".join(f"{agency} ({one['way']})" for agency, one in world.SUBSCRIBERS.items())
        self.screen.stage("联网", f"subscribers hold the empty list: {ways}")
        self.screen.more(f"{world.SLEEPER} goes to sleep now and wakes when everything is over")

    async def file(self) -> None:
        """立案: two applications, accepted and numbered."""
        case = await self._filed(self.desk, world.application())
        self.affairs.case_number = case["case_number"]
        self.affairs.applicant_id = case["applicants"][0]["party_id"]
        self.desk.debtor_id, self.affairs.firm_id = (debtor["party_id"] for debtor in case["debtors"])
        self.affairs.account_number = case["debt"]["account"]["account_number"]
        self.screen.stage(
            "立案",
            f"郑惠兰 v 秦守业, 北京西麓贸易有限公司: {yuan(world.CLAIM_FEN)}   {case['case_number']}",
            "R-INT-09",
        )
        small = await self._filed(self.small, world.small_application())
        self.affairs.wrong_debtor_id, self.affairs.unmoved_id = (debtor["party_id"] for debtor in small["debtors"])
        self.screen.more(f"and a small one: 冯玉梅 v 田志国, 盛和顺: rent 8,000.00   {small['case_number']}")

    async def notify(self) -> None:
        """通知: enforcement notices with the warning, property report orders, served on every debtor."""
        await self._notified(self.desk, [self.desk.debtor_id, self.affairs.firm_id])
        await self._notified(self.small, [self.affairs.wrong_debtor_id, self.affairs.unmoved_id])
        await self.small.case_when("both report orders", _has_two_reports)
        case = await self.desk.case_when("both report orders", _has_two_reports)
        body = {
            "party_id": self.affairs.firm_id,
            "categories": ["INCOME_AND_DEPOSITS"],
            "report_sha256": "7d" * 32,
        }
        path = f"/v1/enforcement-cases/{self.desk.case_id}/property-reports"
        await self.cast["u-duty"].expect("intake", path, body)
        self.screen.stage(
            "通知", "notices (with the warning of the list) and property report orders served", "R-INT-16"
        )
        self.screen.more(str(case["property_reports"][0]["due"]["explanation"]))
        self.screen.more("the firm reports: nothing in its account; 秦守业 reports nothing")

    async def breach(self) -> None:
        """违令: the last day passes and a timer finds that nothing came."""
        triage = f"/v1/enforcement-cases/{self.desk.case_id}"
        await self.cast["u-duty"].expect("intake", f"{triage}/triage-decisions", {})
        assignment = {"team_id": world.TEAM, "case_officer_id": "u-officer"}
        await self.cast["u-duty-lead"].change("intake", triage, f"{triage}/assignments", assignment)
        await self.leap(datetime(2024, 3, 26, 9, 30, tzinfo=SHANGHAI))
        for debtor in (self.affairs.wrong_debtor_id, self.affairs.unmoved_id):
            await self.small.case_when("the breach in the small case", _is_breached(debtor))
        case = await self.desk.case_when("the breach", _is_breached(self.desk.debtor_id))
        breached = _report_of(case, self.desk.debtor_id)["breached"]
        self.screen.stage("违令", f"the last day is over; the timer finds: 秦守业 {breached}", "R-INT-16")

    async def list_them(self) -> None:
        """失信: listing on ground 4 with a term of two years, signed by the president, served, published."""
        small, affairs = self.small, self.affairs
        affairs.listing = await self.list.listed(_listing(self.desk, self.desk.debtor_id, "100000"))
        affairs.wrong = await self.list.listed(_listing(small, affairs.wrong_debtor_id, "8000"))
        unmoved = await self.list.listed(_listing(small, affairs.unmoved_id, "8000"))
        shown = [one["listing_id"] for one in (affairs.listing, affairs.wrong, unmoved)]
        affairs.batch = await self.list.published("失信被执行人名单 2024年第3期", shown)
        decided = self.affairs.listing
        self.screen.stage(
            "失信",
            f"秦守业 listed on ground 4 until {decided['listed_until']}, signed by the president   {decided['number']}",
            "R-CRB-01, -02, -06",
        )
        self.screen.more(
            "盛和顺 and 田志国 as well; the report of 田志国 lies on another counter, and nobody knows it yet"
        )

    async def restrict(self) -> None:
        """限消: the man; the firm with its legal representative and its actual controller (R-CRB-22)."""
        person = [{"role": "DEBTOR", "party_id": self.desk.debtor_id}]
        firm = [
            {"role": "DEBTOR", "party_id": self.affairs.firm_id},
            _by_name("LEGAL_REPRESENTATIVE", world.REPRESENTATIVE),
            _by_name("ACTUAL_CONTROLLER", world.CONTROLLER),
        ]
        self.affairs.orders = [
            await self.list.restricted(_order(self.desk, "LISTED", person)),
            await self.list.restricted(_order(self.desk, "UNPAID", firm)),
        ]
        wrong, unmoved = (
            [{"role": "DEBTOR", "party_id": debtor}]
            for debtor in (self.affairs.wrong_debtor_id, self.affairs.unmoved_id)
        )
        self.affairs.wrong_order = await self.list.restricted(_order(self.small, "LISTED", wrong))
        await self.list.restricted(_order(self.small, "LISTED", unmoved))
        self.screen.stage(
            "限消",
            "the listed men; 西麓贸易 with its legal representative and its actual controller: nine kinds",
            "R-CRB-22",
        )

    async def _filed(self, desk: Desk, application: dict[str, Any]) -> dict[str, Any]:
        filed = await self.cast["portal"].expect("intake", "/v1/enforcement-applications", application)
        path = f"/v1/enforcement-applications/{filed['id']}"
        conditions = dict.fromkeys(
            ("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True
        )
        decision = {"decision": "ACCEPT", "conditions": conditions}
        desk.case_id = (await self.cast["u-clerk"].change("intake", path, f"{path}/decisions", decision))["case_id"]
        return await desk.case_when("its number and account", _is_registered)

    async def _notified(self, desk: Desk, debtors: list[str]) -> None:
        for kind in ("ENFORCEMENT_NOTICE", "PROPERTY_REPORT_ORDER"):
            document = await desk.document("u-duty", kind, recipients=debtors)
            for debtor in debtors:
                body = {"party_id": debtor, "method": "DIRECT", "evidence": "送达回证, 被执行人签收"}
                await self.cast["u-duty"].expect("intake", f"/v1/documents/{document}/services", body)


def _listing(desk: Desk, debtor_id: str, owed: str) -> dict[str, Any]:
    return {
        "case_id": desk.case_id,
        "party_id": debtor_id,
        "grounds": ["VIOLATES_PROPERTY_REPORTING"],
        "facts": "经本院送达报告财产令, 逾期未报告财产。",
        "duty": f"给付{owed}元及迟延履行期间的债务利息",
        "performance": "NONE",
        "initiated": "EX_OFFICIO",
    }


def _order(desk: Desk, reason: str, persons: list[dict[str, Any]]) -> dict[str, Any]:
    return {"case_id": desk.case_id, "kinds": list(range(1, 10)), "reason": reason, "persons": persons}


def _by_name(role: str, person: tuple[str, str, str]) -> dict[str, Any]:
    name, kind, number = person
    documents = [{"type": kind, "number": number}]
    return {"role": role, "name": name, "party_type": "PERSON", "identity_documents": documents}


def _is_registered(case: dict[str, Any]) -> bool:
    return bool(case.get("case_number") and (case.get("debt") or {}).get("account"))


def _report_of(case: dict[str, Any], party_id: str) -> dict[str, Any]:
    return next(one for one in case["property_reports"] if one["party_id"] == party_id)


def _has_two_reports(case: dict[str, Any]) -> bool:
    return len(case["property_reports"]) == 2


def _is_breached(party_id: str) -> Callable[[dict[str, Any]], bool]:
    return lambda case: any(one["party_id"] == party_id and one["breached"] for one in case["property_reports"])
