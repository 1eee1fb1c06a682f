"""What the command centre keeps of another service's fact: where it stands, when it happened, the fields that count.

A dossier is a *set* of observations. Everything else, the river, the nodes, the money, is computed from the set, so
that it does not matter in which order the facts arrive, how often, or how late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from libs.foundation.clock import instant
from libs.schemas import asset_inquiry, intake, payments
from libs.schemas.credit_blacklist import listing, restriction
from libs.schemas.envelope import Event


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact of another service."""

    id: str
    service: str
    name: str
    stream: str
    seq: int
    at: datetime
    correlation_id: str
    facts: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Return `service.name`."""
        return f"{self.service}.{self.name}"

    @property
    def order(self) -> tuple[datetime, str, str, int]:
        """Return its place in the river: by business time, within one stream by `seq`."""
        return (self.at, self.service, self.stream, self.seq)

    def moment(self, field: str) -> datetime:
        """Return an instant among its facts, or when it happened if the field is missing."""
        text = self.facts.get(field)
        return instant(text) if isinstance(text, str) else self.at


KEPT: Final[dict[type[Event], tuple[str, ...]]] = {
    intake.ApplicationReceived: ("application_id", "attempt", "applicants", "cause", "claim_fen"),
    intake.ApplicationDefectsNotified: ("application_id", "defects"),
    intake.ApplicationSupplemented: ("application_id", "remaining"),
    intake.ApplicationAccepted: ("application_id", "case_id"),
    intake.CaseRegistered: (
        "case_number", "court_name", "applicants", "debtors", "cause", "claim_fen", "green_channel", "received_at",
        "filed_on", "acting_officer", "acting_leader",
    ),
    intake.FilingReceiptIssued: (),
    intake.CaseTriaged: ("team_kind", "rules", "green_channel"),
    intake.CaseAssigned: ("team_name", "team_kind", "team_leader", "case_officer"),
    intake.PropertyReportOrdered: ("party_id", "due"),
    intake.PropertyReportReceived: ("party_id", "in_time"),
    intake.PropertyReportBreached: ("party_id", "reason"),
    intake.DocumentDrafted: ("document_id", "kind", "number", "recipients"),
    intake.DocumentApproved: ("document_id", "kind", "number"),
    intake.DocumentRejected: ("document_id",),
    intake.DocumentServed: ("document_id", "kind", "party", "method", "served_at"),
    intake.ControlOrderIssued: ("control_order_id", "kind", "limit_fen"),
    intake.ClosureProposed: ("closure_id", "kind"),
    intake.ClosureApproved: ("closure_id", "approved_by"),
    intake.CaseClosed: ("kind", "closed_on", "recovered_fen"),
    asset_inquiry.InquiryOpened: ("inquiry_id", "urgency"),
    asset_inquiry.InquiryCompleted: ("inquiry_id", "found_fen", "assets_found"),
    asset_inquiry.RequestIssued: (
        "request_id", "request_number", "agency_id", "kind", "urgency", "answer_due_at", "answer_rule", "replaces",
    ),
    asset_inquiry.RequestReturned: ("request_id", "request_number", "agency_id", "code", "reissued_as"),
    asset_inquiry.RequestOverdue: ("request_id", "request_number", "agency_id", "reminder"),
    asset_inquiry.RequestCancelled: ("request_id", "request_number", "agency_id"),
    asset_inquiry.ReplyReceived: ("request_id", "request_number", "agency_id", "kind", "status", "late"),
    asset_inquiry.ControlOrderRefused: ("control_order_id", "kind", "code", "rule"),
    asset_inquiry.ControlEffective: ("measure_id", "agency_id", "controlled_fen", "effective_to"),
    asset_inquiry.ControlPartlyEffective: ("measure_id", "agency_id", "controlled_fen", "uncovered_limit_fen"),
    asset_inquiry.ControlQueued: ("measure_id", "agency_id", "rank"),
    asset_inquiry.ControlRefused: ("measure_id", "agency_id", "refusal_code"),
    asset_inquiry.ControlReleased: ("measure_id", "agency_id"),
    asset_inquiry.ControlReleaseRefused: ("measure_id", "agency_id", "refusal_code"),
    asset_inquiry.DeductionAnswered: ("measure_id", "agency_id", "deducted_fen", "remaining_frozen_fen"),
    asset_inquiry.DeductionConfirmed: ("measure_id", "agency_id", "amount_fen"),
    asset_inquiry.DeductionFailed: ("measure_id", "agency_id"),
    payments.CaseAccountOpened: (),
    payments.DebtAssessed: ("as_of", "lines", "principal_fen", "interest_fen", "fee_fen", "total_fen"),
    payments.AccountCredited: (
        "incoming_id", "amount_fen", "value_at", "booked_at", "balance_fen", "recovered_fen", "payment_notice_due",
        "payout_due", "outer_limit",
    ),
    payments.DebtSatisfied: ("as_of", "total_fen"),
    payments.PayoutDrafted: ("payout_id", "purpose", "payee_display", "amount_fen"),
    payments.PayoutChecked: ("payout_id",),
    payments.PayoutApproved: ("payout_id", "purpose", "amount_fen"),
    payments.PayoutRejected: ("payout_id",),
    payments.PayoutConfirmed: ("payout_id", "purpose", "payee_display", "amount_fen", "balance_fen", "paid_out_fen"),
    payments.PayoutFailed: ("payout_id",),
    payments.PayoutInDoubt: ("payout_id",),
    payments.PayoutDoubtResolved: ("payout_id", "outcome"),
    payments.AccountSettled: ("recovered_fen", "paid_out_fen"),
    payments.FundOverdue: ("incoming_id", "stage", "due_at", "amount_fen"),
    listing.ListingDrafted: ("listing_id", "decision_id", "party", "grounds", "applied_on", "decide_by"),
    listing.ListingDraftRejected: ("listing_id", "decision_id"),
    listing.ListingDecided: ("listing_id", "decision_id", "number", "grounds", "term_ends_on", "grace"),
    listing.ListingServed: ("listing_id", "decision_id", "method"),
    listing.ListingCancelled: ("listing_id", "decision_id", "reason"),
    listing.ListingPublished: ("listing_id", "decision_id"),
    listing.ListingUpdated: ("listing_id", "decision_id", "reason"),
    listing.RemovalProposed: ("listing_id", "removal_id", "ground", "due", "by_rule"),
    listing.RemovalRejected: ("listing_id", "removal_id"),
    listing.RemovalDecided: ("listing_id", "removal_id", "ground", "by_rule"),
    listing.ListingRemoved: ("listing_id", "ground"),
    restriction.RestrictionOrdered: ("order_id", "order_number", "kinds", "persons"),
    restriction.RestrictionPublished: (),
    restriction.RestrictionLifted: (),
    restriction.RestrictionDutyOpened: ("party_id", "due"),
    restriction.RestrictionDutyMet: ("party_id", "by"),
}  # fmt: skip
"""The facts that a dossier is made of, each with the fields that are kept. None of them is personal data."""


def facts_of(event: Event) -> dict[str, Any]:
    """Return the fields of an event that are kept, and sums over those parts of it that are not."""
    data = event.data()
    facts = {name: data[name] for name in KEPT[type(event)] if name in data}
    match event:
        case intake.ApplicationReceived():
            # Clues are free text and may name people; that there are some is all that a node asks.
            facts["has_clues"] = bool(event.clues.strip())
        case intake.ControlOrderIssued():
            facts["items"] = len(event.items)
            facts["amount_fen"] = sum(item.amount_fen for item in event.items)
        case asset_inquiry.InquiryOpened():
            facts["requests"] = len(event.planned)
        case asset_inquiry.ReplyReceived():
            assets = [asset for answer in event.answers for asset in answer.assets]
            facts["assets_found"] = len(assets)
            facts["found_fen"] = sum(asset.available_fen or 0 for asset in assets)
        case payments.CaseAccountOpened():
            facts["account_tail"] = event.account.account_number[-4:]
        case restriction.RestrictionPublished() | restriction.RestrictionLifted():
            facts["record_id"] = event.record.record_id
        case _:
            pass
    return facts


class Facts:
    """The observations of one dossier, in order, by what they are."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self.ordered = tuple(sorted(observations, key=lambda each: (each.order, each.id)))
        self._by_key: dict[str, list[Observation]] = {}
        for observation in self.ordered:
            self._by_key.setdefault(observation.key, []).append(observation)

    def every(self, *keys: str, **where: object) -> Iterator[Observation]:
        """Yield the observations of these kinds whose facts have these values, in order of kind and time."""
        for key in keys:
            for observation in self._by_key.get(key, ()):
                if all(observation.facts.get(name) == value for name, value in where.items()):
                    yield observation

    def first(self, *keys: str, **where: object) -> Observation | None:
        """Return the earliest of them, or None."""
        return min(self.every(*keys, **where), key=lambda each: (each.order, each.id), default=None)

    def last(self, *keys: str, **where: object) -> Observation | None:
        """Return the latest of them, or None."""
        return max(self.every(*keys, **where), key=lambda each: (each.order, each.id), default=None)
