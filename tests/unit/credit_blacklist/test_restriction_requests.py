"""What covered persons ask for, and what is found wrong in their records (R-CRB-12, R-CRB-22)."""

from datetime import timedelta
from typing import Any

import pytest

from libs.schemas.credit_blacklist.restriction import RestrictionCorrectionOverdue, RestrictionCorrectionProposed
from services.credit_blacklist.domain.restriction_commands import (
    DecideCorrection,
    DecideExemption,
    EndRelease,
    LiftByRule,
    ProposeCorrection,
    RequestExemption,
)
from services.credit_blacklist.domain.restriction_refusals import (
    ExemptionPurposeInvalid,
    NothingToCorrect,
    PersonNotCoverable,
    PersonNotCovered,
    ProposalDecided,
    ReleaseTooLong,
    ReleaseWindowInvalid,
    SignedByItsDrafter,
)
from tests.unit.credit_blacklist.restricting import (
    DIGEST,
    ENTITY,
    NOW,
    OFFICER,
    PRESIDENT,
    Order,
    made,
)

DAY = timedelta(days=1)


def temporary(**changed: Any) -> dict[str, Any]:
    return {
        "scope": "TEMPORARY",
        "ground": "SERIOUS_ILLNESS",
        "kinds": (1, 9),
        "from_at": NOW + DAY,
        "until_at": NOW + 10 * DAY,
    } | changed


def asking(**changed: Any) -> RequestExemption:
    return made(
        RequestExemption,
        changed,
        {
            "exemption_id": "exemption_1",
            "party_id": "party_head",
            "kinds": (6,),
            "purpose": "PRIVATE_OWN_MONEY",
            "from_at": NOW + DAY,
            "until_at": NOW + 7 * DAY,
            "wording_sha256": DIGEST,
        },
    )


@pytest.mark.rule("R-CRB-22")
def test_private_spending_with_own_money_is_allowed_on_request() -> None:
    order = Order().published(*ENTITY)
    order.do(asking())
    assert order.record("party_head").suspensions == ()
    order.do(DecideExemption("exemption_1", True, DIGEST, PRESIDENT))
    assert order.record("party_head").suspensions[0].kinds == (6,)
    order.do(EndRelease("exemption_1", DIGEST, OFFICER), NOW + 2 * DAY)
    assert order.record("party_head").suspensions == ()


@pytest.mark.rule("R-CRB-22")
def test_a_refused_request_changes_no_record() -> None:
    order = Order().published(*ENTITY)
    order.do(asking())
    order.do(DecideExemption("exemption_1", False, DIGEST, PRESIDENT))
    assert len(order.versions("party_head")) == 1
    with pytest.raises(ProposalDecided):
        order.do(DecideExemption("exemption_1", True, DIGEST, PRESIDENT))


@pytest.mark.rule("R-CRB-22")
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"party_id": "party_firm"}, ExemptionPurposeInvalid),
        ({"purpose": "NEEDED_FOR_LIFE"}, ExemptionPurposeInvalid),
        ({"until_at": NOW + 60 * DAY}, ReleaseTooLong),
        ({"until_at": NOW - DAY}, ReleaseWindowInvalid),
        ({"party_id": "party_stranger"}, PersonNotCovered),
    ],
    ids=["own money of the debtor", "need of who owes nothing", "two months", "over", "not covered"],
)
def test_a_request_that_cannot_be_granted_is_refused(changed: dict[str, Any], refusal: type) -> None:
    with pytest.raises(refusal):
        Order().published(*ENTITY).do(asking(**changed))


def correcting(**changed: Any) -> ProposeCorrection:
    return made(
        ProposeCorrection,
        changed,
        {
            "correction_id": "correction_1",
            "party_id": "party_li",
            "nature": "INACCURATE",
            "wording_sha256": DIGEST,
            "by": OFFICER,
            "kinds": (1, 9),
        },
    )


@pytest.mark.rule("R-CRB-12")
def test_an_inaccurate_record_is_corrected_and_says_what_was_wrong() -> None:
    order = Order().published()
    proposed = order.do(correcting())[0]
    assert isinstance(proposed, RestrictionCorrectionProposed)
    assert proposed.due.last_day.isoformat() == "2024-04-15"  # Wednesday and three working days
    order.do(DecideCorrection("correction_1", True, None, PRESIDENT))
    record = order.record("party_li")
    assert (record.version, record.change, record.kinds) == (2, "CORRECTED", (1, 9))
    assert record.correction is not None
    assert (record.correction.wrong_version, record.correction.fields, record.correction.nature) == (
        1,
        ("kinds",),
        "INACCURATE",
    )


@pytest.mark.rule("R-CRB-12")
def test_a_correction_that_waits_past_its_day_is_overdue_and_may_still_be_signed() -> None:
    order = Order().published()
    order.do(correcting())
    (late,) = order.fire(NOW + 6 * DAY)
    assert isinstance(late, RestrictionCorrectionOverdue)
    assert late.due_at == order.state.corrections["correction_1"].proposed.due.due_at
    assert order.state.corrections["correction_1"].overdue
    order.do(DecideCorrection("correction_1", True, None, PRESIDENT), NOW + 7 * DAY)
    assert order.record("party_li").change == "CORRECTED"


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize("approve", [True, False])
def test_a_correction_that_is_decided_is_never_overdue(*, approve: bool) -> None:
    order = Order().published()
    order.do(correcting())
    order.do(DecideCorrection("correction_1", approve, None, PRESIDENT))
    assert not order.timers


