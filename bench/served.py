"""One of the servers of letters (a) and (b) as a process: `python -m bench.served small|textbook|bare|intake`.

With `PROFILE=<file>` in the environment cProfile watches the whole run, in CPU time, and writes there when SIGTERM ends
it.
"""

from __future__ import annotations

import cProfile
import os
import sys
import time
from collections.abc import Callable

from libs.web import run


def small() -> None:
    """Serve the product's small service."""
    from bench.small_service import BoxesSettings, build  # noqa: PLC0415 -- each process loads only what it serves

    run(build, BoxesSettings())


def textbook() -> None:
    """Serve the textbook service."""
    from bench.small_service import BoxesSettings  # noqa: PLC0415 -- as above
    from bench.textbook_service import build  # noqa: PLC0415 -- as above

    run(build, BoxesSettings())


def intake() -> None:
    """Serve intake as `python -m services.intake` does."""
    from services.intake.main import build  # noqa: PLC0415 -- as above
    from services.intake.settings import IntakeSettings  # noqa: PLC0415 -- as above

    run(build, IntakeSettings())


def bare() -> None:
    """Serve the bare routes."""
    from bench.bare_route import serve  # noqa: PLC0415 -- as above

    serve()


SERVERS: dict[str, Callable[[], None]] = {each.__name__: each for each in (small, textbook, intake, bare)}

if __name__ == "__main__":
    server = SERVERS[sys.argv[1]]
    if target := os.environ.get("PROFILE"):
        profile = cProfile.Profile(time.thread_time)
        profile.runcall(server)
        profile.dump_stats(target)
    else:
        server()
