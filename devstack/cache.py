"""Where downloads are kept between runs, and how two runs share them without stepping on each other."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """The folder of this user's downloads: `ZHIXING_CACHE`, else `zhixing` below the XDG cache folder."""
    if own := os.environ.get("ZHIXING_CACHE"):
        return Path(own).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().resolve() / "zhixing"


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file: the second of two fresh clones waits instead of downloading the same twice."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
