"""Deciding many commands of one stream against its evolving state, and drafting the one commit that holds them."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant, instant_text
from libs.foundation.errors import Conflict, NotFound, Refused
from libs.foundation.ids import derived_id
from libs.foundation.limits import COMMIT_BYTES_MAX, ENTRIES_PER_COMMIT_MAX, EVENT_BYTES_MAX
from libs.journal.cache import Known
from libs.journal.commits import build_commit
from libs.journal.fold import Head, apply_event
from libs.journal.model import CommandMeta, Decider, Outcome, RecordedRefusal, TimerDue
from libs.journal.pending import Pending
from libs.journal.refusals import NotDueYet, NotRecordable, RecordTooLarge
from libs.journal.store import Document
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerFired

Answer = Outcome[Any] | Exception


@dataclass(slots=True)
class Draft:
    """What was decided for one stream on the committed head `base`.

    `recorded` commands are answered when `commit` has landed; `held` answers (refusals, no-ops) are proved by nothing
    and must be confirmed. `after` is the head once the commit has landed; without a commit it is `base`. At the
    monotonic instant `proven_at` the base was known to be the head.
    """

    base: Head
    after: Head
    proven_at: float
    commit: Document | None = None
    recorded: list[tuple[Pending, Outcome[Any]]] = field(default_factory=list)
    held: list[tuple[Pending, Answer]] = field(default_factory=list)

    def pendings(self) -> list[Pending]:
        """All commands that were decided in it, in the order in which they came."""
        decided = [pending for pending, _ in (*self.recorded, *self.held)]
        return sorted(decided, key=lambda pending: pending.arrived)


def draft(decider: Decider[Any], known: Known, waiting: deque[Pending], now: datetime) -> Draft:
    """Decide what waits for a stream, as far as it fits one commit; what was decided is taken from `waiting`."""
    return _Drafting(decider, known, now).run(waiting)


class _Drafting:
    """The evolving state of one draft."""

    def __init__(self, decider: Decider[Any], known: Known, now: datetime) -> None:
        base = known.head
        self._decider = decider
        self._base = base
        # Business time never goes back in a stream, whatever clocks its writers have.
        self._at = max(instant_text(now), base.at or "")
        self._now = instant(self._at)
        self._court, self._key = base.court, base.key
        self._state, self._timers, self._seq = base.state, base.timers, base.seq
        self._entries: list[Document] = []
        self._hashes: list[bytes] = []
        self._bytes = 0
        self._draft = Draft(base, base, known.proven_at)

    def run(self, waiting: deque[Pending]) -> Draft:
        for _ in range(min(len(waiting), ENTRIES_PER_COMMIT_MAX)):
            pending = waiting[0]
            if not pending.done:
                try:
                    if not self._decide(pending):
                        break
                except Exception as error:  # noqa: BLE001 -- a refusal, or a bug: either way this command's answer alone
                    self._draft.held.append((pending, error))
            waiting.popleft()
        if self._entries:
            self._seal()
        return self._draft

    def _decide(self, pending: Pending) -> bool:
        """Decide one command; False if its events do not fit this commit any more."""
        meta = pending.meta
        self._check(meta)
        events, refusal = self._ask(pending.command, record_refusal=meta.record_refusal)
        if not events and refusal is None and not meta.record_refusal:
            self._draft.held.append((pending, self._outcome(meta, (), None)))
            return True
        state, timers, seq = self._state, self._timers, self._seq
        stored = []
        for number, event in enumerate(events):
            seq += 1
            state, timers = apply_event(self._decider, state, timers, event, seq)
            stored.append(_stored(event, derived_id("evt", meta.command_id, str(number)), seq))
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
            self._key = meta.key or derived_id("key", self._base.stream)
        self._draft.recorded.append((pending, self._outcome(meta, tuple(events), refusal)))
        return True

    def _check(self, meta: CommandMeta) -> None:
        court = self._court or meta.court
        if court is None or (meta.court is not None and meta.court != court):
            # What belongs to another court does not exist for this one.
            raise NotFound
        if meta.expected_seq is not None and meta.expected_seq != self._seq:
            raise Conflict(f"expected {meta.expected_seq}, it is {self._seq}", current_version=self._seq)

    def _ask(self, command: Any, *, record_refusal: bool) -> tuple[Sequence[Event], RecordedRefusal | None]:
        fired: list[Event] = []
        if isinstance(command, TimerDue):
            timer = self._timers.get(command.timer)
            if timer is None or timer.generation != command.generation:
                return (), None
            if timer.due_at > self._now:
                raise NotDueYet
            fired.append(TimerFired(timer=command.timer, generation=command.generation))
        try:
            return [*fired, *self._decider.decide(self._state, command, self._now)], None
        except Refused as refused:
            if not record_refusal:
                raise
            return fired, RecordedRefusal(refused.code, refused.detail, refused.rule, refused.field)

    def _outcome(self, meta: CommandMeta, events: tuple[Event, ...], refusal: RecordedRefusal | None) -> Outcome[Any]:
        return Outcome(
            state=self._state,
            seq=self._seq,
            stream=self._base.stream,
            court=self._court or meta.court or "",
            key=self._key,
            events=events,
            replayed=False,
            at=self._now,
            refusal=refusal,
            version=self._base.version + (1 if self._entries else 0),
        )

    def _seal(self) -> None:
        base = self._base
        header = {
            "stream": base.stream,
            "version": base.version + 1,
            "court": self._court,
            "key": self._key,
            "at": self._at,
            "seq": self._seq,
            "prev_hash": base.hash,
        }
        commit = build_commit(header, self._entries, self._hashes, service=self._decider.service)
        self._draft.commit = commit
        self._draft.after = Head(
            base.stream,
            self._state,
            self._court,
            self._key,
            base.version + 1,
            self._seq,
            self._timers,
            commit["hash"],
            self._at,
        )


def _stored(event: Event, event_id: str, seq: int) -> Document:
    return {
        "id": event_id,
        "seq": seq,
        "type": event.type_text(),
        "version": event.VERSION,
        "data": event.data(),
    }


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
