"""One patch on trial: its named tests run on a sabotaged copy, and at least one must fail, not merely break."""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sabotage.patches import Patch
from sabotage.tree import Tree

TEST_SECONDS_MAX = 60
"""A promise that is broken so that its test hangs is broken all the same; no test on the list needs as long."""
TRIAL_SECONDS_MAX = 240

FAILED = 1
"""pytest's exit code when tests ran and some failed; 2 and above say that none ran as they should."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`red` is what is wanted. `said` is the failure's first line, or why there was none."""

    patch: Patch
    red: bool
    said: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """What pytest said: its exit code, the failures and errors by test, in one line each, and the end of its output."""

    code: int
    failures: dict[str, str]
    errors: dict[str, str]
    output: str


def tried(patch: Patch, tree: Tree) -> Verdict:
    """Return whether the patch was found out."""
    began = time.monotonic()
    try:
        with tree.sabotaged(patch):
            broken = undefined_names(tree.folder / patch.file)
            report = None if broken else run_tests(tree, patch.tests, "-x")
            if report is not None and report.code and not report.failures:
                # A broker that was slow to let a fixture in has judged nothing: asked once more.
                report = run_tests(tree, patch.tests, "-x")
    except ValueError as error:
        return Verdict(patch, red=False, said=f"did not apply: {error}", seconds=0.0)
    seconds = time.monotonic() - began
    if report is None:
        return Verdict(patch, red=False, said=f"the patch itself is broken: {broken}", seconds=seconds)
    if report.code == FAILED and report.failures:
        return Verdict(patch, red=True, said=next(iter(report.failures.values())), seconds=seconds)
    if report.code == 0:
        return Verdict(patch, red=False, said=f"SURVIVED: {patch.promise}", seconds=seconds)
    broke = next(iter(report.errors.values()), report.output[-300:])
    return Verdict(patch, red=False, said=f"no test failed, pytest broke ({report.code}): {broke}", seconds=seconds)


def run_tests(tree: Tree, tests: Sequence[str], *options: str) -> Report:
    """Run tests in a copy and return what became of them."""
    with TemporaryDirectory() as scratch:
        results = Path(scratch) / "results.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS_MAX}"]
        # Hypothesis' profile for machines of others: the same examples each time, and no complaint about a slow one.
        command.append("--hypothesis-profile=ci")
        try:
            done = subprocess.run(  # noqa: S603 -- pytest with tests of our own list
                [*command, f"--junitxml={results}", *options, *tests],
                cwd=tree.folder,
                env=tree.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TRIAL_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Report(-1, {}, {}, f"not over after {TRIAL_SECONDS_MAX} s")
        if not results.exists():
            return Report(done.returncode, {}, {}, done.stdout)
        cases = list(ET.parse(results).iter("testcase"))  # noqa: S314 -- pytest wrote it a moment ago
        return Report(done.returncode, _of_kind(cases, "failure"), _of_kind(cases, "error"), done.stdout)


def _of_kind(cases: Sequence[ET.Element], kind: str) -> dict[str, str]:
    return {
        f"{case.get('classname')}::{case.get('name')}": " ".join((found.get("message") or kind).split())[:200]
        for case in cases
        if (found := case.find(kind)) is not None
    }


def undefined_names(path: Path) -> str:
    """Return what a linter says of names that are not there: a `NameError` would fail a test too, and prove nothing."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--quiet",
        "--select",
        "F821,E9",
        "--output-format",
        "concise",
    ]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)  # noqa: S603 -- a linter
    return done.stdout.strip()
