"""The custodian bank's statement lines: NDJSON in, one result per line out; money is never refused and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.foundation.canonical import sha256_hex
from libs.foundation.clock import Clock
from libs.foundation.errors import KeyReused, Transient, ZhixingError
from libs.journal import NATIONAL, CommandMeta, Folded, Journal, Outcome
from libs.telemetry import get_logger
from libs.web import NDJSON_BODY, Caller, Line, meta_of, ndjson_lines, scope
from libs.web.caller import EVERY_COURT
from libs.web.errors import RequestInvalid
from libs.web.ndjson import MEDIA_TYPE
from services.payments.api.statement_line import (
    StatementLineConflict,
    booked_line,
    line_problem,
    read_line,
)
from services.payments.domain.custodian import Custodian, custodian_stream
from services.payments.domain.incoming import (
    BookedLine,
    Incoming,
    RecordLine,
    incoming_id_of,
    incoming_stream,
)
from services.payments.domain.names import Name, name_stream
from services.payments.meters import LINES

LINES_AT_ONCE: Final = 200

log = get_logger("payments.statements")


def bank_statement_routes(journal: Journal, clock: Clock) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["bank statements"])
    desk = StatementDesk(journal, clock)

    @router.post("/bank-statements", openapi_extra=NDJSON_BODY)
    async def record_statement(
        request: Request, caller: Annotated[Caller, scope("payments.bank_statements.write")]
    ) -> Response:
        """Register statement lines by bank and reference.

        Answers one line for each: RECORDED, REPEATED (harmless), UNIDENTIFIED (it waits in the pool) or REJECTED with a
        problem; a rejected line does not stop the others. The same body under the same key goes on where it broke off.
        """
        caller.require_role("custodian_bank")
        meta = meta_of(request, caller, court=None, role="custodian_bank")
        results = [result async for result in desk.results(request, caller, meta)]
        if not results:
            raise RequestInvalid("The body has no lines.", field="body")
        return Response(b"".join(orjson.dumps(result) + b"\n" for result in results), media_type=MEDIA_TYPE)

    return router


@dataclass(frozen=True, slots=True)
class Whose:
    """Which case a line's numbers name, and in which court's books it stands."""

    court: str
    case_id: str | None
    by_account: bool


class StatementDesk:
    """Takes the lines of one body, many at a time."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        """Write to this journal."""
        self._journal = journal
        self._clock = clock

    async def results(self, request: Request, caller: Caller, meta: CommandMeta) -> AsyncIterator[dict[str, Any]]:
        """Yield the result of every line, in their order."""
        batch: list[Line] = []
        async for line in ndjson_lines(request):
            batch.append(line)
            if len(batch) == LINES_AT_ONCE:
                for result in await self._together(batch, caller, meta):
                    yield result
                batch = []
        for result in await self._together(batch, caller, meta):
            yield result

    async def _together(self, batch: list[Line], caller: Caller, meta: CommandMeta) -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(self._taken(line, caller, meta) for line in batch)))

    async def _taken(self, line: Line, caller: Caller, meta: CommandMeta) -> dict[str, Any]:
        reference: str | None = None
        try:
            booked = booked_line(read_line(line, bank_id=caller.organisation, now=self._clock.now()))
            reference = booked.reference
            own = replace(meta.step(str(line.number)), fingerprint=sha256_hex(line.text.strip()))
            result = await self._recorded(booked, caller, own)
        except (Transient, KeyReused):
            # Not an answer about this line: the whole request is repeated, or was a mistake as a whole.
            raise
        except ZhixingError as error:
            result = {"status": "REJECTED", "problem": line_problem(error)}
        LINES.labels(result["status"]).inc()
        return {"line": line.number, "reference": reference, **result}

    async def _recorded(self, line: BookedLine, caller: Caller, meta: CommandMeta) -> dict[str, Any]:
        stream = incoming_stream(line.bank_id, line.reference)
        known: Folded[Incoming] = await self._journal.fold(stream, court=None)
        whose = await self._whose(line, caller)
        command = RecordLine(line, whose.case_id, "ACCOUNT_NUMBER" if whose.by_account else "CASE_NUMBER")
        # A reference stays in the books it was first registered in, whatever its numbers name today.
        court = known.court if known.seq else whose.court
        outcome: Outcome[Incoming] = await self._journal.execute(stream, command, replace(meta, court=court))
        return _result(line, outcome)

    async def _whose(self, line: BookedLine, caller: Caller) -> Whose:
        bank: Folded[Custodian] = await self._journal.fold(custodian_stream(line.bank_id), court=None)
        keeps = bank.state.court_of(line.account_number)
        for name, by_account in ((line.account_number, True), (line.case_hint, False)):
            if name is None:
                continue
            bound: Folded[Name] = await self._journal.fold(name_stream(name), court=None)
            # A case account is credited only by the bank that keeps it; a case number in a remark may come from any.
            kept = not by_account or keeps == bound.state.court
            if bound.seq and kept and caller.may_act_in(bound.state.court):
                return Whose(bound.state.court, bound.state.case_id, by_account)
        return Whose(_pool(keeps, caller), None, by_account=False)


def _pool(keeps: str | None, caller: Caller) -> str:
    """Return the court whose pool takes a line that names no case: whose account it is, else the token's court."""
    if keeps is not None and caller.may_act_in(keeps):
        return keeps
    named = sorted(caller.courts - {EVERY_COURT})
    return named[0] if len(named) == 1 else NATIONAL


def _result(line: BookedLine, outcome: Outcome[Incoming]) -> dict[str, Any]:
    state = outcome.state
    known = {"incoming_id": incoming_id_of(line.bank_id, line.reference)}
    if not state.repeats(line):
        assert state.line is not None
        log.error("statement_line_conflict", bank_id=line.bank_id, reference=line.reference)
        conflict = StatementLineConflict(
            f"It was registered with {state.line.amount_fen} fen, the line says {line.amount_fen} fen.",
            field="reference",
            registered_fen=state.line.amount_fen,
        )
        return {"status": "REJECTED", **known, "problem": line_problem(conflict)}
    if not outcome.events:
        return {"status": "REPEATED", **known, "case_id": state.case_id}
    if state.case_id is None:
        return {"status": "UNIDENTIFIED", **known}
    return {"status": "RECORDED", **known, "case_id": state.case_id}
