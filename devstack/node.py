"""One program of the stack that can be stopped, killed, paused and brought back on the same port and data."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

from devstack.errors import NotOurs, StackUnavailable
from devstack.lifeline import last_lines, spawn
from devstack.ports import wait_until_closed

STOP_SECONDS = 20.0


class Node(Protocol):
    """What a test may do to the broker or the database, wherever it runs."""

    @property
    def pid(self) -> int | None:
        """The process id, or None when it does not run or does not run on this machine."""

    def start(self) -> None:
        """Bring it back on the same port and data and return when it answers."""

    def stop(self) -> None:
        """End it in order (SIGTERM)."""

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay open and nothing answers."""

    def resume(self) -> None:
        """Let a frozen one run on (SIGCONT)."""


class NativeNode(ABC):
    """A program of this machine, started by us, whose life ends with ours at the latest."""

    def __init__(self, name: str, port: int, folder: Path) -> None:
        """Nothing is started; `folder` holds data and the log and outlives restarts."""
        self.name = name
        self.port = port
        self.folder = folder
        self.log = folder / f"{name}.log"
        self.ready_seconds = 0.0
        self.env: dict[str, str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._launched_at = 0.0

    @abstractmethod
    def command(self) -> list[str | Path]:
        """The command line; data folders exist and are formatted when this returns."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it serves requests now; cheap, and False rather than an exception while it comes up."""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        """Whether the process is there (it may still be coming up, or be paused)."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start the process and return at once; `wait_ready` waits for it."""
        if self.running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._launched_at = time.monotonic()
        self._process = spawn(self.command(), log=self.log, env=self.env)

    def wait_ready(self, deadline_s: float = 60) -> None:
        """Wait until it answers; raises `StackUnavailable` with the end of its log if it ends or stays mute."""
        until = time.monotonic() + deadline_s
        while time.monotonic() < until:
            if self.poll_ready():
                return
            time.sleep(0.05)
        raise self.mute(deadline_s)

    def mute(self, deadline_s: float) -> StackUnavailable:
        """The error for a program that runs and does not answer."""
        tail = last_lines(self.log)
        return StackUnavailable(f"{self.name} did not answer within {deadline_s:.0f} s; the end of {self.log}:\n{tail}")

    def poll_ready(self) -> bool:
        """Whether it answers by now; raises `StackUnavailable` with the end of its log if it has ended."""
        if not self.running:
            message = f"{self.name} ended while starting; the end of {self.log}:\n{last_lines(self.log)}"
            raise StackUnavailable(message)
        if not self.answers():
            return False
        self.ready_seconds = time.monotonic() - self._launched_at
        return True

    def start(self) -> None:
        """Bring it up on its port and data and return when it answers."""
        self.launch()
        self.wait_ready()

    def ask_to_end(self) -> None:
        """Send SIGTERM and return at once, so that several can end side by side; `stop` waits."""
        self.resume()
        self._send(signal.SIGTERM)

    def stop(self) -> None:
        """End it in order; after `STOP_SECONDS` it is killed, so that nothing is left behind."""
        self.resume()
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen one run on."""
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self.running:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._send(number)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        wait_until_closed(self.port)


class ForeignNode:
    """A broker or database named by the environment: it is used and never harmed."""

    pid: int | None = None

    def __init__(self, name: str) -> None:
        """`name` appears in the refusal."""
        self.name = name

    def start(self) -> None:
        """Refused: it is not ours."""
        self._refuse()

    stop = kill = pause = resume = start

    def _refuse(self) -> None:
        message = f"{self.name} comes from the environment; a fault test needs one of its own (unset its variable)."
        raise NotOurs(message)
