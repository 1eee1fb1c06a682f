"""What was ever stored is read today as it was meant: every event version, and whole streams by the services' laws."""

import hashlib
from pathlib import Path

import pytest

from libs.evidence.chain import verify_chain
from libs.schemas.timers import TimerScheduled
from tests.corpus.reading import (
    HERE,
    LAWS,
    READ,
    SUMS,
    deciders,
    load,
    missing,
    read_events,
    read_stream,
    registered,
    stored_files,
)
from tests.corpus.sample import stored

EVENTS = stored_files("events")
STREAMS = stored_files("streams")


def name_of(path: Path) -> str:
    return f"{path.parent.name}.{path.stem}"


def test_the_corpus_covers_every_event_version_that_is_registered() -> None:
    covered = {each["type"] for path in EVENTS for each in load(path)}
    assert covered >= set(registered()), "python -m tests.corpus.grow adds what is new"


def test_what_is_stored_has_not_changed_by_a_byte() -> None:
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in SUMS.read_text().splitlines())}
    found = {str(path.relative_to(HERE)): hashlib.sha256(path.read_bytes()).hexdigest() for path in (*EVENTS, *STREAMS)}
    assert found == sums


@pytest.mark.parametrize("path", EVENTS, ids=name_of)
def test_a_stored_event_says_today_what_it_said_then(path: Path) -> None:
    then = load(READ / "events" / f"{path.parent.name}.json")[path.stem]
    assert missing(then, read_events(load(path))) == []


@pytest.mark.parametrize("path", STREAMS, ids=name_of)
def test_a_stored_stream_folds_today_to_what_it_was_then(path: Path) -> None:
    then = load(READ / "streams" / f"{path.parent.name}.json")[path.stem]
    law = deciders(path.parent.name)[path.stem]
    assert missing(then, [read_stream(law, commits) for commits in load(path)]) == []


@pytest.mark.parametrize("path", STREAMS, ids=name_of)
def test_the_chain_of_a_stored_stream_is_whole_today(path: Path) -> None:
    assert verify_chain(commit for commits in load(path) for commit in commits) == []


def test_every_category_of_every_law_has_a_stored_stream() -> None:
    kept = {(path.parent.name, path.stem) for path in STREAMS}
    assert {(service, category) for service in LAWS for category in deciders(service)} == kept


def test_the_sample_of_an_event_is_full_once_and_sparse_once() -> None:
    full, sparse = stored(TimerScheduled)
    assert set(full["data"]) == set(TimerScheduled.model_fields)
    assert set(sparse["data"]) == {name for name, field in TimerScheduled.model_fields.items() if field.is_required()}


def test_a_reading_that_says_more_is_none_the_worse_and_one_that_says_less_is_named() -> None:
    then = {"a": 1, "parts": [{"b": 2}]}
    assert missing(then, {"a": 1, "parts": [{"b": 2, "new": 0}], "c": None}) == []
    assert missing(then, {"a": 2, "parts": [{}]}) == [".a was 1 and is 2 now", ".parts[0].b is gone"]
    assert missing(then, {"a": 1, "parts": []}) == [".parts was [{'b': 2}] and is [] now"]
