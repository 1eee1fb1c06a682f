"""The programs of the drill as processes that are struck, and what each of them has said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devstack.lifeline import last_lines, spawn
from devstack.runs import ROOT

END_SECONDS = 30.0
LOOK_SECONDS = 0.05


def until(condition: Callable[[], Any], seconds: float, what: str | Callable[[], str]) -> Any:
    """Return the condition's first true answer; fail, saying what was waited for, if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {seconds:.0f} s: {what if isinstance(what, str) else what()}")
        time.sleep(LOOK_SECONDS)
    return answer


class Program:
    """One program of the drill: started, struck, started again; its lines stay over all its lives."""

    def __init__(self, folder: Path, name: str, program: str, options: Mapping[str, Any]) -> None:
        """`options` become `--name value`; None leaves one out, True gives a bare one. Nothing is started yet."""
        self.name = name
        self.options = dict(options)
        self._program = program
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, **changes: Any) -> None:
        """Start it, with these options changed for this life only."""
        assert not self.running, f"{self.name} runs already"
        options = {**self.options, **{name.replace("_", "-"): value for name, value in changes.items()}}
        words = [word for name, value in options.items() for word in _words(name, value)]
        command = [sys.executable, "-m", "libs.testing.drill", self._program, *words]
        self._process = spawn(command, log=self._log, env={**os.environ, "PYTHONPATH": str(ROOT)})

    @property
    def running(self) -> bool:
        """Whether the process is there, be it paused."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of this life."""
        assert self._process is not None
        return self._process.pid

    @property
    def stopped(self) -> bool:
        """Whether it stands still (SIGSTOP)."""
        status = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return status == "T"

    def kill(self) -> None:
        """End it as a power cut would."""
        self._send(signal.SIGKILL)
        self._wait()

    def pause(self) -> None:
        """Freeze it: its connections stay open and it does nothing."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run on."""
        self._send(signal.SIGCONT)

    def end(self) -> None:
        """End it in order; it must do so in time."""
        self.resume()
        self._send(signal.SIGTERM)
        self._wait()

    def lines(self) -> list[dict[str, Any]]:
        """Return what it has said until now, whole lines only."""
        if not self._log.exists():
            return []
        whole = self._log.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith(b'{"drill"')]

    def said(self, name: str) -> list[Any]:
        """Return every fact of this name that it has said."""
        return [line[name] for line in self.lines() if name in line]

    def until_said(self, name: str, seconds: float = 30.0) -> Any:
        """Wait until it has said a fact of this name; return the last one. Fails at once if it has ended mute."""

        def found() -> list[Any]:
            ended = not self.running
            said = self.said(name)
            assert said or not ended, f"{self.name} ended without a word of {name}:\n{last_lines(self._log)}"
            return said

        return until(found, seconds, lambda: f"{self.name} says {name}; its log ends with\n{last_lines(self._log)}")[-1]

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self.running:
            self._process.send_signal(number)

    def _wait(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            message = f"{self.name} did not end in {END_SECONDS:.0f} s:\n{last_lines(self._log)}"
            raise AssertionError(message) from None


class Crew:
    """The programs of one test."""

    def __init__(self, folder: Path) -> None:
        """Their logs go to `folder`."""
        self._folder = folder
        self.programs: list[Program] = []

    def add(self, name: str, program: str, options: Mapping[str, Any], **life: Any) -> Program:
        """Make a program and start it; `life` holds only for its first life."""
        made = Program(self._folder, name, program, options)
        self.programs.append(made)
        made.launch(**life)
        return made


@contextmanager
def crew(folder: Path) -> Iterator[Crew]:
    """Give a crew; whatever happens, nobody of it is left behind."""
    made = Crew(folder)
    try:
        yield made
    finally:
        for program in made.programs:
            program.kill()


def _words(name: str, value: Any) -> list[str]:
    if value is None or value is False:
        return []
    return [f"--{name}"] if value is True else [f"--{name}", str(value)]
