"""No personal data in logs: known keys are masked, and identity numbers wherever they stand in a text.

This is the last line of defence. The first is that code logs ids (`party_id`, `case_id`) and never persons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

PERSONAL_KEYS = frozenset({
    "address", "account_holder", "account_no", "account_number", "bank_account", "card_no", "card_number",
    "authorization", "birth_date", "date_of_birth", "email", "full_name", "id_number", "identity_number", "mobile",
    "name", "passport", "passport_no", "phone", "resident_number", "telephone", "token", "password", "secret",
})  # fmt: skip
"""Keys whose values are never logged. `event` names and ids stay."""

# A resident number (17 digits and a check character) in a longer text; the boundaries keep hexadecimal ids whole.
_RESIDENT = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
# Mobile numbers of the mainland, and bank card numbers of 16 to 19 digits.
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(1[3-9])\d{9}(?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{3})\d{8,11}(\d{4})(?![0-9A-Za-z])")
_BEARER = re.compile(r"(?i)bearer\s+[\w.~+/=-]+|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
_DEPTH_MAX = 8


def redacted(text: str) -> str:
    """Return `text` with identity, mobile and card numbers and bearer tokens masked."""
    text = _BEARER.sub("Bearer " + MASK, text)
    text = _RESIDENT.sub(r"\1********" + MASK, text)
    text = _MOBILE.sub(r"\1" + MASK, text)
    return _CARD.sub(r"\1" + MASK + r"\2", text)


def masked(value: Any, depth: int = 0) -> Any:
    """Return a copy of a log value without personal data; what is nested deeper than eight levels is left out."""
    if isinstance(value, str):
        return redacted(value)
    if depth >= _DEPTH_MAX:
        return MASK
    if isinstance(value, Mapping):
        return {key: MASK if is_personal(key) else masked(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return redacted(str(value)) if isinstance(value, int) and abs(value) >= 10**10 else value
    return redacted(str(value))


def is_personal(key: object) -> bool:
    """Return whether a key names personal data, alone (`name`) or at its end (`debtor_name`, `payee_phone`)."""
    text = str(key).lower()
    if text in PERSONAL_KEYS:
        return True
    return any(text.endswith("_" + word) for word in ("address", "phone", "telephone", "id_number", "full_name"))
