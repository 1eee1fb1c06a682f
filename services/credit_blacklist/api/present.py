"""Whether the caller decided on the present version, asked before anything is written."""

from __future__ import annotations

from typing import Any

from libs.foundation.errors import Conflict
from libs.journal import CommandMeta, Folded


def require_present(folded: Folded[Any], meta: CommandMeta) -> None:
    """Raise `Conflict` (412) where If-Match names another version than the present one.

    Who writes other streams before the one that If-Match speaks of asks here first, so that a stale request leaves
    nothing behind.
    """
    if meta.expected_seq is not None and meta.expected_seq != folded.seq:
        raise Conflict(f"expected {meta.expected_seq}, it is {folded.seq}", current_version=folded.seq)
