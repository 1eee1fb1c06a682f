"""Identity documents as the register compares them."""

from __future__ import annotations

from libs.foundation.errors import Rejected
from libs.foundation.identity_documents import comparable_number


def document_key(kind: str, number: str) -> tuple[str, str]:
    """Return type and number in the form that is compared (`comparable_number`).

    A number that breaks its standard is compared as it is: old decisions carry such numbers, and are held too.
    """
    try:
        return kind, comparable_number(kind, number)
    except Rejected:
        return kind, "".join(number.split()).upper()
