"""The committed list of patches, and what must be true of it without running anything: it must not rot."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("patches.toml")

ROOMS = ("libs/journal", "libs/bus", "libs/web", "services/payments", "services/asset_inquiry")
"""What carries the bureau's money and its evidence: each of them is sabotaged several times."""
PATCHES_MIN = 20
PATCHES_PER_ROOM_MIN = 3


@dataclass(frozen=True, slots=True)
class Patch:
    """`old` stands exactly once in `file`; with `new` in its place the promise is broken, and one of `tests` fails."""

    name: str
    promise: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """Return the sabotaged text of the file. Raises `ValueError` unless `old` stands in it exactly once."""
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: the old line stands {count} times in {self.file}, once is needed")
        return text.replace(self.old, self.new)


def load(path: Path = LIST) -> list[Patch]:
    """Return the list in its order."""
    rows = tomllib.loads(path.read_text())["patch"]
    return [Patch(**{**row, "tests": tuple(row["tests"])}) for row in rows]


def flaws(patches: Sequence[Patch], root: Path = ROOT) -> list[str]:
    """Return a sentence for everything that is wrong with the list beside the tree: lines, tests, names, numbers."""
    found = [flaw for patch in patches for flaw in _flaws(patch, root)]
    names = [patch.name for patch in patches]
    found += [f"{name}: two patches have this name" for name in sorted({one for one in names if names.count(one) > 1})]
    found += [
        f"{room}: {count} patches, at least {PATCHES_PER_ROOM_MIN} are needed"
        for room in ROOMS
        if (count := sum(patch.file.startswith(f"{room}/") for patch in patches)) < PATCHES_PER_ROOM_MIN
    ]
    if (count := sum(patch.file.startswith(ROOMS) for patch in patches)) < PATCHES_MIN:
        found.append(f"{count} patches, at least {PATCHES_MIN} are needed")
    return found


def _flaws(patch: Patch, root: Path) -> Iterator[str]:
    if "\n" in patch.old.strip("\n") or "\n" in patch.new.strip("\n") or patch.old == patch.new:
        yield f"{patch.name}: a patch changes one line"
    path = root / patch.file
    if not path.is_file():
        yield f"{patch.name}: there is no {patch.file}"
        return
    try:
        compile(patch.applied(path.read_text()), patch.file, "exec")
    except (ValueError, SyntaxError) as error:
        yield str(error) if isinstance(error, ValueError) else f"{patch.name}: the sabotaged file is no Python: {error}"
    if not patch.tests:
        yield f"{patch.name}: it names no test"
    yield from (f"{patch.name}: there is no test {test}" for test in patch.tests if not _exists(test, root))


def _exists(test: str, root: Path) -> bool:
    file, _, function = test.partition("::")
    return function.rpartition("::")[2].partition("[")[0] in _functions(root / file)


@cache
def _functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
