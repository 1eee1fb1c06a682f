"""Deciding many commands of one stream against its evolving state, and drafting the one commit that holds them."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant
from libs.foundation.errors import Conflict, NotFound, Refused
from libs.foundation.ids import derived_id
from libs.foundation.limits import COMMIT_BYTES_MAX, ENTRIES_PER_COMMIT_MAX, EVENT_BYTES_MAX
from libs.journal.cache import Known
from libs.journal.commits import build_commit
from libs.journal.fold import Head, apply_event
from libs.journal.model import CommandMeta, Decider, Outcome, RecordedRefusal, TimerDue
from libs.journal.pending import Answer, Pending
from libs.journal.refusals import NotDueYet, NotRecordable, RecordTooLarge
from libs.journal.store import Document
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerFired


def draft(decider: Decider[Any], known: Known, waiting: list[Pending], now: datetime, at: str) -> Draft:
    """Decide what waits for a stream, as far as it fits one commit; what was decided is taken from `waiting`.

    `at` is the text of `now`, made once for many drafts.
    """
    one = Draft(decider, known, now, at)
    one.run(waiting)
    return one


class Draft:
    """What was decided for one stream on the committed head `base`.

    `recorded` commands are answered when `commit` has landed; `held` answers (refusals, no-ops) are proved by nothing
    and must be confirmed. `after` is the head once the commit has landed; without a commit it is `base`. At the
    monotonic instant `proven_at` the base was known to be the head.
    """

    __slots__ = (
        *("base", "after", "proven_at", "commit", "recorded", "held"),
        *("_decider", "_at", "_now", "_court", "_key", "_state", "_timers", "_seq", "_entries", "_hashes", "_bytes"),
    )

    def __init__(self, decider: Decider[Any], known: Known, now: datetime, at: str) -> None:
        """Nothing is decided yet."""
        self.base = self.after = base = known.head
        self.proven_at = known.proven_at
        self.commit: Document | None = None
        self.recorded: list[tuple[Pending, Outcome[Any]]] = []
        self.held: list[tuple[Pending, Answer]] = []
        self._decider = decider
        # Business time never goes back in a stream, whatever clocks its writers have.
        self._now, self._at = (instant(base.at), base.at) if base.at and base.at > at else (now, at)
        self._court, self._key = base.court, base.key
        self._state, self._timers, self._seq = base.state, base.timers, base.seq
        self._entries: list[Document] = []
        self._hashes: list[bytes] = []
        self._bytes = 0

    def pendings(self) -> list[Pending]:
        """All commands that were decided in it, in the order in which they came."""
        decided = [pending for pending, _ in (*self.recorded, *self.held)]
        return sorted(decided, key=lambda pending: pending.arrived)

    def run(self, waiting: list[Pending]) -> None:
        """Decide; see `draft`."""
        taken = 0
        for pending in waiting[:ENTRIES_PER_COMMIT_MAX]:
            if pending.answer is None:
                try:
                    if not self._decide(pending):
                        break
                except Exception as error:  # noqa: BLE001 -- a refusal, or a bug: either way this command's answer alone
                    self.held.append((pending, error))
            taken += 1
        if self._entries:
            self._seal()
        del waiting[:taken]

    def _decide(self, pending: Pending) -> bool:
        """Decide one command; False if its events do not fit this commit any more."""
        meta = pending.meta
        self._check(meta)
        events, refusal = self._ask(pending.command, record_refusal=meta.record_refusal)
        if not events and refusal is None and not meta.record_refusal:
            self.held.append((pending, self._outcome(meta, (), None)))
            return True
        state, timers, seq = self._state, self._timers, self._seq
        stored = []
        for number, event in enumerate(events):
            seq += 1
            state, timers = apply_event(self._decider, state, timers, event, seq)
            stored.append(
                {
                    "id": derived_id("evt", meta.command_id, str(number)),
                    "seq": seq,
                    "type": event.TYPE,
                    "version": event.VERSION,
                    "data": event.data(),
                }
            )
        entry = _entry(meta, stored, seq, refusal)
        canonical = _recordable(entry)
        if self._entries and self._bytes + len(canonical) > COMMIT_BYTES_MAX:
            return False
        self._bytes += len(canonical)
        self._entries.append(entry)
        self._hashes.append(hashlib.sha256(canonical).digest())
        self._state, self._timers, self._seq = state, timers, seq
        if not self._court:
            self._court = meta.court or ""
            self._key = meta.key or derived_id("key", self.base.stream)
        self.recorded.append((pending, self._outcome(meta, events, refusal)))
        return True

    def _check(self, meta: CommandMeta) -> None:
        court = self._court or meta.court
        if court is None or (meta.court is not None and meta.court != court):
            # What belongs to another court does not exist for this one.
            raise NotFound
        if meta.expected_seq is not None and meta.expected_seq != self._seq:
            raise Conflict(f"expected {meta.expected_seq}, it is {self._seq}", current_version=self._seq)

    def _ask(self, command: Any, *, record_refusal: bool) -> tuple[tuple[Event, ...], RecordedRefusal | None]:
        fired: tuple[Event, ...] = ()
        if isinstance(command, TimerDue):
            timer = self._timers.get(command.timer)
            if timer is None or timer.generation != command.generation:
                return (), None
            if timer.due_at > self._now:
                raise NotDueYet
            fired = (TimerFired(timer=command.timer, generation=command.generation),)
        try:
            return (*fired, *self._decider.decide(self._state, command, self._now)), None
        except Refused as refused:
            if not record_refusal:
                raise
            return fired, RecordedRefusal(refused.code, refused.detail, refused.rule, refused.field)

    def _outcome(self, meta: CommandMeta, events: tuple[Event, ...], refusal: RecordedRefusal | None) -> Outcome[Any]:
        return Outcome(
            state=self._state,
            seq=self._seq,
            stream=self.base.stream,
            court=self._court or meta.court or "",
            key=self._key,
            events=events,
            replayed=False,
            at=self._now,
            refusal=refusal,
            version=self.base.version + (1 if self._entries else 0),
        )

    def _seal(self) -> None:
        base = self.base
        header = {
            "stream": base.stream,
            "version": base.version + 1,
            "court": self._court,
            "key": self._key,
            "at": self._at,
            "seq": self._seq,
            "prev_hash": base.hash,
        }
        self.commit = build_commit(header, self._entries, self._hashes, service=self._decider.service)
        self.after = Head(
            base.stream,
            self._state,
            self._court,
            self._key,
            base.version + 1,
            self._seq,
            self._timers,
            self.commit["hash"],
            self._at,
        )


def _entry(meta: CommandMeta, stored: list[Document], seq: int, refusal: RecordedRefusal | None) -> Document:
    outcome: Document = {"status": "accepted" if stored else "unchanged", "seq": seq}
    if refusal is not None:
        outcome |= {"status": "refused", "refusal": asdict(refusal)}
    actor, authority = meta.actor, meta.authority
    return {
        "command_id": meta.command_id,
        "fingerprint": meta.fingerprint,
        "actor": {"subject": actor.subject, "organisation": actor.organisation, "role": actor.role},
        "authority": {"document_id": authority.document_id, "organisation": authority.organisation},
        "correlation_id": meta.correlation_id,
        "causation_id": meta.causation_id,
        "trace": meta.trace,
        "events": stored,
        "outcome": outcome,
    }


def _recordable(entry: Document) -> bytes:
    """Return the entry's canonical bytes. Raises `NotRecordable` and `RecordTooLarge`."""
    try:
        canonical = canonical_bytes(entry)
    except (TypeError, ValueError) as error:
        raise NotRecordable(str(error)) from error
    if b"\\u0000" in canonical and _has_nul_key(entry):
        raise NotRecordable("a name holds a NUL")
    if len(canonical) > EVENT_BYTES_MAX:
        if any(len(canonical_bytes(stored["data"])) > EVENT_BYTES_MAX for stored in entry["events"]):
            raise RecordTooLarge(f"an event may hold {EVENT_BYTES_MAX} bytes")
        if len(canonical) > COMMIT_BYTES_MAX:
            raise RecordTooLarge(f"the events of one command may hold {COMMIT_BYTES_MAX} bytes")
    return canonical


def _has_nul_key(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\0" in key or _has_nul_key(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_nul_key(item) for item in value)
