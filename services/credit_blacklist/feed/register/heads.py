"""The newest signed head of each view, as all processes of the service agree on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import orjson

from libs.foundation.canonical import sha256_hex
from libs.journal import Journal
from libs.journal.shelf import Shelved
from services.credit_blacklist.feed.register.model import Head
from services.credit_blacklist.feed.register.pages import entry_bytes

_PREFIX: Final = "head/"


class HeadShelf:
    """Heads by view. Each replaces exactly the one that its signer had seen: no two can stand beside each other."""

    def __init__(self, journal: Journal) -> None:
        """The journal's shelf keeps them; lost, they are signed again."""
        self._journal = journal

    async def get(self, view: str) -> Head | None:
        """Return the newest head, of whichever process. Raises `StoreUnavailable`."""
        found = await self._journal.shelf.get(_PREFIX + view)
        return _head(found) if found else None

    async def all(self, views: Iterable[str]) -> dict[str, Head]:
        """Return the newest heads of views. Raises `StoreUnavailable`."""
        found = await self._journal.shelf.all([_PREFIX + view for view in views])
        return {key.removeprefix(_PREFIX): _head(each) for key, each in found.items()}

    async def replace(self, view: str, jws: str, *, revision: int) -> bool:
        """Put a newer head in the place of revision `revision`; False if another process was faster."""
        return await self._journal.shelf.put(_PREFIX + view, {"jws": jws}, revision=revision)


def _head(found: Shelved) -> Head:
    jws = str(found.value["jws"])
    return Head(jws, orjson.loads(entry_bytes(jws)), found.revision, sha256_hex(jws.encode()))
