"""References of accounts and registered things as people outside the file may see them."""

from __future__ import annotations

TAIL_CHARS = 4


def masked_reference(reference: str) -> str:
    """Return `****1234` for an account number: enough for people to tell two accounts apart, useless to pay with."""
    tail = reference[-TAIL_CHARS:] if len(reference) > TAIL_CHARS else ""
    return f"****{tail}"
