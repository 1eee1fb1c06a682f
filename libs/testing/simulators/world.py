"""What every simulated partner is given: the sandbox clock, an issuer for its tokens, a seed, a folder for books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from libs.foundation.clock import Clock, RealClock, ScheduleFile
from libs.web import DevIssuer


class Part(Protocol):
    """One partner, or several that are one program."""

    @property
    def name(self) -> str:
        """The partner's name in the line that says what is ready."""

    @property
    def url(self) -> str:
        """Where it answers; empty if it only asks others."""

    async def start(self) -> None:
        """Begin to act."""

    async def stop(self) -> None:
        """End; its books stay on disk."""


@dataclass(frozen=True)
class World:
    """The world of a run."""

    seed: int
    services: Mapping[str, str]
    issuer: DevIssuer
    clock: Clock
    folder: Path

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> World:
        """Return the world that a configuration describes; its folder is made."""
        schedule = config.get("clock_schedule")
        folder = Path(config["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        return cls(
            seed=int(config.get("seed", 0)),
            services=dict(config["services"]),
            issuer=DevIssuer(Path(config["token_key"])),
            clock=ScheduleFile(Path(schedule)) if schedule else RealClock(),
            folder=folder,
        )
