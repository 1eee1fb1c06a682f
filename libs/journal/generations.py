"""Which generation of a view is read, which is being filled, and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from libs.foundation.errors import Transient
from libs.journal.model import View
from libs.journal.store import Document, Store

COLLECTION = "view_generations"

CLAIM_SECONDS = 60
"""How long a builder may be silent before another process takes the building over, in real seconds."""


class ViewNotBuilt(Transient):
    """The view is being built for the first time, or for a new meaning of its rows."""

    code = "view_not_built"
    title = "The list is being built"


class NewerVersion(Exception):
    """A process of a newer release builds or keeps this view: this one must leave the commits to it."""


@dataclass(frozen=True, slots=True)
class Generations:
    """A view's standing. `active` 0: there is none yet."""

    active: int = 0
    version: int = 0
    building: int | None = None
    building_version: int = 0

    def targets(self, view: View[Any]) -> list[int]:
        """Return the generations that live updates go to. Raises `NewerVersion`."""
        if max(self.version, self.building_version if self.building else 0) > view.version:
            raise NewerVersion(view.name)
        found = []
        if self.active and self.version == view.version:
            found.append(self.active)
        if self.building and self.building_version == view.version:
            found.append(self.building)
        return found


def rows_collection(name: str, generation: int) -> str:
    """Return the collection of a view's generation."""
    return f"view_{name}_{generation}"


class GenerationBook:
    """The standings of all views of a service."""

    def __init__(self, store: Store, owner: str) -> None:
        """`owner` names this process among builders."""
        self._book = store.collection(COLLECTION)
        self._owner = owner

    async def all(self, names: Iterable[str]) -> dict[str, Generations]:
        """Return the standings of views by name."""
        wanted = list(names)
        found = await self._book.find({"_id": {"$in": wanted}}).to_list(None) if wanted else []
        return {name: Generations() for name in wanted} | {row["_id"]: _standing(row) for row in found}

    async def active(self, name: str) -> int:
        """Return the generation to read. Raises `ViewNotBuilt`."""
        standing = (await self.all([name]))[name]
        if not standing.active:
            raise ViewNotBuilt(name)
        return standing.active

    async def claim(self, view: View[Any]) -> int | None:
        """Begin a new generation and return its number, or None while another process builds one."""
        await self._book.update_one(
            {"_id": view.name}, {"$setOnInsert": {"active": 0, "version": 0, "last": 0, "building": None}}, upsert=True
        )
        row = await self._book.find_one_and_update(
            {
                "_id": view.name,
                "$or": [{"building": None}, {"$expr": {"$lt": ["$building_until", "$$NOW"]}}],
            },
            [
                {
                    "$set": {
                        "last": {"$add": ["$last", 1]},
                        "building": {"$add": ["$last", 1]},
                        "building_version": view.version,
                        "builder": self._owner,
                        "building_until": {"$add": ["$$NOW", CLAIM_SECONDS * 1000]},
                    }
                }
            ],
            return_document=True,
        )
        return None if row is None else int(row["building"])

    async def renew(self, name: str, generation: int) -> bool:
        """Say that the building goes on; False if another process has taken it over."""
        until = {"$set": {"building_until": {"$add": ["$$NOW", CLAIM_SECONDS * 1000]}}}
        changed = await self._book.update_one({"_id": name, "building": generation}, [until])
        return bool(changed.matched_count)

    async def switch(self, view: View[Any], generation: int) -> bool:
        """Make a filled generation the one that is read, in one step; False if the building was taken over."""
        changed = await self._book.update_one(
            {"_id": view.name, "building": generation},
            {"$set": {"active": generation, "version": view.version, "building": None}},
        )
        return bool(changed.matched_count)


def _standing(row: Document) -> Generations:
    building = row.get("building")
    return Generations(
        int(row["active"]),
        int(row["version"]),
        None if building is None else int(building),
        int(row.get("building_version", 0)),
    )