@pytest.mark.rule("R-CRB-12", "R-CRB-24")
def test_the_correction_of_a_record_that_ended_meanwhile_is_not_overdue() -> None:
    order = Order().published()
    order.do(correcting())
    order.do(LiftByRule("PERFORMED"))
    assert order.fire(NOW + 6 * DAY) == ()


@pytest.mark.rule("R-CRB-12")
def test_who_should_never_have_been_covered_is_removed_with_the_correction() -> None:
    order = Order().published(*ENTITY)
    order.do(correcting(party_id="party_owner", nature="WRONGLY_LISTED", kinds=None))
    order.do(DecideCorrection("correction_1", True, None, PRESIDENT))
    record = order.record("party_owner")
    assert (record.status, record.change) == ("REMOVED", "REMOVED")
    assert record.removal is not None
    assert record.removal.ground == "WRONGLY_LISTED"
    assert record.correction is not None
    assert record.correction.nature == "WRONGLY_LISTED"


@pytest.mark.rule("R-CRB-12")
def test_the_next_version_after_a_correction_is_no_correction() -> None:
    order = Order().published()
    order.do(correcting())
    order.do(DecideCorrection("correction_1", True, None, PRESIDENT))
    order.do(LiftByRule("PERFORMED"))
    assert order.record("party_li").correction is None


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"kinds": None}, NothingToCorrect),
        ({"kinds": tuple(range(1, 10))}, NothingToCorrect),
        ({"role": "PRINCIPAL", "kinds": None}, PersonNotCoverable),
        ({"party_id": "party_stranger"}, PersonNotCovered),
    ],
    ids=["nothing", "what it says already", "a debtor in another role", "not covered"],
)
def test_a_correction_that_corrects_nothing_is_refused(changed: dict[str, Any], refusal: type) -> None:
    with pytest.raises(refusal):
        Order().published().do(correcting(**changed))


def test_a_correction_takes_kinds_out_of_open_windows_too() -> None:
    order = Order().published()
    order.propose(**temporary())
    order.decide()
    order.do(correcting(kinds=(2, 9)))
    order.do(DecideCorrection("correction_1", True, None, PRESIDENT))
    assert order.record("party_li").suspensions[0].kinds == (9,)


def test_a_release_that_a_correction_has_cut_ends_early_all_the_same() -> None:
    order = Order().published()
    order.propose(**temporary())
    order.decide()
    order.do(correcting(kinds=(2, 9)))
    order.do(DecideCorrection("correction_1", True, None, PRESIDENT))
    order.do(EndRelease("lifting_1", DIGEST, OFFICER), NOW + 2 * DAY)
    assert order.record("party_li").suspensions == ()


@pytest.mark.rule("R-CRB-23")
def test_a_release_that_is_over_and_forgotten_by_the_record_still_counts() -> None:
    order = Order().published()
    order.propose(**temporary(until_at=NOW + 20 * DAY))
    order.decide()
    order.do(correcting(kinds=(1, 2, 9)), NOW + 20 * DAY)
    order.do(DecideCorrection("correction_1", True, None, PRESIDENT), NOW + 20 * DAY)
    assert order.record("party_li").suspensions == ()
    with pytest.raises(ReleaseTooLong):
        order.propose(
            NOW + 20 * DAY,
            lifting_id="lifting_2",
            **temporary(from_at=NOW + 20 * DAY, until_at=NOW + 40 * DAY),
        )


@pytest.mark.rule("R-GEN-09")
def test_who_found_the_record_wrong_does_not_sign_its_correction() -> None:
    order = Order().published()
    order.do(correcting())
    with pytest.raises(SignedByItsDrafter):
        order.do(DecideCorrection("correction_1", True, None, OFFICER))


@pytest.mark.rule("R-CRB-23")
def test_a_record_forgets_releases_that_are_over_when_it_changes() -> None:
    order = Order().published()
    order.propose(**temporary(until_at=NOW + 5 * DAY))
    order.decide()
    order.propose(NOW + 8 * DAY, lifting_id="lifting_2", **temporary(from_at=NOW + 9 * DAY, until_at=NOW + 10 * DAY))
    order.decide(NOW + 8 * DAY, lifting_id="lifting_2")
    assert [window.from_at for window in order.record("party_li").suspensions] == [NOW + 9 * DAY]


@pytest.mark.rule("R-CRB-23")
def test_a_release_that_ends_before_it_begins_was_never_open() -> None:
    order = Order().published()
    order.propose(**temporary(until_at=NOW + 28 * DAY))
    order.decide()
    order.do(EndRelease("lifting_1", DIGEST, OFFICER), NOW)
    assert (order.record("party_li").suspensions, order.state.releases("party_li")) == ((), ())
    order.propose(lifting_id="lifting_2", **temporary(from_at=NOW + 20 * DAY, until_at=NOW + 45 * DAY))
    order.decide(lifting_id="lifting_2")
    assert len(order.record("party_li").suspensions) == 1
