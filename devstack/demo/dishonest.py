"""Story 2 as a production: its partners and subscribers, its script, its proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from devstack.demo import dishonest_world as world
from devstack.demo.counters import Counters
from devstack.demo.ground import Ground, Opening
from devstack.demo.production import AtChapter, Script, Stage, cast_of
from devstack.demo.proof.dishonest_verdict import Affair, prove_dishonest
from devstack.demo.proof.feed_sight import Reader, look_at_feed
from devstack.demo.proof.verdict import Verdict, look
from devstack.demo.story_dishonest import AWAKE, TITLE, DishonestStory
from devstack.devkeys import SERVICES
from devstack.ports import free_ports
from libs.foundation.clock import SHANGHAI

RATE = 30
"""Slow: its days are leapt over, and a head that is valid for 15 minutes holds for half a minute of ours."""

SEED = 20240313
PERSONS = 4

FEED_SETTINGS = {"CREDIT_BLACKLIST_FEED_MINIMUM_WAIT_S": "1"}
"""Who pulls may come again after a second of ours, which is half a minute of the bureau's."""

ROOT_SETTINGS = {"ROOT_DELAY_SECONDS": "1"}
"""An hour that was leapt over has its root after a second of ours: the story ends before a minute is over."""


class Dishonest:
    """郑惠兰 v 秦守业 and his firm: the list, and who reads it."""

    number = "2"
    name = "dishonest"
    title = TITLE
    opening = Opening(world.COURT, datetime(2024, 3, 13, 9, 0, tzinfo=SHANGHAI), RATE)
    partners = f"{len(world.SUBSCRIBERS)} subscribers (pull, SSE, two Kafka topics)   a custodian bank"

    def register(self, ground: Ground, folder: Path) -> dict[str, str]:
        """Name services, the custodian bank, the gateways and the subscribers' counters."""
        names = ("custodian", "sms", "robot", *world.SUBSCRIBERS)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        own = {
            "payments": {"PAYMENTS_BANK_URL": urls["custodian"]},
            "command_center": {"COMMAND_CENTER_SMS_URL": urls["sms"], "COMMAND_CENTER_ROBOT_URL": urls["robot"]},
            "credit_blacklist": FEED_SETTINGS,
        }
        ground.register_services({name: ROOT_SETTINGS | own.get(name, {}) for name in SERVICES})
        config: dict[str, Any] = {
            "seed": SEED,
            "custodian": {"bank_id": world.FUND_ACCOUNT["bank_id"], "port": ports["custodian"]},
            "sms": {"port": ports["sms"]},
            "robot": {"port": ports["robot"]},
            "root_key": ground.keys.public_root_key(),
            "subscribers": [
                one | {"agency_id": agency, "port": ports[agency], "key": _made(ground, agency)}
                for agency, one in world.SUBSCRIBERS.items()
            ],
        }
        ground.register_simulators(config, folder)
        return urls

    def script(self, stage: Stage, at_stage: AtChapter) -> Script:
        """Return the script with its people and the subscribers' counters."""
        return DishonestStory(
            cast=cast_of(stage.ground, stage.town, world.STAFF),
            screen=stage.screen,
            counters=Counters(dict(stage.partners), stage.town.client),
            leap=stage.ground.jump_to,
            now=stage.ground.clock.now,
            keys=stage.ground.keys.public_agency_key,
            at_stage=at_stage,
            folder=stage.ground.folder / "archive",
        )

    async def judged(self, ground: Ground, partners: Mapping[str, str], script: Script) -> Verdict:
        """Judge the house, and the feed as every one of its readers has it."""
        assert isinstance(script, DishonestStory)
        sight = await look(ground.stack.mongo_uri, ground.stack.kafka_bootstrap, ground.urls(), partners)
        readers = tuple(
            Reader(agency, one["view"], ground.agency_token(agency), partners[agency])
            for agency, one in world.SUBSCRIBERS.items()
        )
        publisher = ground.urls()["credit_blacklist"]
        feed = await look_at_feed(ground.stack.kafka_bootstrap, publisher, readers, ground.keys.public_root_key())
        affair = Affair(
            case_id=script.case_id,
            case_number=script.affairs.case_number,
            debt_fen=world.DEBT_FEN,
            fee_fen=world.FEE_FEN,
            wrong_records=frozenset(script.affairs.wrong_records),
            readers_of_the_wrong=frozenset(AWAKE),
            persons=PERSONS,
        )
        return prove_dishonest(sight, feed, affair)


def _made(ground: Ground, agency: str) -> str:
    ground.keys.public_agency_key(agency)
    return str(ground.keys.agency_key(agency))
