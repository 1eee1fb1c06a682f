"""A lease says who should publish a bucket. It is for liveness only: that nobody else can publish is Kafka's fencing.

Expiry is measured by the database's clock, in real time, so that hosts need not agree about the time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, Final

COLLECTION: Final = "leases"
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """One owner's hold on one name. `term` rises whenever the owner changes."""

    def __init__(self, collection: Any, name: str, owner: str, *, seconds: float) -> None:
        self._collection = collection
        self._name = name
        self._owner = owner
        self._seconds = seconds
        self._held_until = 0.0
        self._prepared = False
        self.term = 0

    @property
    def held(self) -> bool:
        """Whether the lease is ours, as far as we know without asking."""
        return time.monotonic() < self._held_until

    async def acquire(self) -> bool:
        """Take the lease if it is free, expired or ours already (then it is renewed); return whether it is ours."""
        if not self._prepared:
            vacant = {"owner": None, "term": 0, "expires_at": LONG_AGO}
            await self._collection.update_one({"_id": self._name}, {"$setOnInsert": vacant}, upsert=True)
            self._prepared = True
        asked_at = time.monotonic()
        ours = {"$eq": ["$owner", self._owner]}
        row = await self._collection.find_one_and_update(
            {"_id": self._name, "$expr": {"$or": [ours, {"$lte": ["$expires_at", "$$NOW"]}]}},
            [
                {
                    "$set": {
                        "owner": self._owner,
                        "term": {"$cond": [ours, "$term", {"$add": ["$term", 1]}]},
                        "expires_at": {"$add": ["$$NOW", int(self._seconds * 1000)]},
                    }
                }
            ],
            return_document=True,
        )
        if row is None:
            self._held_until = 0.0
            return False
        self._held_until = asked_at + self._seconds
        self.term = int(row["term"])
        return True

    async def release(self) -> None:
        """Let others take it at once; nothing happens if it is not ours any more."""
        self._held_until = 0.0
        await self._collection.update_one(
            {"_id": self._name, "owner": self._owner}, {"$set": {"expires_at": LONG_AGO, "owner": None}}
        )
