"""Evidence, the same in every service: the commits of a case, and the signed roots over all stream heads."""

# No postponed annotations here: the routes' scopes name the service, which only the function around them knows.
import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator
from starlette.responses import Response, StreamingResponse

from libs.evidence import Signer
from libs.evidence.roots import hour_end, hour_start
from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant_text
from libs.foundation.errors import NotFound, Refused, Transient
from libs.journal import NATIONAL, Journal
from libs.journal.case_reading import CaseReader
from libs.journal.root_reading import RootReader
from libs.journal.rooting import ROOT_DELAY_SECONDS, RootKeeper
from libs.journal.stream_heads import ProvedHead
from libs.web.answers import JsonResponse
from libs.web.caller import EVERY_COURT, Caller
from libs.web.errors import ListBehind
from libs.web.evidence_part import Asked, CasePart, Custody
from libs.web.guards import scope
from libs.web.ndjson import MEDIA_TYPE
from libs.web.purpose import Purpose, purpose

STREAMS_MAX: Final = 50
_BEHIND_SECONDS_MAX = 5.0
_LOOK_SECONDS = 0.1
_NDJSON: Final[dict[str, Any]] = {"content": {MEDIA_TYPE: {}}}
_NAMES = r"^[a-z_]{1,40}(,[a-z_]{1,40}){0,19}$"


class RootHourNotOver(Refused):
    """The hour has not ended by business time, so nobody can say what stood at its end. HTTP 409."""

    code = "root_hour_not_over"
    title = "The hour is not over yet"
    remedy = "Ask for an hour that has ended; its root is signed about a minute later."


class NoRootOfThisHour(NotFound):
    """The hour has no root: nothing changed in it, the clock jumped over it, or it ended a moment ago. HTTP 404."""

    code = "no_root_of_this_hour"
    title = "The hour has no root"
    remedy = "Take the next root after it, which covers it: GET /v1/evidence/roots?since=<hour>."


class EvidenceUnsigned(Transient):
    """The service was started without a signing key, and evidence that nobody signed is none. HTTP 503."""

    code = "evidence_unsigned"
    title = "The service has no key to sign evidence with"
    remedy = "The operator mounts the service's signing key and starts it again."


def _hour(value: str) -> str:
    hour_start(value)
    return value


Hour = Annotated[str, Path(max_length=13, description="An hour of business time in UTC"), AfterValidator(_hour)]
Since = Annotated[str, Query(max_length=13, description="An hour of business time in UTC"), AfterValidator(_hour)]
StreamNames = Annotated[list[Annotated[str, Query(max_length=400)]], Query(max_length=STREAMS_MAX)]


class Evidence:
    """What a service keeps and tells as evidence; `keeper` runs in the background and signs the hourly roots."""

    def __init__(
        self,
        journal: Journal,
        signer: Signer | None,
        *,
        custody: Custody | None = None,
        root_delay_seconds: float = ROOT_DELAY_SECONDS,
    ) -> None:
        """`custody` says which streams belong to a case besides those whose key is the case."""
        self.journal = journal
        self.custody = custody or Custody()
        self.keeper = RootKeeper(journal, signer, delay_seconds=root_delay_seconds)
        self._signer = signer

    @property
    def roots(self) -> RootReader:
        """The roots so far."""
        return RootReader(self.journal.store, self.journal.service)

    @property
    def signer(self) -> Signer:
        """The service's signer. Raises `EvidenceUnsigned`."""
        if self._signer is None:
            raise EvidenceUnsigned
        return self._signer

    def part(self, asked: Asked) -> CasePart:
        """Return the service's part of a case's bundle. Raises `EvidenceUnsigned`."""
        return CasePart(self.journal, self.signer, self.custody, asked)

    async def caught_up(self) -> None:
        """Wait until everything that is committed now can be found by its case. Raises `ListBehind` after a while."""
        until, at = time.monotonic() + _BEHIND_SECONDS_MAX, instant_text(self.journal.clock.now())
        reader = CaseReader(self.journal.store)
        while not await reader.followed_up_to(at):
            if time.monotonic() > until:
                raise ListBehind
            await asyncio.sleep(_LOOK_SECONDS)


def courts_of(caller: Caller) -> frozenset[str] | None:
    """Return the courts whose streams a caller may see, and what is of no single court; None for every court."""
    return None if EVERY_COURT in caller.courts else caller.courts | {NATIONAL}


def evidence_routes(evidence: Evidence) -> APIRouter:
    """Return the router of a service's evidence."""
    router = APIRouter(prefix="/v1/evidence", tags=["evidence"])
    reads = f"{evidence.journal.service}.evidence.read"

    @router.get(
        "/commits", summary="A case's commits as signed NDJSON", response_class=Response, responses={200: _NDJSON}
    )
    async def commits(
        caller: Annotated[Caller, scope(reads)],
        why: Annotated[Purpose, purpose],
        bundle: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$", description="Id of the bundle")] = None,
        services: Annotated[str, Query(pattern=_NAMES, description="The services of the bundle")] = "",
    ) -> Response:
        """Tell the case's own streams whole, and of other streams the entries that name the case, each with its proof.

        A service that knows nothing of the case, or nothing that the caller may see, says so in a signed part.
        """
        named = tuple(sorted(set(services.split(",")))) if services else ()
        part = evidence.part(Asked(why.case_id, courts_of(caller), bundle, named))
        await evidence.caught_up()
        return StreamingResponse(part.chunks(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    @router.get(
        "/roots", summary="All roots from an hour on, as NDJSON", response_class=Response, responses={200: _NDJSON}
    )
    async def roots(_caller: Annotated[Caller, scope(reads)], since: Since) -> Response:
        return StreamingResponse(_root_lines(evidence.roots, since), media_type=MEDIA_TYPE)

    @router.get(
        "/roots/{hour}",
        summary="The root of an hour, and proofs of streams' heads under it",
        responses={409: {"description": RootHourNotOver.title}},
    )
    async def root(hour: Hour, caller: Annotated[Caller, scope(reads)], stream: StreamNames = []) -> Response:  # noqa: B006 -- FastAPI copies a default list
        if hour_end(hour) > instant_text(evidence.journal.clock.now()):
            raise RootHourNotOver(field="hour")
        found = await evidence.roots.of(hour)
        if found is None:
            raise NoRootOfThisHour(field="hour")
        proofs = await evidence.keeper.heads.proofs(hour, stream, courts_of(caller)) if stream else []
        if stream and not proofs:
            raise NotFound("None of these streams was there at the end of the hour.", field="stream")
        return JsonResponse({"root": found.jws, "proofs": [_described(head) for head in proofs]})

    return router


async def _root_lines(roots: RootReader, since: str) -> AsyncIterator[bytes]:
    async for root in roots.since(since):
        yield canonical_bytes({"hour": root.hour, "jws": root.jws, "number": root.number}) + b"\n"


def _described(head: ProvedHead) -> dict[str, Any]:
    return {
        "stream": head.stream,
        "version": head.version,
        "hash": head.hash,
        "index": head.index,
        "path": [step.hex() for step in head.path],
    }
