"""Documents that are written from the code: rewritten by `make docs`, compared by `make check`.

A generator is a function that writes its files below the folder it is given. Its part of `docs/` belongs to it alone: a
file that it no longer writes is removed.
"""

import filecmp
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from devstack.runs import ROOT

DOCS = ROOT / "docs"
Generator = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One file or folder of `docs/` and the function, `module:name`, that writes it."""

    path: str
    generator: str

    def write(self, docs: Path) -> None:
        """Call the generator with the folder that stands for `docs/`."""
        module, name = self.generator.split(":")
        generate: Generator = getattr(import_module(module), name)
        generate(docs)


PARTS: tuple[Part, ...] = (
    Part("rules.md", "devstack.documents.rules:write"),
    Part("errors.md", "devstack.documents.errors:write"),
    Part("api", "devstack.documents.apis:write"),
)


def differences(docs: Path = DOCS, parts: tuple[Part, ...] = PARTS) -> list[str]:
    """The files that `make docs` would add, change or remove."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        for part in parts:
            part.write(fresh)
        found = []
        for part in parts:
            names = _files(docs, part.path) | _files(fresh, part.path)
            _, changed, missing = filecmp.cmpfiles(docs, fresh, sorted(names), shallow=False)
            found += [f"docs/{name}" for name in changed + missing]
    return sorted(found)


def rewrite(docs: Path = DOCS, parts: tuple[Part, ...] = PARTS) -> None:
    """Write every part anew."""
    for part in parts:
        target = docs / part.path
        if target.is_dir():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        part.write(docs)


def _files(docs: Path, path: str) -> set[str]:
    target = docs / path
    found = [target] if target.is_file() else [file for file in target.rglob("*") if file.is_file()]
    return {str(file.relative_to(docs)) for file in found}
