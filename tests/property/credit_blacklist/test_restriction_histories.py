"""What holds of every history of an order, whatever is proposed, approved, refused or paid, and when."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.foundation.errors import ZhixingError
from libs.schemas.credit_blacklist import FeedRecord
from services.credit_blacklist.domain.restriction_commands import (
    DecideCorrection,
    DecideExemption,
    EndRelease,
    LiftByRule,
    ProposeCorrection,
    RequestExemption,
)
from services.credit_blacklist.rules.consumption import release_limit
from tests.unit.credit_blacklist.restricting import (
    DEBTOR,
    DIGEST,
    ENTITY,
    NOW,
    OFFICER,
    PRESIDENT,
    Order,
    around,
    covered,
    drafting,
    serving,
    signing,
)

PARTIES = ("party_li", "party_firm", "party_head", "party_owner", "party_new_0", "party_new_1", "party_stranger")
KINDS = st.sets(st.integers(1, 9), min_size=1, max_size=3).map(lambda kinds: tuple(sorted(kinds)))
HOURS = st.integers(min_value=-24 * 40, max_value=24 * 80)
PERSONS = st.sets(st.sampled_from(PARTIES), max_size=3).map(lambda persons: tuple(sorted(persons)))

ACTS = st.one_of(
    st.tuples(st.just("full"), PERSONS, st.sampled_from(["GUARANTEE", "APPLICANT_REQUEST", "SETTLEMENT_PERFORMED"])),
    st.tuples(st.just("release"), PERSONS, st.sampled_from([(1,), (9,), (1, 9)]), HOURS, HOURS),
    st.tuples(st.just("replace"), st.sampled_from(PARTIES), st.integers(0, 1)),
    st.tuples(st.just("exempt"), st.sampled_from(PARTIES), KINDS, HOURS, HOURS),
    st.tuples(st.just("correct"), st.sampled_from(PARTIES), st.sampled_from(["WRONGLY_LISTED", "INACCURATE"]), KINDS),
    st.tuples(st.just("decide"), st.integers(0, 12), st.booleans()),
    st.tuples(st.just("end"), st.integers(0, 12)),
)
HISTORIES = st.lists(st.tuples(ACTS, st.integers(min_value=0, max_value=24 * 12)), max_size=14)


class Court:
    """An order that everything is tried on; what the law refuses changes nothing."""

    def __init__(self, *persons: Any, grace_months: int = 0) -> None:
        self.order, self.now, self.serial = Order(), NOW, 0
        self.order.do(drafting(*persons, grace_months=grace_months))
        self.order.do(signing())
        self.order.do(serving())

    def act(self, act: tuple[Any, ...], hours: int) -> None:
        self.now += timedelta(hours=hours)
        for timer, due_at in list(self.order.timers.items()):
            if timer == "grace" and due_at <= self.now:
                self.order.fire(self.now)
        self.serial += 1
        before = list(self.order.events)
        try:
            getattr(self, act[0])(*act[1:])
        except ZhixingError:
            assert self.order.events == before

    def at(self, hours: int) -> datetime:
        return self.now + timedelta(hours=hours)

    def full(self, persons: tuple[str, ...], ground: str) -> None:
        self.order.propose(self.now, lifting_id=f"part_{self.serial}", persons=persons, ground=ground)

    def release(self, persons: tuple[str, ...], kinds: tuple[int, ...], starts: int, lasts: int) -> None:
        self.order.propose(
            self.now,
            lifting_id=f"part_{self.serial}",
            persons=persons,
            scope="TEMPORARY",
            ground="FUNERAL",
            kinds=kinds,
            from_at=self.at(starts),
            until_at=self.at(starts + lasts),
        )

    def replace(self, party: str, number: int) -> None:
        self.order.propose(
            self.now,
            lifting_id=f"part_{self.serial}",
            scope="REPLACEMENT",
            ground="DEBTOR_REPLACED",
            persons=(party,),
            successor=covered(f"party_new_{number}", "LEGAL_REPRESENTATIVE"),
        )

    def exempt(self, party: str, kinds: tuple[int, ...], starts: int, lasts: int) -> None:
        purpose: Any = "NEEDED_FOR_LIFE" if party in {"party_li", "party_firm"} else "PRIVATE_OWN_MONEY"
        window = (self.at(starts), self.at(starts + lasts))
        self.order.do(RequestExemption(f"part_{self.serial}", party, kinds, purpose, *window, DIGEST), self.now)

    def correct(self, party: str, nature: Any, kinds: tuple[int, ...]) -> None:
        wrong = ProposeCorrection(f"part_{self.serial}", party, nature, DIGEST, OFFICER, kinds)
        self.order.do(wrong, self.now)

    def decide(self, number: int, approve: bool) -> None:
        part = f"part_{number}"
        with suppress(ZhixingError):
            self.order.decide(self.now, lifting_id=part, approve=approve, around=around())
        with suppress(ZhixingError):
            self.order.do(DecideExemption(part, approve, DIGEST, PRESIDENT), self.now)
        with suppress(ZhixingError):
            self.order.do(DecideCorrection(part, approve, None, PRESIDENT), self.now)

    def end(self, number: int) -> None:
        self.order.do(EndRelease(f"part_{number}", DIGEST, OFFICER), self.now)

    def paid(self) -> None:
        self.order.do(LiftByRule("PERFORMED"), self.now)


def played(history: list[tuple[tuple[Any, ...], int]], grace_months: int = 0) -> Court:
    court = Court(DEBTOR, *ENTITY, grace_months=grace_months)
    for act, hours in history:
        court.act(act, hours)
    return court


def longest_release(records: list[FeedRecord], kind: int) -> list[tuple[datetime, datetime]]:
    """Return the stretches in which a kind was really allowed, as a subscriber of all versions would live them."""
    lived: list[tuple[datetime, datetime]] = []
    for record, following in zip(records, [*records[1:], None][: len(records)], strict=True):
        until = following.changed_at if following else datetime.max.replace(tzinfo=NOW.tzinfo)
        for window in record.suspensions:
            begins, ends = max(window.from_at, record.changed_at), min(window.until_at, until)
            if kind in window.kinds and begins < ends:
                if lived and begins <= lived[-1][1]:
                    lived[-1] = (lived[-1][0], max(lived[-1][1], ends))
                else:
                    lived.append((begins, ends))
        lived.sort()
    return lived


@pytest.mark.rule("R-CRB-33")
@given(HISTORIES, st.integers(0, 3))
def test_the_versions_of_each_record_count_from_one_without_a_gap(history: Any, grace_months: int) -> None:
    court = played(history, grace_months)
    court.paid()
    for party in PARTIES:
        versions = court.order.versions(party)
        assert [record.version for record in versions] == list(range(1, len(versions) + 1))
        assert [record.change == "ADDED" for record in versions] == [number == 0 for number in range(len(versions))]


@pytest.mark.rule("R-CRB-24")
@given(HISTORIES, st.integers(0, 3))
def test_after_the_payment_everybody_who_was_restricted_was_let_go_exactly_once(
    history: Any, grace_months: int
) -> None:
    court = played(history, grace_months)
    court.paid()
    court.paid()
    assert court.order.state.in_force() == ()
    for party in PARTIES:
        ends = [record.status == "REMOVED" for record in court.order.versions(party)]
        assert ends == [False] * (len(ends) - 1) + [True] * bool(ends)


@pytest.mark.rule("R-CRB-23")
@given(HISTORIES)
def test_no_kind_is_released_for_more_than_a_month_on_end(history: Any) -> None:
    court = played(history)
    for party in PARTIES:
        for kind in range(1, 10):
            for begins, ends in longest_release(court.order.versions(party), kind):
                assert ends <= release_limit(begins)


@pytest.mark.rule("R-CRB-21")
@given(HISTORIES)
def test_only_restricted_kinds_are_released_and_a_removed_record_restricts_nothing(history: Any) -> None:
    court = played(history)
    for party in PARTIES:
        for record in court.order.versions(party):
            released = {kind for window in record.suspensions for kind in window.kinds}
            assert released <= set(record.kinds)
            assert (record.status == "REMOVED") == (record.kinds == ())
