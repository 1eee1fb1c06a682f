"""A payments service on a broker and a database of its own, what loads it, and what is seen of it meanwhile."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from pymongo import MongoClient
from pymongo.database import Database

from devstack.demo.ground import Ground
from devstack.ports import LOOPBACK
from devstack.processes import Processes, Program
from devstack.runs import ROOT
from devstack.stack import Stack
from tests.e2e.bad_input.letters import Tokens
from tests.fault.pressure.load import Answers, Plan

BANK = "custodian"
VALUE_AT = "2026-03-02T01:00:00Z"
SIGNS = ("/livez", "/readyz", "/metrics")
SAMPLE_SECONDS = 0.2
MEBIBYTE = 1024 * 1024


@dataclass
class House:
    """The service and the ground that it stands on."""

    stack: Stack
    ground: Ground
    processes: Processes
    tokens: Tokens
    mongo: MongoClient[dict[str, Any]]
    folder: Path

    @property
    def service(self) -> Program:
        """The process under load."""
        return self.processes["payments"]

    @property
    def database(self) -> Database[dict[str, Any]]:
        """The service's database."""
        return self.mongo["payments"]

    def token(self) -> str:
        """Return the bank's token."""
        claims = self.tokens.claims(
            BANK,
            BANK,
            roles=["custodian_bank"],
            scopes=["payments.bank_statements.write", "payments.payouts.write"],
            courts=[self.ground.opening.court],
        )
        return self.tokens.sign(claims)

    def plan(self, run: str, *, rate: float, seconds: float, connections_max: int) -> Plan:
        """Return a load on this service."""
        return Plan(
            port=self.service.port,
            token=self.token(),
            bank_id=BANK,
            run=run,
            rate=rate,
            seconds=seconds,
            connections_max=connections_max,
            value_at=VALUE_AT,
        )

    @contextmanager
    def loaded(self, plan: Plan) -> Iterator[Loading]:
        """Load the service from a process of its own; it is not left behind."""
        loading = Loading(plan, self.folder)
        try:
            yield loading
        finally:
            loading.end()

    def answers(self, plan: Plan) -> Answers:
        """Load the service and return what came back."""
        with self.loaded(plan) as loading:
            return loading.answers()

    def written(self, run: str) -> dict[int, int]:
        """Return the numbers of the requests of a run that stand in the journal, and how many entries each has."""
        prefix = f"incoming/{BANK}/{run}-"
        found: dict[int, int] = {}
        for commit in self.database.commits.find({"_id": {"$regex": f"^{prefix}"}}, {"stream": 1, "count": 1}):
            number = int(commit["stream"].removeprefix(prefix))
            found[number] = found.get(number, 0) + int(commit["count"])
        return found


class Loading:
    """A load under way."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        """Begin."""
        self.plan = plan
        self._answers = folder / f"{plan.run}-answers.json"
        given = folder / f"{plan.run}-plan.json"
        given.write_text(json.dumps(plan.__dict__))
        self._log = (folder / f"{plan.run}-load.log").open("wb")
        command = [sys.executable, "-m", "tests.fault.pressure.load", str(given), str(self._answers)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log)  # noqa: S603 -- ourselves

    def answers(self) -> Answers:
        """Wait for the end and return what came back."""
        assert self._process.wait(timeout=self.plan.seconds + 90) == 0, Path(self._log.name).read_text()[-3000:]
        return Answers.of(json.loads(self._answers.read_text()))

    def end(self) -> None:
        """End it if it runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._log.close()


@dataclass
class Seen:
    """What was seen of a service meanwhile: memory, and how its signs answered on connections of their own."""

    rss_mebibytes: list[float] = field(default_factory=list)
    answered: list[tuple[str, int, float]] = field(default_factory=list)
    """Path, status, seconds."""
    unanswered: list[str] = field(default_factory=list)

    def slowest(self) -> tuple[str, int, float]:
        """Return the sign that took longest."""
        return max(self.answered, key=lambda each: each[2])


class Watch:
    """Looks at a service as whoever looks after it does: a new connection for each question."""

    def __init__(self, service: Program) -> None:
        """Look at this service while the context lasts."""
        self.seen = Seen()
        self._service = service
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        process = psutil.Process(self._service.pid)
        while not self._over.wait(SAMPLE_SECONDS):
            for path in SIGNS:
                began = time.monotonic()
                try:
                    status = ask(self._service.port, path)
                except OSError as error:
                    self.seen.unanswered.append(f"{path}: {error!r}")
                else:
                    self.seen.answered.append((path, status, time.monotonic() - began))
            self.seen.rss_mebibytes.append(process.memory_info().rss / MEBIBYTE)


def ask(port: int, path: str, seconds: float = 20.0) -> int:
    """Return the status of a GET on a new connection."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
