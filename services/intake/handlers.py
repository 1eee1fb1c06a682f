"""The bus: one function per incoming event, event → commands. The table at the bottom is the map of the room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from libs.bus import Dispatch, Handler, Message
from libs.evidence import Signer
from libs.foundation.errors import Transient
from libs.foundation.ids import derived_id
from libs.journal import Journal
from libs.schemas import asset_inquiry, intake, payments
from libs.schemas.envelope import Event
from libs.schemas.intake import DeductionPosition
from services.intake.domain.case.copies import RecordControl, RecordDebt, RecordOrderResult
from services.intake.domain.case.opening import RecordInquiryResult, RegisterCase
from services.intake.domain.case.papers import OrderPropertyReport
from services.intake.domain.filing import Filing, RecordClosedCase
from services.intake.domain.numbering import BindNumber
from services.intake.domain.roster import Roster
from services.intake.naming import case_stream, filing_stream, numbering_stream, roster_stream
from services.intake.receipts import filing_receipt


class SigningKeyMissing(Transient):
    """The service has no signing key, so it can sign neither receipts nor seals. Give it one; nothing is lost."""

    code = "signing_key_missing"
    title = "The service has no signing key"


def on_application_accepted(message: Message[intake.ApplicationAccepted]) -> Iterable[Dispatch]:
    """An accepted application gets the next number of its court, type and year."""
    event = message.event
    stream = numbering_stream(message.court, event.case_type, event.decided_on.year)
    command = BindNumber(event.application_id, event.case_id, message.court, event.case_type, event.decided_on.year)
    return [Dispatch(stream, command, key=derived_id("key", stream))]


class CaseRegistrar:
    """A bound number becomes a registered case with a signed filing receipt."""

    def __init__(self, journal: Journal, signer: Signer | None) -> None:
        """The registrar reads the application and the roster, and signs."""
        self._journal = journal
        self._signer = signer

    async def on_case_number_bound(self, message: Message[intake.CaseNumberBound]) -> Iterable[Dispatch]:
        """Register the case under its number, with whoever is on duty now as officer and leader."""
        if self._signer is None:
            raise SigningKeyMissing
        event = message.event
        filing = cast(
            "Filing", (await self._journal.read(filing_stream(event.application_id), court=message.court)).state
        )
        roster = cast("Roster", (await self._journal.read(roster_stream(message.court), court=message.court)).state)
        received = filing.attempt(event.application_id).received
        receipt = await self._signer.sign(filing_receipt(received, event, roster.present.court_name), "filing-receipt")
        command = RegisterCase(
            case_id=event.case_id,
            case_number=event.case_number,
            court=message.court,
            court_name=roster.present.court_name,
            application_id=event.application_id,
            applicants=received.applicants,
            debtors=received.debtors,
            basis=received.basis,
            cause=received.cause,
            claim_fen=received.claim_fen,
            received_at=received.received_at or message.at,
            acting_officer=roster.staff(roster.present.duty_officer),
            acting_leader=roster.staff(roster.present.duty_leader),
            receipt=receipt,
        )
        return [Dispatch(case_stream(event.case_id), command, key=event.case_id)]


def on_document_served(message: Message[intake.DocumentServed]) -> Iterable[Dispatch]:
    """Service of the property report order starts the debtor's clock (R-INT-16)."""
    event = message.event
    if event.kind != "PROPERTY_REPORT_ORDER":
        return []
    command = OrderPropertyReport(event.party.party_id, event.document_id, event.served_at)
    return [Dispatch(case_stream(event.case_id), command)]


class ClosingClerk:
    """A closed case lets its filing know, so that the same basis may, or may not, be filed again."""

    def __init__(self, journal: Journal) -> None:
        """The clerk looks up which application the case came from."""
        self._journal = journal

    async def on_case_closed(self, message: Message[intake.CaseClosed]) -> Iterable[Dispatch]:
        """Tell the filing how its case ended."""
        event = message.event
        case = (await self._journal.read(case_stream(event.case_id), court=message.court)).state
        application_id = case.registered.application_id
        command = RecordClosedCase(application_id, event.case_id, event.kind)
        return [Dispatch(filing_stream(application_id), command)]


