"""The simulated gateways keep their word: a message is taken once by its reference, also after a restart."""

from pathlib import Path

import pytest

from libs.testing.simulators.messages import Outbox, RobotBody, SmsBody


def test_a_reference_is_taken_once_and_keeps_its_first_text(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "sms.sqlite", "12368-")
    first = outbox.take("evt_1", "13900000000", "first", "2026-03-02T01:00:00Z")
    assert outbox.take("evt_1", "13900000000", "second", "2026-03-02T01:01:00Z") == first
    [message] = outbox.everything()
    assert (message["text"], message["calls"]) == ("first", 2)
    outbox.close()


def test_what_was_taken_or_refused_is_known_after_a_restart(tmp_path: Path) -> None:
    before = Outbox(tmp_path / "sms.sqlite", "12368-")
    taken = before.take("evt_1", "13900000000", "text", "2026-03-02T01:00:00Z")
    before.refuse("evt_2")
    before.close()
    after = Outbox(tmp_path / "sms.sqlite", "12368-")
    assert after.find("evt_1") == taken
    assert after.find("evt_2") is None
    assert after.is_refused("evt_2")
    after.close()


@pytest.mark.parametrize("phone", ["", "0874-7120000", "1390874000", "139087400001"])
def test_the_sms_gateway_takes_mobile_numbers_only(phone: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        SmsBody(reference="evt_1", phone=phone, text="text")


def test_neither_gateway_takes_an_empty_message() -> None:
    with pytest.raises(ValueError, match="text"):
        SmsBody(reference="evt_1", phone="13900000000", text="")
    with pytest.raises(ValueError, match="text"):
        RobotBody(reference="evt_1", text="")
