"""Inquiries, agencies, enclosures and our copies of other rooms' facts."""

from typing import Any

import pytest

from libs.foundation.errors import NotFound
from libs.schemas.asset_inquiry import (
    FoundAsset,
    InquiryAnswerRecorded,
    InquiryCompleted,
    InquiryOpened,
    OfficersFiled,
    PaperRecorded,
    PaperSealed,
    SubjectRecorded,
)
from libs.schemas.envelope import Event
from libs.schemas.parts import AssetClass
from services.asset_inquiry.domain import copies
from services.asset_inquiry.domain.agency import (
    AgencyState,
    ChangeCapabilities,
    RegisterAgency,
    RegisterKey,
    RevokeKey,
    decide_agency,
    evolve_agency,
)
from services.asset_inquiry.domain.agency_refusals import KeyConflict, MeasureCodeUnknown
from services.asset_inquiry.domain.copies import Keep, OfficersCopy, PaperCopy
from services.asset_inquiry.domain.inquiry import (
    PLANNED_MAX,
    Capability,
    InquiryState,
    OpenInquiry,
    RecordAnswer,
    decide_inquiry,
    evolve_inquiry,
    money_found,
)
from services.asset_inquiry.domain.refusals import (
    CaseClosed,
    CopyPending,
    InquiryTooWide,
    NoCapableAgency,
    NotOfficerOfCase,
    OfficersNotFiled,
    PaperNotSealed,
    PapersMissing,
    SubjectNotDebtor,
)
from tests.unit.asset_inquiry.cases import NOW, ROSTER, case, paper, papers

BANKS = (Capability("bank-b", "BANK", ("DEPOSIT",)), Capability("bank-a", "BANK", ("DEPOSIT",)))
LAND = Capability("land", "LAND_REGISTRY", ("REAL_ESTATE",))


def opening(**changes: Any) -> OpenInquiry:
    return OpenInquiry(
        **{
            "inquiry_id": "inq-1",
            "case": case(),
            "subject_ids": ("party_1",),
            "asset_classes": ("DEPOSIT", "REAL_ESTATE"),
            "agencies": (*BANKS, LAND),
            "papers": papers("ASSISTANCE_QUERY_NOTICE"),
            "roster": ROSTER,
            "officer_ids": ("u-officer", "u-second"),
            "urgency": "URGENT",
            "requested_by": "u-officer",
            **changes,
        }
    )


def run(state: InquiryState, *commands: Any) -> tuple[InquiryState, list[Event]]:
    events: list[Event] = []
    for command in commands:
        events = list(decide_inquiry(state, command, NOW))
        for event in events:
            state = evolve_inquiry(state, event)
    return state, events


def opened(**changes: Any) -> InquiryOpened:
    event = run(InquiryState(), opening(**changes))[1][0]
    assert isinstance(event, InquiryOpened)
    return event


def found(fen: int | None, asset_class: AssetClass = "DEPOSIT", currency: str = "CNY") -> FoundAsset:
    return FoundAsset(
        asset_id="a",
        asset_class=asset_class,
        agency_id="x",
        kind="k",
        masked_reference="****",
        available_fen=fen,
        currency=currency,
    )


@pytest.mark.rule("R-INQ-02")
def test_every_capable_agency_is_asked_once_for_its_own_classes() -> None:
    planned = opened().planned
    assert [(one.agency_id, one.asset_classes) for one in planned] == [
        ("bank-a", ("DEPOSIT",)),
        ("bank-b", ("DEPOSIT",)),
        ("land", ("REAL_ESTATE",)),
    ]
    assert len({one.request_number for one in planned}) == 3
    assert planned[0].request_number.startswith("CX20260302-")


@pytest.mark.rule("R-INQ-02")
def test_agencies_without_a_wanted_class_are_left_alone() -> None:
    assert [one.agency_id for one in opened(asset_classes=("REAL_ESTATE",)).planned] == ["land"]


