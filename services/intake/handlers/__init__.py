"""The bus: one function per incoming event, event → commands. The table below is the map of the room."""

from __future__ import annotations

from collections.abc import Mapping

from libs.bus import Handler
from libs.evidence import Signer
from libs.journal import Journal
from libs.schemas import asset_inquiry, intake, payments
from libs.schemas.credit_blacklist import listing, restriction
from libs.schemas.envelope import Event
from services.intake.handlers import controls, filing, money, punishments


def handlers(journal: Journal, signer: Signer | None) -> Mapping[type[Event], Handler]:
    """Return the map of the room: which event leads where."""
    return {
        # from application to numbered case
        intake.ApplicationAccepted: filing.on_application_accepted,
        intake.CaseNumberBound: filing.CaseRegistrar(journal, signer).on_case_number_bound,
        intake.DocumentServed: filing.on_document_served,
        intake.CaseClosed: filing.ClosingClerk(journal).on_case_closed,
        # what asset_inquiry found and holds
        asset_inquiry.InquiryCompleted: controls.on_inquiry_completed,
        asset_inquiry.ControlOrderAccepted: controls.on_control_order_accepted,
        asset_inquiry.ControlOrderRefused: controls.on_control_order_refused,
        asset_inquiry.ControlRequested: controls.on_control_requested,
        asset_inquiry.ControlEffective: controls.on_control_effective,
        asset_inquiry.ControlPartlyEffective: controls.on_control_partly_effective,
        asset_inquiry.ControlQueued: controls.on_control_queued,
        asset_inquiry.ControlRefused: controls.on_control_refused,
        asset_inquiry.ControlReleased: controls.on_control_released,
        asset_inquiry.DeductionRequested: controls.on_deduction_requested,
        asset_inquiry.DeductionAnswered: controls.on_deduction_answered,
        asset_inquiry.DeductionConfirmed: controls.on_deduction_confirmed,
        asset_inquiry.DeductionFailed: controls.on_deduction_failed,
        # what payments says of the money
        payments.CaseAccountOpened: money.on_case_account_opened,
        payments.DebtAssessed: money.on_debt_assessed,
        payments.AccountCredited: money.on_account_credited,
        payments.DebtSatisfied: money.on_debt_satisfied,
        payments.PayoutConfirmed: money.on_payout_confirmed,
        payments.AccountSettled: money.on_account_settled,
        # who is listed or restricted, and who no more
        listing.ListingPublished: punishments.on_record,
        listing.ListingRemoved: punishments.on_record,
        restriction.RestrictionPublished: punishments.on_record,
        restriction.RestrictionLifted: punishments.on_record,
    }
