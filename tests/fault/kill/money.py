"""Money of a case: it comes in twice and is booked once, and leaves after three people agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fault.kill.client import Command
from tests.fault.kill.house import OTHER_BANK
from tests.fault.kill.together import together

if TYPE_CHECKING:
    from tests.fault.kill.cases import Case

PATH = "/v1/bank-statements"
VALUE_AT = "2026-03-02T09:30:00+08:00"


class Money:
    """The banks' and the fund officers' side of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.account = str(case.seen["debt"]["account"]["account_number"])
        self.number = str(case.seen["case_number"])

    async def flow(self) -> None:
        """Take money in and pay some of it out."""
        case = self.case
        await self.arrive()
        await self.other_lines()
        account = f"/v1/case-accounts/{case.case_id}"
        await case.until("u-maker", "payments", account, lambda seen: seen["balance_fen"] >= 60_000)
        if case.serial % 4 == 3:
            # Two fund officers draft what is there once: one of them is told that nothing is left.
            await together(*(self.draft(260_000) for _ in range(2)))
        payouts = await together(*(self.draft(case.dice.randrange(1_000, 9_000)) for _ in range(2)))
        await case.refused("u-maker", "payments", "/v1/payouts", self._draft(90_000_000_000), kind="payouts")
        for payout in payouts:
            if payout.answer is not None and payout.answer.accepted:
                await self.decide(str(payout.answer.body["id"]))

    async def arrive(self) -> None:
        """Two payments reach the case account at the custodian; whoever pays in does not know whether it was heard."""
        case = self.case
        for part in range(2):
            paid = {
                "from_bank": "bank-c",
                "payment_reference": f"part-{case.serial}-{part}",
                "account_number": self.account,
                "amount_fen": 30_000 + case.dice.randrange(1, 999),
                "payer_name": "李建业",
            }
            for _ in range(case.dice.choice((1, 2))):
                response = await case.client.http.post(f"{case.house.partners['custodian']}/incoming", json=paid)
                response.raise_for_status()

    async def other_lines(self) -> None:
        """Another bank sends lines: for the case by its number, for nobody, all twice at once, one with other sums."""
        case = self.case
        lines = [self._line(number, self.number if number else "无") for number in range(3)]
        await together(*(case.write(OTHER_BANK, "payments", PATH, part) for part in (lines, lines[:2])))
        wrong = [lines[0] | {"amount_fen": 1}, lines[1] | {"amount_fen": 2}]
        await case.write(OTHER_BANK, "payments", PATH, wrong, deliberate=True)

    def _line(self, number: int, remark: str) -> dict[str, Any]:
        return {
            "bank_id": OTHER_BANK,
            "reference": f"L-{self.case.serial}-{number}",
            "account_number": f"99{self.case.serial:08d}",
            "amount_fen": 100 + self.case.serial + number,
            "value_at": VALUE_AT,
            "payer_name": "李建业",
            "remark": remark,
        }

    def _draft(self, amount_fen: int) -> dict[str, Any]:
        payee = self.case.seen["applicants"][0]["party_id"]
        draft = {"case_id": self.case.case_id, "purpose": "TO_APPLICANT", "payee_id": payee}
        return draft | {"amount_fen": amount_fen}

    async def draft(self, amount_fen: int) -> Command:
        """Draft a payout to the applicant."""
        return await self.case.write("u-maker", "payments", "/v1/payouts", self._draft(amount_fen))

    async def decide(self, payout_id: str) -> None:
        """Check and approve; who has not the role is refused, and of two checkers at once one comes too late."""
        case, path = self.case, f"/v1/payouts/{payout_id}"
        agreed = {"decision": "APPROVE", "reason": "一致"}

        async def step(who: str) -> Command:
            etag = await case.etag(who, "payments", path)
            return await case.write(who, "payments", f"{path}/approvals", agreed, etag=etag)

        etag = await case.etag("u-maker", "payments", path)
        await case.refused("u-maker", "payments", f"{path}/approvals", agreed, etag=etag)
        await together(step("u-checker"), step("u-checker"))
        if case.dice.random() < 0.1:
            etag = await case.etag("u-approver", "payments", path)
            no = {"decision": "REJECT", "reason": "金额有误"}
            await case.write("u-approver", "payments", f"{path}/approvals", no, etag=etag)
            return
        await case.insist(lambda: step("u-approver"))
