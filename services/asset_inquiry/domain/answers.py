"""What an answer to an item must say to be believed: one table of statuses per kind of request, and sums that agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from libs.schemas.asset_inquiry import ItemAnswer, RequestItem
from libs.schemas.parts import RequestKind
from services.asset_inquiry.domain.refusals import ControlNotBooked, ReplyIncomplete, ReplyInconsistent

OPEN: Final = frozenset({"IN_PROGRESS", "UNKNOWN"})
"""Said in PARTIAL replies only: ACCEPTED and LOCKED are details of IN_PROGRESS, not a control."""

STATUSES: Final[Mapping[RequestKind, frozenset[str]]] = {
    "INQUIRY": frozenset({"ANSWERED", "NO_RECORD"}),
    "FREEZE": frozenset({"CONTROLLED", "PARTLY_CONTROLLED", "QUEUED", "NOT_CONTROLLED"}),
    "RENEW": frozenset({"CONTROLLED", "PARTLY_CONTROLLED", "NOT_CONTROLLED"}),
    "RELEASE": frozenset({"RELEASED", "NOT_CONTROLLED"}),
    "DEDUCT": frozenset({"DEDUCTED", "NOT_CONTROLLED"}),
}
SETTLED: Final = frozenset[str]().union(*STATUSES.values())


def check_answers(
    kind: RequestKind, items: Sequence[RequestItem], answers: Sequence[ItemAnswer], *, final: bool
) -> None:
    """Refuse a reply that answers a foreign item or one twice, contradicts itself, or is final and leaves one out."""
    by_sequence = {item.sequence: item for item in items}
    seen: set[int] = set()
    for answer in answers:
        item = by_sequence.get(answer.sequence)
        if item is None or answer.sequence in seen:
            raise ReplyInconsistent(f"Item {answer.sequence} is not in the request, or is answered twice.")
        seen.add(answer.sequence)
        if answer.status in OPEN and final:
            raise ReplyIncomplete(f"Item {answer.sequence} is {answer.status}: that is no final answer.")
        if answer.status not in OPEN:
            _check(kind, item, answer)
    if final and (missing := sorted(by_sequence.keys() - seen)):
        raise ReplyIncomplete(f"The final reply leaves out item {', '.join(map(str, missing))}.", missing=missing)


def check_contradiction(before: Mapping[int, ItemAnswer], answers: Sequence[ItemAnswer]) -> None:
    """Refuse another settled status for an item that was settled already: that needs a reply that says it corrects."""
    for answer in answers:
        known = before.get(answer.sequence)
        if known is not None and known.status in SETTLED and not _same_result(known, answer):
            raise ReplyInconsistent(
                f"Item {answer.sequence} was answered {known.status}; a change names the earlier reply in `corrects`.",
                field="corrects",
            )


def _same_result(known: ItemAnswer, answer: ItemAnswer) -> bool:
    figures = ("status", "controlled_fen", "deducted_fen", "agency_reference", "payment_reference")
    return all(getattr(known, name) == getattr(answer, name) for name in figures)


def _check(kind: RequestKind, item: RequestItem, answer: ItemAnswer) -> None:
    if answer.status not in STATUSES[kind]:
        _refuse(answer, f"{answer.status} is no answer to a request of kind {kind}")
    match answer.status:
        case "ANSWERED" | "NO_RECORD":
            _check_found(answer)
        case "CONTROLLED" | "PARTLY_CONTROLLED":
            _check_controlled(item, answer)
        case "QUEUED":
            _check_queued(answer)
        case "NOT_CONTROLLED":
            _check_refused(answer)
        case "RELEASED":
            if answer.effective_from is None or not answer.agency_reference:
                raise ControlNotBooked(f"Item {answer.sequence}: a release has the agency's reference and its time.")
        case "DEDUCTED":
            _check_deducted(item, answer)


def _check_found(answer: ItemAnswer) -> None:
    # A failed look-up must not be read as "none", nor a list be cut silently.
    if answer.status == "NO_RECORD" and (answer.assets or answer.assets_state != "NONE"):
        _refuse(answer, "NO_RECORD means that the list of assets is NONE")
    if answer.status == "ANSWERED" and (not answer.assets or answer.assets_state != "COMPLETE"):
        _refuse(answer, "ANSWERED means a COMPLETE list with at least one asset; send PARTIAL while it is UNKNOWN")


def _check_controlled(item: RequestItem, answer: ItemAnswer) -> None:
    if answer.effective_from is None or not answer.agency_reference:
        raise ControlNotBooked(f"Item {answer.sequence}: no reference or no time of effect.")
    controlled, uncovered = answer.controlled_fen, answer.uncovered_limit_fen or 0
    if controlled is None:
        _refuse(answer, "a control names controlled_fen")
        return
    if item.scope == "FUNDS" and controlled + uncovered != item.requested_limit_fen:
        _refuse(answer, f"requested {item.requested_limit_fen} is not controlled {controlled} + uncovered {uncovered}")
    if (answer.status == "CONTROLLED") != (uncovered == 0):
        _refuse(answer, "CONTROLLED covers the whole limit, PARTLY_CONTROLLED leaves a part uncovered")


def _check_queued(answer: ItemAnswer) -> None:
    if answer.controlled_fen or answer.effective_from is not None or answer.effective_to is not None:
        _refuse(answer, "a queued measure controls nothing and has no dates until it is promoted (R-INQ-11)")
    if answer.rank is None:
        _refuse(answer, "a queued measure has a rank")


def _check_refused(answer: ItemAnswer) -> None:
    if not answer.refusal_code or not answer.refusal_text:
        _refuse(answer, "NOT_CONTROLLED gives a refusal code and text")
    if answer.controlled_fen or answer.deducted_fen:
        _refuse(answer, "NOT_CONTROLLED controls and deducts nothing")


def _check_deducted(item: RequestItem, answer: ItemAnswer) -> None:
    if answer.settlement is None or answer.deducted_fen is None or answer.remaining_frozen_fen is None:
        _refuse(answer, "a deduction names deducted_fen, remaining_frozen_fen and settlement")
        return
    if answer.payment_reference != item.payment_reference:
        _refuse(answer, "a deduction carries the payment reference of the request, so that it is never paid twice")
    limit = item.requested_limit_fen or 0
    if answer.settlement == "FAILED" and answer.deducted_fen:
        _refuse(answer, "a failed deduction took nothing")
    if answer.settlement != "FAILED" and not 0 < answer.deducted_fen <= limit:
        _refuse(answer, f"deducted {answer.deducted_fen} is not within the {limit} that were asked for")


def _refuse(answer: ItemAnswer, why: str) -> None:
    raise ReplyInconsistent(f"Item {answer.sequence}: {why}.", sequence=answer.sequence)
