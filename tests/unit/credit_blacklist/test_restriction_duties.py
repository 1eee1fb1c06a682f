"""A listed debtor must be restricted: the duty is shown with its day (R-CRB-20)."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from libs.schemas.credit_blacklist import FeedRecord
from libs.schemas.credit_blacklist.restriction import RestrictionDutyMet, RestrictionDutyOpened, RestrictionDutyOverdue
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.restriction_duty import CompareRecord, Duties, decide_duties, evolve_duties
from tests.unit.credit_blacklist.restricting import NOW, Order

RESTRICTION = Order().published().record("party_li")
LISTING = RESTRICTION.model_copy(update={"record_id": "listing_1", "list_type": "LISTING", "status": "LISTED"})


class Desk:
    """The duties of one case."""

    def __init__(self) -> None:
        self.state = Duties()

    def do(self, command: CompareRecord | TimerDue) -> Sequence[Event]:
        events = decide_duties(self.state, command, NOW)
        for event in events:
            if not isinstance(event, TimerScheduled | TimerCancelled):
                self.state = evolve_duties(self.state, event)
        return events

    def compare(self, record: FeedRecord, *, restricted: bool, listed: str | None) -> Sequence[Event]:
        return self.do(CompareRecord(record, restricted=restricted, listed=listed))


def opened() -> Desk:
    desk = Desk()
    desk.compare(LISTING, restricted=False, listed="listing_1")
    return desk


@pytest.mark.rule("R-CRB-20")
def test_a_listing_without_an_order_opens_a_duty_with_its_day() -> None:
    duty, timer = Desk().compare(LISTING, restricted=False, listed="listing_1")
    assert isinstance(duty, RestrictionDutyOpened)
    assert duty.due.last_day.isoformat() == "2024-04-15"  # Wednesday and three working days
    assert timer == TimerScheduled(timer="restrict:party_li", due_at=datetime(2024, 4, 15, 16, tzinfo=UTC))


@pytest.mark.rule("R-CRB-20")
def test_a_listing_of_a_restricted_debtor_opens_none() -> None:
    assert Desk().compare(LISTING, restricted=True, listed="listing_1") == ()


@pytest.mark.rule("R-CRB-20")
def test_the_order_meets_the_duty() -> None:
    met, cancelled = opened().compare(RESTRICTION, restricted=True, listed="listing_1")
    assert isinstance(met, RestrictionDutyMet)
    assert met.by == "RESTRICTION"
    assert isinstance(cancelled, TimerCancelled)


@pytest.mark.rule("R-CRB-20")
def test_who_is_listed_no_more_need_not_be_restricted() -> None:
    met, _ = opened().compare(LISTING, restricted=False, listed=None)
    assert isinstance(met, RestrictionDutyMet)
    assert met.by == "REMOVAL"


@pytest.mark.rule("R-CRB-20")
def test_a_further_version_of_the_listing_opens_no_second_duty() -> None:
    assert opened().compare(LISTING, restricted=False, listed="listing_1") == ()


@pytest.mark.rule("R-CRB-20")
def test_the_day_passes_and_it_is_said_once() -> None:
    desk = opened()
    due = TimerDue("restrict:party_li", 2, datetime(2024, 4, 15, 16, tzinfo=UTC))
    (late,) = desk.do(due)
    assert isinstance(late, RestrictionDutyOverdue)
    assert desk.do(due) == ()
    assert len(desk.compare(RESTRICTION, restricted=True, listed="listing_1")) == 1


@pytest.mark.rule("R-CRB-20")
def test_a_lifted_restriction_of_a_debtor_who_stays_listed_opens_the_duty_again() -> None:
    assert Desk().compare(RESTRICTION, restricted=False, listed="listing_1")
