"""Identity numbers of persons and firms, and how they are shown: checked by their standards, masked for publication."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import ric, uscc

from libs.foundation.errors import Rejected

PROVINCES = frozenset(
    str(code)
    for area in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for code in area
)
"""First two digits of the area in GB/T 2260. The six-digit area is not checked: areas are abolished, numbers stay."""

_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_RESIDENT_OLD = re.compile(r"[0-9]{15}")
_CREDIT = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUW-Y][0-9]{6}[0-9A-HJ-NPQRTUW-Y]{10}")

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class IdentityNumberInvalid(Rejected):
    """The number breaks its standard: form, check digit, province or birth date."""

    code = "identity_number_invalid"
    title = "The identity number is not valid"
    rule = "R-INT-05"
    remedy = "Copy the number from the document; the check digit tells most slips of the pen."


class CreditCodeInvalid(Rejected):
    """The code breaks GB 32100-2015: form, alphabet or check character."""

    code = "credit_code_invalid"
    title = "The unified social credit code is not valid"
    rule = "R-INT-06"
    remedy = "Copy the code from the licence; the letters I, O, S, V and Z never occur."


@dataclass(frozen=True, slots=True)
class Resident:
    """What a resident identity number says about its holder."""

    number: str
    born_on: date
    sex: Literal["MALE", "FEMALE"]


def resident(text: str, *, today: date | None = None) -> Resident:
    """Return the normalised number with birth date and sex (R-INT-05, GB 11643-1999).

    A lower-case `x` becomes `X`, a 15-digit number is lifted to 18. Raises `IdentityNumberInvalid` for a wrong form,
    province, check digit or an impossible birth date, and with `today` for a birth date after it.
    """
    number = text.strip().upper()
    if _RESIDENT_OLD.fullmatch(number):
        number = f"{number[:6]}19{number[6:]}"
        number += str(ric.calc_check_digit(number + "0"))
    if not _RESIDENT.fullmatch(number):
        raise IdentityNumberInvalid("A resident identity number has 18 characters: 17 digits and a digit or X.")
    if number[:2] not in PROVINCES:
        raise IdentityNumberInvalid("The first two digits name no province.")
    if ric.calc_check_digit(number) != number[17]:
        raise IdentityNumberInvalid("The check digit does not fit.")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise IdentityNumberInvalid("The birth date in the number does not exist.") from error
    if today is not None and born_on > today:
        raise IdentityNumberInvalid("The birth date in the number lies in the future.")
    return Resident(number, born_on, "MALE" if int(number[16]) % 2 else "FEMALE")


def resident_number(text: str, *, today: date | None = None) -> str:
    """Return the normalised 18-character resident identity number; raises as `resident` does (R-INT-05)."""
    return resident(text, today=today).number


def credit_code(text: str) -> str:
    """Return the normalised unified social credit code (R-INT-06). Raises `CreditCodeInvalid`."""
    code = text.strip().upper()
    if not _CREDIT.fullmatch(code):
        raise CreditCodeInvalid("A credit code has 18 characters of its alphabet: no I, O, S, V, Z; an area in digits.")
    if uscc.calc_check_digit(code[:17]) != code[17]:
        raise CreditCodeInvalid("The check character does not fit.")
    return code


def organisation_code_fits(code: str) -> bool:
    """Return whether characters 9-17 of a credit code satisfy GB 11714.

    Not every published code does, so this is a reason to look again and never one to reject (R-INT-06).
    """
    part = code[8:17]
    total = sum(int(char, 36) * weight for char, weight in zip(part[:8], _ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    return part[8] == {10: "X", 11: "0"}.get(check, str(check))


def masked_number(number: str) -> str:
    """Return a resident identity number as it is published: month and day hidden (R-INT-07). Codes of firms stay whole.

    Anything that is neither is cut to its first and last two characters.
    """
    if _RESIDENT.fullmatch(number):
        return f"{number[:10]}****{number[-4:]}"
    if _CREDIT.fullmatch(number):
        return number
    return f"{number[:2]}****{number[-2:]}" if len(number) > 6 else "****"  # noqa: PLR2004 -- shorter ones would be shown


def masked_account(number: str) -> str:
    """Return `****1234` for an account number: enough to tell two accounts apart, useless to pay with.

    A number of at most four characters is hidden whole.
    """
    return f"****{number[-4:]}" if len(number) > 4 else "****"  # noqa: PLR2004 -- shorter ones would be shown


def masked_name(name: str, *, organisation: bool = False) -> str:
    """Return a person's name with only the family name shown, `李某某` as `李**`; a firm's name stays whole."""
    if organisation:
        return name
    return name[:1] + "*" * max(1, len(name) - 1)
