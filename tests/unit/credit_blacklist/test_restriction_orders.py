"""An order from draft to publication, and its end by the law (R-CRB-20, R-CRB-22, R-CRB-24)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.foundation.errors import ZhixingError
from libs.schemas.credit_blacklist.restriction import (
    RestrictionCancelled,
    RestrictionLifted,
    RestrictionOrdered,
    RestrictionPublished,
    RestrictionRejected,
    RestrictionServed,
)
from services.credit_blacklist.domain.restriction_commands import LiftByRule
from services.credit_blacklist.domain.restriction_refusals import (
    AlreadyRestricted,
    CaseNotEnforced,
    DebtorNotListed,
    DebtorNotWarned,
    DebtPerformedAlready,
    EntityHeadMissing,
    NotAtThisStep,
    PersonNotCoverable,
    SignedByItsDrafter,
)
from services.credit_blacklist.rules.consumption import KINDS
from tests.unit.credit_blacklist.restricting import (
    DEBTOR,
    DIGEST,
    ENTITY,
    NOW,
    OFFICER,
    ORDER,
    PAID,
    Order,
    around,
    casefile,
    closed,
    covered,
    drafting,
    serving,
    signing,
)


@pytest.mark.rule("R-CRB-20")
def test_an_order_is_published_only_after_signature_and_service() -> None:
    order = Order()
    order.do(drafting())
    order.do(signing())
    assert order.versions("party_li") == []
    events = order.do(serving())
    assert [type(event) for event in events] == [RestrictionServed, RestrictionPublished]
    record = order.record("party_li")
    assert (record.record_id, record.version, record.status, record.change) == (
        f"{ORDER}.party_li",
        1,
        "RESTRICTED",
        "ADDED",
    )
    assert record.kinds == tuple(range(1, 10))
    assert record.expires_at is None


@pytest.mark.rule("R-CRB-20")
def test_the_signed_order_states_what_its_violation_brings() -> None:
    order = Order()
    order.do(drafting())
    (signed,) = order.do(signing())
    assert isinstance(signed, RestrictionOrdered)
    assert "拘留、罚款" in signed.consequences
    assert "解除" in signed.period
    assert signed.decided_on == date(2024, 4, 10)


@pytest.mark.rule("R-CRB-20")
def test_a_debtor_without_an_enforcement_notice_is_not_in_default() -> None:
    with pytest.raises(DebtorNotWarned):
        Order().do(drafting(around=around(casefile=casefile(warnings={}))))


@pytest.mark.rule("R-CRB-20")
def test_a_listed_debtor_is_restricted_without_another_reason() -> None:
    listed = around(casefile=casefile(warnings={}), listed=frozenset({"party_li"}))
    order = Order().published(reason="LISTED", around=listed)
    assert order.state.restricts("party_li")


@pytest.mark.rule("R-CRB-20")
def test_the_reason_that_a_debtor_is_listed_needs_a_listing_in_force() -> None:
    with pytest.raises(DebtorNotListed):
        Order().do(drafting(reason="LISTED"))


@pytest.mark.rule("R-CRB-20")
def test_who_drafted_the_order_may_not_sign_it() -> None:
    order = Order()
    order.do(drafting())
    with pytest.raises(SignedByItsDrafter):
        order.do(signing(by=OFFICER))


def test_a_draft_sent_back_restricts_nobody() -> None:
    order = Order()
    order.do(drafting())
    (rejected,) = order.do(signing(approve=False, wording_sha256=DIGEST))
    assert isinstance(rejected, RestrictionRejected)
    with pytest.raises(NotAtThisStep):
        order.do(serving())


@pytest.mark.parametrize("late", [signing(), serving()])
def test_nothing_is_signed_or_served_twice(late: object) -> None:
    order = Order().published()
    with pytest.raises(NotAtThisStep):
        order.do(late)  # type: ignore[arg-type]  # either command


@pytest.mark.rule("R-CRB-22")
def test_of_a_natural_debtor_nobody_else_is_covered() -> None:
    with pytest.raises(PersonNotCoverable):
        Order().do(drafting(DEBTOR, covered("party_wife", "ACTUAL_CONTROLLER")))


@pytest.mark.rule("R-CRB-22")
def test_of_an_entity_those_who_lead_and_control_it_are_covered_each_by_a_record() -> None:
    order = Order().published(*ENTITY)
    assert {party: record.role for party, record in order.state.records.items()} == {
        "party_firm": "DEBTOR",
        "party_head": "LEGAL_REPRESENTATIVE",
        "party_owner": "ACTUAL_CONTROLLER",
    }


@pytest.mark.rule("R-CRB-22")
def test_an_order_on_an_entity_without_its_head_is_refused() -> None:
    with pytest.raises(EntityHeadMissing):
        Order().do(drafting(ENTITY[0], ENTITY[2]))


@pytest.mark.rule("R-CRB-22")
@pytest.mark.parametrize(
    "persons",
    [
        (covered("party_stranger", "DEBTOR"),),
        (ENTITY[1],),
        (*ENTITY, covered("party_other", "PRINCIPAL", party_type="ORGANISATION")),
        (DEBTOR, covered("party_head", "LEGAL_REPRESENTATIVE")),
    ],
    ids=["no debtor of the case", "no debtor at all", "a firm as principal", "a head beside a natural debtor"],
)
def test_persons_whom_no_order_covers_are_refused(persons: tuple[object, ...]) -> None:
    with pytest.raises(PersonNotCoverable):
        Order().do(drafting(*persons))  # type: ignore[arg-type]  # persons


@pytest.mark.rule("R-CRB-22")
def test_a_person_named_twice_has_one_record_with_both_roles() -> None:
    order = Order().published(*ENTITY, covered("party_head", "DIRECTLY_RESPONSIBLE"))
    assert order.state.persons["party_head"].roles == ("LEGAL_REPRESENTATIVE", "DIRECTLY_RESPONSIBLE")
    assert len(order.versions("party_head")) == 1


@pytest.mark.rule("R-CRB-20")
def test_two_orders_of_a_case_never_cover_the_same_person() -> None:
    with pytest.raises(AlreadyRestricted):
        Order().do(drafting(around=around(covered=frozenset({"party_li"}))))


@pytest.mark.rule("R-CRB-20")
def test_a_second_order_is_noticed_again_when_it_is_signed() -> None:
    order = Order()
    order.do(drafting())
    with pytest.raises(AlreadyRestricted):
        order.do(signing(around=around(covered=frozenset({"party_li"}))))


@pytest.mark.rule("R-CRB-24")
def test_nobody_is_restricted_for_a_debt_that_is_performed() -> None:
    with pytest.raises(DebtPerformedAlready):
        Order().do(drafting(around=around(casefile=casefile(satisfied=PAID))))


@pytest.mark.parametrize(
    ("kind", "refused"), [("CURRENT_PROCEDURE_TERMINATED", False), ("NOT_ENFORCED", True), ("CANCELLED", True)]
)
def test_only_after_termination_for_the_time_being_a_closed_case_still_restricts(kind: str, refused: bool) -> None:
    command = drafting(around=around(casefile=casefile(closed=closed(kind))))
    if refused:
        with pytest.raises(CaseNotEnforced):
            Order().do(command)
    else:
        assert Order().do(command)


@pytest.mark.rule("R-CRB-07")
def test_a_grace_period_holds_the_publication_back_until_its_last_day_is_over() -> None:
    order = Order().published(grace_months=1)
    assert order.state.state == "GRACE"
    assert order.timers == {"grace": datetime(2024, 5, 10, 16, tzinfo=UTC)}
    (published,) = order.fire(datetime(2024, 5, 10, 16, tzinfo=UTC))
    assert isinstance(published, RestrictionPublished)


@pytest.mark.rule("R-CRB-07")
def test_who_performs_in_the_grace_period_is_never_published() -> None:
    order = Order().published(grace_months=3)
    cancelled, _timer = order.do(LiftByRule("PERFORMED"), NOW + timedelta(days=20))
    assert isinstance(cancelled, RestrictionCancelled)
    assert (order.timers, order.versions("party_li")) == ({}, [])


@pytest.mark.rule("R-CRB-07")
def test_an_order_served_after_its_grace_period_is_published_at_once() -> None:
    order = Order()
    order.do(drafting(grace_months=1))
    order.do(signing())
    order.do(serving(), datetime(2024, 5, 20, tzinfo=UTC))
    assert order.state.state == "PUBLISHED"


@pytest.mark.rule("R-CRB-24")
def test_performance_lifts_everybody_at_once() -> None:
    order = Order().published(*ENTITY)
    events = order.do(LiftByRule("PERFORMED"), NOW + timedelta(days=81))
    assert all(isinstance(event, RestrictionLifted) for event in events)
    assert order.state.state == "LIFTED"
    for party in ("party_firm", "party_head", "party_owner"):
        record = order.record(party)
        assert (record.version, record.status, record.change, record.kinds) == (2, "REMOVED", "REMOVED", ())
        assert record.removal is not None
        assert record.removal.ground == "PERFORMED"


@pytest.mark.rule("R-CRB-24")
def test_who_is_free_is_not_lifted_again() -> None:
    order = Order().published()
    order.do(LiftByRule("PERFORMED"))
    assert order.do(LiftByRule("FINAL_TERMINATION")) == ()


@pytest.mark.rule("R-CRB-24")
def test_money_that_came_before_the_service_cancels_the_order() -> None:
    order = Order()
    order.do(drafting())
    order.do(signing())
    order.do(serving(around=around(casefile=casefile(satisfied=PAID))))
    assert (order.state.state, order.versions("party_li")) == ("CANCELLED", [])


def test_a_lifting_of_an_order_that_was_never_drafted_changes_nothing() -> None:
    assert Order().do(LiftByRule("PERFORMED")) == ()


@pytest.mark.rule("R-CRB-21")
def test_the_law_names_nine_kinds_of_consumption() -> None:
    assert sorted(KINDS) == list(range(1, 10))
    assert "飞机" in KINDS[1]
    assert "G字头动车组" in KINDS[9]


@pytest.mark.rule("R-CRB-21")
def test_kinds_are_kept_once_and_in_the_order_of_the_law() -> None:
    order = Order().published(kinds=(9, 1, 9))
    assert order.record("party_li").kinds == (1, 9)


def test_every_command_on_an_unknown_order_is_refused_or_changes_nothing() -> None:
    for command in (signing(), serving()):
        with pytest.raises(ZhixingError):
            Order().do(command)
