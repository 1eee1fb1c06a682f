"""The rival of letter (a): FastAPI routes that parse the same bodies with the same models, and nothing else."""

from __future__ import annotations

import os

import uvicorn
from fastapi import FastAPI

from bench.boxes import DEPOSITS, BoxPath, Deposit
from libs.foundation.garbage import collect_rarely
from libs.web import CourtPath
from services.intake.api.rosters import RosterBody


def build() -> FastAPI:
    """Return the application."""
    app = FastAPI()

    @app.post("/v1" + DEPOSITS, status_code=201)
    async def put_in(box: BoxPath, body: Deposit) -> dict[str, str | int]:
        return {"box": box, "total_fen": body.amount_fen, "deposits": 1}

    @app.put("/v1/courts/{court}/roster")
    async def put_roster(court: CourtPath, body: RosterBody) -> dict[str, str | int]:
        return {"court": court, "officers": len(body.officers)}

    return app


def serve() -> None:
    """Serve as `libs.web.run` does: uvloop, httptools, no access log, and the same rare garbage collection."""
    collect_rarely()
    uvicorn.run(
        build(),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
