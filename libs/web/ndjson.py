"""Bulk: NDJSON in, NDJSON out, one result per line. A bad line is a result, not the end of the others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any, Final, NamedTuple, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from libs.foundation.errors import ZhixingError
from libs.foundation.limits import BODY_BYTES_MAX
from libs.telemetry import get_logger
from libs.web.answers import dumps
from libs.web.body import NDJSON, STREAMED, UTF_8, media_type
from libs.web.errors import BodyTooLarge, UnsupportedMediaType
from libs.web.problems import invalid_fields
from libs.web.statuses import status_of
from libs.web.strict_json import strict_json

MEDIA_TYPE: Final = "application/x-ndjson"
SPOOL_BYTES_MAX: Final = 4 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024

NDJSON_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "description": "One JSON object per line."}}},
    }
}
"""`openapi_extra` of a bulk route: its body is read line by line, so FastAPI cannot see it."""

M = TypeVar("M", bound=BaseModel)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input, counted from 1: its bytes, and the JSON value in them or why it is none."""

    number: int
    value: Any = None
    error: ZhixingError | None = None
    text: bytes = b""
    """The line as it came; empty if it was too long to be kept."""

    def read(self, model: type[M]) -> M:
        """Return the line as a model. Raises what is wrong with it, e.g. `MalformedRequest` or `RequestInvalid`."""
        if self.error is not None:
            raise self.error
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            raise invalid_fields(error.errors(include_url=False, include_input=False)) from error


class LineText(NamedTuple):
    """One line of the input as it came, counted from 1; `too_long` lines were not kept."""

    number: int
    text: bytes
    too_long: bool

    def read(self) -> Line:
        """Return the line with its JSON value, or with what is wrong with it."""
        if self.too_long or len(self.text) > BODY_BYTES_MAX:
            return Line(self.number, error=BodyTooLarge("The line is longer than 1 MiB."))
        try:
            return Line(self.number, strict_json(self.text), text=self.text)
        except ZhixingError as error:
            return Line(self.number, error=error, text=self.text)


async def ndjson_lines(request: Request) -> AsyncIterator[Line]:
    """Yield the lines of an NDJSON body as they arrive; blank lines count and are skipped.

    A line is at most 1 MiB, the whole has no bound. Raises `UnsupportedMediaType` (415) for another content type or
    charset.
    """
    async for texts in ndjson_texts(request):
        for text in texts:
            yield text.read()


async def ndjson_texts(request: Request) -> AsyncIterator[list[LineText]]:
    """Yield the lines that arrived together, unread: for a bulk in which reading would cost more than the work itself.

    Bounds and errors are those of `ndjson_lines`.
    """
    kind, charset = media_type(request.headers.get("content-type", "").encode("latin-1"))
    if kind not in NDJSON or charset not in UTF_8:
        raise UnsupportedMediaType(f"Send bulk input as {MEDIA_TYPE} in UTF-8.", field="Content-Type")
    request.scope[STREAMED] = True
    number, rest, too_long = 0, bytearray(), False
    async for chunk in request.stream():
        *ends, tail = chunk.split(b"\n")
        texts = []
        for end in ends:
            number += 1
            line = bytes(rest) + end if rest else end
            rest.clear()
            if too_long or line.strip():
                texts.append(LineText(number, line, too_long))
            too_long = False
        if texts:
            yield texts
        if len(rest) + len(tail) > BODY_BYTES_MAX:
            # The rest of the line is read past and dropped: memory stays bounded, the next line is fine again.
            too_long, tail = True, b""
            rest.clear()
        rest += b"" if too_long else tail
    if too_long or rest.strip():
        yield [LineText(number + 1, bytes(rest), too_long)]


async def ndjson_answer(
    request: Request, handle: Callable[[Line], Awaitable[Mapping[str, Any]]], *, side_by_side: int = 1
) -> Response:
    """Return one result per input line, in their order: what `handle` returns, or the problem that it raised.

    Up to `side_by_side` lines are handled at once (only where lines do not depend on each other). Results wait in a
    spool (memory, then disk) until the whole input is read: most clients do not read while they write, and answering
    early would leave both sides waiting for each other.
    """
    spool = SpooledTemporaryFile(max_size=SPOOL_BYTES_MAX)  # noqa: SIM115 -- closed when the last chunk is out
    waiting: deque[asyncio.Task[bytes]] = deque()
    try:
        async for line in ndjson_lines(request):
            waiting.append(asyncio.create_task(_result(handle, line)))
            if len(waiting) >= side_by_side:
                spool.write(await waiting.popleft())
        while waiting:
            spool.write(await waiting.popleft())
    except (ClientDisconnect, ZhixingError):
        await _settled(waiting)
        spool.close()
        raise
    return _from_spool(spool)


async def spooled_answer(parts: AsyncIterator[bytes], *, headers: Mapping[str, str] | None = None) -> Response:
    """Return an NDJSON answer of parts that are made while the input is read; the first goes out after the last."""
    spool = SpooledTemporaryFile(max_size=SPOOL_BYTES_MAX)  # noqa: SIM115 -- closed when the last chunk is out
    try:
        async for part in parts:
            spool.write(part)
    except BaseException:
        spool.close()
        raise
    return _from_spool(spool, headers)


def _from_spool(spool: SpooledTemporaryFile[bytes], headers: Mapping[str, str] | None = None) -> Response:
    spool.seek(0)

    async def chunks() -> AsyncIterator[bytes]:
        with spool:
            while chunk := spool.read(CHUNK_BYTES):
                yield chunk

    return StreamingResponse(chunks(), media_type=MEDIA_TYPE, headers=dict(headers or {}))


async def _settled(waiting: deque[asyncio.Task[bytes]]) -> None:
    # What was begun is finished, not cancelled: its writes may have landed, and a repeat finds them.
    await asyncio.gather(*waiting, return_exceptions=True)


async def _result(handle: Callable[[Line], Awaitable[Mapping[str, Any]]], line: Line) -> bytes:
    try:
        result = dict(await handle(line)) if line.error is None else _problem(line.error)
    except ZhixingError as error:
        result = _problem(error)
    except Exception:  # noqa: BLE001 -- one line must not end the others; it is logged with its traceback
        _log.exception("line_crashed", line=line.number)
        result = _problem(ZhixingError())
    return dumps({"line": line.number, **result}) + b"\n"


def _problem(error: ZhixingError) -> dict[str, Any]:
    body = {
        "status": status_of(type(error)),
        "code": error.code,
        "detail": error.detail,
        "rule": error.rule,
        "field": error.field,
        "retryable": error.retryable,
        **error.extra,
    }
    return {key: value for key, value in body.items() if value is not None}
