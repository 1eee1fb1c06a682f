"""A copy of the tree to be sabotaged: what git knows or would add, as it stands on the disk, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sabotage.patches import ROOT, Patch

PACKAGES = {name: name for name in ("libs", "services", "devstack")} | {"zhixing_feed": "clients/python/zhixing_feed"}
"""Where each package lies in the tree."""

_WHERE = f"import {', '.join(PACKAGES)}; print(*(each.__path__[0] for each in ({', '.join(PACKAGES)})), sep='\\n')"


class WrongTree(Exception):
    """Programs that run in the copy import the product from elsewhere: every patch would survive."""


class Tree:
    """One copy, used by one trial at a time."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Copy the tree to `folder`; programs run there find it first, then `environment`. Raises `WrongTree`."""
        self.folder = folder
        # Bytecode of a sabotaged file must not outlive it.
        path = os.pathsep.join((str(folder), str(folder / "clients/python")))
        self.environment = {**os.environ, **environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        for name in _files():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        self._prove()
        self._compile()

    def _compile(self) -> None:
        # Compiled once and believed by the hash of its source, so that no trial compiles more than what it sabotages.
        command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", *PACKAGES.values()]
        subprocess.run(command, cwd=self.folder, check=True)  # noqa: S603 -- our own interpreter

    def _prove(self) -> None:
        # The environment may hold the tree itself as an editable install, whose finder answers for the same names.
        done = subprocess.run(  # noqa: S603 -- our own interpreter with a text from above
            [sys.executable, "-c", _WHERE],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found = done.stdout.split()
        if found != [str(self.folder / place) for place in PACKAGES.values()]:
            raise WrongTree(f"imported from {', '.join(found)} instead of {self.folder}")

    @contextmanager
    def sabotaged(self, patch: Patch) -> Iterator[None]:
        """Inside, the patch is applied; then the file is what it was. Raises `ValueError` if it does not apply."""
        target = self.folder / patch.file
        original, times = target.read_bytes(), target.stat()
        target.write_text(patch.applied(original.decode()))
        try:
            yield
        finally:
            target.write_bytes(original)
            os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))


def _files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 -- git is on the path of who has a tree
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
