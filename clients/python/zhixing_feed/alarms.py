"""Everything that can be wrong with a feed, by name: faults that verification raises, alarms that people are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final


class AlarmCode(StrEnum):
    """What went wrong. The copy stays as it was, unless the name says that something was only noticed."""

    BODY_TRUNCATED = "body_truncated"
    BODY_TOO_LARGE = "body_too_large"
    ANSWER_MALFORMED = "answer_malformed"
    UNREACHABLE = "unreachable"
    NOT_AUTHORISED = "not_authorised"
    VIEW_CLOSED = "view_closed"
    CLOCK_OFF = "clock_off"

    KEY_CHAIN_BROKEN = "key_chain_broken"
    KEY_SET_LOWER = "key_set_lower"
    HEAD_SIGNATURE = "head_signature"
    HEAD_MALFORMED = "head_malformed"
    HEAD_OF_ANOTHER_VIEW = "head_of_another_view"
    HEAD_EXPIRED = "head_expired"
    HEAD_OLDER = "head_older"
    LOWER_SEQUENCE = "lower_sequence"
    EQUIVOCATION = "equivocation"
    HISTORY_NOT_PROVED = "history_not_proved"
    RESET_WITHOUT_LINK = "reset_without_link"
    RESET_HIDES_ENTRIES = "reset_hides_entries"
    SESSION_DEAD = "session_dead"
    BULK_ADDED = "bulk_added"
    BULK_MISSING = "bulk_missing"

    PAGE_LOST = "page_lost"
    PAGE_MALFORMED = "page_malformed"
    PAGE_CHAIN_BROKEN = "page_chain_broken"
    PAGE_CHANGED = "page_changed"
    SET_DIGEST_WRONG = "set_digest_wrong"
    LOG_ROOT_WRONG = "log_root_wrong"
    ENTRY_SIGNATURE = "entry_signature"
    ENTRY_MALFORMED = "entry_malformed"
    VERSION_NOT_GREATER = "version_not_greater"
    VERSION_SKIPPED = "version_skipped"
    SEQUENCE_GAP = "sequence_gap"

    SNAPSHOT_MISSING = "snapshot_missing"
    SNAPSHOT_TRUNCATED = "snapshot_truncated"
    SNAPSHOT_CHANGED = "snapshot_changed"
    SNAPSHOT_TRAILER_WRONG = "snapshot_trailer_wrong"
    SNAPSHOT_MALFORMED = "snapshot_malformed"
    SNAPSHOT_REQUIRED = "snapshot_required"
    SUPERSEDED = "superseded"

    POLICY_WRONG = "policy_wrong"
    COPY_DAMAGED = "copy_damaged"
    COPY_WRITTEN_BY_ANOTHER = "copy_written_by_another"
    DECIDED_WITHOUT_COPY = "decided_without_copy"
    POSITION_DIFFERS = "position_differs"
    REPORT_REFUSED = "report_refused"
    SUPPORT_NEEDED = "support_needed"


NOTICES: Final = frozenset({AlarmCode.VERSION_SKIPPED, AlarmCode.SUPERSEDED, AlarmCode.SNAPSHOT_REQUIRED})
"""Alarms beside which the feed went on: something to look at, nothing that was refused."""

HARD: Final = frozenset({AlarmCode.EQUIVOCATION})
"""The publisher contradicted what it signed: nothing is taken from it until a person says `resume()`."""

_NUMBERS: Final = MappingProxyType({code: number for number, code in enumerate(AlarmCode, start=101)})


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as people and programs are told it; `facts` never hold a name or a document number."""

    code: AlarmCode
    detail: str
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def notice(self) -> bool:
        """Whether the feed went on beside it."""
        return self.code in NOTICES


class FeedFault(Exception):
    """What came does not verify; it was not applied. `code` names why."""

    def __init__(self, code: AlarmCode, detail: str, **facts: Any) -> None:
        """`facts` are figures for whoever looks into it: sequences, hashes, ids of records."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.facts = facts


class FeedStopped(Exception):
    """The feed contradicted itself; only a person goes on from here (`resume`). `support_code` says where it stands."""

    def __init__(self, support_code: str, detail: str) -> None:
        """Take the code for the publisher's support and what happened."""
        super().__init__(f"{support_code}: {detail}")
        self.support_code = support_code


class MeasureUnknown(LookupError):
    """The view's policy has no such measure: whoever takes it has no legal basis for it (国办发〔2020〕49号)."""


def support_code(code: AlarmCode, session_id: str, sequence: int) -> str:
    """Return what to tell the publisher's support on the telephone: fault, session, sequence."""
    return f"ZXF-{_NUMBERS[code]}-{session_id[:8] or 'none'}-{sequence}"