def on_inquiry_completed(message: Message[asset_inquiry.InquiryCompleted]) -> Iterable[Dispatch]:
    """The result of the concentrated inquiry triages the case (R-INT-30)."""
    event = message.event
    command = RecordInquiryResult(event.inquiry_id, event.found_fen, event.needs_disposal)
    return [Dispatch(case_stream(event.case_id), command)]


def _debt(message: Message[Any], **facts: Any) -> list[Dispatch]:
    return [Dispatch(case_stream(message.event.case_id), RecordDebt(source_seq=message.seq, **facts))]


def on_case_account_opened(message: Message[payments.CaseAccountOpened]) -> Iterable[Dispatch]:
    """The enforcement notice can name the account now (R-PAY-01)."""
    return _debt(message, account=message.event.account)


def on_debt_assessed(message: Message[payments.DebtAssessed]) -> Iterable[Dispatch]:
    """What is owed is what may be held (R-INQ-20)."""
    return _debt(message, debt_fen=message.event.total_fen, as_of=message.event.as_of)


def on_account_credited(message: Message[payments.AccountCredited]) -> Iterable[Dispatch]:
    """Money came in."""
    return _debt(message, recovered_fen=message.event.recovered_fen, balance_fen=message.event.balance_fen)


def on_debt_satisfied(message: Message[payments.DebtSatisfied]) -> Iterable[Dispatch]:
    """What came in covers what is owed."""
    return _debt(message, satisfied=True, recovered_fen=message.event.recovered_fen)


def on_payout_confirmed(message: Message[payments.PayoutConfirmed]) -> Iterable[Dispatch]:
    """Money left the account."""
    return _debt(message, paid_out_fen=message.event.paid_out_fen, balance_fen=message.event.balance_fen)


def on_account_settled(message: Message[payments.AccountSettled]) -> Iterable[Dispatch]:
    """Nothing is left to pay out."""
    event = message.event
    return _debt(
        message, settled=True, recovered_fen=event.recovered_fen, paid_out_fen=event.paid_out_fen, balance_fen=0
    )


def _control(message: Message[Any], **facts: Any) -> list[Dispatch]:
    event = message.event
    command = RecordControl(
        source_seq=message.seq,
        measure_id=event.measure_id,
        agency_id=event.agency_id,
        **facts,
    )
    return [Dispatch(case_stream(event.case_id), command)]


def on_control_requested(message: Message[asset_inquiry.ControlRequested]) -> Iterable[Dispatch]:
    """A freeze is asked for; it counts in full."""
    event = message.event
    return _control(
        message,
        state="REQUESTED",
        request_number=event.request_number,
        sequence=event.sequence,
        control_order_id=event.control_order_id,
        requested_limit_fen=event.requested_limit_fen,
    )


def on_control_effective(message: Message[asset_inquiry.ControlEffective]) -> Iterable[Dispatch]:
    """The whole amount is frozen."""
    event = message.event
    return _control(
        message,
        state="EFFECTIVE",
        request_number=event.request_number,
        sequence=event.sequence,
        controlled_fen=event.controlled_fen,
    )


def on_control_partly_effective(message: Message[asset_inquiry.ControlPartlyEffective]) -> Iterable[Dispatch]:
    """Part of the amount is frozen."""
    event = message.event
    return _control(
        message,
        state="PARTLY_EFFECTIVE",
        request_number=event.request_number,
        sequence=event.sequence,
        controlled_fen=event.controlled_fen,
    )


def on_control_refused(message: Message[asset_inquiry.ControlRefused]) -> Iterable[Dispatch]:
    """Nothing is frozen."""
    return _control(message, state="REFUSED", controlled_fen=0)


