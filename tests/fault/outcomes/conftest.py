"""Services on a mongod of their own; two processes of one of them, some on a line that the test can cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devstack.mongo import NativeMongo
from devstack.ports import free_ports
from tests.fault.outcomes.mongo_line import MongoLine
from tests.fault.outcomes.premises import Premises, premises


@dataclass
class House:
    """The services, their mongod, and the line that all but the first process use."""

    premises: Premises
    mongod: NativeMongo
    line: MongoLine


@pytest.fixture(scope="package")
def house(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = Path(tmp_path_factory.mktemp("outcomes"))
    mongod = NativeMongo(folder / "mongo", free_ports(1)[0])
    mongod.start()
    try:
        with MongoLine(mongod.port) as line, premises(kafka_bootstrap, mongod.uri, folder) as place:
            place.add("asset_inquiry")
            place.add("asset_inquiry", name="asset_inquiry-2", mongo_uri=line.uri)
            for service in ("payments", "intake"):
                place.add(service, mongo_uri=line.uri)
            place.ground.start(lambda _name, _seconds: None)
            yield House(place, mongod, line)
    finally:
        mongod.stop()
