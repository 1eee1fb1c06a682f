"""The bytes of pages and of what an entry's JWS carries: functions of what stands in the journal, the same everywhere.

A page never changes once a head has named its last entry; so nothing of the moment may stand in it.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Final

from libs.foundation.canonical import canonical_bytes
from services.credit_blacklist.feed.register.model import PAGE_ENTRIES, Checksum

NO_PAGE: Final = "0" * 64
"""`previous_page_sha256` of page 0."""


def entry_bytes(jws: str) -> bytes:
    """Return the exact payload bytes of a compact JWS: whoever hashes an entry hashes these."""
    payload = jws.split(".", 2)[1]
    return urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of `data`."""
    return hashlib.sha256(data).digest()


def bucket_of(record_id: str) -> int:
    """Return the bucket of a record."""
    return sha256(record_id.encode())[0]


def page_body(view: str, page: int, previous_sha256: str, after: Checksum, entries: Sequence[str]) -> bytes:
    """Return the body of page `page` with `entries`, the first of which has the sequence 256·page + 1."""
    return canonical_bytes(
        {
            "view": view,
            "session_id": after.point.session_id,
            "page": page,
            "first_sequence": page * PAGE_ENTRIES + 1,
            "last_sequence": after.point.sequence,
            "previous_page_sha256": previous_sha256,
            "set": after.set,
            "log_root": after.log_root,
            "entries": list(entries),
        }
    )
