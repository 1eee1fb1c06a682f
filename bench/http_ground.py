"""What letters (a) and (b) stand on: keys and a token, servers as processes, the load generator, CPU per request."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from bench.boxes import DEPOSITS, SCOPE
from bench.http_load import NUMBER, Plan, Seen
from devstack.devkeys import KeyFolder
from devstack.processes import Processes, Program
from devstack.runs import ROOT
from devstack.stack import Stack
from libs.web import DevIssuer

CLIENTS = 64
DEPOSIT = json.dumps(
    {
        "amount_fen": 125000,
        "reference": f"d-{NUMBER}",
        "payer": "云南某某建筑工程有限公司",
        "channel": "BANK",
        "remark": "(2026)云0381执1234号 第一期执行款",
    },
    ensure_ascii=False,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """One run against one server."""

    seen: Seen
    server_cpu_us: float
    """CPU time of the server's process per answer, in microseconds."""

    @property
    def rate(self) -> float:
        """Right answers per second."""
        return self.seen.answers / self.seen.seconds


class HttpGround:
    """Servers of one letter; `opened` ends them."""

    def __init__(self, stack: Stack, processes: Processes) -> None:
        """Make the keys; nothing is started."""
        self._stack = stack
        self._processes = processes
        self._keys = KeyFolder(processes.folder / "keys")
        self._keys.make(["intake"])
        self._issuer = DevIssuer(self._keys.issuer_key)
        self.run = secrets.token_hex(4)

    def serve(self, name: str, *, server: str | None = None, ready: str = "/readyz", **env: str) -> Program:
        """Register `python -m bench.served <server>` under a name, with a database of its own."""
        given = {
            "MONGO_URI": self._stack.mongo_uri,
            "MONGO_DATABASE": f"bench_{name}_{self.run}",
            "KAFKA_BOOTSTRAP": self._stack.kafka_bootstrap,
            "JWKS": str(self._keys.jwks),
            "INTAKE_SIGNING_KEY": str(self._keys.signing_key("intake")),
            **env,
        }
        program = self._processes.program(name, "bench.served", given, ready_path=ready)
        program.arguments = [server or name]
        return program

    def token(self, *scopes: str, roles: Sequence[str] = ()) -> str:
        """Return a token of every court."""
        return self._issuer.token(
            subject="bench", organisation="bench", roles=roles, scopes=scopes, courts=["*"], ttl_seconds=7200
        )

    def deposits(self, streams: int) -> Plan:
        """Return the plan of deposits into so many boxes; its port is filled in by `load`."""
        return Plan(
            port=0,
            method="POST",
            path="/v1" + DEPOSITS.replace("{box}", "STREAM"),
            streams=[f"box-{number}" for number in range(streams)],
            headers={"Authorization": f"Bearer {self.token(SCOPE)}", "Accept": "*/*", "User-Agent": "bench"},
            body=DEPOSIT,
            status=201,
            run="",
            connections=CLIENTS,
            warm=max(streams, 2 * CLIENTS),
        )

    async def load(self, program: Program, plan: Plan, **changes: Any) -> Figures:
        """Run a plan against a server. Raises `RuntimeError` for a single wrong answer: then nothing was measured."""
        full = asdict(plan) | {"port": program.port, "run": secrets.token_hex(6)} | changes
        server = psutil.Process(program.pid)
        before = server.cpu_times()
        client = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.http_load"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        output, _ = await client.communicate(json.dumps(full).encode())
        after = server.cpu_times()
        if client.returncode:
            msg = f"the load generator broke against {program.name}"
            raise RuntimeError(msg)
        seen = Seen(**json.loads(output))
        if seen.wrong:
            msg = f"{program.name} gave wrong answers: {seen.wrong}"
            raise RuntimeError(msg)
        spent = after.user + after.system - before.user - before.system
        return Figures(seen, round(spent / (seen.answers + full["warm"]) * 1e6, 1))


@contextmanager
def opened(stack: Stack) -> Iterator[tuple[HttpGround, Processes]]:
    """Yield a ground whose programs end with the block; their logs end with it, too."""
    with TemporaryDirectory() as folder, Processes(Path(folder), {"LOG_LEVEL": "INFO"}) as processes:
        yield HttpGround(stack, processes), processes
