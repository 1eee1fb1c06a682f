"""Runs a service: uvicorn on uvloop, ended gracefully by SIGTERM."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import uvicorn
from fastapi import FastAPI

from libs.web.settings import WebSettings

S = TypeVar("S", bound=WebSettings)


def run(build: Callable[[S], FastAPI], settings: S) -> None:
    """Build the application and serve it until SIGTERM or SIGINT; requests in flight get their answers."""
    uvicorn.run(
        build(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=settings.stop_seconds_max,
    )
