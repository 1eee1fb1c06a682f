"""The later half of the story: a debt, control orders of intake, and money that arrives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from libs.foundation.canonical import sha256_hex
from libs.foundation.ids import stream_name
from libs.schemas.intake import ControlOrderIssued, ControlOrderItem
from libs.schemas.parts import CaseAccountRef, DocumentKind, Due, OfficerRef, PaperRef, PartyRef, RequestKind
from libs.schemas.payments import AccountCredited, DebtAssessed
from tests.integration.asset_inquiry.stage import COURT, Stage, debtor_of

PAPERS: dict[RequestKind, tuple[DocumentKind, ...]] = {
    "FREEZE": ("FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"),
    "DEDUCT": ("DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE"),
    "RELEASE": ("RELEASE_RULING", "ASSISTANCE_RELEASE_NOTICE"),
}
ACCOUNT = CaseAccountRef(
    account_name="宣威市人民法院执行款专户", account_number="53039900010001", bank_name="农商行", bank_id="custodian"
)


async def assess(stage: Stage, case_id: str, total_fen: int) -> None:
    debt = DebtAssessed(
        case_id=case_id,
        as_of=date(2026, 3, 2),
        lines=(),
        principal_fen=total_fen,
        interest_fen=0,
        fee_fen=0,
        total_fen=total_fen,
    )
    await stage.say(stage.payments, stream_name("account", case_id), debt, case_id)


async def credit(stage: Stage, case_id: str, amount_fen: int, payment_reference: str | None) -> None:
    credited = account_credited(case_id, amount_fen, payment_reference)
    await stage.say(stage.payments, stream_name("account", case_id), credited, case_id)


def account_credited(case_id: str, amount_fen: int, payment_reference: str | None) -> AccountCredited:
    now = datetime.now(UTC)
    due = Due(
        due_at=now + timedelta(days=1), nominal_day=now.date(), last_day=now.date(), rule="R-PAY-04", explanation="-"
    )
    return AccountCredited(
        case_id=case_id,
        incoming_id=f"in-{payment_reference}",
        amount_fen=amount_fen,
        legs=(),
        bank_id="custodian",
        reference=f"IN-{payment_reference}",
        payment_reference=payment_reference,
        payer_display="李**",
        value_at=now,
        balance_fen=amount_fen,
        recovered_fen=amount_fen,
        payment_notice_due=due,
        payout_due=due,
        outer_limit=due,
    )


async def order(stage: Stage, case_id: str, kind: RequestKind, items: list[dict[str, Any]], **changes: Any) -> str:
    """Let intake issue a control order with its papers; return its id."""
    order_id = f"co_{next(stage.serials)}"
    papers = []
    for paper_kind in changes.pop("paper_kinds", PAPERS[kind]):
        document_id = await stage.paper(case_id, paper_kind)
        content = f"<html>{paper_kind} {document_id}</html>"
        papers.append(paper_ref(document_id, paper_kind, content))
    issued = ControlOrderIssued(
        **{
            "case_id": case_id,
            "case_number": f"(2026){COURT}执1号",
            "control_order_id": order_id,
            "kind": kind,
            "debtor": PartyRef(party_id=debtor_of(case_id), display_name="李**", party_type="PERSON"),
            "items": [
                ControlOrderItem(**{"sequence": n, "account_reference": "", **item})
                for n, item in enumerate(items, start=1)
            ],
            "papers": papers,
            "officers": [
                OfficerRef(officer_id=officer, name=officer, work_permit_number="-", duty_permit_number="-")
                for officer in ("u-duty", "u-second")
            ],
            "requested_by": "u-duty",
            "approved_by": "u-lead",
            "limit_fen": 0,
            "case_account": ACCOUNT if kind == "DEDUCT" else None,
            **changes,
        }
    )
    await stage.say(stage.intake, stream_name("case", case_id), issued, case_id)
    return order_id


def paper_ref(document_id: str, kind: DocumentKind, content: str) -> PaperRef:
    return PaperRef(
        document_id=document_id, kind=kind, number="n", title=kind.title(), sha256=sha256_hex(content.encode())
    )


async def decided(stage: Stage, order_id: str) -> dict[str, Any]:
    return await stage.until(stage.staff(), f"/v1/control-orders/{order_id}", lambda seen: seen["state"] != "PENDING")


async def measures(stage: Stage, case_id: str, reached: Any) -> list[dict[str, Any]]:
    path = f"/v1/control-measures?case_id={case_id}"
    page = await stage.until(stage.staff(), path, lambda seen: seen["items"] and all(map(reached, seen["items"])))
    return list(page["items"])


def on_freeze(measure: dict[str, Any], amount_fen: int) -> dict[str, Any]:
    return {
        "agency_id": measure["agency_id"],
        "asset_id": measure["asset_id"],
        "amount_fen": amount_fen,
        "original_request_number": measure["request_number"],
        "original_sequence": measure["sequence"],
    }