@pytest.mark.rule("R-INQ-02", "R-GEN-06", "R-INQ-04", "R-INQ-05")
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"asset_classes": ("DEPOSIT", "VEHICLE")}, NoCapableAgency),
        ({"case": case(is_open=False)}, CaseClosed),
        ({"subject_ids": ("party_9",)}, SubjectNotDebtor),
        ({"requested_by": "u-second"}, NotOfficerOfCase),
        ({"papers": papers("FREEZE_RULING")}, PapersMissing),
        ({"papers": {"doc-x": paper("ASSISTANCE_QUERY_NOTICE", sealed=False)}}, PaperNotSealed),
        ({"papers": {"doc-x": PaperCopy()}}, CopyPending),
        ({"papers": {"doc-x": paper("ASSISTANCE_QUERY_NOTICE", case_id="case_9")}}, PapersMissing),
        ({"roster": OfficersCopy()}, CopyPending),
        ({"officer_ids": ("u-officer", "u-officer")}, OfficersNotFiled),
        ({"officer_ids": ("u-officer", "u-twin")}, OfficersNotFiled),
        ({"officer_ids": ("u-officer", "u-bare")}, OfficersNotFiled),
    ],
)
def test_an_inquiry_that_may_not_be_made_is_refused(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        run(InquiryState(), opening(**changes))


def test_an_inquiry_that_would_ask_too_many_is_refused_and_says_what_to_do() -> None:
    many = tuple(Capability(f"bank-{n}", "BANK", ("DEPOSIT",)) for n in range(PLANNED_MAX + 1))
    with pytest.raises(InquiryTooWide):
        run(InquiryState(), opening(agencies=many, asset_classes=("DEPOSIT",)))
    assert len(opened(agencies=many[1:], asset_classes=("DEPOSIT",)).planned) == PLANNED_MAX


def test_an_inquiry_is_complete_when_the_last_agency_has_answered() -> None:
    state, _ = run(InquiryState(), opening())
    ids = [one.request_id for one in opened().planned]
    state, events = run(
        state, RecordAnswer(ids[0], "bank-a", (found(320_000),)), RecordAnswer(ids[1], "bank-b", (found(260_000),))
    )
    assert [type(event) for event in events] == [InquiryAnswerRecorded]
    state, events = run(state, RecordAnswer(ids[2], "land", ()))
    completed = events[-1]
    assert isinstance(completed, InquiryCompleted)
    assert (completed.found_fen, completed.assets_found, completed.needs_disposal) == (580_000, 2, False)
    assert run(state, RecordAnswer(ids[2], "land", ()))[1] == [], "the same answer again completes nothing twice"


def test_a_corrected_answer_after_completion_says_the_new_result() -> None:
    state, _ = run(InquiryState(), opening(asset_classes=("REAL_ESTATE",)))
    (planned,) = opened(asset_classes=("REAL_ESTATE",)).planned
    state, _ = run(state, RecordAnswer(planned.request_id, "land", ()))
    _, events = run(state, RecordAnswer(planned.request_id, "land", (found(None, "REAL_ESTATE"),)))
    assert isinstance(events[-1], InquiryCompleted)
    assert events[-1].needs_disposal


def test_an_answer_to_a_request_that_was_not_planned_is_not_found() -> None:
    with pytest.raises(NotFound):
        run(run(InquiryState(), opening())[0], RecordAnswer("req-x", "bank-a", ()))


def test_only_yuan_that_can_be_taken_at_once_counts_as_money_found() -> None:
    assert (
        money_found([found(5), found(None), found(7, currency="USD"), found(9, "REAL_ESTATE"), found(2, "NET_FUND")])
        == 7
    )


# --- agencies ---

REGISTER = RegisterAgency("bank-a", "甲银行", "BANK", ("DEPOSIT",), ("01", "04"), "值班员", "0874-1")


def agency(*commands: Any) -> AgencyState:
    state = AgencyState()
    for command in commands:
        for event in decide_agency(state, command, NOW):
            state = evolve_agency(state, event)
    return state


@pytest.mark.rule("R-INQ-03")
@pytest.mark.parametrize("codes", [("99",), ("11",), ("01", "15")])
def test_an_agency_names_only_codes_that_exist_and_act_on_its_classes(codes: tuple[str, ...]) -> None:
    with pytest.raises(MeasureCodeUnknown):
        agency(RegisterAgency("bank-a", "甲银行", "BANK", ("DEPOSIT",), codes, "值班员", "0874-1"))


def test_an_agency_changes_itself_and_what_it_leaves_out_stays() -> None:
    state = agency(REGISTER, ChangeCapabilities(measure_codes=("01", "04", "06")))
    assert (state.measure_codes, state.contact_name) == (("01", "04", "06"), "值班员")
    assert decide_agency(state, ChangeCapabilities(), NOW) == ()
    assert decide_agency(agency(REGISTER), REGISTER, NOW) == ()
    with pytest.raises(NotFound):
        agency(ChangeCapabilities())


def test_keys_are_added_and_never_changed_under_their_name() -> None:
    state = agency(REGISTER, RegisterKey("k1", {"kty": "EC", "x": "1"}), RegisterKey("k2", {"kty": "EC", "x": "2"}))
    assert set(state.keys) == {"k1", "k2"}
    assert decide_agency(state, RegisterKey("k1", {"kty": "EC", "x": "1"}), NOW) == ()
    with pytest.raises(KeyConflict):
        decide_agency(state, RegisterKey("k1", {"kty": "EC", "x": "3"}), NOW)
    with pytest.raises(NotFound):
        agency(RegisterKey("k1", {}))


def test_a_revoked_key_is_believed_no_more_and_its_name_is_not_used_again() -> None:
    state = agency(REGISTER, RegisterKey("k1", {"kty": "EC", "x": "1"}), RevokeKey("k1"))
    assert dict(state.keys) == {}
    assert decide_agency(state, RevokeKey("k1"), NOW) == ()
    for jwk in ({"kty": "EC", "x": "1"}, {"kty": "EC", "x": "2"}):
        with pytest.raises(KeyConflict):
            decide_agency(state, RegisterKey("k1", jwk), NOW)
    with pytest.raises(NotFound):
        decide_agency(state, RevokeKey("k9"), NOW)


# --- copies ---


def test_a_copy_of_a_case_follows_the_newest_fact_only() -> None:
    state = copies.CaseCopy()
    for command in (
        Keep(case(source_seq=5)),
        copies.AssignOfficers(("u-new",), 7),
        copies.AssignOfficers(("u-old",), 6),
        Keep(case(source_seq=4)),
        copies.CloseCase(9),
    ):
        for event in copies.decide_case_copy(state, command, NOW):
            state = copies.evolve_case_copy(state, event)
    assert state.record is not None
    assert (state.record.officers, state.record.is_open, state.record.source_seq) == (("u-new",), False, 9)


def test_a_paper_and_its_seal_may_arrive_in_any_order() -> None:
    record = paper("FREEZE_RULING").record
    assert isinstance(record, PaperRecorded)
    state = PaperCopy()
    for fact in (PaperSealed(document_id="d", seal="s1"), record, PaperSealed(document_id="d", seal="s2"), record):
        for event in copies.decide_paper(state, Keep(fact), NOW):
            state = copies.evolve_paper(state, event)
    assert (state.record, state.seal) == (record, "s1")


def test_old_rosters_and_identities_do_not_replace_newer_ones() -> None:
    filed = OfficersFiled(court="c", court_name="n", officers=(), source_seq=3)
    roster = copies.evolve_officers(OfficersCopy(), filed)
    assert copies.decide_officers(roster, Keep(filed.model_copy(update={"source_seq": 2})), NOW) == ()
    subject = SubjectRecorded(party_id="p", party_type="PERSON", name="李", documents=(), source_seq=3)
    known = copies.evolve_subject(copies.SubjectCopy(), subject)
    assert copies.decide_subject(known, Keep(subject), NOW) == ()
    assert copies.decide_subject(known, Keep(subject.model_copy(update={"source_seq": 4})), NOW)
