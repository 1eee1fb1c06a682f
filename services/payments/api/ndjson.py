"""NDJSON in: a body of any length, line by line; one line is bounded, and a bad one does not stop the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from fastapi import Request

from libs.foundation.limits import BODY_BYTES_MAX
from libs.web.body import NDJSON, STREAMED, media_type
from libs.web.errors import UnsupportedMediaType

TOO_LONG: Final = None
"""Stands for a line above the limit: its text was not kept."""


async def lines_of(request: Request) -> AsyncIterator[tuple[int, bytes | None]]:
    """Yield `(number from 1, line)`; blank lines are left out, a line above 1 MiB is `TOO_LONG`.

    Raises `UnsupportedMediaType` (415) for a body that is not declared as NDJSON.
    """
    kind, charset = media_type(request.headers.get("content-type", "").encode("latin-1"))
    if kind not in NDJSON or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("This route takes application/x-ndjson in UTF-8.", field="Content-Type")
    request.scope[STREAMED] = True
    number, rest, skipping = 0, b"", False
    async for chunk in request.stream():
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            number += 1
            if skipping or len(line) > BODY_BYTES_MAX:
                yield number, TOO_LONG
            elif line.strip():
                yield number, line
            skipping = False
        if len(rest) > BODY_BYTES_MAX:
            rest, skipping = b"", True
    if skipping or rest.strip():
        yield number + 1, TOO_LONG if skipping or len(rest) > BODY_BYTES_MAX else rest
