"""Runs the letters on one stack, prints a table and writes `.bench/latest.json`.

    python -m bench [LETTERS]        # `python -m bench cd` measures (c) and (d) and keeps the other letters' answers

A letter is a module `bench/<letter>_<subject>.py` with `TITLE` and `async def measure(stack) -> Letter`. Every letter
runs in a process of its own, so that no one's caches, threads and garbage are measured with another's work.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench.letter import Letter
from devstack.stack import Stack

HERE = Path(__file__).parent
LATEST = HERE.parent / ".bench" / "latest.json"


def modules() -> dict[str, str]:
    """Return the module of each letter."""
    return {path.stem[0]: path.stem for path in sorted(HERE.glob("[a-z]_*.py"))}


def measure_one(letter: str) -> None:
    """Measure one letter on the stack that the environment names and print its answer as JSON."""
    module = importlib.import_module(f"bench.{modules()[letter]}")
    with Stack() as stack:
        answer: Letter = uvloop.run(module.measure(stack))
    print(json.dumps(asdict(answer), ensure_ascii=False))


def measured(letter: str, stack: Stack) -> dict[str, Any]:
    """Measure one letter in a process of its own. Raises `CalledProcessError` if it broke."""
    environment = {**os.environ, "KAFKA_BOOTSTRAP": stack.kafka_bootstrap, "MONGO_URI": stack.mongo_uri}
    command = [sys.executable, "-m", "bench", "--one", letter]
    done = subprocess.run(command, env=environment, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 -- ourselves
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def conditions() -> dict[str, Any]:
    """Return what the figures depend on besides the code."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def row(letter: str, title: str, answer: dict[str, Any]) -> tuple[str, ...]:
    """Return one line of the table."""
    verdict = "[green]holds[/]" if answer["holds"] else "[red]missed[/]"
    return letter, title, f"{answer['ratio']:.2f}", f"{answer['goal']:.2f}", verdict, "\n".join(answer["notes"])


def main() -> int:
    """Measure the letters asked for; exit code 1 if a goal was missed."""
    if sys.argv[1:2] == ["--one"]:
        measure_one(sys.argv[2])
        return 0
    known = modules()
    asked = [letter for letter in known if letter in "".join(sys.argv[1:])] if sys.argv[1:] else list(known)
    console = Console()
    table = Table("", "what", "ratio", "goal", "", "figures", title="bench", show_lines=True)
    answers: dict[str, Any] = json.loads(LATEST.read_text()) if LATEST.exists() and sys.argv[1:] else {}
    before = conditions()
    with Stack(own=True, say=console.print) as stack:
        for letter in asked:
            title = importlib.import_module(f"bench.{known[letter]}").TITLE
            began = time.monotonic()
            with console.status(f"({letter}) {title}"):
                answer = measured(letter, stack)
            answer["raw"] |= {"conditions": before, "seconds": round(time.monotonic() - began, 1)}
            answers[letter] = answer
            console.print(f"({letter}) {title}: {answer['ratio']:.2f}, {time.monotonic() - began:.0f} s")
            table.add_row(*row(letter, title, answer))
    console.print(table)
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(answers, indent=1, ensure_ascii=False))
    return 0 if all(answers[letter]["holds"] for letter in asked) else 1


if __name__ == "__main__":
    raise SystemExit(main())
