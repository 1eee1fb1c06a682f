"""Who may be listed, on which grounds, for how long: asked when a decision is drafted and again when it is signed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from libs.schemas.credit_blacklist import Ground, Performance
from libs.schemas.credit_blacklist.listing import DishonestAct
from libs.schemas.intake.kinds import ClosureKind
from services.credit_blacklist.domain.correction_refusals import DayInTheFuture
from services.credit_blacklist.domain.listing import Listing
from services.credit_blacklist.domain.listing_commands import DraftListing, Standing
from services.credit_blacklist.domain.listing_refusals import (
    AgeUnknown,
    ApplicationDayMissing,
    CaseIsOver,
    DebtIsSatisfied,
    DebtorNotWarned,
    ExtensionOutOfRange,
    ExtensionUnfounded,
    ExtensionWithoutTerm,
    GraceOutOfRange,
    GroundMissing,
    ListingBarred,
    MinorNeverListed,
    NotADebtorOfTheCase,
    PerformanceInconsistent,
    RelistingTooSoon,
    RelistingWithoutNewAct,
    SecondListingOnSameGround,
    SeizedAssetsSuffice,
)
from services.credit_blacklist.rules.grounds import BARS_TO_GROUND_ONE, BARS_TO_LISTING, has_term
from services.credit_blacklist.rules.procedure import GRACE_MONTHS
from services.credit_blacklist.rules.terms import extension_fits, is_of_age, no_request_until

GROUND_ONE: Ground = "REFUSES_THOUGH_ABLE"
SEVERAL = 2
ENFORCED_AFTER_CLOSING: ClosureKind = "CURRENT_PROCEDURE_TERMINATED"
"""After 终本 the debt is still enforced whenever something is found; after any other closing it is not."""


def check_person(standing: Standing, on: date) -> None:
    """Refuse who is never listed: no debtor, a minor, an unwarned or performing debtor (R-CRB-04, -05, -06, -10)."""
    if standing.party is None:
        raise NotADebtorOfTheCase(field="party_id")
    if standing.party.party_type == "PERSON":
        if standing.birth_date is None:
            raise AgeUnknown(field="birth_date")
        if not is_of_age(standing.birth_date, on):
            raise MinorNeverListed(field="party_id")
    if standing.satisfied_on is not None:
        raise DebtIsSatisfied(field="case_id")
    if standing.closed not in (None, ENFORCED_AFTER_CLOSING):
        raise CaseIsOver(field="case_id")
    if not standing.warned:
        raise DebtorNotWarned(field="party_id")


def check_bars(standing: Standing, grounds: Collection[Ground]) -> None:
    """Refuse what R-CRB-03 bars (ground 1) and what R-CRB-05 bars (every ground)."""
    standing_bars = standing.bars & BARS_TO_LISTING.value
    if GROUND_ONE in grounds:
        standing_bars |= standing.bars & BARS_TO_GROUND_ONE.value
        if standing.assets_suffice:
            raise SeizedAssetsSuffice(field="grounds")
    if standing_bars:
        raise ListingBarred(field="grounds", bars=sorted(standing_bars))


def check_performance(performance: Performance, performed_fen: int | None, owed_fen: int) -> None:
    """Refuse a performance that contradicts its amount (R-CRB-08)."""
    performed = performed_fen or 0
    if performance == "NONE" and performed:
        raise PerformanceInconsistent(field="performed_fen")
    if performance == "PARTLY" and not performed:
        raise PerformanceInconsistent(field="performed_fen")
    if owed_fen and performed >= owed_fen:
        raise PerformanceInconsistent(field="performed_fen")


def check_grounds(state: Listing, command: DraftListing, today: date) -> None:
    """Refuse a ground that is listed or under way already; without a listing in force a ground is needed."""
    wanted = set(command.grounds)
    if not wanted and (state.current is None or not command.extension_years):
        raise GroundMissing(field="grounds")
    if any(act.ground not in wanted and not _is_listed(state, act.ground) for act in command.acts):
        raise GroundMissing(field="acts")
    if any(act.committed_on > today for act in command.acts):
        raise DayInTheFuture(field="acts")
    taken = set(state.current.grounds) if state.current else set()
    for decision in state.decisions.values():
        if decision.is_open:
            taken |= set(decision.draft.grounds)
    if wanted & taken:
        raise SecondListingOnSameGround(field="grounds", grounds=sorted(wanted & taken))


def check_extension(state: Listing, command: DraftListing) -> None:
    """Refuse an extension that is too long, has nothing to extend, or no reason (R-CRB-02)."""
    years = command.extension_years
    if not years:
        if command.extension_reason is not None:
            raise ExtensionOutOfRange(field="extension_years")
        return
    listed = state.current.grounds if state.current else ()
    if not has_term({*command.grounds, *listed}):
        raise ExtensionWithoutTerm(field="extension_years")
    before = state.current.extension_years if state.current else 0
    if not extension_fits(years, before):
        raise ExtensionOutOfRange(field="extension_years")
    if command.extension_reason == "SERIOUS_VIOLENCE" and "OBSTRUCTS" in {*command.grounds, *listed}:
        return
    several = max(len({*command.grounds, *listed}), len(command.acts)) >= SEVERAL
    if command.extension_reason != "SEVERAL_ACTS" or not several:
        raise ExtensionUnfounded(field="extension_reason")


def check_procedure(command: DraftListing, today: date) -> None:
    """Refuse a grace period out of range and an application without its day (R-CRB-06, R-CRB-07)."""
    shortest, longest = GRACE_MONTHS.value
    if command.grace_months and not shortest <= command.grace_months <= longest:
        raise GraceOutOfRange(field="grace_months")
    applied = command.initiated == "APPLICATION"
    if applied != (command.applied_on is not None) or (command.applied_on or today) > today:
        raise ApplicationDayMissing(field="applied_on")


def check_relisting(state: Listing, command: DraftListing) -> None:
    """Refuse to list again too soon at the applicant's request, or on an old ground without a new act (R-CRB-11)."""
    if state.current is not None or not state.archive:
        return
    for ended in state.archive:
        assert ended.removed_on is not None, "what is archived was removed"
        if ended.removal_ground == "APPLICANT_REQUEST" and command.applied_on is not None:
            until = no_request_until(ended.removed_on)
            if command.applied_on <= until:
                raise RelistingTooSoon(field="applied_on", until=until.isoformat())
        for ground in set(command.grounds) & set(ended.grounds):
            if not any(_is_new(act, ground, ended.removed_on) for act in command.acts):
                raise RelistingWithoutNewAct(field="acts", ground=ground)


def _is_new(act: DishonestAct, ground: Ground, removed_on: date) -> bool:
    return act.ground == ground and act.committed_on >= removed_on


def _is_listed(state: Listing, ground: Ground) -> bool:
    return state.current is not None and ground in state.current.grounds
