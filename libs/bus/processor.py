"""One message from bytes to commands in the journal, and what an error on the way means."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka.errors import KafkaError
from pymongo.errors import ConnectionFailure, ExecutionTimeout, WTimeoutError

from libs.bus.cloudevents import decode, type_of
from libs.bus.message import Dispatch, Handler, Message
from libs.bus.metrics import EVENT_AGE
from libs.foundation.clock import Clock
from libs.foundation.errors import Conflict, Rejected, Transient
from libs.foundation.ids import command_id
from libs.journal import Actor, CommandMeta, Journal
from libs.schemas.envelope import Event, UnknownEventType, event_from
from libs.telemetry import bound

TRANSIENT = (Transient, Conflict, OSError, TimeoutError, KafkaError, ConnectionFailure, ExecutionTimeout, WTimeoutError)
"""What passes by itself: back off and try again. Conflict, without If-Match, says that a race was lost too often."""

ORGANISATION = "zhixing"
ROLE = "service"


class AmbiguousDispatch(Rejected):
    """A handler sent two commands of one type to one stream: their ids would be the same and one would vanish."""

    code = "ambiguous_dispatch"
    title = "A handler addressed one stream twice with one type of command"
    remedy = "Let the command carry both changes, then release the message from quarantine."


class Record(NamedTuple):
    """A Kafka record: what the client hands out looks the same, and this is how one is read back from quarantine."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Processor:
    """Carries messages into the journal, under the name of one consumer."""

    def __init__(
        self,
        journal: Journal,
        name: str,
        handlers: Mapping[type[Event], Handler],
        *,
        clock: Clock,
        handler_seconds_max: float,
    ) -> None:
        """Take the handlers by event class; an event's service and name decide which messages concern us."""
        self._journal = journal
        self._name = name
        self._handlers = dict(handlers)
        self._concerned = {(cls.SERVICE, cls.NAME) for cls in handlers}
        self._clock = clock
        self._actor = Actor(name, ORGANISATION, ROLE)
        self._handler_seconds_max = handler_seconds_max
        self._age = EVENT_AGE.labels(name)

    def concerns(self, record: Record) -> bool:
        """Return False for a readable type without a handler; what cannot be read concerns us, it is poison."""
        try:
            service, name, _version = type_of(record.headers)
        except Rejected:
            return True
        return (service, name) in self._concerned

    async def process(self, record: Record) -> None:
        """Execute what the message asks for; repeats are absorbed by the journal's inbox.

        Raises `Rejected` for what can never be processed, an error of `TRANSIENT` for what passes, else it is a bug.
        """
        message = self._message(record)
        with bound(correlation_id=message.correlation_id):
            for dispatch in await self._dispatches(message):
                await self._execute(message, dispatch)
        self._age.set((self._clock.now() - message.at).total_seconds())

    def _message(self, record: Record) -> Message[Any]:
        kind = type_of(record.headers)
        envelope = decode(record.key, record.value, record.headers)
        event = event_from(*kind, envelope.data)
        if type(event) not in self._handlers:
            # The type is ours, this version is not: its writer ran ahead of us.
            raise UnknownEventType(envelope.type)
        return Message(
            event=event,
            id=envelope.id,
            service=envelope.service,
            stream=envelope.stream,
            seq=envelope.seq,
            court=envelope.court,
            key=envelope.key,
            at=envelope.instant,
            correlation_id=envelope.correlation_id,
            causation_id=envelope.causation_id,
            trace=envelope.trace,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )

    async def _dispatches(self, message: Message[Any]) -> list[Dispatch]:
        answer = self._handlers[type(message.event)](message)
        if isinstance(answer, Awaitable):
            # What the commands take is bounded by the journal's own deadline.
            async with asyncio.timeout(self._handler_seconds_max):
                answer = await answer
        dispatches = list(answer)
        seen: set[tuple[str, str]] = set()
        for dispatch in dispatches:
            target = (type(dispatch.command).__name__, dispatch.stream)
            if target in seen:
                msg = f"{target[0]} for {dispatch.stream} twice from {message.id}"
                raise AmbiguousDispatch(msg)
            seen.add(target)
        return dispatches

    async def _execute(self, message: Message[Any], dispatch: Dispatch) -> None:
        identity = command_id(self._name, message.id, type(dispatch.command).__name__, dispatch.stream)
        meta = CommandMeta(
            command_id=identity,
            # The event is immutable and the identity names it: a newer handler's other body is still the same command.
            fingerprint=identity,
            actor=self._actor,
            court=dispatch.court if dispatch.court is not None else message.court,
            correlation_id=message.correlation_id,
            causation_id=message.id,
            trace=message.trace,
            key=dispatch.key if dispatch.key is not None else message.key,
            record_refusal=True,
        )
        await self._journal.execute(dispatch.stream, dispatch.command, meta)
