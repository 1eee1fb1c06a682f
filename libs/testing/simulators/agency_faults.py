"""How an agency words what it did: straight, or with the faults that real adapters show (pitfalls 1, 3, 5, 6, 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Answer = Mapping[str, Any]

LOCK_MINUTES = 3.0
"""How long a registration takes after the lock."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply that will be sent: its name makes its reply_id, so that a repeat is the same reply."""

    name: str
    status: str
    answers: Sequence[Answer]
    pause_minutes: float = 0.0
    may_be_refused: bool = False
    repeat: bool = False


def planned_replies(
    faults: Mapping[str, Any], request: Mapping[str, Any], answers: Sequence[Answer]
) -> Iterator[Reply]:
    """Yield the replies in order, the last being the true and final one."""
    yield from _faulty(faults, request["kind"], answers)
    if faults.get("registration_refused") and request["kind"] == "FREEZE":
        answers = [_registration_refused(answer) for answer in answers]
    yield Reply("final", "FINAL", answers, repeat=bool(faults.get("duplicate_reply")))


def _faulty(faults: Mapping[str, Any], kind: str, answers: Sequence[Answer]) -> Iterator[Reply]:
    if faults.get("premature_controlled") and kind == "FREEZE":
        unbooked = [_without(answer, "agency_reference", "effective_from") for answer in answers]
        yield Reply("premature", "PARTIAL", unbooked, may_be_refused=True)
        yield Reply("locked", "PARTIAL", [_open(answer, "LOCKED") for answer in answers], pause_minutes=LOCK_MINUTES)
    if faults.get("in_progress_first"):
        yield Reply(
            "progress", "PARTIAL", [_open(answer, "ACCEPTED") for answer in answers], pause_minutes=LOCK_MINUTES
        )
    if faults.get("first_item_only") and len(answers) > 1:
        yield Reply("first-only", "FINAL", answers[:1], may_be_refused=True)
    if faults.get("hidden_failure") and any(answer["status"] == "PARTLY_CONTROLLED" for answer in answers):
        hidden = [
            {**answer, "status": "CONTROLLED", "uncovered_limit_fen": 0, "detail": "理财产品冻结失败"}
            for answer in answers
        ]
        yield Reply("hidden", "FINAL", hidden, may_be_refused=True)
    if faults.get("unknown_as_none") and kind == "INQUIRY":
        unknown = [
            {"sequence": answer["sequence"], "status": "NO_RECORD", "assets_state": "UNKNOWN"} for answer in answers
        ]
        yield Reply("unknown", "FINAL", unknown, may_be_refused=True)


def _open(answer: Answer, detail: str) -> Answer:
    return {"sequence": answer["sequence"], "status": "IN_PROGRESS", "detail": detail}


def _without(answer: Answer, *names: str) -> Answer:
    return {name: value for name, value in answer.items() if name not in names}


def _registration_refused(answer: Answer) -> Answer:
    return {
        "sequence": answer["sequence"],
        "status": "NOT_CONTROLLED",
        "controlled_fen": 0,
        "refusal": {"code": "REGISTRATION_REFUSED", "text": "登记审核不通过"},
    }
