"""What the bus tells listings: which command goes to which stream, and to which it does not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from libs.bus import Dispatch, Message
from libs.journal import Folded
from libs.schemas.asset_inquiry import ControlEffective, ControlReleased
from libs.schemas.credit_blacklist import (
    CasefileControlRecorded,
    CasefileDebtRecorded,
    CasefileRecordJoined,
    ListingRemoved,
)
from libs.schemas.envelope import Event
from libs.schemas.intake import CaseClosed, DocumentServed, PropertyReportBreached
from libs.schemas.parts import Due
from libs.schemas.payments import AccountCredited, DebtSatisfied
from services.credit_blacklist.domain.casefile import CaseFile, evolve_casefile
from services.credit_blacklist.domain.listing_commands import EndWithCase, NotePayment, SettleByPerformance, WarnDebtor
from services.credit_blacklist.domain.publicity import EndItem
from services.credit_blacklist.handlers import cases, together
from services.credit_blacklist.handlers.listings import ListingsOfCase, on_document_served
from tests.unit.credit_blacklist.listing_court import CASE, DEBTOR, LISTING, PARTY, Court
from tests.unit.credit_blacklist.test_listing_copies import record

AT = datetime(2025, 3, 10, 4, tzinfo=UTC)
STREAM = f"listing/{PARTY}/{CASE}"
DUE = Due(due_at=AT, nominal_day=date(2025, 3, 10), last_day=date(2025, 3, 10), rule="r", explanation="e")


@dataclass
class Files:
    """A journal that holds one case file."""

    file: CaseFile

    async def fold(self, stream: str, *, court: str | None) -> Folded[CaseFile]:
        assert court is None
        return Folded(self.file, 1, stream, "云0381", CASE, AT)


def message(event: Event, seq: int = 1) -> Message[Any]:
    return Message(event, "evt_1", event.SERVICE, "stream", seq, "云0381", CASE, AT, "c", None, None, "t", 0, 0)


def rooms(*facts: Event) -> ListingsOfCase:
    state = CaseFile()
    joined = CasefileRecordJoined(case_id=CASE, kind="LISTING", stream=STREAM)
    for fact in (record(), joined, *facts):
        state = evolve_casefile(state, fact)
    return ListingsOfCase(Files(state))  # type: ignore[arg-type]  # it folds, and that is all that is asked


def sent(dispatches: Iterable[Dispatch]) -> list[tuple[str, Any]]:
    return [(one.stream, one.command) for one in dispatches]


def served(kind: Any) -> DocumentServed:
    return DocumentServed(
        document_id="doc_1",
        case_id=CASE,
        kind=kind,
        party=DEBTOR,
        method="DIRECT",
        served_at=AT,
        evidence="送达回证",
        recorded_by="u",
    )


def credited(recovered: int) -> AccountCredited:
    return AccountCredited(
        case_id=CASE,
        incoming_id="in_1",
        amount_fen=recovered,
        legs=(),
        bank_id="bank",
        reference="r",
        payer_display="李**",
        value_at=AT,
        balance_fen=recovered,
        recovered_fen=recovered,
        payment_notice_due=DUE,
        payout_due=DUE,
        outer_limit=DUE,
    )


@pytest.mark.rule("R-CRB-06")
def test_the_enforcement_notice_warns_and_no_other_paper_does() -> None:
    warned = sent(on_document_served(message(served("ENFORCEMENT_NOTICE"))))
    assert warned == [(STREAM, WarnDebtor(LISTING, CASE, PARTY, "doc_1", AT))]
    assert list(on_document_served(message(served("PROPERTY_REPORT_ORDER")))) == []
    assert list(cases.on_document_served(message(served("PROPERTY_REPORT_ORDER")))) == []


@pytest.mark.rule("R-CRB-10")
@pytest.mark.asyncio
async def test_performance_reaches_every_listing_of_the_case() -> None:
    paid = DebtSatisfied(case_id=CASE, as_of=date(2025, 3, 9), total_fen=1, recovered_fen=1)
    found = sent(await rooms().on_debt_satisfied(message(paid)))
    assert found == [(STREAM, SettleByPerformance(date(2025, 3, 9)))]


@pytest.mark.rule("R-CRB-10")
@pytest.mark.asyncio
async def test_the_end_of_the_case_reaches_every_listing_of_it() -> None:
    closed = CaseClosed(case_id=CASE, case_number="n", kind="NOT_ENFORCED", closed_on=date(2025, 3, 9), recovered_fen=0)
    found = sent(await rooms().on_case_closed(message(closed)))
    assert found == [(STREAM, EndWithCase("NOT_ENFORCED", date(2025, 3, 9)))]


@pytest.mark.rule("R-CRB-08")
@pytest.mark.asyncio
async def test_money_is_measured_against_the_latest_assessment_or_else_the_principal() -> None:
    assert sent(await rooms().on_account_credited(message(credited(5)))) == [(STREAM, NotePayment(5, 10_000_000))]
    debt = CasefileDebtRecorded(case_id=CASE, total_fen=10_334_250, source_seq=3)
    assert sent(await rooms(debt).on_account_credited(message(credited(5)))) == [(STREAM, NotePayment(5, 10_334_250))]


@pytest.mark.asyncio
async def test_money_for_a_case_that_is_not_here_yet_is_nobodys_business() -> None:
    nothing = ListingsOfCase(Files(CaseFile()))  # type: ignore[arg-type]  # it folds, and that is all that is asked
    assert list(await nothing.on_account_credited(message(credited(5)))) == []


@pytest.mark.rule("R-CRB-09")
@pytest.mark.asyncio
async def test_a_removal_reaches_every_batch_of_the_case() -> None:
    court = Court().listed("REFUSES_THOUGH_ABLE").remove("APPLICANT_REQUEST")
    batch = CasefileRecordJoined(case_id=CASE, kind="PUBLICITY", stream="publicity/pub_1")
    found = sent(await rooms(batch).on_listing_removed(message(court.of(ListingRemoved)[0])))
    assert found == [("publicity/pub_1", EndItem(LISTING, date(2025, 3, 10)))]


@pytest.mark.rule("R-CRB-03")
def test_a_released_control_holds_nothing() -> None:
    common = {"case_id": CASE, "measure_id": "m", "agency_id": "a", "request_number": "r", "sequence": 1}
    held = ControlEffective(**common, controlled_fen=7, effective_from=AT, agency_reference="x")  # type: ignore[arg-type]
    released = ControlReleased(**common, released_at=AT)  # type: ignore[arg-type]
    facts = [
        next(iter(cases.on_control_changed(message(event, seq)))).command.fact
        for seq, event in enumerate((held, released), start=4)
    ]
    assert [(fact.controlled_fen, fact.source_seq) for fact in facts] == [(7, 4), (0, 5)]
    assert all(isinstance(fact, CasefileControlRecorded) for fact in facts)


def test_a_breach_of_the_reporting_duty_is_kept_with_its_day() -> None:
    breach = PropertyReportBreached(case_id=CASE, party_id=PARTY, reason="NOT_REPORTED")
    fact = next(iter(cases.on_property_report_breached(message(breach)))).command.fact
    assert (fact.party_id, fact.reason, fact.breached_at) == (PARTY, "NOT_REPORTED", AT)


@pytest.mark.asyncio
async def test_what_several_handlers_answer_is_one_answer() -> None:
    async def later(_message: Message[Any]) -> list[Dispatch]:
        return [Dispatch("b", 2)]

    both = together(lambda _message: [Dispatch("a", 1)], later)
    answer = both(message(served("ENFORCEMENT_NOTICE")))
    assert sent(await answer) == [("a", 1), ("b", 2)]  # type: ignore[misc]  # an async handler is awaited
