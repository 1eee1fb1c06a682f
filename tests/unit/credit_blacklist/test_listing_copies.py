"""Our copies of persons and cases: taken once or if newer, and what they are asked."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from libs.schemas.credit_blacklist import (
    CasefileControlRecorded,
    CasefileDebtRecorded,
    CasefileRecorded,
    CasefileSatisfied,
    CasefileWarned,
    ListingWordingKept,
    PersonRecorded,
)
from libs.schemas.envelope import Event
from libs.schemas.intake.parties import IdentityDocument
from libs.schemas.parts import PartyRef
from services.credit_blacklist.domain.casefile import CaseFile, CaseFileUnknown, evolve_casefile
from services.credit_blacklist.domain.casefile_law import (
    CaseFileCommand,
    EndBar,
    JoinRecord,
    NoBarOfThisId,
    Note,
    PaperNumbersUsedUp,
    TakeNumber,
    decide_casefile,
)
from services.credit_blacklist.domain.listing_wording import (
    KeepWords,
    ListingWordings,
    Masker,
    decide_words,
    evolve_words,
)
from services.credit_blacklist.domain.person import (
    Person,
    PersonNotHereYet,
    RecordPerson,
    Source,
    decide_person,
    evolve_person,
    person_fact,
)

NOW = datetime(2025, 3, 10, 4, tzinfo=UTC)
CARD = IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="530381198001010011")
PASSPORT = IdentityDocument(id_type="PASSPORT", id_number="E12345678")


def fact(
    *documents: IdentityDocument, source: Source = "PARTY_REGISTER", seq: int = 1, born: date | None = None
) -> PersonRecorded:
    return person_fact(
        party_id="party_1",
        party_type="PERSON",
        name="李小明",
        documents=documents,
        source=source,
        source_seq=seq,
        birth_date=born,
    )


def known(*facts: PersonRecorded) -> Person:
    state = Person()
    for one in facts:
        for event in decide_person(state, RecordPerson(one), NOW):
            state = evolve_person(state, event)
    return state


def record(number: str = "(2024)云0381执1号") -> CasefileRecorded:
    return CasefileRecorded(
        case_id="case_1",
        case_number=number,
        court="云0381",
        court_name="云南省宣威市人民法院",
        filed_on=date(2024, 3, 20),
        basis_number="(2023)云0381民初1号",
        basis_authority="云南省宣威市人民法院",
        duty="偿还借款",
        last_day_of_performance=date(2024, 3, 11),
        principal_fen=10_000_000,
        applicants=(),
        debtors=(PartyRef(party_id="party_1", display_name="李**", party_type="PERSON"),),
    )


def case(*commands: CaseFileCommand) -> CaseFile:
    state = CaseFile()
    for command in commands:
        state = taken(state, decide_casefile(state, command, NOW))
    return state


def taken(state: CaseFile, events: Sequence[Event]) -> CaseFile:
    for event in events:
        state = evolve_casefile(state, event)
    return state


@pytest.mark.rule("R-CRB-08")
def test_sex_and_birth_date_follow_from_the_identity_number() -> None:
    person = known(fact(CARD)).require()
    assert (person.sex, person.birth_date, person.display_name) == ("MALE", date(1980, 1, 1), "李**")


def test_a_person_without_a_resident_number_has_no_birth_date() -> None:
    assert known(fact(PASSPORT)).require().birth_date is None


def test_a_number_that_breaks_its_standard_tells_nothing() -> None:
    broken = CARD.model_copy(update={"id_number": "530381198001010012"})
    assert known(fact(broken)).require().birth_date is None


def test_what_is_not_here_yet_can_be_asked_for_again() -> None:
    with pytest.raises(PersonNotHereYet) as refusal:
        Person().require()
    assert refusal.value.retryable


def test_an_older_fact_of_the_register_changes_nothing() -> None:
    state = known(fact(CARD, seq=2))
    assert decide_person(state, RecordPerson(fact(PASSPORT, seq=1)), NOW) == ()


def test_a_passport_named_by_an_order_joins_what_the_register_says() -> None:
    state = known(fact(CARD), fact(PASSPORT, source="RESTRICTION_ORDER"))
    assert state.require().documents == (CARD, PASSPORT)
    assert state.require().source == "PARTY_REGISTER"


def test_the_register_keeps_what_an_order_named_before() -> None:
    state = known(fact(PASSPORT, source="RESTRICTION_ORDER"), fact(CARD))
    assert state.require().documents == (CARD, PASSPORT)


@pytest.mark.rule("R-CRB-04")
def test_a_stated_birth_date_stays_when_the_register_speaks_again() -> None:
    stated = fact(PASSPORT, source="LISTING_DECISION", seq=0, born=date(1990, 5, 5))
    state = known(fact(PASSPORT), stated, fact(PASSPORT, seq=2))
    assert state.require().birth_date == date(1990, 5, 5)


def test_the_same_identity_again_is_no_news() -> None:
    state = known(fact(CARD))
    assert decide_person(state, RecordPerson(fact(CARD, source="RESTRICTION_ORDER")), NOW) == ()
    assert decide_person(state, RecordPerson(fact(CARD, seq=7)), NOW) == ()


def test_a_case_is_recorded_once() -> None:
    state = case(Note(record()))
    assert decide_casefile(state, Note(record("(2024)云0381执2号")), NOW) == ()


@pytest.mark.rule("R-CRB-06")
def test_the_first_service_of_the_notice_counts() -> None:
    first, second = (
        CasefileWarned(case_id="case_1", party_id="party_1", document_id=name, served_at=NOW) for name in ("d1", "d2")
    )
    assert case(Note(first), Note(second)).warnings["party_1"].document_id == "d1"


def test_facts_that_arrive_before_their_case_are_kept() -> None:
    paid = CasefileSatisfied(case_id="case_1", as_of=date(2025, 3, 9), satisfied_at=NOW)
    state = case(Note(paid))
    assert (state.satisfied_on, state.satisfied_at) == (date(2025, 3, 9), NOW)
    with pytest.raises(CaseFileUnknown):
        state.require()


def test_an_older_assessment_of_the_debt_changes_nothing() -> None:
    newer, older = (CasefileDebtRecorded(case_id="case_1", total_fen=seq, source_seq=seq) for seq in (5, 4))
    assert case(Note(newer), Note(older)).debt == newer


@pytest.mark.rule("R-CRB-03")
def test_what_all_measures_hold_adds_up_and_a_release_takes_it_away() -> None:
    held = [
        CasefileControlRecorded(case_id="case_1", measure_id=name, controlled_fen=fen, source_seq=seq)
        for name, fen, seq in (("m1", 500, 1), ("m2", 700, 2), ("m1", 0, 3), ("m2", 9, 1))
    ]
    assert case(*(Note(one) for one in held)).controlled_fen == 700


def test_each_stream_joins_its_case_once() -> None:
    joins = [
        JoinRecord("case_1", kind, stream)  # type: ignore[arg-type]
        for kind, stream in (
            ("LISTING", "listing/a"),
            ("RESTRICTION", "restriction/b"),
            ("PUBLICITY", "publicity/c"),
            ("LISTING", "listing/a"),
        )
    ]
    state = case(*joins)
    assert (state.listings, state.restrictions, state.batches) == (("listing/a",), ("restriction/b",), ("publicity/c",))


@pytest.mark.rule("R-INT-04")
def test_papers_are_numbered_by_kind_without_gaps() -> None:
    numbers = [
        ("LISTING_DECISION", "d1"),
        ("LISTING_DECISION", "d2"),
        ("REMOVAL_DECISION", "r1"),
        ("LISTING_DECISION", "d1"),
    ]
    state = case(Note(record()), *(TakeNumber("case_1", kind, purpose) for kind, purpose in numbers))  # type: ignore[arg-type]
    assert dict(state.numbers) == {
        ("LISTING_DECISION", "d1"): "(2024)云0381执1号之一",
        ("LISTING_DECISION", "d2"): "(2024)云0381执1号之二",
        ("REMOVAL_DECISION", "r1"): "(2024)云0381执1号之一",
    }


@pytest.mark.rule("R-INT-04")
def test_there_is_no_hundredth_number() -> None:
    state = case(Note(record()), *(TakeNumber("case_1", "LISTING_DECISION", f"d{one}") for one in range(99)))
    with pytest.raises(PaperNumbersUsedUp):
        decide_casefile(state, TakeNumber("case_1", "LISTING_DECISION", "d99"), NOW)


@pytest.mark.rule("R-CRB-03")
def test_a_bar_that_is_not_there_cannot_end() -> None:
    with pytest.raises(NoBarOfThisId):
        decide_casefile(case(Note(record())), EndBar("bar_1", "x", "officer_1"), NOW)


@pytest.mark.rule("R-CRB-05")
def test_only_debtors_are_debtors() -> None:
    state = case(Note(record()))
    assert state.debtor("party_1") is not None
    assert state.debtor("party_2") is None


@pytest.mark.rule("R-GEN-06")
def test_the_longest_name_is_masked_first_and_a_firm_keeps_its_own() -> None:
    firm = person_fact(
        party_id="party_2",
        party_type="ORGANISATION",
        name="李小明商贸有限公司",
        documents=(),
        source="PARTY_REGISTER",
    )
    mask = Masker((fact(CARD), firm))
    text = "李小明 (530381198001010011) 与李小明商贸有限公司"
    assert mask(text) == "李** (5303811980****0011) 与李小明商贸有限公司"


def test_a_name_of_one_sign_and_nobody_at_all_tear_no_text_apart() -> None:
    short = person_fact(party_id="p", party_type="PERSON", name="李", documents=(), source="PARTY_REGISTER")
    assert Masker((short,))("李某") == "李某"
    assert Masker(())("任何文字") == "任何文字"


def test_the_same_words_are_kept_once() -> None:
    words = ListingWordingKept(listing_id="lst~a~b", sha256="ab" * 32, text="不服", recorded_by="clerk_1")
    state = evolve_words(ListingWordings(), words)
    assert decide_words(state, KeepWords(words), NOW) == ()
    assert decide_words(ListingWordings(), KeepWords(words), NOW) == (words,)
