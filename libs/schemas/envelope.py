"""Events: past-tense facts with a name, a version, and data that never changes its meaning.

A service's facts stand in `libs/schemas/<service>.py`. On the wire an event is a CloudEvent 1.0 in binary mode of type
`zhixing.<service>.<name>.v<version>`; in the journal it is `{id, seq, type, version, data}`. Readers come before
writers: a reader ignores fields it does not know, and an upcaster lifts an older version when the stream is folded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from libs.foundation.clock import instant_text
from libs.foundation.errors import Rejected
from libs.foundation.fen import FEN_MAX


def _aware_utc(value: object) -> object:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, datetime) and moment.tzinfo is None:
        msg = "a time needs an offset"
        raise ValueError(msg)
    try:
        return moment.astimezone(UTC) if isinstance(moment, datetime) else moment
    except OverflowError as error:
        # Year 1 or 9999 with an offset leaves the calendar; a client can send it, so it must be a plain refusal.
        msg = "a time outside of the calendar"
        raise ValueError(msg) from error


Instant = Annotated[datetime, BeforeValidator(_aware_utc)]
"""An aware instant, kept in UTC with microseconds."""

Fen = Annotated[int, Field(ge=0, le=FEN_MAX, strict=True)]
"""An amount of money in integer fen, zero or more."""

SignedFen = Annotated[int, Field(ge=-FEN_MAX, le=FEN_MAX, strict=True)]
"""A difference of money in integer fen."""


class Fact(BaseModel):
    """A frozen part of an event. Unknown fields are ignored (readers before writers)."""

    # A validation error is logged and shown to operators: it says which field is wrong, never what stood in it.
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601", hide_input_in_errors=True)


class UnknownEventType(Rejected):
    """No class is registered for a type and version: a writer ran ahead of its readers."""

    code = "unknown_event_type"
    title = "The event type or version is not known here"
    remedy = "Deploy the readers of the new version, then release the message from quarantine."


class Event(Fact):
    """A past-tense fact. Subclass with `class CaseRegistered(Event, name="case_registered")`; version defaults to 1."""

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    SERVICE: ClassVar[str] = ""
    TYPE: ClassVar[str] = ""
    """The CloudEvents type, `zhixing.<service>.<name>.v<version>`."""

    def __init_subclass__(cls, *, name: str = "", version: int = 1, **kwargs: Any) -> None:
        """Register the class under its service (its module's name), its name and its version."""
        super().__init_subclass__(**kwargs)
        if name:
            cls.NAME, cls.VERSION, cls.SERVICE = name, version, _service_of(cls.__module__)
            cls.TYPE = f"zhixing.{cls.SERVICE}.{name}.v{version}"
            REGISTRY[(cls.SERVICE, name, version)] = cls

    @classmethod
    def type_text(cls) -> str:
        """Return `TYPE`."""
        return cls.TYPE

    def data(self) -> dict[str, Any]:
        """Return the event's data as JSON values: times as the one text form, so that stored bytes are canonical."""
        dumped: dict[str, Any] = self.__pydantic_serializer__.to_python(self, exclude_none=True)
        # Most fields are plain: this runs for every event that is written, so they are passed over without a call.
        for name, value in dumped.items():
            if type(value) not in _PLAIN:
                dumped[name] = jsonable(value)
        return dumped


_PLAIN = frozenset({str, int, bool})


def _service_of(module: str) -> str:
    """Return `intake` for `libs.schemas.intake.case`; elsewhere (tests) the module's own name."""
    own = module.removeprefix(f"{__package__}.")
    return own.partition(".")[0] if own != module else module.rpartition(".")[2]


REGISTRY: dict[tuple[str, str, int], type[Event]] = {}
"""Every event class by service, name and version."""

UPCASTERS: dict[tuple[str, str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""`(service, name, old version) -> function` that lifts old data one version up."""


def event_from(service: str, name: str, version: int, data: Mapping[str, Any]) -> Event:
    """Return the event for stored or received data, lifted to the newest version.

    Raises `UnknownEventType` if no class is registered and `Rejected` if the data does not fit the class.
    """
    while (upcaster := UPCASTERS.get((service, name, version))) is not None:
        data = upcaster(dict(data))
        version += 1
    cls = REGISTRY.get((service, name, version))
    if cls is None:
        msg = f"zhixing.{service}.{name}.v{version}"
        raise UnknownEventType(msg)
    try:
        event: Event = cls.__pydantic_validator__.validate_python(data)
    except ValueError as error:
        msg = f"zhixing.{service}.{name}.v{version}: {error}"
        raise Rejected(msg) from error
    return event


@lru_cache(maxsize=1024)
def parse_type(text: str) -> tuple[str, str, int]:
    """Return `(service, name, version)` of a CloudEvents type. Raises `UnknownEventType` for any other form."""
    parts = text.split(".")
    if len(parts) != 4 or parts[0] != "zhixing" or not parts[3].startswith("v") or not parts[3][1:].isdigit():  # noqa: PLR2004 -- four parts by definition
        raise UnknownEventType(text)
    return parts[1], parts[2], int(parts[3][1:])


def jsonable(value: Any) -> Any:
    """Return `value` with every time as text and every tuple as a list, ready for canonical bytes."""
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, datetime):
        return instant_text(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
