"""People of the story and of nobody: numbers with right and wrong check digits, and where any of it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from devstack.demo import wages_world as world

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_number(serial: int) -> str:
    """Return a valid number of nobody (GB 11643); area 530399 is assigned to no county."""
    body = f"53039919850101{serial:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def false_number(serial: int) -> str:
    """Return the same number with another check digit."""
    right = resident_number(serial)
    return right[:-1] + ("0" if right[-1] != "0" else "1")


def application(serial: int, *, complete: bool = True, **changes: Any) -> dict[str, Any]:
    """Return an application of two people that no other application names, on a basis of their own."""
    body = world.application(complete=complete)
    for place, side in enumerate(("applicants", "debtors")):
        [party] = body[side]
        party["documents"][0]["id_number"] = resident_number(serial * 2 + place)
        party["name"] = f"{party['name'][:1]}{'甲乙丙丁戊己庚辛壬癸'[serial % 10]}{'一二三四五'[serial // 10]}"
        if "payee_account" in party:
            party["payee_account"]["account_name"] = party["name"]
    body["basis"]["number"] = f"(2026)云0381民初{9000 + serial}号"
    return body | changes


def personal() -> set[str]:
    """Return every identity number, telephone number, full name, address and account number of the story."""
    found = {"6217003860001234", "6228480868005678"}
    found |= {resident_number(serial) for serial in range(100)}
    filed = [application(serial) for serial in range(50)]
    found |= {party["name"] for body in filed for party in (*body["applicants"], *body["debtors"])}
    body = world.application(complete=True)
    for party in (*body["applicants"], *body["debtors"]):
        account = party.get("payee_account", {})
        numbers = [document["id_number"] for document in party["documents"]]
        found |= {party["name"], party["phone"], party["address"], *numbers}
        found |= {account["account_number"]} if account else set()
    return found


def staff() -> set[str]:
    """Return the telephone numbers and permits of the court's staff."""
    return {
        text
        for officer in world.roster()["officers"]
        for text in (officer["phone"], officer["work_permit_number"], officer["duty_permit_number"])
    }


def shown(texts: Iterable[str], where: str) -> list[str]:
    return [text for text in texts if text in where]
