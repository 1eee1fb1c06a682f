"""`python -m libs.testing.simulators --config FILE`: start the partners and run until SIGTERM or SIGINT.

Prints one line of JSON, `{"ready": {name: url}}`, when all are up. With `PORT` set, `/livez` answers there too.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import Part, World

MODULES = ("custodian", "agencies", "messages", "subscribers")


def parts_of(config: Mapping[str, Any], world: World) -> list[Part]:
    """Return the parts that the configuration names, of every module that is there."""
    found: list[Part] = []
    for name in MODULES:
        module = f"libs.testing.simulators.{name}"
        if importlib.util.find_spec(module) is not None:
            found += importlib.import_module(module).parts(config, world)
    return found


async def run(config: Mapping[str, Any]) -> None:
    """Start all parts, say so, wait for the signal, stop them in the reverse order."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with AsyncExitStack() as running:
        parts = parts_of(config, World.from_config(config))
        for part in parts:
            running.push_async_callback(part.stop)
            await part.start()
        ready = {part.name: part.url for part in parts}
        if port := os.environ.get("PORT"):
            door = HttpServer(_door(ready), int(port))
            running.push_async_callback(door.stop)
            await door.start()
        sys.stdout.write(json.dumps({"ready": ready}) + "\n")
        sys.stdout.flush()
        await ended.wait()


def _door(ready: Mapping[str, str]) -> Starlette:
    async def livez(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "alive", "parts": ready})

    return Starlette(routes=[Route("/livez", livez)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m libs.testing.simulators", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="JSON file that names the partners")
    config = json.loads(parser.parse_args(arguments).config.read_text())
    asyncio.run(run(config))


if __name__ == "__main__":
    main()
