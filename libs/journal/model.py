"""What a service and its journal say to each other: commands with their meta, deciders, outcomes, views, effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from libs.foundation.ids import command_id
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerDue as TimerDue  # noqa: PLC0414 -- part of the journal's language

S = TypeVar("S")
# Generic classes here have no slots: `View[CaseState](…)` could not be written with them.

NATIONAL = "最高法"
"""The tenant of streams that belong to no single court, such as `agency/<id>`."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of an organisation in a role, or `(consumer, "zhixing", "service")` on the bus."""

    subject: str
    organisation: str
    role: str


@dataclass(frozen=True, slots=True)
class Authority:
    """On what paper, and of which organisation, the actor acts."""

    document_id: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class CommandMeta:
    """All that is known about a command besides what it wants.

    `court` None means the existing stream's court, for callers that checked ownership themselves; a new stream needs
    one. `expected_seq` is the If-Match: `Conflict` when the stream's confirmed `seq` differs. `key` is the Kafka key
    when the stream is created, by default an opaque id derived from its name. With `record_refusal` (bus, timers,
    effects) a refusal or a no-op is recorded as an entry and returned; without it (HTTP) a refusal is raised and
    nothing is written.
    """

    command_id: str
    fingerprint: str
    actor: Actor
    court: str | None
    authority: Authority = Authority()
    correlation_id: str = ""
    causation_id: str | None = None
    trace: str | None = None
    expected_seq: int | None = None
    key: str | None = None
    record_refusal: bool = False

    def step(self, *parts: str, key: str | None = None) -> CommandMeta:
        """Return the meta of a further command from the same cause.

        Its id derives from this one's, so that a repeat of the cause repeats it, too. The If-Match is not carried on:
        it was said of the first command's stream.
        """
        return replace(self, command_id=command_id(self.command_id, *parts), expected_seq=None, key=key)


@dataclass(frozen=True)
class Decider(Generic[S]):
    """The law of one kind of stream: pure functions from the service's domain over an immutable state.

    `decide(state, command, now)` returns the events that follow or raises `Refused` (or `Rejected`, `NotFound`,
    `Conflict`); no events means that nothing changes. `evolve(state, event)` is total over the service's events and
    never sees `Timer*` events. `version` counts the meanings of `evolve`.
    """

    service: str
    category: str
    initial: Callable[[], S]
    decide: Callable[[S, Any, datetime], Sequence[Event]]
    evolve: Callable[[S, Event], S]
    version: int = 1


@dataclass(frozen=True, slots=True)
class RecordedRefusal:
    """A refusal that stands in the journal: on the bus it is an answer, not poison."""

    code: str
    detail: str
    rule: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class Outcome(Generic[S]):
    """The answer to a command, known to be majority-committed (or confirmed, where nothing was written).

    `replayed` says that the command had been answered before; `state` is then the state at the stored `seq`. `version`
    is the number of the commit after which `state` held; a consistency token names it.
    """

    state: S
    seq: int
    stream: str
    court: str
    key: str
    events: tuple[Event, ...]
    replayed: bool
    at: datetime
    refusal: RecordedRefusal | None = None
    version: int = 0


@dataclass(frozen=True)
class Folded(Generic[S]):
    """A stream's confirmed state. `seq` 0: there is no such stream. `at`: its last acceptance."""

    state: S
    seq: int
    stream: str
    court: str
    key: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of a stream as it stands in the journal, with who caused it and when."""

    id: str
    seq: int
    type: str
    version: int
    at: datetime
    actor: Actor
    event: Event
    command_id: str = ""
    correlation_id: str = ""
    authority: Authority = Authority()


@dataclass(frozen=True)
class View(Generic[S]):
    """A list that people ask for: a pure function of ONE stream's state to rows by id.

    Row ids are unique in the view and each belongs to one stream. A stored row also carries `court`, `stream`, `seq`
    and `updated_at`. Raise `version` when `rows` changes its meaning: the view is then rebuilt at the next start.
    """

    name: str
    category: str
    rows: Callable[[S], Mapping[str, Mapping[str, Any]]]
    indexes: tuple[tuple[str, ...], ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Intent:
    """An event that asks for a call to the outside; its `id` is the idempotency reference the partner is given."""

    id: str
    stream: str
    seq: int
    court: str
    key: str
    event: Event
    at: datetime
    correlation_id: str
    attempts: int


Answer = Any
"""A command for the intent's own stream: what came of the call."""


class EffectPort(Protocol):
    """The way to one partner outside."""

    async def perform(self, intent: Intent) -> Answer:
        """Call the partner with `intent.id` as reference and return the outcome command.

        Any error means that the outcome is unknown: the partner is asked before it is called again.
        """
        ...

    async def ask(self, intent: Intent) -> Answer | None:
        """Return the outcome command if the partner knows the reference, None if it certainly does not.

        Raises `CannotAsk` where the partner cannot be asked; then `in_doubt` is executed and a human decides.
        """
        ...

    def in_doubt(self, intent: Intent) -> Answer:
        """Return the command that records that nobody knows whether the partner acted."""
        ...


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """Every event of class `intent` is carried out once over `port`; after `attempts_max` tries it is in doubt."""

    name: str
    intent: type[Event]
    port: EffectPort
    attempts_max: int = 8


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a view; `next_cursor` is None at the end."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    next_cursor: str | None = None