def on_control_released(message: Message[asset_inquiry.ControlReleased]) -> Iterable[Dispatch]:
    """The freeze is lifted."""
    return _control(message, state="RELEASED")


def on_deduction_requested(message: Message[asset_inquiry.DeductionRequested]) -> Iterable[Dispatch]:
    """A deduction is under way."""
    event = message.event
    return _control(
        message, deduction=_deduction(event.deduction_id, event.amount_fen, "REQUESTED", event.control_order_id)
    )


def on_deduction_answered(message: Message[asset_inquiry.DeductionAnswered]) -> Iterable[Dispatch]:
    """The agency says what it debited; money is booked only when it arrives."""
    event = message.event
    state = "FAILED" if event.settlement == "FAILED" else "ANSWERED"
    return _control(message, deduction=_deduction(event.deduction_id, event.deducted_fen, state))


def on_deduction_confirmed(message: Message[asset_inquiry.DeductionConfirmed]) -> Iterable[Dispatch]:
    """The money of the deduction arrived."""
    event = message.event
    return _control(message, deduction=_deduction(event.deduction_id, event.amount_fen, "CONFIRMED"))


def on_deduction_failed(message: Message[asset_inquiry.DeductionFailed]) -> Iterable[Dispatch]:
    """The freeze stands as it was."""
    return _control(message, deduction=_deduction(message.event.deduction_id, 0, "FAILED"))


def _deduction(deduction_id: str, amount_fen: int, state: Any, order_id: str | None = None) -> DeductionPosition:
    return DeductionPosition(deduction_id=deduction_id, amount_fen=amount_fen, state=state, control_order_id=order_id)


def on_control_order_accepted(message: Message[asset_inquiry.ControlOrderAccepted]) -> Iterable[Dispatch]:
    """The final check passed."""
    event = message.event
    return [Dispatch(case_stream(event.case_id), RecordOrderResult(event.control_order_id, accepted=True))]


def on_control_order_refused(message: Message[asset_inquiry.ControlOrderRefused]) -> Iterable[Dispatch]:
    """The final check refused the order: its amounts count no more."""
    event = message.event
    command = RecordOrderResult(event.control_order_id, accepted=False, code=event.code, reason=event.reason)
    return [Dispatch(case_stream(event.case_id), command)]


def handlers(journal: Journal, signer: Signer | None) -> Mapping[type[Event], Handler]:
    """Return the map of the room: which event leads where."""
    return {
        # from application to numbered case
        intake.ApplicationAccepted: on_application_accepted,
        intake.CaseNumberBound: CaseRegistrar(journal, signer).on_case_number_bound,
        intake.DocumentServed: on_document_served,
        intake.CaseClosed: ClosingClerk(journal).on_case_closed,
        # what asset_inquiry found and holds
        asset_inquiry.InquiryCompleted: on_inquiry_completed,
        asset_inquiry.ControlOrderAccepted: on_control_order_accepted,
        asset_inquiry.ControlOrderRefused: on_control_order_refused,
        asset_inquiry.ControlRequested: on_control_requested,
        asset_inquiry.ControlEffective: on_control_effective,
        asset_inquiry.ControlPartlyEffective: on_control_partly_effective,
        asset_inquiry.ControlRefused: on_control_refused,
        asset_inquiry.ControlReleased: on_control_released,
        asset_inquiry.DeductionRequested: on_deduction_requested,
        asset_inquiry.DeductionAnswered: on_deduction_answered,
        asset_inquiry.DeductionConfirmed: on_deduction_confirmed,
        asset_inquiry.DeductionFailed: on_deduction_failed,
        # what payments says of the money
        payments.CaseAccountOpened: on_case_account_opened,
        payments.DebtAssessed: on_debt_assessed,
        payments.AccountCredited: on_account_credited,
        payments.DebtSatisfied: on_debt_satisfied,
        payments.PayoutConfirmed: on_payout_confirmed,
        payments.AccountSettled: on_account_settled,
    }
