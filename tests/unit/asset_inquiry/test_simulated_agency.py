"""The simulated agency's own books: consistent, and debited once however often a deduction runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.testing.simulators.agency_books import AgencyBooks
from libs.testing.simulators.agency_faults import planned_replies

NUMBER = "6217003860001234"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[AgencyBooks]:
    found = AgencyBooks(tmp_path / "a.sqlite", "bank-a")
    found.open_account({"account_number": NUMBER, "holder_id_number": "p", "balance_fen": 1000}, "DEPOSIT")
    yield found
    found.close()


def test_freezes_hold_no_more_than_there_is_and_the_same_request_is_booked_once(books: AgencyBooks) -> None:
    first = books.freeze("KZ-1", 1, NUMBER, 700)
    assert books.freeze("KZ-1", 1, NUMBER, 700) == first
    second = books.freeze("KZ-2", 1, NUMBER, 700)
    assert (first["controlled_fen"], second["controlled_fen"], books.available(NUMBER)) == (700, 300, 0)
    books.release(first["reference"])
    assert books.available(NUMBER) == 700


def test_a_deduction_that_runs_twice_debits_once(books: AgencyBooks) -> None:
    books.freeze("KZ-1", 1, NUMBER, 700)
    for _ in range(3):
        freeze = books.find_freeze("KZ-1", 1)
        assert freeze is not None
        booked = books.deduct("ded_1", freeze, 500)
        assert booked is not None
    account = books.account(NUMBER)
    assert account is not None
    assert (account["balance_fen"], books.shown()["deductions"][0]["runs"]) == (500, 3)
    freeze = books.find_freeze("KZ-1", 1)
    assert freeze is not None
    assert books.deduct("ded_2", freeze, 201) is None, "only 200 are still held"


def test_books_and_letters_survive_a_restart(books: AgencyBooks, tmp_path: Path) -> None:
    books.write("k", "/path", {"a": 1})
    assert books.once("fault")
    again = AgencyBooks(tmp_path / "a.sqlite", "bank-a")
    again.open_account({"account_number": NUMBER, "holder_id_number": "p", "balance_fen": 9999}, "DEPOSIT")
    letter, account = again.letter("k"), again.account(NUMBER)
    assert letter is not None
    assert account is not None
    assert (letter["body"], account["balance_fen"], again.once("fault")) == ({"a": 1}, 1000, False)
    again.close()


ANSWER = {"sequence": 1, "status": "PARTLY_CONTROLLED", "agency_reference": "F", "effective_from": "t"}


@pytest.mark.parametrize(
    ("faults", "kind", "names"),
    [
        ({}, "FREEZE", ["final"]),
        ({"premature_controlled": True}, "FREEZE", ["premature", "locked", "final"]),
        ({"premature_controlled": True}, "INQUIRY", ["final"]),
        ({"in_progress_first": True}, "DEDUCT", ["progress", "final"]),
        ({"first_item_only": True}, "FREEZE", ["first-only", "final"]),
        ({"hidden_failure": True}, "FREEZE", ["hidden", "final"]),
        ({"unknown_as_none": True}, "INQUIRY", ["unknown", "final"]),
    ],
)
def test_a_fault_is_played_before_the_truth_and_the_truth_comes_last(
    faults: dict[str, Any], kind: str, names: list[str]
) -> None:
    answers = [ANSWER, ANSWER | {"sequence": 2}]
    replies = list(planned_replies(faults, {"kind": kind}, answers))
    assert [reply.name for reply in replies] == names
    assert (replies[-1].status, list(replies[-1].answers)) == ("FINAL", answers)
