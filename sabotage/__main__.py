"""`python -m sabotage [NAME …]`: every patch, or those whose names hold one of the words, each on a copy of the tree.

The clean copy is green on all named tests first. Exit code 1 if a patch survives, does not apply, or breaks the import
instead of the promise.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from devstack.errors import StackUnavailable
from devstack.stack import Stack
from sabotage.patches import Patch, flaws, load
from sabotage.tree import Tree
from sabotage.trial import Verdict, run_tests, tried

SIDE_BY_SIDE = 2
"""Copies that are tried at once: a test on the real broker waits more than it works."""

SHOWN_MAX = 20

console = Console(stderr=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 160)


def chosen(words: Sequence[str]) -> list[Patch]:
    """Return the patches that were asked for; all without a word."""
    return [patch for patch in load() if not words or any(word in patch.name for word in words)]


@contextmanager
def copies() -> Iterator[list[Tree]]:
    """One stack and the copies that use it; all gone at the end."""
    with TemporaryDirectory(prefix="sabotage-") as folder, Stack(say=console.print) as stack:
        addresses = {"KAFKA_BOOTSTRAP": stack.kafka_bootstrap, "MONGO_URI": stack.mongo_uri}
        yield [Tree(Path(folder).resolve() / f"copy{number}", addresses) for number in range(SIDE_BY_SIDE)]


def clean_run(tree: Tree, patches: Sequence[Patch]) -> bool:
    """Whether all named tests pass before anything is broken; says which do not."""
    tests = sorted({test for patch in patches for test in patch.tests})
    began = time.monotonic()
    console.print(f"The clean tree: {len(tests)} named tests …")
    report = run_tests(tree, tests, "-n", str(SIDE_BY_SIDE), "--dist", "loadfile")
    for test, said in list({**report.failures, **report.errors}.items())[:SHOWN_MAX]:
        console.print(f"[red]red on the clean tree[/]: {test}: {said}", highlight=False)
    if report.code and not report.failures and not report.errors:
        console.print(report.output[-2000:], markup=False, highlight=False)
    if report.code == 0:
        console.print(f"[green]green[/] in {time.monotonic() - began:.0f} s")
    return report.code == 0


def trials(patches: Sequence[Patch], trees: Sequence[Tree]) -> list[Verdict]:
    """Try every patch, each on a copy that nobody else uses meanwhile, and show how it goes."""
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, ThreadPoolExecutor(len(trees)) as pool:
        bar = progress.add_task("patches", total=len(patches))

        def one(patch: Patch) -> Verdict:
            tree = free.get()
            try:
                verdict = tried(patch, tree)
            finally:
                free.put(tree)
            progress.advance(bar)
            mark, said = ("[green]✔[/]", "") if verdict.red else ("[red]✘[/]", f": {_plain(verdict.said)}")
            progress.console.print(f"{mark} {patch.name} {verdict.seconds:.0f} s{said}", highlight=False)
            return verdict

        pending = [pool.submit(one, patch) for patch in patches]
        try:
            return [each.result() for each in pending]
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


def table(verdicts: Sequence[Verdict]) -> Table:
    """Return what became of each patch."""
    shown = Table("patch", "file", "found out by", "how", "s", title="Sabotage")
    for verdict in verdicts:
        patch = verdict.patch
        mark = "[green]red[/]" if verdict.red else "[bold red]NOT RED[/]"
        tests = "\n".join(test.rpartition("::")[2] for test in patch.tests)
        shown.add_row(patch.name, patch.file, tests, f"{mark} {_plain(verdict.said)}", f"{verdict.seconds:.0f}")
    return shown


def _plain(text: str) -> str:
    return text.replace("[", r"\[")[:120]


def main(
    words: Annotated[list[str] | None, typer.Argument(help="Names of patches, or parts of names.")] = None,
) -> None:
    """Break promises one by one and see that the tests notice."""
    patches = chosen(words or [])
    if not patches:
        console.print(f"No patch is named like {', '.join(words or [])}.")
        raise typer.Exit(2)
    rotten = [flaw for flaw in flaws(load()) if any(flaw.startswith(f"{patch.name}:") for patch in patches)]
    for flaw in rotten:
        console.print(f"[red]✘[/] {flaw}", highlight=False)
    if rotten:
        raise typer.Exit(1)
    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with copies() as trees:
            if not clean_run(trees[0], patches):
                raise typer.Exit(1)
            verdicts = trials(patches, trees)
    except StackUnavailable as error:
        console.print(f"[red]✘[/] {error}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped.")
        raise typer.Exit(130) from None
    console.print(table(verdicts))
    found_out = sum(verdict.red for verdict in verdicts)
    console.print(f"{found_out} of {len(verdicts)} patches were found out, in {time.monotonic() - began:.0f} s.")
    raise typer.Exit(0 if found_out == len(verdicts) else 1)


if __name__ == "__main__":
    typer.run(main)
