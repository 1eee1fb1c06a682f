"""The journal: a service's truth as an append-only collection of commits, and everything that follows from it."""

from libs.foundation.errors import KeyReused, OutcomeUnknown, Overloaded
from libs.journal.commits import BUCKETS
from libs.journal.journal import Journal
from libs.journal.model import (
    NATIONAL,
    Actor,
    Answer,
    Authority,
    CommandMeta,
    Decider,
    EffectPort,
    EffectSpec,
    Folded,
    Intent,
    Outcome,
    Page,
    RecordedRefusal,
    StoredEvent,
    TimerDue,
    View,
)
from libs.journal.refusals import CannotAsk, ConsistencyTokenMalformed, CursorMalformed, StoreUnavailable
from libs.journal.settings import JournalSettings
from libs.journal.tokens import token_of

__all__ = [
    "BUCKETS",
    "NATIONAL",
    "Actor",
    "Answer",
    "Authority",
    "CannotAsk",
    "CommandMeta",
    "ConsistencyTokenMalformed",
    "CursorMalformed",
    "Decider",
    "EffectPort",
    "EffectSpec",
    "Folded",
    "Intent",
    "Journal",
    "JournalSettings",
    "KeyReused",
    "Outcome",
    "OutcomeUnknown",
    "Overloaded",
    "Page",
    "RecordedRefusal",
    "StoreUnavailable",
    "StoredEvent",
    "TimerDue",
    "View",
    "token_of",
]
