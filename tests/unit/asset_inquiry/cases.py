"""The world of these tests in a few words: a case, its debtor, two banks, assets, papers, and orders on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from libs.schemas.asset_inquiry import (
    AssetRecorded,
    CaseRecorded,
    FoundAsset,
    ItemAnswer,
    OfficersFiled,
    PaperRecorded,
    PlannedControl,
    RequestIssued,
    RequestItem,
)
from libs.schemas.envelope import Event
from libs.schemas.intake import ControlOrderIssued, ControlOrderItem
from libs.schemas.parts import AssetClass, CaseAccountRef, OfficerRef, PaperRef, PartyRef, RequestKind
from services.asset_inquiry.domain.control_answers import RecordLimit, decide_controls
from services.asset_inquiry.domain.controls import ControlsState, evolve_controls
from services.asset_inquiry.domain.copies import OfficersCopy, PaperCopy
from services.asset_inquiry.domain.inquiry import Capability
from services.asset_inquiry.domain.orders import DecideOrder
from services.asset_inquiry.rules.measures import papers_for

NOW = datetime(2026, 3, 2, 1, 40, tzinfo=UTC)
CASE = "case_1"
DEBTOR = PartyRef(party_id="party_1", display_name="李**", party_type="PERSON")
SHA = "a" * 64
ACCOUNT = CaseAccountRef(account_name="专户", account_number="53039900010001", bank_name="农商行", bank_id="custodian")
CODES = ("01", "02", "04", "06", "11", "12", "14")


def case(**changes: Any) -> CaseRecorded:
    return CaseRecorded(
        **{
            "case_id": CASE,
            "case_number": "(2026)云0381执1号",
            "court": "云0381",
            "court_name": "宣威市人民法院",
            "debtors": (DEBTOR,),
            "officers": ("u-officer", "u-leader"),
            "is_open": True,
            "source_seq": 1,
            **changes,
        }
    )


def officer(officer_id: str, number: int, duty: str = "滇公务1") -> OfficerRef:
    return OfficerRef(
        officer_id=officer_id, name=officer_id, work_permit_number=f"云宣执{number:04d}", duty_permit_number=duty
    )


OFFICERS = (officer("u-officer", 1), officer("u-second", 2), officer("u-bare", 3, duty=""), officer("u-twin", 1))
ROSTER = OfficersCopy(OfficersFiled(court="云0381", court_name="宣威", officers=OFFICERS, source_seq=1))


def paper(kind: str, *, sealed: bool = True, case_id: str = CASE) -> PaperCopy:
    record = PaperRecorded(
        document_id=f"doc-{kind}",
        kind=kind,
        number="1",
        title=kind,
        media_type="text/html",
        content="x",
        sha256=SHA,
        case_id=case_id,
    )
    return PaperCopy(record, "seal" if sealed else "")


def papers(*kinds: str) -> dict[str, PaperCopy]:
    return {f"doc-{kind}": paper(kind) for kind in kinds}


def bank(agency_id: str = "bank-a", codes: tuple[str, ...] = CODES) -> Capability:
    return Capability(agency_id, "BANK", ("DEPOSIT",), codes)


def asset(
    asset_id: str = "ast-a", agency_id: str = "bank-a", asset_class: AssetClass = "DEPOSIT", **changes: Any
) -> AssetRecorded:
    found = FoundAsset(
        asset_id=asset_id,
        asset_class=asset_class,
        agency_id=agency_id,
        kind="借记卡",
        masked_reference="****1234",
        balance_fen=1_000_000,
        available_fen=1_000_000,
        status=changes.pop("status", "NORMAL"),
    )
    return AssetRecorded(
        **{
            "asset": found,
            "case_id": CASE,
            "party_id": DEBTOR.party_id,
            "request_id": "req-1",
            "agency_asset_id": "6217",
            "account_reference": "6217003860001234",
            "source_seq": 1,
            **changes,
        }
    )


ASSETS = {
    one.asset.asset_id: one
    for one in (
        asset(),
        asset("ast-b", "bank-b"),
        asset("ast-c", "bank-c"),
        asset("ast-home", "land", "REAL_ESTATE"),
        asset("ast-home-2", "land", "REAL_ESTATE"),
        asset("ast-reserve", "bank-a", status="BANK_RESERVE"),
        asset("ast-other-case", "bank-a", case_id="case_2"),
    )
}
AGENCIES = {one.agency_id: one for one in (bank(), bank("bank-b"), bank("bank-c"), bank("land"))}


def item(asset_id: str, amount_fen: int, sequence: int = 1, **changes: Any) -> ControlOrderItem:
    return ControlOrderItem(
        **{
            "sequence": sequence,
            "agency_id": ASSETS[asset_id].asset.agency_id if asset_id in ASSETS else "bank-a",
            "asset_id": asset_id,
            "account_reference": "",
            "amount_fen": amount_fen,
            **changes,
        }
    )


def order(
    kind: RequestKind, items: Sequence[ControlOrderItem], order_id: str = "co-1", **changes: Any
) -> ControlOrderIssued:
    kinds = papers_for(kind)
    return ControlOrderIssued(
        **{
            "case_id": CASE,
            "case_number": "(2026)云0381执1号",
            "control_order_id": order_id,
            "kind": kind,
            "debtor": DEBTOR,
            "items": tuple(items),
            "papers": tuple(
                PaperRef(document_id=f"doc-{one}", kind=one, number="1", title=one, sha256=SHA) for one in kinds
            ),
            "officers": OFFICERS[:2],
            "requested_by": "u-officer",
            "approved_by": "u-leader",
            "limit_fen": 0,
            "case_account": ACCOUNT if kind == "DEDUCT" else None,
            **changes,
        }
    )


def decide(issued: ControlOrderIssued, **changes: Any) -> DecideOrder:
    return DecideOrder(
        **{
            "order": issued,
            "case": case(),
            "papers": papers(*papers_for(issued.kind)),
            "roster": ROSTER,
            "agencies": AGENCIES,
            "assets": MappingProxyType(ASSETS),
            **changes,
        }
    )


def run(state: ControlsState, *commands: Any, now: datetime = NOW) -> tuple[ControlsState, list[Event]]:
    """Execute commands in order; return the state and the events of the last one."""
    events: list[Event] = []
    for command in commands:
        events = list(decide_controls(state, command, now))
        for event in events:
            state = evolve_controls(state, event)
    return state, events


def limited(limit_fen: int) -> ControlsState:
    return run(ControlsState(), RecordLimit(CASE, limit_fen, date(2026, 3, 2), 1))[0]


def request_of(kind: RequestKind, planned: PlannedControl, order_id: str) -> RequestIssued:
    """Return the request that an accepted order's plan becomes."""
    return issued_request(
        kind,
        *planned.items,
        request_id=planned.request_id,
        request_number=planned.request_number,
        agency_id=planned.agency_id,
        control_order_id=order_id,
    )


