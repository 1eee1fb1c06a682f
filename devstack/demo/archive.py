"""The case goes into the archive: its evidence bundle is collected from all services and verified offline."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.demo.people import Person, StoryStopped

SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Archived:
    """Where the bundle lies, and what its verification said."""

    bundle: Path
    report: dict[str, Any]

    @property
    def commits(self) -> int:
        """How many commits stand in it, of all services."""
        return sum(int(one["commits"]) for one in self.report["services"].values())

    @property
    def signatures(self) -> int:
        """How many signed papers inside of events verify."""
        return sum(int(one["signatures"]) for one in self.report["services"].values())


async def archived(reader: Person, case_id: str, folder: Path) -> Archived:
    """Collect the bundle of a case as this person, then verify it with the keys that the services publish.

    Both are the commands that people type. Raises `StoryStopped` if something is wrong with the bundle.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    bundle, token, keys = (folder / f"{case_id}.{ending}" for ending in ("bundle", "token", "jwks.json"))
    token.write_text(reader.token)
    services = [f"{name}={url}" for name, url in reader.town.urls.items()]
    try:
        await _evidence("collect", "--case", case_id, "--token-file", token, "--services", *services, "-o", bundle)
    finally:
        token.unlink()
    published = {name: await reader.see(name, "/.well-known/jwks.json") for name in reader.town.urls}
    keys.write_text(json.dumps(published))
    expected = ",".join(reader.town.urls)
    said = await _evidence("verify", bundle, "--jwks", keys, "--expect", expected, "--json")
    return Archived(bundle, json.loads(said))


async def _evidence(*arguments: str | Path) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "libs.evidence",
        *(str(one) for one in arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(SECONDS_MAX):
        said, _ = await process.communicate()
    if process.returncode:
        msg = f"python -m libs.evidence {arguments[0]} ended with {process.returncode}: {said.decode()[-1500:]}"
        raise StoryStopped(msg)
    return said.decode()
