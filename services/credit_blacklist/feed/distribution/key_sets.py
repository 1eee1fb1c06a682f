"""Key sets: files that an offline root signed. This service serves them and can make none.

A set is served only if it can be walked to: set N+1 verifies under a root of set N. One that cannot be reached would
lead subscribers into a dead end, so it is kept back, and what is wrong is an alarm.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from libs.evidence import SignatureInvalid, Verifier
from libs.foundation.errors import NotFound
from libs.telemetry import get_logger

TYP: Final = "zhixing-key-set+jws"
SETS_MAX: Final = 10_000
"""Sets that are looked for; with a rotation a day they last for a working life."""

log = get_logger(__name__)


class KeySetUnknown(NotFound):
    """There is no key set of this number, or none that can be walked to from the first."""

    code = "key_set_unknown"
    title = "There is no such key set"
    remedy = "Ask for the sets one by one from the number after the one that is trusted, or for the latest."


@dataclass(frozen=True, slots=True)
class KeySet:
    """One signed set: its number, the file's text, and what it says."""

    version: int
    jws: str
    payload: dict[str, Any]

    def keys(self, kind: str) -> list[dict[str, Any]]:
        """Return the public keys of a kind: `roots`, `head_keys`, `entry_keys`."""
        return [dict(jwk) for jwk in self.payload.get(kind, ())]


class KeySets:
    """The sets of one folder, `1.jws`, `2.jws`, …; files that are added are found without a restart."""

    def __init__(self, folder: Path | None) -> None:
        """Read nothing yet; None is a publisher without sets."""
        self._folder = folder
        self._chain: tuple[KeySet, ...] = ()
        self._trouble: str | None = None

    async def chain(self) -> Sequence[KeySet]:
        """Return all sets that can be walked to, the first first."""
        if self._folder is not None and (self._folder / f"{len(self._chain) + 1}.jws").exists():
            found, self._trouble = await asyncio.to_thread(read_on, self._folder, self._chain)
            self._chain = found
            if self._trouble:
                log.error("key_set_kept_back", cause=self._trouble)
        return self._chain

    async def numbered(self, version: int) -> KeySet:
        """Return one set. Raises `KeySetUnknown`."""
        chain = await self.chain()
        if not 1 <= version <= len(chain):
            raise KeySetUnknown(f"The newest set is {len(chain)}." if chain else "This publisher has no key sets.")
        return chain[version - 1]

    async def latest(self) -> KeySet:
        """Return the newest set. Raises `KeySetUnknown` if there is none."""
        chain = await self.chain()
        return await self.numbered(max(1, len(chain)))

    async def start(self) -> None:
        """Read what is there, so that a set that is kept back is an alarm before anybody asks for it."""
        await self.chain()

    async def stop(self) -> None:
        """Do nothing: nothing runs."""

    def readiness(self) -> dict[str, str]:
        """Return nothing: the sets before the one that is kept back are served."""
        return {}

    def alarms(self) -> dict[str, str]:
        """Return why a file that is there is not served."""
        return {"feed key sets": self._trouble} if self._trouble else {}


def read_on(folder: Path, known: Sequence[KeySet]) -> tuple[tuple[KeySet, ...], str | None]:
    """Return the known sets with those that follow in the folder, and why the first one that does not follow does not.

    Set 1 is taken as it is: it verifies under a root that subscribers were given by hand.
    """
    chain = list(known)
    while len(chain) < SETS_MAX:
        path = folder / f"{len(chain) + 1}.jws"
        if not path.exists():
            break
        try:
            chain.append(_read(path, chain[-1] if chain else None))
        except (OSError, ValueError, SignatureInvalid) as error:
            return tuple(chain), f"{path.name}: {error}"
    return tuple(chain), None


def _read(path: Path, before: KeySet | None) -> KeySet:
    jws = path.read_text(encoding="ascii").strip()
    header, payload = opened_unverified(jws)
    if header.get("typ") != TYP or payload.get("version") != int(path.stem):
        msg = f"it is no key set of the number {path.stem}"
        raise ValueError(msg)
    if before is not None:
        Verifier({"keys": before.keys("roots")}).verify(jws)
    return KeySet(int(path.stem), jws, payload)


def opened_unverified(jws: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and payload of a compact JWS that somebody else verifies. Raises `ValueError` if it is none."""
    parts = jws.split(".")
    if len(parts) != 3:  # noqa: PLR2004 -- header, payload, signature
        msg = "it is no compact JWS"
        raise ValueError(msg)
    header, payload = (orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    if not isinstance(header, dict) or not isinstance(payload, dict):
        msg = "its parts are no JSON objects"
        raise ValueError(msg)  # noqa: TRY004 -- it is the text that is wrong, not the program
    return header, payload
