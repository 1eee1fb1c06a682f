"""What holds of a listing after any history of decisions, corrections, removals, payments and days that pass."""

import contextlib
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libs.foundation.errors import ZhixingError
from libs.schemas.credit_blacklist import FeedRecord, Ground
from libs.schemas.credit_blacklist.correction import ListingCorrected
from libs.schemas.credit_blacklist.listing import (
    DishonestAct,
    ListingDecided,
    ListingPublished,
    ListingRemoved,
    ListingServed,
    ListingUpdated,
)
from services.credit_blacklist.domain.listing import Listing
from services.credit_blacklist.domain.listing_commands import (
    EndWithCase,
    NotePayment,
    SettleByPerformance,
    UpdatePerformance,
)
from services.credit_blacklist.domain.listing_evolution import evolve_listing
from services.credit_blacklist.rules.grounds import GROUNDS, has_term
from services.credit_blacklist.rules.procedure import TERMED_GROUNDS, UNTERMED_GROUNDS
from services.credit_blacklist.rules.terms import is_of_age, over_at
from tests.unit.credit_blacklist.listing_court import Court

ALL_GROUNDS: tuple[Ground, ...] = tuple(GROUNDS.value)
GROUND_SETS = st.lists(st.sampled_from(ALL_GROUNDS), max_size=3, unique=True)
BIRTHDAYS = st.sampled_from(
    [date(1980, 1, 1), date(1990, 1, 1), date(2007, 3, 10), date(2007, 3, 11), date(2008, 6, 1)]
)


