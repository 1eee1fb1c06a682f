"""The generated documents: complete, deterministic, checked."""

import json
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it ships no types

from libs.schemas.envelope import Event, event_from
from libs.schemas.export import asyncapi, main, public_events, rendered, schema_of
from libs.schemas.intake import RosterSet
from libs.schemas.payments import AccountNumberBound, IncomingPaymentRecorded
from libs.schemas.topics import PRIVATE_EVENTS, TOPICS, topic_of, topic_of_event


def test_the_committed_documents_are_what_the_code_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert rendered() == rendered()


def test_every_public_event_stands_in_a_channel_of_its_service() -> None:
    events = public_events()
    channels = asyncapi(events)["channels"]
    for name, event in events.items():
        where = [topic for topic in TOPICS if name in channels[topic.name]["messages"]]
        assert where
        assert event.SERVICE == "timers" or [topic.service for topic in where] == [event.SERVICE]


def test_private_copies_are_not_exported() -> None:
    assert AccountNumberBound.type_text() not in public_events()
    assert topic_of_event(AccountNumberBound) is None


def test_personal_data_is_described_only_in_the_topic_of_the_register() -> None:
    channels = asyncapi(public_events())["channels"]
    where = [name for name, channel in channels.items() if "zhixing.intake.party_registered.v1" in channel["messages"]]
    assert where == ["zhixing.parties.v1"]


def test_officers_telephone_numbers_stand_only_in_the_topic_of_the_register() -> None:
    topic = topic_of_event(RosterSet)
    assert topic is not None
    assert topic.name == "zhixing.parties.v1"
    assert topic_of("intake", "roster") == topic


def test_every_category_goes_to_one_topic_at_most() -> None:
    pairs = [(topic.service, category) for topic in TOPICS for category in topic.categories]
    assert len(pairs) == len(set(pairs))
    assert all(topic_of(service, category) is not None for service, category in pairs)


def test_private_events_are_those_that_their_modules_declare_never_published() -> None:
    declared = set()
    for module in {event.__module__ for event in _all_events() if event.__module__.startswith("libs.schemas.")}:
        _before, _header, copies = Path(str(sys.modules[module].__file__)).read_text().partition("never published")
        names = re.findall(r'^class \w+\(Event, name="(\w+)"', copies, flags=re.MULTILINE)
        declared |= {(module.split(".")[2], name) for name in names}
    assert declared == PRIVATE_EVENTS


def test_every_schema_is_a_valid_schema() -> None:
    for event in public_events().values():
        Draft202012Validator.check_schema(schema_of(event))


def test_data_of_an_event_fits_its_schema_and_wrong_data_does_not() -> None:
    data = {
        "incoming_id": "in_1",
        "bank_id": "bank-a",
        "reference": "r1",
        "account_number": "6222",
        "amount_fen": 320000,
        "value_at": "2026-03-02T02:00:00+00:00",
        "payer_display": "李*",
    }
    event = event_from("payments", "incoming_payment_recorded", 1, data)
    validator = Draft202012Validator(schema_of(IncomingPaymentRecorded))
    assert list(validator.iter_errors(event.data())) == []
    assert [error.json_path for error in validator.iter_errors({**event.data(), "amount_fen": "1"})] == ["$.amount_fen"]


def test_the_check_names_a_stale_a_missing_and_a_superfluous_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--folder", str(tmp_path)]) == 0
    (tmp_path / "README.md").write_text("other")
    (tmp_path / "asyncapi.json").unlink()
    (tmp_path / "extra.json").write_text("{}")
    assert main(["--check", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "README.md is not what the code says" in said
    assert "asyncapi.json is missing" in said
    assert "extra.json is not generated any more" in said


def test_an_incompatible_change_stops_the_export_and_leaves_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--folder", str(tmp_path)]) == 0
    path = tmp_path / "payments" / "account_settled.v1.schema.json"
    committed = json.loads(path.read_text())
    committed["properties"]["settled_by"] = {"type": "string"}
    path.write_text(json.dumps(committed))
    before = path.read_text()
    assert main(["--folder", str(tmp_path)]) == 1
    assert "the field settled_by was removed or renamed" in capsys.readouterr().err
    assert path.read_text() == before
    assert main(["--folder", str(tmp_path), "--allow-incompatible"]) == 0
    assert path.read_text() != before


def _all_events() -> list[type[Event]]:
    public_events()
    found: list[type[Event]] = []
    pending = [Event]
    while pending:
        cls = pending.pop()
        found.append(cls)
        pending.extend(cls.__subclasses__())
    return found
