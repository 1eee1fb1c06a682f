"""The items of a control order, each checked: the asset and the measure exist, the agency can, the amounts fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from libs.foundation.ids import derived_id
from libs.schemas.asset_inquiry import AssetRecorded, RequestItem
from libs.schemas.intake import ControlOrderIssued, ControlOrderItem
from libs.schemas.parts import AssetClass, RequestKind
from services.asset_inquiry.domain.controls import IN_FORCE, ControlsState, Measure
from services.asset_inquiry.domain.inquiry import Capability
from services.asset_inquiry.domain.refusals import (
    AmountMissing,
    AssetExempt,
    AssetUnknown,
    DeductionAboveFrozen,
    DeductionOpen,
    MeasureUnsupported,
    OriginalNotFound,
)
from services.asset_inquiry.rules.measures import EXEMPT_STATUSES, MONEY_CLASSES, measure_for


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """An item that passed: on which measure it acts and by which code."""

    sequence: int
    agency_id: str
    asset_id: str
    asset_class: AssetClass
    masked_reference: str
    measure_id: str
    measure_code: str
    amount_fen: int
    original_request_number: str | None = None
    original_sequence: int | None = None
    ends_on: date | None = None
    waits_for: tuple[str, ...] = ()

    def deduction_id(self, control_order_id: str) -> str:
        """Return the one payment reference of this item's deduction: the same, however often it is sent."""
        return derived_id("ded", control_order_id, str(self.sequence))

    def request_item(self, order: ControlOrderIssued) -> RequestItem:
        """Return the item as the agency's request carries it; the full reference stands in the private content."""
        return RequestItem(
            sequence=self.sequence,
            measure_code=self.measure_code,
            asset_class=self.asset_class,
            asset_id=self.asset_id,
            account_reference=self.masked_reference,
            scope="FUNDS" if self.asset_class in MONEY_CLASSES else None,
            requested_limit_fen=self.amount_fen,
            original_request_number=self.original_request_number,
            original_sequence=self.original_sequence,
            measure_id=self.measure_id,
            payment_reference=self.deduction_id(order.control_order_id) if order.kind == "DEDUCT" else None,
        )


def checked_items(
    state: ControlsState,
    order: ControlOrderIssued,
    agencies: Mapping[str, Capability],
    assets: Mapping[str, AssetRecorded],
    today: date,
) -> tuple[CheckedItem, ...]:
    """Return the items, or refuse the whole order for the first that does not pass."""
    items: list[CheckedItem] = []
    for item in order.items:
        if order.kind == "FREEZE":
            items.append(_freeze(order, item, agencies, assets))
        else:
            measure = _original(state, order, item)
            if order.kind == "DEDUCT":
                _check_deduction(item, measure, today)
            items.append(_on_measure(order, item, measure, agencies, assets))
    if not items or len({item.sequence for item in items}) < len(items):
        raise AmountMissing("An order has at least one item, each with a sequence of its own.")
    if len({item.measure_id for item in items}) < len(items):
        raise DeductionOpen("Two items act on the same freeze.")
    return tuple(items)


def _freeze(
    order: ControlOrderIssued,
    item: ControlOrderItem,
    agencies: Mapping[str, Capability],
    assets: Mapping[str, AssetRecorded],
) -> CheckedItem:
    record = assets.get(item.asset_id)
    if (
        record is None
        or record.case_id != order.case_id
        or record.party_id != order.debtor.party_id
        or record.asset.agency_id != item.agency_id
    ):
        raise AssetUnknown(f"Item {item.sequence}: the asset was not reported by this agency for this debtor.")
    if article := EXEMPT_STATUSES.get(record.asset.status):
        raise AssetExempt(f"Item {item.sequence}: {record.asset.status} ({article}).")
    if item.amount_fen < 1:
        raise AmountMissing(f"Item {item.sequence} names no amount.")
    return CheckedItem(
        sequence=item.sequence,
        agency_id=item.agency_id,
        asset_id=item.asset_id,
        asset_class=record.asset.asset_class,
        masked_reference=record.asset.masked_reference,
        measure_id=derived_id("msr", order.control_order_id, str(item.sequence)),
        measure_code=_code("FREEZE", record.asset.asset_class, agencies.get(item.agency_id)),
        amount_fen=item.amount_fen,
    )


def _original(state: ControlsState, order: ControlOrderIssued, item: ControlOrderItem) -> Measure:
    """Return the freeze that an item names, in force and not on its way out."""
    measure = state.measure_named(item.original_request_number, item.original_sequence)
    may_be = IN_FORCE | {"QUEUED"} if order.kind == "RELEASE" else IN_FORCE
    if measure is None or measure.agency_id != item.agency_id or measure.state not in may_be:
        raise OriginalNotFound(f"Item {item.sequence}: no freeze in force has this request number and sequence.")
    if measure.release_order:
        raise DeductionOpen(f"Item {item.sequence}: the release of this freeze is on the way.")
    return measure


def _on_measure(
    order: ControlOrderIssued,
    item: ControlOrderItem,
    measure: Measure,
    agencies: Mapping[str, Capability],
    assets: Mapping[str, AssetRecorded],
) -> CheckedItem:
    record = assets.get(measure.asset_id)
    return CheckedItem(
        sequence=item.sequence,
        agency_id=measure.agency_id,
        asset_id=measure.asset_id,
        asset_class=measure.asset_class,
        masked_reference=record.asset.masked_reference if record else "",
        measure_id=measure.measure_id,
        measure_code=_code(order.kind, measure.asset_class, agencies.get(item.agency_id)),
        amount_fen=item.amount_fen if order.kind == "DEDUCT" else measure.requested_fen,
        original_request_number=measure.request_number,
        original_sequence=measure.sequence,
        ends_on=measure.effective_to,
        waits_for=measure.open_deductions,
    )


def _check_deduction(item: ControlOrderItem, measure: Measure, today: date) -> None:
    if measure.effective_to is not None and measure.effective_to < today:
        # Not renewed in time, the freeze lapsed by itself (R-INQ-10, SZ Art 27).
        raise OriginalNotFound(f"Item {item.sequence}: the freeze lapsed on {measure.effective_to}.")
    if item.amount_fen < 1:
        raise AmountMissing(f"Item {item.sequence} names no amount.")
    if measure.open_deductions:
        raise DeductionOpen(f"Item {item.sequence}: an earlier deduction on this freeze is still open.")
    if item.amount_fen > measure.frozen_fen:
        raise DeductionAboveFrozen(
            f"Item {item.sequence}: {item.amount_fen} fen are asked for, {measure.frozen_fen} fen are frozen.",
            frozen_fen=measure.frozen_fen,
        )


def _code(kind: RequestKind, asset_class: AssetClass, agency: Capability | None) -> str:
    measure = measure_for(kind, asset_class)
    if measure is None:
        raise MeasureUnsupported(f"There is no {kind} of {asset_class}.")
    if agency is None or measure.code not in agency.measure_codes:
        raise MeasureUnsupported(f"The agency does not carry out {measure.code} ({measure.name}).")
    return measure.code
