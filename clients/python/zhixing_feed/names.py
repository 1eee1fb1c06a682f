"""When two names and two document numbers are the same: the hit that refuses somebody a ticket hangs on it."""

from __future__ import annotations

import unicodedata
from typing import Final

RESIDENT: Final = "RESIDENT_IDENTITY_CARD"
MIDDLE_DOTS: Final = frozenset("\u00b7\u2022\u2027\u2219\u22c5\u30fb")
_VARIATION_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_OLD_LENGTH: Final = 15
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"


def normal_name(name: str) -> str:
    """Return a name as names are compared: NFKC, upper case, without spaces, middle dots and what nobody can see."""
    return "".join(char for char in unicodedata.normalize("NFKC", name) if _counts(char)).upper()


def normal_document(document_type: str, number: str) -> tuple[str, str]:
    """Return type and number as they are compared: NFKC, upper case, without spaces; 15 digits lifted to 18."""
    kind = document_type.strip().upper()
    plain = "".join(unicodedata.normalize("NFKC", number).split()).upper()
    if kind == RESIDENT and len(plain) == _OLD_LENGTH and plain.isascii() and plain.isdigit():
        plain = lifted(plain)
    return kind, plain


def lifted(number: str) -> str:
    """Return the 18-character form of a resident identity number of 15 digits (GB 11643-1999): born in the 1900s."""
    long = f"{number[:6]}19{number[6:]}"
    return long + check_digit(long)


def check_digit(digits: str) -> str:
    """Return the check digit of the first 17 digits of a resident identity number."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def miswritten(document: tuple[str, str]) -> bool:
    """Whether a document in normal form cannot be one: that nobody is listed under it says nothing about the person."""
    kind, number = document
    if kind != RESIDENT:
        return not number
    digits = number[:17]
    fits = len(number) == len(digits) + 1 and digits.isascii() and digits.isdigit()
    return not fits or check_digit(digits) != number[17]


def _counts(char: str) -> bool:
    if char.isspace() or char in MIDDLE_DOTS or unicodedata.category(char) in {"Cf", "Cc"}:
        return False
    return not any(ord(char) in selectors for selectors in _VARIATION_SELECTORS)
