"""The folders below `.devstack/`: one per run, held while it lives, cleared when nobody holds it."""

import fcntl
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.errors import StackUnavailable

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / ".devstack"
CURRENT = RUNS / "current.env"
CURRENT_HOUSE = RUNS / "current.json"


def fresh_name(purpose: str) -> str:
    """A name for a run that nobody will ask for again."""
    return f"{purpose}-{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(2)}"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a run's folder while its programs live; the kernel lets go when this process dies, however it dies.

    Raises `StackUnavailable` when another process holds it: two brokers on one data folder would destroy it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackUnavailable(f"Another process is using {folder}: stop it or choose another run.") from None
        yield


def clear(runs: Path = RUNS) -> list[str]:
    """Remove every run that no process holds; the names of what was kept."""
    kept = []
    for folder in sorted(path for path in runs.glob("*") if path.is_dir()):
        try:
            with hold(folder):
                shutil.rmtree(folder)
        except StackUnavailable:
            kept.append(folder.name)
    return kept


def drop_data(folder: Path) -> None:
    """Remove the data of a finished run and leave its logs; a run that has none leaves nothing."""
    for data in folder.glob("*/data"):
        shutil.rmtree(data, ignore_errors=True)
    if [path.name for path in folder.iterdir()] == ["run.lock"]:
        shutil.rmtree(folder)
