"""`docs/rules.md`: every rule that code or tests cite, with its article, where it lives and which tests prove it."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devstack.runs import ROOT

REGISTER = ROOT / "docs" / "rules.toml"
NUMBER = re.compile(r"R-[A-Z]{3}-\d{2}")
_ORDER = ("GEN", "INT", "INQ", "AUC", "PAY", "CRB", "CMD", "REM")
_HEAD = """\
# Rules

Written by `make docs` from `docs/rules.toml`, the code and the tests. "Lives in" names the modules that cite the rule,
"proved by" the files with tests that carry its number.

| Rule | Article | What it says | Lives in | Proved by |
|---|---|---|---|---|
"""


@dataclass(slots=True)
class Citations:
    """Where one rule is cited."""

    modules: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)


def register() -> dict[str, dict[str, str]]:
    """The committed register: number -> article, says."""
    return tomllib.loads(REGISTER.read_text())


def cited(root: Path = ROOT) -> dict[str, Citations]:
    """Every rule number that a module of the product names or a test is marked with, and where."""
    found: dict[str, Citations] = defaultdict(Citations)
    for folder in ("libs", "services"):
        for path in sorted((root / folder).rglob("*.py")):
            for number in set(NUMBER.findall(path.read_text())):
                found[number].modules.add(str(path.relative_to(root)))
    for path in sorted((root / "tests").rglob("test_*.py")):
        for number in _marks(ast.parse(path.read_text())):
            found[number].tests.add(str(path.relative_to(root)))
    return dict(found)


def write(docs: Path) -> None:
    """Write `rules.md`; a number that the register lacks stands there with a dash, and a test objects to it."""
    known, found = register(), cited()
    rows = []
    for number in sorted(found, key=_position):
        entry, where = known.get(number, {}), found[number]
        cells = (number, entry.get("article", "—"), entry.get("says", "—"), _links(where.modules), _links(where.tests))
        rows.append(f"| {' | '.join(cells)} |\n")
    (docs / "rules.md").write_text(_HEAD + "".join(rows))


def _links(paths: set[str]) -> str:
    return "<br>".join(f"[{path}](../{path})" for path in sorted(paths)) or "—"


def _position(number: str) -> tuple[int, str]:
    part = number.split("-")[1]
    return (_ORDER.index(part) if part in _ORDER else len(_ORDER), number)


def _marks(tree: ast.Module) -> Iterator[str]:
    """The numbers of every `rule(...)` mark: of a test, a class, a parameter set or the whole module."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "rule":
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield from NUMBER.findall(argument.value)
