"""Services and simulators as processes of their own, for the demo, the end-to-end tests and the fault tests.

Every process has a port, a log under the run's `logs/`, settings from the environment only, and a life that ends with
ours at the latest. Faults are done to it from outside: signals, never a switch in its code.
"""

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from devstack.errors import StackUnavailable
from devstack.node import NativeNode
from devstack.ports import LOOPBACK, free_ports
from devstack.runs import ROOT

Progress = Callable[[str, float], None]
READY_SECONDS = 60.0
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TZ", "VIRTUAL_ENV", "SSL_CERT_FILE")


class Program(NativeNode):
    """One Python module that serves HTTP; ready when its readiness path answers 200."""

    def __init__(self, name: str, module: str, folder: Path, env: Mapping[str, str], ready_path: str) -> None:
        """A free port is chosen now and kept over restarts."""
        super().__init__(name, free_ports(1)[0], folder)
        self.module = module
        self.arguments: Sequence[str] = ()
        self.env = dict(env)
        self.starts = 0
        self._ready_path = ready_path
        self._reason = ""

    @property
    def url(self) -> str:
        """The base address of its HTTP API."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def rss_bytes(self) -> int:
        """Resident memory now, 0 when it does not run."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss) if self.pid else 0
        except psutil.NoSuchProcess:
            return 0

    @property
    def reason(self) -> str:
        """What the last readiness answer said when it was not 200."""
        return self._reason

    def command(self) -> list[str | Path]:
        """The interpreter of this environment runs the module."""
        self.starts += 1
        return [sys.executable, "-m", self.module, *self.arguments]

    def answers(self) -> bool:
        """Whether the readiness path answers 200 now."""
        try:
            with urllib.request.urlopen(self.url + self._ready_path, timeout=2) as answer:  # noqa: S310 - our loopback
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
        except urllib.error.HTTPError as error:
            self._reason = error.read(2000).decode(errors="replace")
            return False
        except OSError as error:
            self._reason = str(error)
            return False

    def restart(self) -> None:
        """End it in order if it runs, and return when the new process is ready."""
        self.stop()
        self.start()

    def mute(self, deadline_s: float) -> StackUnavailable:
        """The error names what readiness complained of."""
        return StackUnavailable(f"{super().mute(deadline_s)}\nreadiness said: {self._reason}")


class Processes:
    """The programs of one run; leaving the context ends them all, newest first.

    `env` is given to every program beside its own settings; of our own environment only what an interpreter needs is
    passed on, so that a run does not depend on the shell it was started from.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """`folder` is the run's; logs go to its `logs/`."""
        self.folder = folder
        self._env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | dict(env)
        self._programs: dict[str, Program] = {}

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything."""
        self.stop_all()

    def __getitem__(self, name: str) -> Program:
        """The program of that name."""
        return self._programs[name]

    def __iter__(self) -> Iterator[Program]:
        """The programs in the order of their registration."""
        return iter(self._programs.values())

    def service(self, service: str, env: Mapping[str, str] | None = None, *, name: str | None = None) -> Program:
        """Register a service: `python -m services.<service>` with its port in `<SERVICE>_PORT`; it is not started yet.

        `name` tells a second process of the same service from the first: both serve the same streams on their ports.
        """
        program = self.program(name or service, f"services.{service}", env, ready_path="/readyz")
        prefix = service.upper()
        assert program.env is not None
        program.env |= {f"{prefix}_HOST": LOOPBACK, f"{prefix}_PORT": str(program.port)}
        return program

    def program(
        self, name: str, module: str, env: Mapping[str, str] | None = None, *, ready_path: str = "/livez"
    ) -> Program:
        """Register any module that serves HTTP on `PORT`; it is not started yet."""
        program = Program(name, module, self.folder / "logs", {**self._env, **(env or {})}, ready_path)
        assert program.env is not None
        # The tree that the run stands in, its subscriber's package with it: never that of another copy.
        path = os.pathsep.join((str(ROOT), str(ROOT / "clients" / "python")))
        program.env |= {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "HOST": LOOPBACK, "PORT": str(program.port)}
        self._programs[name] = program
        return program

    def start_all(self, progress: Progress | None = None, deadline_s: float = READY_SECONDS) -> None:
        """Start all that do not run, side by side, and return when every one is ready.

        `progress(name, seconds)` is called as each becomes ready. Raises `StackUnavailable` naming the first that ended
        or stayed mute.
        """
        waiting = [program for program in self if not program.running]
        for program in waiting:
            program.launch()
        until = time.monotonic() + deadline_s
        while waiting:
            for program in list(waiting):
                if program.poll_ready():
                    waiting.remove(program)
                    if progress:
                        progress(program.name, program.ready_seconds)
            if waiting and time.monotonic() > until:
                raise waiting[0].mute(deadline_s)
            time.sleep(0.05)

    def stop_all(self) -> None:
        """Ask all to end at once, then wait for each; whoever does not is killed."""
        for program in reversed(list(self)):
            program.ask_to_end()
        for program in reversed(list(self)):
            program.stop()

    def rss_bytes(self) -> dict[str, int]:
        """Resident memory of each program now."""
        return {program.name: program.rss_bytes for program in self}
