"""The corpus grows and never changes: `python -m tests.corpus.grow` adds stored data for event versions it lacks.

`--streams FILE` adds whole streams, out of `{database: [commit, …]}` as JSON, for categories that have none;
`--read-again` writes anew what everything is read as today: look twice at that difference.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.corpus.reading import (
    HERE,
    LAWS,
    READ,
    STORED,
    SUMS,
    deciders,
    load,
    read_events,
    read_stream,
    registered,
    stored_files,
)
from tests.corpus.sample import stored

STREAMS_PER_CATEGORY = 3


def add_events() -> None:
    """Write stored data for every registered event version that has none."""
    for event in registered().values():
        path = STORED / "events" / event.SERVICE / f"{event.NAME}.v{event.VERSION}.json"
        if not path.exists():
            _write(path, stored(event))


def add_streams(dump: dict[str, list[dict[str, Any]]]) -> None:
    """Write a few streams of every category that has none: those with the most kinds of events, then the shortest."""
    for service in LAWS:
        commits = next(rows for name, rows in dump.items() if name.endswith(service))
        streams: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for commit in commits:
            streams[commit["stream"]].append(commit)
        for category in deciders(service):
            path = STORED / "streams" / service / f"{category}.json"
            own = [rows for name, rows in streams.items() if name.partition("/")[0] == category]
            if own and not path.exists():
                _write(path, _telling(own), lines=True)


def _telling(streams: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    chosen: list[list[dict[str, Any]]] = []
    told: set[str] = set()
    while streams and len(chosen) < STREAMS_PER_CATEGORY:
        best = max(streams, key=lambda rows: (len(_types(rows) - told), -len(json.dumps(rows))))
        if chosen and not _types(best) - told:
            break
        told |= _types(best)
        streams.remove(best)
        chosen.append(best)
    return chosen


def _types(commits: list[dict[str, Any]]) -> set[str]:
    return {event["type"] for commit in commits for entry in commit["entries"] for event in entry["events"]}


def add_readings(*, again: bool) -> None:
    """Write what each stored file is read as today, where that is not on record yet; `again`: everywhere."""
    for service in (*LAWS, "timers", "roots"):
        for kind in ("events", "streams"):
            path = READ / kind / f"{service}.json"
            known = {} if again or not path.exists() else load(path)
            found = {
                file.stem: _reading(service, kind, file)
                for file in stored_files(kind)
                if file.parent.name == service and file.stem not in known
            }
            if found:
                _write(path, dict(sorted({**known, **found}.items())))


def _reading(service: str, kind: str, file: Path) -> list[dict[str, Any]]:
    if kind == "events":
        return read_events(load(file))
    return [read_stream(deciders(service)[file.stem], commits) for commits in load(file)]


def add_sums() -> None:
    """Put files that are new on the list of sums; a file that stands there keeps its sum, whatever it holds now."""
    known = SUMS.read_text().splitlines() if SUMS.exists() else []
    listed = {line.partition("  ")[2] for line in known}
    for file in (*stored_files("events"), *stored_files("streams")):
        name = str(file.relative_to(HERE))
        if name not in listed:
            known.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}")
    SUMS.write_text("".join(f"{line}\n" for line in sorted(known, key=lambda line: line.partition("  ")[2])))


def _write(path: Path, content: Any, *, lines: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if lines:
        # A commit is looked at as a whole, and never in a difference.
        streams = [",\n".join(json.dumps(commit, ensure_ascii=False) for commit in commits) for commits in content]
        path.write_text("[[\n" + "\n],[\n".join(streams) + "\n]]\n")
    else:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Add what is asked for."""
    options = argparse.ArgumentParser(prog="python -m tests.corpus.grow", description=__doc__)
    options.add_argument("--streams", type=Path, help="commits of a run's databases, as JSON")
    options.add_argument("--read-again", action="store_true", help="write anew what everything is read as today")
    chosen = options.parse_args()
    add_events()
    if chosen.streams:
        add_streams(load(chosen.streams))
    add_readings(again=chosen.read_again)
    add_sums()


if __name__ == "__main__":
    main()
