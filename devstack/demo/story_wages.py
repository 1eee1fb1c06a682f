"""Story 1, wages: 浦某 v 李某, from a defective application to money in the worker's hand and a closed case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from devstack.demo import wages_world as world
from devstack.demo.desk import BANKS, Cast, Desk, until_accepted
from devstack.demo.people import StoryStopped
from devstack.demo.screen import Screen, inquiry_table
from libs.foundation.fen import yuan

TITLE = "STORY 1 · 浦某 v 李某 · unpaid wages 5,000.00 · 宣威市人民法院"


@dataclass
class WagesStory:
    """The story's script; what later steps need is kept in fields."""

    cast: Cast
    screen: Screen
    at_stage: Callable[[str], None] = lambda _: None
    case_number: str = ""
    application_id: str = ""
    applicant_id: str = ""
    assets: dict[str, dict[str, Any]] = field(default_factory=dict)
    freezes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sit down at the case's desk."""
        self.desk = Desk(self.cast)

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
            self.inquire,
            self.assign,
            self.freeze,
            self.deduct,
            self.pay_out,
            self.release,
            self.close,
        ):
            self.at_stage(chapter.__name__)
            await chapter()

    async def prepare_the_house(self) -> None:
        """The operator connects the court, its fund account and the agencies."""
        operator = self.cast["operator"]
        await operator.expect("intake", f"/v1/courts/{world.COURT}/roster", world.roster(), method="PUT")
        await operator.expect("payments", f"/v1/courts/{world.COURT}/fund-accounts", world.FUND_ACCOUNT, method="PUT")
        for agency_id, agency in world.AGENCIES.items():
            body = agency | {"contact_name": "值班员", "contact_phone": "0874-7120000"}
            await operator.expect("asset_inquiry", f"/v1/agencies/{agency_id}", body, method="PUT")

    async def file(self) -> None:
        """立案: defects named at once, cured, accepted, numbered."""
        portal, clerk = self.cast["portal"], self.cast["u-clerk"]
        filed = await portal.expect("intake", "/v1/enforcement-applications", world.application(complete=False))
        self.application_id = filed["id"]
        self.screen.stage(
            "立案", f"application filed; {len(filed['defects'])} papers lacking, all named at once", "R-INT-10"
        )
        for defect in filed["defects"]:
            self.screen.more(f"{defect['text']}  ({defect['rule']})")
        await portal.expect(
            "intake",
            f"/v1/enforcement-applications/{self.application_id}/supplements",
            {"papers": world.missing_papers()},
        )
        path = f"/v1/enforcement-applications/{self.application_id}"
        conditions = dict.fromkeys(
            ("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True
        )
        accepted = await clerk.change(
            "intake", path, f"{path}/decisions", {"decision": "ACCEPT", "conditions": conditions}
        )
        self.desk.case_id = accepted["case_id"]
        case = await self.desk.case_when("it has its number, receipt and account", _is_registered)
        self.case_number = case["case_number"]
        self.applicant_id = case["applicants"][0]["party_id"]
        self.desk.debtor_id = case["debtors"][0]["party_id"]
        self.screen.stage("立案", f"application accepted, filing receipt signed      {self.case_number}", "R-INT-09")

    async def notify(self) -> None:
        """通知: enforcement notice and property report order, approved in the signing queue and served."""
        for kind in ("ENFORCEMENT_NOTICE", "PROPERTY_REPORT_ORDER"):
            document_id = await self.desk.document("u-duty", kind, recipients=[self.desk.debtor_id])
            await self.cast["u-duty"].expect(
                "intake",
                f"/v1/documents/{document_id}/services",
                {"party_id": self.desk.debtor_id, "method": "DIRECT", "evidence": "送达回证, 被执行人签收"},
            )
        self.screen.stage("通知", "enforcement notice + property report order, approved by the duty leader, served")

    async def inquire(self) -> None:
        """查控: the concentrated inquiry, before anybody is assigned (R-INT-30)."""
        notice = await self.desk.document("u-duty", "ASSISTANCE_QUERY_NOTICE")
        duty = self.cast["u-duty"]
        body = {
            "case_id": self.desk.case_id,
            "subject_ids": [self.desk.debtor_id],
            "asset_classes": world.ASSET_CLASSES,
            "document_ids": [notice],
            "officer_ids": ["u-duty", "u-second"],
            "urgency": "URGENT",
        }
        inquiry = await until_accepted(duty, "asset_inquiry", "/v1/asset-inquiries", body)
        self.screen.stage(
            "查控", f"inquiry to {len(inquiry['planned'])} agencies, answers due in ten minutes", "R-INQ-06"
        )
        with self.screen.live() as live:

            def drawn(seen: dict[str, Any]) -> bool:
                live.update(inquiry_table(seen), refresh=True)
                return bool(seen["state"] == "COMPLETED")

            await duty.wait_for("asset_inquiry", f"/v1/asset-inquiries/{inquiry['id']}", "all agencies' answers", drawn)
        self.screen.console.print()
        found = await duty.wait_for(
            "asset_inquiry",
            "/v1/discovered-assets",
            "the discovered assets",
            lambda page: len(page["items"]) >= BANKS,
            case_id=self.desk.case_id,
        )
        self.assets = {asset["agency_id"]: asset for asset in found["items"]}

    async def assign(self) -> None:
        """分案: triage by rule, then a team."""
        case = await self.desk.case_when(
            "triage", lambda seen: seen["status"] in {"TRIAGED", "ASSIGNED", "IN_PROGRESS"}
        )
        triage = case["triage"]
        path = f"/v1/enforcement-cases/{self.desk.case_id}"
        await self.cast["u-duty-lead"].change(
            "intake", path, f"{path}/assignments", {"team_id": "fast-1", "case_officer_id": "u-officer"}
        )
        self.screen.stage(
            "分案", f"fast team 1    why: claim ≤ 50,000 ({', '.join(triage['rules'])})", "green channel: wages"
        )
        if triage["team_kind"] != "FAST" or "R-INT-31 b" not in triage["rules"]:
            msg = f"triage said {triage}"
            raise StoryStopped(msg)

    async def freeze(self) -> None:
        """冻结: exactly what is owed, no fen more (R-INQ-20)."""
        debt = await self.cast["u-officer"].see("payments", "/v1/debt-statements", case_id=self.desk.case_id)
        if debt["total_fen"] != world.DEBT_FEN:
            msg = f"the debt statement says {debt}"
            raise StoryStopped(msg)
        rest = debt["total_fen"] - world.BANK_A_FEN
        amounts = {"bank-a": world.BANK_A_FEN, "bank-b": rest}
        items = [
            {"agency_id": agency, "asset_id": self.assets[agency]["asset_id"], "amount_fen": amount}
            for agency, amount in amounts.items()
        ]
        papers = await self.desk.papers("FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE", {"amount_fen": debt["total_fen"]})
        await self.desk.order({"kind": "FREEZE", "items": items, "document_ids": papers})
        measures = await self.desk.measures("both freezes in force", lambda one: one["state"] == "EFFECTIVE")
        self.freezes = {measure["agency_id"]: measure for measure in measures}
        frozen = sum(measure["controlled_fen"] for measure in measures)
        self.screen.stage(
            "冻结",
            f"bank-a {yuan(amounts['bank-a'])} + bank-b {yuan(rest)} = {yuan(frozen)}",
            f"excess {yuan(frozen - debt['total_fen'])}, R-INQ-20",
        )
        for line in debt["lines"]:
            self.screen.more(
                f"{line['code']}: {line['formula']} = {yuan(line['amount_fen'])}   {line['rule']} {line['article']}"
            )

    async def deduct(self) -> None:
        """扣划: the money goes to the case's own account; only its arrival books it (R-PAY-01)."""
        items = [self._on_freeze(agency, measure["controlled_fen"]) for agency, measure in self.freezes.items()]
        papers = await self.desk.papers(
            "DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE", {"amount_fen": world.DEBT_FEN}
        )
        await self.desk.order({"kind": "DEDUCT", "items": items, "document_ids": papers, "remainder": "KEEP"})
        account = await self.cast["u-maker"].wait_for(
            "payments",
            f"/v1/case-accounts/{self.desk.case_id}",
            "the money in the case account",
            lambda seen: seen["balance_fen"] == world.DEBT_FEN,
        )
        number = account["account"]["account_number"]
        self.screen.stage("扣划", f"{yuan(account['balance_fen'])} → case account …{number[-4:]}", "R-PAY-01")
        pool = await self.cast["u-maker"].wait_for(
            "payments",
            "/v1/incoming-payments",
            "the line that names no case",
            lambda page: len(page["items"]) >= 1,
            status="UNIDENTIFIED",
        )
        stray = sum(item["amount_fen"] for item in pool["items"])
        self.screen.more(
            f"one statement line came twice and was booked once; {yuan(stray)} names no case: unidentified money"
        )

    async def pay_out(self) -> None:
        """发放: maker, checker and approver are three people; the bank confirms."""
        fee = world.FEE_FEN
        await self.desk.pay_out("TO_APPLICANT", world.DEBT_FEN - fee, self.applicant_id)
        await self.desk.pay_out("ENFORCEMENT_FEE", fee)
        self.screen.stage(
            "发放",
            f"maker 张 · checker 王 · approver 李 → 浦某 {yuan(world.DEBT_FEN - fee)}, fee {yuan(fee)}",
            "R-PAY-04",
        )

    async def release(self) -> None:
        """解冻: both freezes are lifted."""
        items = [self._on_freeze(agency, 0) for agency in self.freezes]
        papers = await self.desk.papers("RELEASE_RULING", "ASSISTANCE_RELEASE_NOTICE", {})
        await self.desk.order({"kind": "RELEASE", "items": items, "document_ids": papers})
        released = await self.desk.measures("both freezes released", lambda one: one["state"] == "RELEASED")
        self.screen.stage("解冻", f"{len(released)} freezes released")

    async def close(self) -> None:
        """结案: proposed with its guards explained, approved."""
        officer, leader = self.cast["u-officer"], self.cast["u-leader"]
        path = f"/v1/enforcement-cases/{self.desk.case_id}"
        await self.desk.case_when(
            "the settled account and the released freezes",
            lambda seen: seen["debt"]["settled"] and all(one["state"] == "RELEASED" for one in seen["controls"]),
        )
        proposed = await officer.change("intake", path, f"{path}/closures", {"kind": "FULLY_PERFORMED"})
        approver = self.cast[proposed["approver"]] if proposed["approver"] in self.cast.people else leader
        await approver.change("intake", path, f"/v1/closures/{proposed['id']}/approvals", {"decision": "APPROVE"})
        await self.desk.case_when("closing", lambda seen: seen["status"] == "CLOSED")
        self.screen.stage("结案", "执行完毕", "R-INT-27")
        for guard in proposed["guards"]:
            self.screen.more(f"{guard['explanation']}  ({guard['rule']})")

    def _on_freeze(self, agency: str, amount_fen: int) -> dict[str, Any]:
        measure = self.freezes[agency]
        return {
            "agency_id": agency,
            "asset_id": measure["asset_id"],
            "amount_fen": amount_fen,
            "original_request_number": measure["request_number"],
            "original_sequence": measure["sequence"],
        }


def _is_registered(case: dict[str, Any]) -> bool:
    return bool(case.get("case_number") and case.get("filing_receipt") and (case.get("debt") or {}).get("account"))
