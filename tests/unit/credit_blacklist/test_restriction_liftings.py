"""Letting go: for good, for a month, by change of office (R-CRB-23, R-CRB-24)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.schemas.credit_blacklist import Suspension
from libs.schemas.credit_blacklist.restriction import (
    LiftingDecided,
    RestrictionLifted,
    RestrictionPublished,
)
from services.credit_blacklist.domain.restriction_commands import (
    EndRelease,
    LiftByRule,
)
from services.credit_blacklist.domain.restriction_refusals import (
    FormerHeadStillAnswerable,
    LiftingIncomplete,
    ListedDebtorStaysRestricted,
    NotAtThisStep,
    PersonNotCovered,
    ProposalDecided,
    ReleaseKindsInvalid,
    ReleaseTooLong,
    ReleaseWindowInvalid,
    RestrictionUnknown,
    SignedByItsDrafter,
    SuccessorInvalid,
)
from services.credit_blacklist.rules.consumption import release_limit, within_release_limit
from tests.unit.credit_blacklist.restricting import (
    DIGEST,
    ENTITY,
    NOW,
    OFFICER,
    Order,
    around,
    covered,
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


@pytest.mark.rule("R-CRB-24")
@pytest.mark.parametrize("ground", ["GUARANTEE", "APPLICANT_REQUEST", "SETTLEMENT_PERFORMED", "RETRIAL_OR_BANKRUPTCY"])
def test_the_president_may_let_a_debtor_go(ground: str) -> None:
    order = Order().published()
    order.propose(ground=ground)
    decided, lifted = order.decide()
    assert isinstance(decided, LiftingDecided)
    assert isinstance(lifted, RestrictionLifted)
    assert order.state.state == "LIFTED"


@pytest.mark.rule("R-CRB-24")
def test_one_of_several_persons_is_let_go_alone() -> None:
    order = Order().published(*ENTITY)
    order.propose(persons=("party_owner",))
    order.decide()
    assert [record.party_id for record in order.state.in_force()] == ["party_firm", "party_head"]


@pytest.mark.rule("R-CRB-20")
def test_consent_does_not_free_a_debtor_who_stays_listed() -> None:
    order = Order().published()
    order.propose(ground="APPLICANT_REQUEST")
    with pytest.raises(ListedDebtorStaysRestricted):
        order.decide(around=around(listed=frozenset({"party_li"})))


@pytest.mark.rule("R-CRB-24")
def test_a_rejected_proposal_frees_nobody_and_is_not_decided_again() -> None:
    order = Order().published()
    order.propose()
    order.decide(approve=False, wording_sha256=DIGEST)
    assert order.state.restricts("party_li")
    with pytest.raises(ProposalDecided):
        order.decide()


def test_who_proposes_does_not_decide() -> None:
    order = Order().published()
    order.propose()
    with pytest.raises(SignedByItsDrafter):
        order.decide(by=OFFICER)


def test_what_was_never_proposed_is_not_decided() -> None:
    with pytest.raises(RestrictionUnknown):
        Order().published().decide(lifting_id="lifting_2")


def test_who_is_free_already_is_not_let_go_by_an_old_proposal() -> None:
    order = Order().published(*ENTITY)
    for number in ("1", "2"):
        order.propose(lifting_id=f"lifting_{number}", persons=("party_owner",))
    order.decide(lifting_id="lifting_1")
    with pytest.raises(PersonNotCovered):
        order.decide(lifting_id="lifting_2")


@pytest.mark.parametrize("persons", [("party_stranger",), ("party_li", "party_stranger")])
def test_only_who_is_restricted_can_be_let_go(persons: tuple[str, ...]) -> None:
    with pytest.raises(PersonNotCovered):
        Order().published().propose(persons=persons)


@pytest.mark.parametrize("ground", ["WRONGLY_LISTED", "TERM_ENDED", "SERIOUS_ILLNESS", "DEBTOR_REPLACED"])
def test_a_ground_of_another_kind_of_lifting_is_refused(ground: str) -> None:
    with pytest.raises(LiftingIncomplete):
        Order().published().propose(ground=ground)


def test_an_order_that_is_not_published_is_not_lifted() -> None:
    order = Order().published()
    order.do(LiftByRule("PERFORMED"))
    with pytest.raises(NotAtThisStep):
        order.propose()


@pytest.mark.rule("R-CRB-23")
def test_a_temporary_release_opens_a_window_and_the_restriction_stands() -> None:
    order = Order().published()
    order.propose(**temporary())
    order.decide()
    record = order.record("party_li")
    assert (record.version, record.status, record.change) == (2, "RESTRICTED", "UPDATED")
    assert record.suspensions == (Suspension(from_at=NOW + DAY, until_at=NOW + 10 * DAY, kinds=(1, 9)),)
    assert record.kinds == tuple(range(1, 10))


@pytest.mark.rule("R-CRB-23")
def test_a_release_approved_late_begins_with_the_approval() -> None:
    order = Order().published()
    order.propose(**temporary())
    order.decide(NOW + 5 * DAY)
    assert order.record("party_li").suspensions[0].from_at == NOW + 5 * DAY


@pytest.mark.rule("R-CRB-23")
def test_a_release_whose_time_has_passed_is_not_approved() -> None:
    order = Order().published()
    order.propose(**temporary())
    with pytest.raises(ReleaseWindowInvalid):
        order.decide(NOW + 10 * DAY)


@pytest.mark.rule("R-CRB-23")
@pytest.mark.parametrize(
    ("starts", "latest"),
    [
        (datetime(2024, 4, 10, 2, tzinfo=UTC), datetime(2024, 5, 10, 2, tzinfo=UTC)),
        (datetime(2024, 1, 31, 2, tzinfo=UTC), datetime(2024, 2, 29, 2, tzinfo=UTC)),
        (datetime(2024, 1, 30, 17, tzinfo=UTC), datetime(2024, 2, 28, 17, tzinfo=UTC)),
    ],
    ids=["a month", "no thirty-first in February", "the day is Shanghai's"],
)
def test_a_release_ends_with_the_corresponding_day_at_the_latest(starts: datetime, latest: datetime) -> None:
    assert release_limit(starts) == latest
    longest = Suspension(from_at=starts, until_at=latest, kinds=(1,))
    assert within_release_limit((), longest)
    assert not within_release_limit((), longest.model_copy(update={"until_at": latest + timedelta(microseconds=1)}))


@pytest.mark.rule("R-CRB-23")
def test_two_releases_that_touch_are_one_and_longer_than_a_month() -> None:
    order = Order().published()
    order.propose(**temporary(until_at=NOW + 20 * DAY))
    order.decide()
    with pytest.raises(ReleaseTooLong):
        order.propose(lifting_id="lifting_2", **temporary(from_at=NOW + 20 * DAY, until_at=NOW + 40 * DAY))


@pytest.mark.rule("R-CRB-23")
@pytest.mark.parametrize(("gap", "refused"), [(DAY - timedelta(seconds=1), True), (DAY, False)])
def test_only_a_day_between_two_releases_makes_them_two(gap: timedelta, refused: bool) -> None:
    later = Suspension(from_at=NOW + 20 * DAY, until_at=NOW + 40 * DAY, kinds=(1,))
    earlier = Suspension(from_at=NOW, until_at=NOW + 20 * DAY - gap, kinds=(1,))
    assert within_release_limit((later,), earlier) != refused
    assert within_release_limit((earlier,), later) != refused


@pytest.mark.rule("R-CRB-23")
def test_a_release_of_another_kind_does_not_lengthen_the_first() -> None:
    order = Order().published()
    order.propose(**temporary(kinds=(1,), until_at=NOW + 20 * DAY))
    order.decide()
    order.propose(lifting_id="lifting_2", **temporary(kinds=(9,), from_at=NOW + 20 * DAY, until_at=NOW + 40 * DAY))
    order.decide(lifting_id="lifting_2")
    assert len(order.record("party_li").suspensions) == 2


@pytest.mark.rule("R-CRB-23")
@pytest.mark.parametrize("kinds", [(2,), (1, 3), ()], ids=["hotels", "planes and immovables", "nothing"])
def test_urgent_reasons_release_planes_and_high_speed_trains_only(kinds: tuple[int, ...]) -> None:
    with pytest.raises(ReleaseKindsInvalid):
        Order().published().propose(**temporary(kinds=kinds))


@pytest.mark.rule("R-CRB-23")
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"until_at": None}, LiftingIncomplete),
        ({"from_at": None}, LiftingIncomplete),
        ({"ground": "GUARANTEE"}, LiftingIncomplete),
        ({"until_at": NOW + DAY}, ReleaseWindowInvalid),
        ({"from_at": NOW - 9 * DAY, "until_at": NOW - DAY}, ReleaseWindowInvalid),
        ({"until_at": NOW + 60 * DAY}, ReleaseTooLong),
    ],
    ids=["no end", "no begin", "no urgent reason", "empty", "over", "two months"],
)
def test_a_release_that_cannot_be_is_refused_when_it_is_proposed(changed: dict[str, Any], refusal: type) -> None:
    with pytest.raises(refusal):
        Order().published().propose(**temporary(**changed))


@pytest.mark.rule("R-CRB-23")
def test_a_release_ends_early_when_its_reason_falls_away() -> None:
    order = Order().published()
    order.propose(**temporary())
    order.decide()
    order.do(EndRelease("lifting_1", DIGEST, OFFICER), NOW + 3 * DAY)
    assert (order.record("party_li").version, order.record("party_li").suspensions) == (3, ())
    with pytest.raises(ReleaseWindowInvalid):
        order.do(EndRelease("lifting_1", DIGEST, OFFICER), NOW + 4 * DAY)


def replaced(**changed: Any) -> dict[str, Any]:
    return {
        "scope": "REPLACEMENT",
        "ground": "DEBTOR_REPLACED",
        "persons": ("party_head",),
        "successor": covered("party_new", "LEGAL_REPRESENTATIVE"),
    } | changed


@pytest.mark.rule("R-CRB-23")
def test_a_new_representative_is_restricted_and_the_former_one_let_go_in_one_act() -> None:
    order = Order().published(*ENTITY)
    order.propose(**replaced())
    _, lifted, published = order.decide()
    assert isinstance(lifted, RestrictionLifted)
    assert (lifted.record.party_id, lifted.record.removal and lifted.record.removal.ground) == (
        "party_head",
        "DEBTOR_REPLACED",
    )
    assert isinstance(published, RestrictionPublished)
    assert (published.record.party_id, published.record.role, published.record.version) == (
        "party_new",
        "LEGAL_REPRESENTATIVE",
        1,
    )


@pytest.mark.rule("R-CRB-23")
def test_a_former_representative_who_still_controls_the_firm_stays_covered() -> None:
    order = Order().published(ENTITY[0], covered("party_head", "LEGAL_REPRESENTATIVE", "ACTUAL_CONTROLLER"))
    with pytest.raises(FormerHeadStillAnswerable):
        order.propose(**replaced())


@pytest.mark.rule("R-CRB-23")
@pytest.mark.parametrize(
    "changed",
    [
        {"persons": ("party_owner",)},
        {"persons": ("party_firm",)},
        {"successor": covered("party_new", "DIRECTLY_RESPONSIBLE")},
        {"successor": covered("party_new", "LEGAL_REPRESENTATIVE", party_type="ORGANISATION")},
        {"successor": covered("party_owner", "LEGAL_REPRESENTATIVE")},
        {"successor": covered("party_new", "PRINCIPAL")},
    ],
    ids=["a controller", "the firm itself", "no office", "a firm", "somebody covered already", "another office"],
)
def test_a_replacement_that_is_none_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(SuccessorInvalid):
        Order().published(*ENTITY).propose(**replaced(**changed))
