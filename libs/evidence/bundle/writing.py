"""Writing a bundle: canonical lines, and the seal that ends them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

from libs.foundation.canonical import canonical_bytes


class Sink(Protocol):
    """Where bytes go: a binary file."""

    def write(self, data: bytes, /) -> int:
        """Take bytes."""


class BundleWriter:
    """Writes line after line; without `seal` at the end the bundle counts as truncated."""

    def __init__(self, sink: Sink) -> None:
        """Nothing is written yet."""
        self._sink = sink
        self._digest = hashlib.sha256()
        self._lines = 0

    def put(self, line: Mapping[str, Any]) -> None:
        """Write a line. Raises `ValueError` for what has no canonical form."""
        raw = canonical_bytes(line) + b"\n"
        self._sink.write(raw)
        self._digest.update(raw)
        self._lines += 1

    def seal(self) -> None:
        """Write the last line. It protects against accidents; against intent stand the signatures."""
        self.put({"kind": "seal", "lines": self._lines, "sha256": self._digest.hexdigest()})