def issued_request(kind: RequestKind, *items: RequestItem, **changes: Any) -> RequestIssued:
    return RequestIssued(
        **{
            "request_id": "req-1",
            "request_number": "KZ20260302-AAAA0001",
            "batch_number": "b",
            "kind": kind,
            "agency_id": "bank-a",
            "case_id": CASE,
            "case_number": "(2026)云0381执1号",
            "subject": DEBTOR,
            "items": items,
            "papers": (),
            "officers": OFFICERS[:2],
            "urgency": "URGENT",
            "answer_due_at": datetime(2026, 3, 2, 1, 50, tzinfo=UTC),
            "answer_rule": "R-INQ-06",
            "root_request_id": "req-1",
            "issued_at": NOW,
            "content_sha256": SHA,
            "signature": "h..s",
            **changes,
        }
    )


def controlled(sequence: int, controlled_fen: int, uncovered_fen: int = 0, **changes: Any) -> ItemAnswer:
    return ItemAnswer(
        **{
            "sequence": sequence,
            "status": "PARTLY_CONTROLLED" if uncovered_fen else "CONTROLLED",
            "controlled_fen": controlled_fen,
            "uncovered_limit_fen": uncovered_fen,
            "effective_from": NOW,
            "agency_reference": "F1",
            **changes,
        }
    )


def deducted(sequence: int, fen: int, reference: str | None, remaining_fen: int = 0, **changes: Any) -> ItemAnswer:
    return ItemAnswer(
        **{
            "sequence": sequence,
            "status": "DEDUCTED",
            "deducted_fen": fen,
            "remaining_frozen_fen": remaining_fen,
            "settlement": "SENT",
            "payment_reference": reference,
            **changes,
        }
    )
