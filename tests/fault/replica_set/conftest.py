"""Two processes of a service, each with its relay, on three mongods and a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devstack.replica_set import NativeReplicaSet
from tests.fault.outcomes.premises import Premises, premises


@dataclass
class House:
    """The services and the members below them."""

    premises: Premises
    members: NativeReplicaSet


@pytest.fixture
def house(kafka_bootstrap: str, tmp_path: Path) -> Iterator[House]:
    with NativeReplicaSet(tmp_path / "mongo") as members, premises(kafka_bootstrap, members.uri, tmp_path) as place:
        place.add("asset_inquiry")
        place.add("asset_inquiry", name="asset_inquiry-2")
        place.ground.start(lambda _name, _seconds: None)
        # A command that is decided again is accepted at another time: what was taken back cannot pass for it.
        place.ground.run_clock()
        yield House(place, members)
