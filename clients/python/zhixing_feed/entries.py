"""Entries: one version of one record, whole, signed by the listing court."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.jws import KeyRing, NotVerified, Signed, without_floats
from zhixing_feed.names import normal_document, normal_name

ENTRY_TYPE: Final = "zhixing-entry+jws"
IN_FORCE: Final = frozenset({"LISTED", "RESTRICTED"})

_STATUS_OF: Final[Mapping[str, frozenset[str]]] = {
    "LISTING": frozenset({"LISTED", "REMOVED"}),
    "RESTRICTION": frozenset({"RESTRICTED", "REMOVED"}),
}
_CHANGES_IN_FORCE: Final = frozenset({"ADDED", "UPDATED", "CORRECTED"})
_CHANGES_AT_THE_END: Final = frozenset({"REMOVED", "CORRECTED"})
_NATURES: Final = frozenset({"WRONGLY_LISTED", "INACCURATE"})
_PARTY_TYPES: Final = frozenset({"PERSON", "ORGANISATION"})


@dataclass(frozen=True, slots=True)
class Suspension:
    """A window, `start` inclusive and `end` exclusive, in which some kinds of consumption are allowed."""

    start: datetime
    end: datetime
    kinds: frozenset[int]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that verified, read as far as a copy and its answers need; `claims` is the rest."""

    signed: Signed
    view: str
    record_id: str
    version: int
    list_type: str
    status: str
    change: str
    name: str
    documents: tuple[tuple[str, str], ...]
    effective_from: datetime
    expires_at: datetime | None
    kinds: frozenset[int]
    suspensions: tuple[Suspension, ...]

    @property
    def in_force(self) -> bool:
        """Whether it stands in the set: it is no `REMOVED` entry. Terms are looked at when somebody asks."""
        return self.status in IN_FORCE

    @property
    def claims(self) -> dict[str, Any]:
        """What the entry says."""
        return self.signed.claims

    def bites(self, now: datetime, list_types: frozenset[str], kinds: frozenset[int]) -> bool:
        """Whether it is a hit for a measure at an instant: type, term, and a kind that is not suspended.

        A measure without kinds takes any; a listing is a hit whatever its kinds.
        """
        if not self.in_force or self.list_type not in list_types or now < self.effective_from:
            return False
        if self.expires_at is not None and now >= self.expires_at:
            return False
        if self.list_type != "RESTRICTION" or not self.kinds:
            return True
        asked = self.kinds & kinds if kinds else self.kinds
        free = {kind for window in self.suspensions if window.start <= now < window.end for kind in window.kinds}
        return bool(asked - free)


def read_entry(text: str, keys: KeyRing, view: str) -> Entry:
    """Return an entry that one of the entry keys signed for this view. Raises `FeedFault`."""
    try:
        signed = keys.verified(text, ENTRY_TYPE)
    except NotVerified as error:
        raise FeedFault(AlarmCode.ENTRY_SIGNATURE, str(error)) from error
    try:
        entry = _entry(signed)
    except ValueError as error:
        raise FeedFault(AlarmCode.ENTRY_MALFORMED, str(error)) from error
    if entry.view != view:
        raise FeedFault(AlarmCode.ENTRY_MALFORMED, f"an entry of view {entry.view}", record_id=entry.record_id)
    return entry


def stored_entry(text: str, payload: bytes) -> Entry:
    """Return an entry from the own copy, which verified when it was stored."""
    return _entry(Signed(text, payload, without_floats(payload), ""))


def _entry(signed: Signed) -> Entry:
    claims = signed.claims
    list_type = fields.one_of(claims, "list_type", frozenset(_STATUS_OF))
    status = fields.one_of(claims, "status", _STATUS_OF[list_type])
    # A removal that only a flag speaks of is none, and whoever is let go must be let go by the status itself.
    change = fields.one_of(claims, "change", _CHANGES_IN_FORCE if status in IN_FORCE else _CHANGES_AT_THE_END)
    if status in IN_FORCE and claims.get("removal") is not None:
        raise fields.FieldWrong("an entry in force speaks of a removal")
    if change == "CORRECTED" or claims.get("correction") is not None:
        fields.one_of(fields.mapping(claims, "correction"), "nature", _NATURES)
    subject = fields.mapping(claims, "subject")
    fields.one_of(subject, "party_type", _PARTY_TYPES)
    fields.text(fields.mapping(claims, "court"), "name")
    fields.text(claims, "salt")
    return Entry(
        signed=signed,
        view=fields.text(claims, "view"),
        record_id=fields.text(claims, "record_id"),
        version=fields.whole(claims, "record_version", least=1),
        list_type=list_type,
        status=status,
        change=change,
        name=normal_name(fields.text(subject, "name")),
        documents=tuple(
            dict.fromkeys(
                normal_document(fields.text(each, "type"), fields.text(each, "number"))
                for each in fields.objects(subject, "identity_documents")
            )
        ),
        effective_from=fields.moment(claims, "effective_from"),
        expires_at=fields.optional_moment(claims, "expires_at"),
        kinds=fields.kinds(claims, "kinds"),
        suspensions=tuple(
            Suspension(fields.moment(each, "from"), fields.moment(each, "until"), fields.kinds(each, "kinds"))
            for each in fields.objects(claims, "suspensions")
        ),
    )
