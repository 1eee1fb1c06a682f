"""How stored bytes are read today: events lifted to their newest version, streams folded by the services' own laws."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from libs.journal import Decider
from libs.journal.fold import blank, fold_commits, stored_event
from libs.schemas.envelope import REGISTRY, Event, jsonable
from libs.schemas.export import public_events

HERE = Path(__file__).parent
STORED = HERE / "stored"
READ = HERE / "read"
SUMS = HERE / "SHA256SUMS"
LAWS = {
    "intake": "services.intake.deciders",
    "asset_inquiry": "services.asset_inquiry.deciders",
    "payments": "services.payments.main",
    "credit_blacklist": "services.credit_blacklist.deciders",
    "command_center": "services.command_center.main",
}
"""Where each service names its laws; the others keep no streams yet."""


def registered() -> dict[str, type[Event]]:
    """Return every event class that may be stored, by its type with version; what tests invent is none."""
    public_events()
    named = {event.type_text(): event for event in REGISTRY.values() if event.__module__.startswith("libs.schemas.")}
    return dict(sorted(named.items()))


def deciders(service: str) -> dict[str, Decider[Any]]:
    """Return the laws of a service by category."""
    return {decider.category: decider for decider in import_module(LAWS[service]).DECIDERS}


def stored_files(kind: str) -> list[Path]:
    """Return the files of stored `events` or `streams`."""
    return sorted((STORED / kind).rglob("*.json"))


def load(path: Path) -> Any:
    """Return what stands in a file."""
    return json.loads(path.read_text())


def read_events(stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what stored events say today: type with version, and data."""
    registered()  # whoever reads one file alone has not imported the others' classes yet
    events = [stored_event(each) for each in stored]
    return [{"type": event.type_text(), "data": event.data()} for event in events]


def read_stream(decider: Decider[Any], commits: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a stored stream folds to today: where it stands, its pending timers, its state field by field."""
    head = fold_commits(decider, blank(decider, commits[0]["stream"]), commits)
    return {
        "version": head.version,
        "seq": head.seq,
        "hash": head.hash,
        "timers": _plain(head.timers),
        "state": _plain(head.state),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return jsonable(value.model_dump(mode="python", exclude_none=True))
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in sorted(value.items(), key=lambda pair: str(pair[0]))}
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return jsonable(value)


def missing(expected: Any, found: Any, place: str = "") -> list[str]:
    """Return where `found` says something else than expected; what it says beyond that is no contradiction."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            lack
            for name, value in expected.items()
            for lack in (
                missing(value, found[name], f"{place}.{name}") if name in found else [f"{place}.{name} is gone"]
            )
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            lack
            for number, (one, other) in enumerate(zip(expected, found, strict=True))
            for lack in missing(one, other, f"{place}[{number}]")
        ]
    return [] if expected == found else [f"{place} was {expected!r} and is {found!r} now"]
