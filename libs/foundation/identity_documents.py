"""Numbers of identity documents as they are compared: the same document is written in one way only."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import mul
from typing import Final

from libs.foundation.errors import Rejected
from libs.foundation.identity import PROVINCES, credit_code, resident_number

RESIDENT_IDENTITY_CARD: Final = "RESIDENT_IDENTITY_CARD"
UNIFIED_SOCIAL_CREDIT_CODE: Final = "UNIFIED_SOCIAL_CREDIT_CODE"
NUMBER_CHARS_MAX: Final = 40

_DAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31"
_RESIDENT: Final = re.compile(
    rf"(?:{'|'.join(sorted(PROVINCES))})[0-9]{{4}}(?:19|20)[0-9]{{2}}(?:{_DAY})[0-9]{{3}}[0-9X]"
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OFFSET: Final = ord("0") * sum(_WEIGHTS)
_CHECKS: Final = "10X98765432"


class DocumentNumberInvalid(Rejected):
    """The number of a passport or another document is empty, too long, or holds signs that cannot be printed."""

    code = "document_number_invalid"
    title = "The document number is not valid"
    remedy = "Copy the number from the document: 1 to 40 characters that can be printed."


def comparable_number(id_type: str, number: str) -> str:
    """Return the one form in which the number of a document is kept and compared (R-INT-05, R-INT-06).

    A 15-digit resident identity number is lifted to 18, letters are capitals, full-width signs are narrow, spaces go.
    Raises `IdentityNumberInvalid`, `CreditCodeInvalid` or `DocumentNumberInvalid`: a number that cannot be is no miss.
    """
    if id_type == RESIDENT_IDENTITY_CARD and _fits(number):
        return number
    text = "".join(unicodedata.normalize("NFKC", number).split()).upper()
    if id_type == RESIDENT_IDENTITY_CARD:
        return resident_number(text)
    if id_type == UNIFIED_SOCIAL_CREDIT_CODE:
        return _credit_code(text)
    if not 0 < len(text) <= NUMBER_CHARS_MAX or not text.isprintable():
        raise DocumentNumberInvalid(field="number")
    return text


def _fits(number: str) -> bool:
    # The numbers of nearly everybody: told in a microsecond, so that a bulk is not spent on its check digits. What is
    # not told to fit here (29 February, old numbers, small letters) is judged by the standard's own implementation.
    if not _RESIDENT.fullmatch(number):
        return False
    return _CHECKS[(sum(map(mul, number[:17].encode(), _WEIGHTS)) - _OFFSET) % 11] == number[17]


@lru_cache(maxsize=4096)
def _credit_code(text: str) -> str:
    return credit_code(text)
