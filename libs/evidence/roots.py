"""Hourly roots: one signed hash over the heads of all streams of a service.

A stream's own chain shows neither that its end was cut off nor that all of it was written anew. A root does: it is an
RFC 6962 tree over one leaf for each stream, ordered by the streams' names, and each root names the one before, so that
none can be taken out. Hours are those of business time, in UTC, written `2024-06-30T08`; an hour in which nothing
changed, or that the sandbox clock jumped over, has no root: the next one covers what came.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from libs.evidence.log_tree import leaf_hash
from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant_text

ROOT_TYPE: Final = "zhixing-evidence-root+jws"
FIRST_PREVIOUS: Final = "0" * 64
"""The `previous_sha256` of a service's first root."""

_HOUR = re.compile(r"\d{4}-\d\d-\d\dT\d\d")
_FORMAT = "%Y-%m-%dT%H"
_LABEL_CHARS = len("2024-06-30T08")


@dataclass(frozen=True, slots=True)
class RootStatement:
    """What a root says: that at the end of `hour` the service kept `count` streams with these heads.

    `number` counts the service's roots from 1 without a gap; `previous_sha256` is over the former root's whole JWS.
    """

    service: str
    hour: str
    number: int
    count: int
    tree_root: str
    previous_sha256: str
    signed_at: str

    def payload(self) -> dict[str, Any]:
        """Return what is signed."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> RootStatement:
        """Return the statement of a verified payload. Raises `ValueError` for one that says something else."""
        texts = ("service", "hour", "tree_root", "previous_sha256", "signed_at")
        if set(payload) != set(cls.__slots__) or not all(isinstance(payload[name], str) for name in texts):
            raise ValueError("this is not a root")
        if not all(type(payload[name]) is int and payload[name] >= 0 for name in ("number", "count")):
            raise ValueError("a root has a number and a count")
        return cls(**payload)


def head_leaf(stream: str, version: int, commit_hash: str) -> bytes:
    """Return the leaf hash of a stream whose last commit has this version and hash."""
    return leaf_hash(canonical_bytes({"hash": commit_hash, "stream": stream, "version": version}))


def token_sha256(token: str) -> str:
    """Return the SHA-256 of a compact JWS, by which the next root names it."""
    return hashlib.sha256(token.encode()).hexdigest()


def hour_of(at: datetime | str) -> str:
    """Return the hour in which an instant, or the text of one, lies."""
    return (at if isinstance(at, str) else instant_text(at))[:_LABEL_CHARS]


def hour_start(hour: str) -> datetime:
    """Return when an hour begins. Raises `ValueError` for a text that is no hour."""
    try:
        if _HOUR.fullmatch(hour):
            return datetime.strptime(hour, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        pass
    msg = "an hour is written like 2024-06-30T08"
    raise ValueError(msg)


def hour_end(hour: str) -> str:
    """Return the text of the instant at which an hour has ended. Raises `ValueError`."""
    return instant_text(hour_start(hour) + timedelta(hours=1))


def last_ended(now: datetime) -> str:
    """Return the last hour that had ended at an instant."""
    return hour_of(now.astimezone(UTC) - timedelta(hours=1))
