"""Story 2, the dishonest debtor: from a report that was never given to a ticket that is sold again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from devstack.demo import dishonest_world as world
from devstack.demo.archive import archived
from devstack.demo.counters import Somebody
from devstack.demo.people import StoryStopped
from devstack.demo.screen import timeliness_table
from devstack.demo.story_dishonest_listed import UntilListed
from libs.foundation.clock import SHANGHAI
from libs.foundation.fen import yuan

TITLE = "STORY 2 · 郑惠兰 v 秦守业 and his firm · loan 100,000.00 · 北京市石景山区人民法院"

AWAKE = tuple(agency for agency in world.SUBSCRIBERS if agency != world.SLEEPER)

REFUSED: tuple[tuple[str, Somebody, str], ...] = (
    ("air-1", world.DEBTOR, world.AIR_TICKET),
    ("rail-1", world.REPRESENTATIVE, world.RAIL_TICKET),
    ("air-1", world.CONTROLLER, world.AIR_TICKET),
    ("bank-x", world.DEBTOR, world.LOAN),
    ("land-1", world.FIRM, world.LAND_PURCHASE),
)
"""Who is refused what, and where, while the list is in force."""


@dataclass
class DishonestStory(UntilListed):
    """The story's whole script."""

    folder: Path = Path()
    """Where the archive of this run lies."""

    @property
    def case_id(self) -> str:
        """The case that this story is about."""
        return self.desk.case_id

    async def play(self) -> None:
        """Play all chapters in order."""
        for chapter in (
            self.prepare_the_house,
            self.file,
            self.notify,
            self.breach,
            self.list_them,
            self.restrict,
            self.refuse,
            self.correct,
            self.pay,
            self.pay_out,
            self.remove,
            self.let_go,
            self.wake,
            self.measure,
            self.close,
            self.archive,
        ):
            self.at_stage(chapter.__name__)
            await chapter()

    async def refuse(self) -> None:
        """惩戒: the feed has reached the counters; they refuse, and report the measure that they took."""
        for agency in AWAKE:
            held = await self.counters.when(agency, "the whole list", _holds_all)
            self.screen.more(f"{agency:<8} {world.SUBSCRIBERS[agency]['way']:<8} {_holding(held)}")
        for number, (agency, person, measure) in enumerate(REFUSED, 1):
            sale = await self.counters.expect("REFUSED", agency, person, measure, f"{agency}-{number:04d}")
            hit = sale["hits"][0]
            self.screen.stage(
                "惩戒",
                f"{world.SUBSCRIBERS[agency]['title']}: {measure} refused to {person[0]}",
                f"{hit['order_number']}, reported",
            )
        await self.counters.expect("REFUSED", "air-1", world.WRONGLY_LISTED, world.AIR_TICKET, "air-1-0099")
        self.screen.more("and a ticket to 田志国, who had reported in time")
        asleep = await self.counters.ask(world.SLEEPER, world.DEBTOR, world.HOTEL)
        if asleep["status"] != "UNKNOWN":
            msg = f"a copy that slept for two weeks answers {asleep}"
            raise StoryStopped(msg)
        says = f"{asleep['status']} and never NOT_LISTED"
        self.screen.more(f"{world.SLEEPER} sleeps: its copy is {asleep['freshness']}, so it says {says}")

    async def correct(self) -> None:
        """更正: the man was listed by mistake; everybody who had the entry gets the correction (R-CRB-12)."""
        await self.leap(datetime(2024, 3, 28, 10, 0, tzinfo=SHANGHAI))
        reason = "田志国已于2024年3月20日在本院另一窗口提交财产报告, 列入失信名单有误。"
        wrong, order = self.affairs.wrong, self.affairs.wrong_order
        await self.list.listing_revoked(wrong["listing_id"], reason)
        await self.list.restriction_revoked(order["id"], self.affairs.wrong_debtor_id, reason)
        await self.list.taken_down(self.affairs.batch["id"], wrong["listing_id"])
        for agency in AWAKE:
            wanted = self.affairs.wrong_of(world.SUBSCRIBERS[agency]["view"])
            await self.counters.when(agency, "the correction", _has_notices(wanted))
        self.screen.stage("更正", "田志国 was listed wrongly: listing and restriction are taken back", "R-CRB-12")
        for notice in await self.list.notices_answered(self.affairs.wrong_records, set(AWAKE)):
            held = f"held it at sequence {notice['held_sequence']}, has the notice, answers {notice['effect']}"
            self.screen.more(f"{notice['agency_id']:<8} {held}")
        await self.counters.expect("SOLD", "air-1", world.WRONGLY_LISTED, world.AIR_TICKET, "air-1-0100")

    async def pay(self) -> None:
        """履行: on 2024-06-30 the debtor pays everything, to the fen, into the case's own account."""
        await self.leap(datetime(2024, 6, 30, 10, 0, tzinfo=SHANGHAI))
        body = {
            "from_bank": "bank-x",
            "payment_reference": "BX202406300001",
            "account_number": self.affairs.account_number,
            "amount_fen": world.DEBT_FEN,
            "payer_name": world.DEBTOR[0],
            "remark": self.affairs.case_number,
        }
        await self.counters.transfer("custodian", body)
        case = await self.desk.case_when("the satisfied debt", lambda seen: seen["debt"]["satisfied"])
        if case["debt"]["debt_fen"] != world.DEBT_FEN or case["debt"]["recovered_fen"] != world.DEBT_FEN:
            msg = f"the debt is {case['debt']}"
            raise StoryStopped(msg)
        debt = await self.cast["u-officer"].see("payments", "/v1/debt-statements", case_id=self.case_id)
        self.screen.stage("履行", f"秦守业 pays {yuan(world.DEBT_FEN)}", "R-PAY-20")
        for line in debt["lines"]:
            self.screen.more(f"{line['code']}: {line['formula']} = {yuan(line['amount_fen'])}   {line['rule']}")
        await self.list.orders_when(self.case_id, "LIFTED", len(self.affairs.orders))
        self.screen.stage("解限", "both orders lifted by rule, at once, for all four persons", "R-CRB-24")
        for agency in AWAKE:
            await self.counters.when(agency, "the lifting", _holds_listings_and_the_rest)
        await self.counters.expect("SOLD", "rail-1", world.REPRESENTATIVE, world.RAIL_TICKET, "rail-1-0501")
        await self.counters.expect("REFUSED", "bank-x", world.DEBTOR, world.LOAN, "bank-x-0502")
        self.screen.more("京原铁路客运 sells 罗文涛 his seat, on the Sunday of the payment")
        self.screen.more("the bank's line of credit waits for the decision on the listing, which has a term")

    async def pay_out(self) -> None:
        """发放: to the applicant and the fee, by three people."""
        await self.leap(datetime(2024, 7, 1, 9, 30, tzinfo=SHANGHAI))
        rest = world.DEBT_FEN - world.FEE_FEN
        await self.desk.pay_out("TO_APPLICANT", rest, self.affairs.applicant_id)
        await self.desk.pay_out("ENFORCEMENT_FEE", world.FEE_FEN)
        self.screen.stage("发放", f"郑惠兰 {yuan(rest)}, fee {yuan(world.FEE_FEN)}", "R-PAY-04")

    async def remove(self) -> None:
        """删除: a listing with a term ends early by an explicit decision of the president."""
        reason = "被执行人已全部履行生效法律文书确定的义务。"
        await self.list.removed(self.affairs.listing["listing_id"], "ACTIVE_PERFORMANCE", reason)
        await self.list.taken_down(self.affairs.batch["id"], self.affairs.listing["listing_id"])
        self.screen.stage("删除", "秦守业 removed for active performance, signed by the president", "R-CRB-02, -10")
        self.screen.more("what the court's own page showed of him is taken down, with evidence")

    async def let_go(self) -> None:
        """放行: every counter holds the list without them, and sells."""
        for agency in AWAKE:
            held = await self.counters.when(agency, "a list without them", _holds_the_rest)
            self.screen.more(f"{agency:<8} {_holding(held)}")
        for number, (agency, person, measure) in enumerate(REFUSED, 1):
            await self.counters.expect("SOLD", agency, person, measure, f"{agency}-1{number:03d}")
        await self.counters.when("bank-x", "the end of its measure", lambda seen: not seen["unended"])
        self.screen.stage("放行", f"the {len(REFUSED)} who were refused are served; the ticket is sold")

    async def wake(self) -> None:
        """醒来: who slept through everything catches up and holds the same."""
        before = await self.counters.state(world.SLEEPER)
        await self.counters.wake(world.SLEEPER)
        after = await self.counters.when(world.SLEEPER, "the list of today", _holds_the_rest)
        await self.counters.expect("SOLD", world.SLEEPER, world.DEBTOR, world.HOTEL, "travel-1-0001")
        self.screen.stage(
            "醒来", f"{world.SLEEPER} woke at {before['sequence']} and holds {_holding(after)}", "a room is let"
        )

    async def measure(self) -> None:
        """时效: how long it took from decision to application, as the publisher counts it from signed positions."""
        table = await self.cast["operator"].wait_for(
            "credit_blacklist",
            "/v1/joint-punishment-feed/timeliness",
            "every subscriber's position",
            lambda seen: bool(seen["items"]) and not any(row["waiting"] for row in seen["items"]),
        )
        self.screen.stage("时效", "from the decision to the copy of each subscriber, by the bureau's clock")
        self.screen.console.print(timeliness_table(table["items"]))

    async def close(self) -> None:
        """结案: performed."""
        officer, path = self.cast["u-officer"], f"/v1/enforcement-cases/{self.case_id}"
        await self.desk.case_when("the settled account", lambda seen: seen["debt"]["settled"])
        proposed = await officer.change("intake", path, f"{path}/closures", {"kind": "FULLY_PERFORMED"})
        await self.cast[proposed["approver"]].change(
            "intake", path, f"/v1/closures/{proposed['id']}/approvals", {"decision": "APPROVE"}
        )
        await self.desk.case_when("closing", lambda seen: seen["status"] == "CLOSED")
        self.screen.stage("结案", "执行完毕", "R-INT-27")

    async def archive(self) -> None:
        """归档: everything that any service knows of the case, in one file that anybody can verify offline."""
        kept = await archived(self.cast["u-president"], self.case_id, self.folder)
        size = kept.bundle.stat().st_size // 1024
        self.screen.stage(
            "归档", f"evidence bundle of {len(kept.report['services'])} services, {kept.commits} commits, {size} KiB"
        )
        self.screen.more(f"verified offline: {kept.signatures} signed papers, {len(kept.report['findings'])} findings")


def _holds_all(state: dict[str, Any]) -> bool:
    listings = 0 if state["view"] in world.RESTRICTIONS_ONLY else world.LISTINGS
    return bool(state["count"] == world.RESTRICTIONS + listings)


def _holds_the_rest(state: dict[str, Any]) -> bool:
    return bool(state["count"] == world.LEFT[state["view"]])


def _holds_listings_and_the_rest(state: dict[str, Any]) -> bool:
    listed = 0 if state["view"] in world.RESTRICTIONS_ONLY else 1
    return bool(state["count"] == world.LEFT[state["view"]] + listed)


def _holding(state: dict[str, Any]) -> str:
    return f"sequence {state['sequence']}, {state['count']} in force, digest {str(state['digest'])[:16]}"


def _has_notices(wanted: set[str]) -> Any:
    return lambda state: wanted <= {one["record_id"] for one in state["corrections"]}