class ListingHistories(RuleBasedStateMachine):
    """A court that tries everything, also what the law refuses."""

    @initialize(birth_date=BIRTHDAYS)
    def begin(self, birth_date: date) -> None:
        """A debtor who may or may not be of age."""
        self.court = Court()
        self.court.stand(birth_date=birth_date)

    @rule(
        grounds=GROUND_SETS,
        years=st.integers(0, 4),
        grace=st.integers(0, 4),
        act_age=st.integers(0, 400),
        applied=st.booleans(),
    )
    def draft(self, grounds: list[Ground], years: int, grace: int, act_age: int, *, applied: bool) -> None:
        """Draft a decision."""
        today = self.court.today()
        acts = tuple(
            DishonestAct(ground=one, committed_on=today - timedelta(days=act_age), description="x") for one in grounds
        )
        with contextlib.suppress(ZhixingError):
            self.court.draft(
                *grounds,
                acts=acts,
                extension_years=years,
                extension_reason="SEVERAL_ACTS" if years else None,
                grace_months=grace,
                initiated="APPLICATION" if applied else "EX_OFFICIO",
                applied_on=today if applied else None,
            )

    @rule(
        grounds=st.lists(st.sampled_from(ALL_GROUNDS), min_size=1, max_size=2, unique=True),
        grace=st.sampled_from([0, 0, 1]),
    )
    def list_on_new_acts(self, grounds: list[Ground], grace: int) -> None:
        """Draft, sign and serve in one go, as a court mostly does."""
        acts = tuple(DishonestAct(ground=one, committed_on=self.court.today(), description="x") for one in grounds)
        with contextlib.suppress(ZhixingError):
            self.court.listed(*grounds, acts=acts, grace_months=grace)

    @rule(ground=st.sampled_from(["ACTIVE_PERFORMANCE", "APPLICANT_REQUEST"]))
    def remove_at_once(self, ground: str) -> None:
        """Propose and decide a removal in one go."""
        with contextlib.suppress(ZhixingError):
            self.court.remove(ground)

    @rule(wrong=st.sampled_from([True, False, False]), duty=st.sampled_from(["甲", "乙"]))
    def correct_at_once(self, duty: str, *, wrong: bool) -> None:
        """Propose and decide a correction in one go."""
        fields = {} if wrong else {"duty": duty}
        with contextlib.suppress(ZhixingError):
            nature = "WRONGLY_LISTED" if wrong else "INACCURATE"
            self.court.decide_correction(self.court.propose_correction(nature, **fields))

    @rule(pick=st.integers(0, 9), approve=st.booleans())
    def sign(self, pick: int, *, approve: bool) -> None:
        """Sign one of the decisions, or send it back."""
        self._with(self.court.state.decisions, pick, lambda name: self.court.sign(name, approve=approve))

    @rule(pick=st.integers(0, 9))
    def serve(self, pick: int) -> None:
        """Serve one of the decisions."""
        self._with(self.court.state.decisions, pick, self.court.serve)

    @rule(ground=st.sampled_from(sorted(UNTERMED_GROUNDS | TERMED_GROUNDS)))
    def propose_removal(self, ground: str) -> None:
        """Propose a removal."""
        with contextlib.suppress(ZhixingError):
            self.court.propose_removal(ground)

    @rule(pick=st.integers(0, 9), approve=st.booleans())
    def decide_removal(self, pick: int, *, approve: bool) -> None:
        """Decide one of the removals."""
        self._with(self.court.state.removals, pick, lambda name: self.court.decide_removal(name, approve=approve))

    @rule(wrong=st.booleans(), grounds=st.none() | GROUND_SETS, duty=st.sampled_from(["甲", "乙"]))
    def propose_correction(self, grounds: list[Ground] | None, duty: str, *, wrong: bool) -> None:
        """Propose a correction."""
        fields: dict[str, Any] = {} if wrong else {"grounds": grounds, "duty": duty}
        with contextlib.suppress(ZhixingError):
            self.court.propose_correction("WRONGLY_LISTED" if wrong else "INACCURATE", **fields)

    @rule(pick=st.integers(0, 9), approve=st.booleans())
    def decide_correction(self, pick: int, *, approve: bool) -> None:
        """Decide one of the corrections."""
        self._with(self.court.state.corrections, pick, lambda name: self.court.decide_correction(name, approve=approve))

    @rule(claim=st.sampled_from(["NOT_TO_BE_LISTED", "INACCURATE", "SHOULD_BE_REMOVED"]))
    def ask(self, claim: str) -> None:
        """The listed person asks for a correction."""
        with contextlib.suppress(ZhixingError):
            self.court.ask(claim)

    @rule(pick=st.integers(0, 9), justified=st.booleans(), ground=st.sampled_from(sorted(UNTERMED_GROUNDS)))
    def find(self, pick: int, ground: str, *, justified: bool) -> None:
        """The court examines a request."""
        self._with(
            self.court.state.requests,
            pick,
            lambda name: self.court.find(
                name,
                "JUSTIFIED" if justified else "REJECTED",
                nature="WRONGLY_LISTED",
                removal_ground=ground,
            ),
        )

    @rule(performed=st.integers(0, 12_000_000))
    def update(self, performed: int) -> None:
        """Say how far the duty is performed."""
        command = UpdatePerformance("PARTLY" if performed else "NONE", performed or None, 10_000_000)
        with contextlib.suppress(ZhixingError):
            self.court.do(command)

    @rule(recovered=st.integers(0, 12_000_000))
    def pay_in_part(self, recovered: int) -> None:
        """Money comes in."""
        self.court.do(NotePayment(recovered, 10_000_000))

    @rule()
    def pay(self) -> None:
        """The debt is covered; the case file would say so, but a second debt of the same case may follow."""
        self.court.do(SettleByPerformance(self.court.today()))

    @rule(kind=st.sampled_from(["NOT_ENFORCED", "ENFORCEMENT_TERMINATED", "CURRENT_PROCEDURE_TERMINATED"]))
    def close(self, kind: Any) -> None:
        """The case is closed."""
        self.court.do(EndWithCase(kind, self.court.today()))

    @rule(days=st.sampled_from([1, 1, 3, 16, 95, 800]))
    def wait(self, days: int) -> None:
        """Days pass, timers fire."""
        self.court.pass_until(self.court.now + timedelta(days=days))

    @invariant()
    def record_versions_have_no_gap(self) -> None:
        """Versions are counted from 1; every record but a removal says the listing is in force."""
        records = self.court.records()
        assert [record.version for record in records] == list(range(1, len(records) + 1))
        assert self.court.state.version == len(records)

    @invariant()
    def at_most_one_record_is_in_force(self) -> None:
        """Published and removed by turns; a change only in between; in force exactly when the state says so."""
        in_force = False
        for fact in self.court.facts:
            if isinstance(fact, ListingPublished):
                assert not in_force
                in_force = True
            elif isinstance(fact, ListingUpdated | ListingCorrected):
                assert in_force
            elif isinstance(fact, ListingRemoved):
                assert in_force
                in_force = False
        assert in_force == (self.court.state.current is not None)

    @invariant()
    def what_ends_ends_once(self) -> None:
        """As many stays in the archive as removals, and no proposal waits for what has ended."""
        state: Listing = self.court.state
        assert len(state.archive) == len(self.court.of(ListingRemoved))
        if state.current is None:
            assert state.open_removal is None
            assert all(one.state != "PROPOSED" for one in state.corrections.values())
            assert not any(name.startswith(("removal:", "correction:", "term")) for name in self.court.timers)

    @invariant()
    def no_minor_is_ever_listed(self) -> None:
        """Who is decided upon is of age on that day."""
        birth_date = self.court.standing.birth_date
        assert birth_date is not None
        assert all(is_of_age(birth_date, fact.decided_on) for fact in self.court.of(ListingDecided))

    @invariant()
    def nothing_is_published_that_was_not_signed_and_served(self) -> None:
        """Every publication rests on a decision that was served before, outside of its grace period."""
        served = {fact.decision_id for fact in self.court.of(ListingServed)}
        for fact in self.court.of(ListingPublished):
            assert fact.decision_id in served
            grace = self.court.state.decision(fact.decision_id).grace
            assert grace is None or fact.record.changed_at >= grace.due_at

    @invariant()
    def the_term_travels_with_the_record(self) -> None:
        """A listing in force has an end exactly if all its grounds have, its timer is set, and it has not passed."""
        current = self.court.state.current
        if current is None:
            return
        record: FeedRecord = current.record
        assert record.grounds == current.grounds
        assert (record.expires_at is not None) == has_term(current.grounds)
        assert record.expires_at == over_at(current.term_ends_on)
        assert self.court.timers.get("term") == record.expires_at
        assert record.expires_at is None or record.expires_at > self.court.now
        assert record.changed_at >= record.effective_from

    @invariant()
    def the_facts_say_all(self) -> None:
        """The state is what its facts say, from the first on."""
        state = Listing()
        for fact in self.court.facts:
            state = evolve_listing(state, fact)
        assert state == self.court.state

    def _with(self, known: Any, pick: int, act: Any) -> None:
        names = list(known)
        if names:
            with contextlib.suppress(ZhixingError):
                act(names[pick % len(names)])


TestListingHistories = ListingHistories.TestCase
TestListingHistories.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
