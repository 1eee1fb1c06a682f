"""Every event that carries a record becomes one signed entry in each view that shows such records (R-CRB-33)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final
from uuid import uuid4

from libs.bus import Dispatch, Handler, Message
from libs.evidence import Signer
from libs.foundation.errors import Transient
from libs.foundation.ids import command_id
from libs.journal import NATIONAL, Actor, CommandMeta
from libs.schemas.credit_blacklist import FeedRecord, PersonRecorded
from libs.schemas.envelope import REGISTRY, Event
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.feed import AppendEntry, feed_stream
from services.credit_blacklist.domain.feed_refusals import RecordOutOfTurn, SessionPending
from services.credit_blacklist.domain.feed_session import OpenFirstSession, ViewSessions, session_stream
from services.credit_blacklist.domain.person import Person, person_stream
from services.credit_blacklist.feed.entry import TYP, entry_payload, entry_salt
from services.credit_blacklist.feed.register import Point
from services.credit_blacklist.rules.views import VIEWS, FeedView

ACTOR: Final = Actor("feed", "zhixing", "service")
REACH_SECONDS: Final = 5.0


class SubjectPending(Transient):
    """The person whom a record names has not been recorded yet."""

    code = "feed_subject_pending"
    title = "The person whom the record names is not here yet"


def record_events() -> Iterable[type[Event]]:
    """Return the classes of events that carry a record."""
    return [
        cls
        for (service, _name, _version), cls in REGISTRY.items()
        if service == "credit_blacklist" and "record" in cls.model_fields
    ]


def feed_handlers(desk: Desk) -> dict[type[Event], Handler]:
    """Return the handler of each event that carries a record; none without a key, for nothing could be signed."""
    if desk.signer is None:
        return {}
    on_record = FeedHandler(desk, desk.signer).on_record
    return dict.fromkeys(record_events(), on_record)


class FeedHandler:
    """Makes entries and appends each to the active session of its view.

    It executes its commands itself: their ids name event and view and not the session, so that a repeat that arrives
    after a reset is known again and does not stand in both sessions.
    """

    def __init__(self, desk: Desk, signer: Signer) -> None:
        """`signer` is the court's: an entry is the court's word."""
        self._desk = desk
        self._signer = signer

    async def on_record(self, message: Message[Any]) -> Iterable[Dispatch]:
        """Append the event's record to every view that shows it."""
        record: FeedRecord = message.event.record
        person = await self._person(record.party_id)
        if record.legal_representative is not None:
            # The event names an id as every published fact does; an entry says who it is.
            represented_by = await self._person(record.legal_representative)
            record = record.model_copy(update={"legal_representative": represented_by.name})
        views = [view for view in VIEWS.values() if view.carries(record.list_type)]
        secret = self._desk.settings.secret()
        payloads = [entry_payload(record, person, view, entry_salt(secret, message.id, view.view_id)) for view in views]
        entries = await asyncio.to_thread(lambda: [self._signer.sign_now(payload, TYP) for payload in payloads])
        await asyncio.gather(*(self._append(message, record, *pair) for pair in zip(views, entries, strict=True)))
        return ()

    async def _person(self, party_id: str) -> PersonRecorded:
        person: Person = (await self._desk.journal.fold(person_stream(party_id), court=None)).state
        if person.record is None:
            raise SubjectPending(f"There is no person {party_id}.")
        return person.record

    async def _append(self, message: Message[Any], record: FeedRecord, view: FeedView, jws: str) -> None:
        meta = self._meta("append", view.view_id, message.id, cause=message)
        session = await self._session(view.view_id)
        if record.version > 1 and await self._stands(view.view_id, session, record, meta):
            return
        command = AppendEntry(record.record_id, record.version, jws, record.case_id)
        await self._desk.journal.execute(feed_stream(view.view_id, session), command, meta)

    async def _session(self, view: str) -> str:
        sessions = await self._sessions(view)
        if sessions.active is None:
            command = OpenFirstSession(view, str(uuid4()))
            await self._desk.journal.execute(session_stream(view), command, self._meta("open", view))
            sessions = await self._sessions(view)
        if sessions.active is None or sessions.resetting:
            raise SessionPending(f"{view}: a reset is being carried out.")
        return sessions.active

    async def _sessions(self, view: str) -> ViewSessions:
        state: ViewSessions = (await self._desk.journal.fold(session_stream(view), court=NATIONAL)).state
        return state

    async def _stands(self, view: str, session: str, record: FeedRecord, meta: CommandMeta) -> bool:
        """Return whether this version was appended before. Raises `RecordOutOfTurn` if it does not follow."""
        journal, register = self._desk.journal, self._desk.register
        reached = Point(session, (await journal.fold(feed_stream(view, session), court=NATIONAL)).state.entries)
        if not await register.reach(reached, REACH_SECONDS):
            raise SessionPending(f"{view}: the register is behind.")
        held = await register.record(view, record.record_id, at=reached)
        if held is None and len(register.sessions(view).every) > 1:
            # Its last entry may be a removal that was too old to be carried over into this session.
            return False
        before = held.record_version if held else 0
        if record.version == before + 1:
            return False
        if record.version <= before and await journal.recall(meta) is not None:
            return True
        raise RecordOutOfTurn(f"{record.record_id}: version {before} is held, {record.version} came.")

    def _meta(self, *parts: str, cause: Message[Any] | None = None) -> CommandMeta:
        identity = command_id("feed", *parts)
        return CommandMeta(
            command_id=identity,
            # What the command is made of is named by its id; a signature made again is still the same command.
            fingerprint=identity,
            actor=ACTOR,
            court=NATIONAL,
            correlation_id=cause.correlation_id if cause else "",
            causation_id=cause.id if cause else None,
            trace=cause.trace if cause else None,
        )
