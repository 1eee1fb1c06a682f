"""Parties of nobody, as many as a campaign needs: a pair for every case, with valid numbers and a bank account."""

from __future__ import annotations

from typing import Any

from devstack.demo import wages_world as world

ACCOUNTS = 1500
"""So many debtors have an account at the simulated bank."""

BALANCE_FEN = 900_000

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SYLLABLES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def resident_number(serial: int) -> str:
    """Return a valid number of nobody (GB 11643); area 530399 is assigned to no county."""
    day, order = divmod(serial, 900)
    body = f"530399198501{day + 1:02d}{order + 100:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def name_of(surname: str, serial: int) -> str:
    """Return a name for the serial-th pair."""
    high, low = divmod(serial, len(_SYLLABLES))
    return surname + _SYLLABLES[high % len(_SYLLABLES)] + _SYLLABLES[low]


def bank_account(serial: int, agency_id: str) -> dict[str, Any]:
    """Return the account of the serial-th debtor as the simulator is told of it."""
    return {
        "holder_id_number": resident_number(2 * serial + 1),
        "account_number": f"6217{agency_id[-1].encode()[0]:03d}{serial:09d}",
        "balance_fen": BALANCE_FEN,
    }


def application(serial: int, *, complete: bool) -> dict[str, Any]:
    """Return the application of the serial-th pair, on a basis of their own."""
    body = world.application(complete=complete)
    for place, (side, surname) in enumerate((("applicants", "浦"), ("debtors", "李"))):
        [party] = body[side]
        party["documents"][0]["id_number"] = resident_number(2 * serial + place)
        party["name"] = name_of(surname, serial)
        if "payee_account" in party:
            party["payee_account"]["account_name"] = party["name"]
    body["basis"]["number"] = f"(2026)云0381民初{10_000 + serial}号"
    return body
