"""Which story a word means, how the clock leaps, and what people are shown."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from devstack.demo.dishonest import Dishonest
from devstack.demo.ground import Ground, Opening
from devstack.demo.production import Outcome
from devstack.demo.programme import STORIES, chosen
from devstack.demo.proof.verdict import Finding, Verdict
from devstack.demo.run import play
from devstack.demo.screen import Screen, spoken_milliseconds, timeliness_table, verdict_table
from devstack.devkeys import KeyFolder
from devstack.processes import Processes
from libs.evidence import SignatureInvalid, Verifier
from libs.testing.simulators.counter_books import Books

BEGIN = datetime(2024, 3, 13, 1, 0, tzinfo=UTC)


class Nowhere:
    kafka_bootstrap = "127.0.0.1:1"
    mongo_uri = "mongodb://127.0.0.1:1"


def ground(folder: Path, rate: int = 30) -> Ground:
    return Ground(Nowhere(), Processes(folder, {}), folder, Opening("京0107", BEGIN, rate))


def names(story: str | None) -> list[str]:
    return [one.name for one in chosen(story)]


def test_without_a_word_the_first_story_is_played() -> None:
    assert names(None) == ["wages"]


def test_a_story_is_meant_by_its_number_and_by_its_name() -> None:
    assert names("1") == names("wages") == ["wages"]
    assert names("2") == names("dishonest") == ["dishonest"]


def test_all_are_all_in_their_order() -> None:
    assert chosen("all") == STORIES
    assert [one.number for one in STORIES] == ["1", "2"]


def test_a_story_that_nobody_wrote_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert play("7") == 1
    assert "1 (wages), 2 (dishonest), or all" in capsys.readouterr().out


def test_one_house_is_left_standing_and_not_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert play("all", keep=True) == 1
    assert "name the story" in capsys.readouterr().out


def test_business_time_leaps_forward_and_runs_on_from_there(tmp_path: Path) -> None:
    here = ground(tmp_path)
    here.run_clock()
    target = BEGIN + timedelta(days=13)
    asyncio.run(here.jump_to(target))
    reached = here.clock.now()
    assert target <= reached < target + timedelta(minutes=5)
    assert here.clock.now() > reached


def test_business_time_never_leaps_back_and_a_refused_leap_changes_nothing(tmp_path: Path) -> None:
    here = ground(tmp_path)
    here.run_clock()
    with pytest.raises(ValueError, match="go back"):
        asyncio.run(here.jump_to(BEGIN - timedelta(days=1)))
    asyncio.run(here.jump_to(BEGIN + timedelta(days=1)))


def test_the_first_key_set_verifies_under_the_root_and_under_no_other_key(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    keys.make(at=BEGIN)
    signed = (keys.key_sets / "1.jws").read_text()
    header, said = Verifier({"keys": [keys.public_root_key()]}).opened(signed)
    assert header["typ"] == "zhixing-key-set+jws"
    assert said["version"] == 1
    assert said["roots"] == [keys.public_root_key()]
    assert said["issued_at"] == "2024-03-13T01:00:00.000000Z"
    own = orjson.loads(keys.signing_key("credit_blacklist").read_bytes())
    assert [key["kid"] for key in said["entry_keys"]] == [own["kid"]]
    with pytest.raises(SignatureInvalid):
        Verifier({"keys": said["head_keys"]}).opened(signed)


def test_a_key_set_that_stands_is_kept_and_no_private_part_is_in_it(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    keys.make(at=BEGIN)
    first = (keys.key_sets / "1.jws").read_text()
    keys.make(at=BEGIN + timedelta(days=1))
    assert (keys.key_sets / "1.jws").read_text() == first
    said = Verifier({"keys": [keys.public_root_key()]}).verify(first)
    assert all("d" not in key for kind in ("roots", "head_keys", "entry_keys") for key in said[kind])
    assert "d" not in keys.public_agency_key("air-1")


def test_only_the_feeds_own_service_is_told_of_head_key_and_key_sets(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    assert set(keys.settings("payments")) == {"PAYMENTS_SIGNING_KEY"}
    assert {"CREDIT_BLACKLIST_HEAD_KEY", "CREDIT_BLACKLIST_KEY_SETS"} < set(keys.settings("credit_blacklist"))
    assert str(keys.root_key) not in keys.settings("credit_blacklist").values()


def test_every_subscriber_of_story_2_is_registered_with_a_key_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("devstack.demo.dishonest", "devstack.processes"):
        monkeypatch.setattr(f"{module}.free_ports", lambda count: list(range(20_000, 20_000 + count)))
    here = ground(tmp_path)
    urls = Dishonest().register(here, tmp_path)
    config = orjson.loads((tmp_path / "simulators.json").read_bytes())
    subscribers = config["subscribers"]
    assert {one["agency_id"] for one in subscribers} < set(urls)
    assert sorted(one["way"] for one in subscribers) == ["deltas", "entries", "pull", "pull", "stream"]
    assert len({Path(one["key"]).read_text() for one in subscribers}) == len(subscribers)
    assert "d" not in config["root_key"]


def drawn(table: object) -> str:
    console = Screen.console_of_people()
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_the_table_of_verdicts_tells_who_held_and_who_stopped() -> None:
    held = Verdict((Finding("a", holds=True), Finding("b", holds=True)), "")
    broken = Verdict((Finding("a", holds=True), Finding("b", holds=False)), "")
    shown = drawn(verdict_table([Outcome("ONE", 20.0, held), Outcome("TWO", 31.4, broken), Outcome("THREE", 3.0)]))
    one, two, three = (next(line for line in shown.splitlines() if name in line) for name in ("ONE", "TWO", "THREE"))
    assert "✔" in one
    assert "2 of 2 hold" in one
    assert "✘" in two
    assert "1 of 2 hold" in two
    assert "31 s" in two
    assert "✘" in three
    assert "stopped on its way" in three


def test_durations_are_spoken_in_the_largest_unit_that_fits() -> None:
    spoken = [spoken_milliseconds(one) for one in (900, 18_000, 180_000, 7_200_000, 8_380_800_000)]
    assert spoken == ["0 s", "18 s", "3 min", "2 h", "97 d"]


def test_a_stage_that_was_not_reached_has_no_time() -> None:
    row = {"agency_id": "air-1", "direction": "PUNISH", "entries": 6, "since_decided": {"named": {"p50_ms": 7000}}}
    shown = next(line for line in drawn(timeliness_table([row])).splitlines() if "air-1" in line)
    assert shown.split() == ["air-1", "punish", "6", "–", "7", "s", "–", "–", "–"]


def test_a_refusal_is_written_down_once_whoever_asks_again(tmp_path: Path) -> None:
    books = Books(tmp_path / "book.sqlite")
    assert books.refused("air-1-1", "2024-03-26T01:30:00Z", "7.1.AIR", "r") == "2024-03-26T01:30:00Z"
    assert books.refused("air-1-1", "2024-03-26T01:31:00Z", "7.1.AIR", "r") == "2024-03-26T01:30:00Z"
    assert [one["at"] for one in books.refusals()] == ["2024-03-26T01:30:00Z"]
    books.close()


def test_a_restart_wakes_nobody(tmp_path: Path) -> None:
    books = Books(tmp_path / "book.sqlite")
    books.fell_asleep("2024-03-13T01:30:00Z")
    books.close()
    again = Books(tmp_path / "book.sqlite")
    slept = again.asleep
    again.woke()
    sleeps = again.asleep
    again.close()
    assert (slept, sleeps) == (True, False)
