"""The feed over HTTP: its paths, its refusals, and what each answer says about the clock."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import httpx

from zhixing_feed.alarms import AlarmCode, FeedFault

ROOT: Final = "/v1/joint-punishment-feed"
HEAD_BYTES: Final = 1 << 18

Token = str | Callable[[], str] | Callable[[], Awaitable[str]] | None
WallClock = Callable[[], datetime]


class Unavailable(Exception):
    """Nobody answered, or not now: try again later. `wait_s` is what the publisher asks for."""

    def __init__(self, code: AlarmCode, detail: str, wait_s: float = 0) -> None:
        """Take the alarm it is, and what happened."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.wait_s = wait_s


class Refused(Exception):
    """The publisher answered with a problem (RFC 9457); `code` is its code."""

    def __init__(self, status: int, code: str, problem: Mapping[str, Any]) -> None:
        """Take the answer."""
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.problem = problem


class Wire:
    """One publisher. `skew` is how far the own clock was ahead of the publisher's at the last answer."""

    def __init__(self, client: httpx.AsyncClient, token: Token, wall_clock: WallClock) -> None:
        """`client` has the publisher's base URL; `wall_clock` is compared with the `Date` of answers."""
        self._client = client
        self._token = token
        self._wall_clock = wall_clock
        self.skew: timedelta | None = None

    async def head(self, *, fresh: bool = False) -> str:
        """Return the newest head's JWS; `fresh`: past every cache."""
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        return _text(await self._get(f"{ROOT}/heads/latest", HEAD_BYTES, headers))

    async def key_set(self, version: int) -> str:
        """Return a key set's JWS."""
        return _text(await self._get(f"{ROOT}/key-sets/{version}", 1 << 20))

    async def policy(self, version: int) -> str:
        """Return a policy's JWS."""
        return _text(await self._get(f"{ROOT}/policies/{version}", 1 << 20))

    async def page(self, session_id: str, page: int, entries: int | None, limit: int, *, fresh: bool = False) -> bytes:
        """Return a page's body: a full one, or one with so many `entries`; `fresh`: past every cache."""
        path = f"{ROOT}/pages/{session_id}/{page}" + (f".p/{entries}" if entries else "")
        return await self._get(path, limit, {"Cache-Control": "no-cache"} if fresh else {})

    async def checksums(self, sequence: int) -> dict[str, Any]:
        """Return set, log root and bucket digests at a sequence."""
        return _object(await self._get(f"{ROOT}/checksums/{sequence}", 1 << 20, params={"buckets": "true"}))

    async def bucket(self, session_id: str, sequence: int, number: int, limit: int) -> dict[str, Any]:
        """Return the entries in force of one bucket."""
        return _object(await self._get(f"{ROOT}/buckets/{session_id}/{sequence}/{number}", limit))

    async def consistency(self, first: int, second: int) -> dict[str, Any]:
        """Return the proof that the log at `second` continues the log at `first`."""
        params = {"from": str(first), "to": str(second)}
        return _object(await self._get(f"{ROOT}/consistency-proofs", 1 << 16, params=params))

    async def snapshot(self, sequence: int, target: Path, limit: int) -> tuple[int, str]:
        """Write a snapshot's body to a file; return its bytes and SHA-256. More than `limit` bytes are not read."""
        digest, size = hashlib.sha256(), 0
        async with self._answer("GET", f"{ROOT}/snapshots/{sequence}") as answer:
            with target.open("wb") as file:
                async for part in answer.aiter_bytes():
                    size += len(part)
                    if size > limit:
                        raise FeedFault(AlarmCode.BODY_TOO_LARGE, f"the snapshot has more than {limit} bytes")
                    digest.update(part)
                    await asyncio.to_thread(file.write, part)
        return size, digest.hexdigest()

    @asynccontextmanager
    async def stream(self, last_event_id: str | None, silence_s: float) -> AsyncIterator[AsyncIterator[str]]:
        """Open the doorbell; inside are its lines. A silence of `silence_s` ends it as `Unavailable`."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        timeout = httpx.Timeout(30, read=silence_s)
        async with self._answer("GET", f"{ROOT}/stream", headers=headers, timeout=timeout) as answer:
            yield answer.aiter_lines()

    async def put_position(self, position: str) -> dict[str, Any]:
        """State a position; return what the publisher holds there."""
        return _object(await self._send("PUT", f"{ROOT}/positions/me", {"position": position}))

    async def check(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the publisher about one person."""
        headers = {"Purpose": str(body.get("measure_code") or "check")}
        return _object(await self._send("POST", "/v1/restriction-checks", body, headers))

    async def report(self, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Send a punishment report; the same `key` is one report."""
        return _object(await self._send("POST", "/v1/punishment-reports", body, {"Idempotency-Key": key}))

    async def _get(
        self,
        path: str,
        limit: int,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        async with self._answer("GET", path, headers=dict(headers or {}), params=dict(params or {})) as answer:
            return await _bounded(answer, limit)

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> bytes:
        async with self._answer(method, path, json=body, headers=dict(headers or {})) as answer:
            return await _bounded(answer, 1 << 20)

    @asynccontextmanager
    async def _answer(self, method: str, path: str, **options: Any) -> AsyncIterator[httpx.Response]:
        headers = options.pop("headers", {}) | await self._authorisation()
        try:
            async with self._client.stream(method, path, headers=headers, **options) as answer:
                self._measure_clock(answer)
                if answer.is_error:
                    raise await _refusal(answer)
                yield answer
        except httpx.RemoteProtocolError as error:
            raise Unavailable(AlarmCode.BODY_TRUNCATED, f"{path}: the answer broke off") from error
        except httpx.HTTPError as error:
            raise Unavailable(AlarmCode.UNREACHABLE, f"{path}: {type(error).__name__}") from error

    async def _authorisation(self) -> dict[str, str]:
        token = self._token() if callable(self._token) else self._token
        if inspect.isawaitable(token):
            token = await token
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _measure_clock(self, answer: httpx.Response) -> None:
        try:
            sent = parsedate_to_datetime(answer.headers.get("Date", ""))
            age = timedelta(seconds=int(answer.headers.get("Age", "0")))
        except ValueError:
            return
        # A cache hands on the date of the answer that it keeps, and says how long it has kept it.
        self.skew = self._wall_clock() - (sent.astimezone(UTC) + age)


async def _bounded(answer: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > limit:
            raise FeedFault(AlarmCode.BODY_TOO_LARGE, f"{answer.url.path} has more than {limit} bytes")
    return bytes(body)


async def _refusal(answer: httpx.Response) -> Exception:
    try:
        problem = _object(await _bounded(answer, 1 << 18))
    except FeedFault:
        problem = {}
    code = str(problem.get("code") or answer.reason_phrase)
    if answer.status_code in {401, 403}:
        return Unavailable(AlarmCode.NOT_AUTHORISED, f"{answer.status_code} {code}")
    if answer.status_code == 410 and code == "view_closed":  # noqa: PLR2004 -- Gone
        return Unavailable(AlarmCode.VIEW_CLOSED, "the view was closed", wait_s=86400)
    if answer.status_code == 410 and code == "session_replaced":  # noqa: PLR2004 -- Gone
        return Unavailable(AlarmCode.SNAPSHOT_REQUIRED, "the session was replaced; the next head says by which")
    if answer.status_code >= 500 or answer.status_code in {408, 425, 429}:  # noqa: PLR2004 -- the publisher's own trouble
        wait = answer.headers.get("Retry-After", "")
        detail = f"{answer.url.path}: {answer.status_code} {code}"
        return Unavailable(AlarmCode.UNREACHABLE, detail, float(wait) if wait.isdigit() else 0)
    return Refused(answer.status_code, code, problem)


def _text(body: bytes) -> str:
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise FeedFault(AlarmCode.ANSWER_MALFORMED, "a JWS was expected") from error


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FeedFault(AlarmCode.BODY_TRUNCATED, "the JSON is cut off or none") from error
    if not isinstance(found, dict):
        raise FeedFault(AlarmCode.ANSWER_MALFORMED, "an object was expected")
    return found
