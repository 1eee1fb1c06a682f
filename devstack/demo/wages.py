"""Story 1 as a production: its partners, its script, its proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from devstack.demo import wages_world as world
from devstack.demo.ground import Ground, Opening
from devstack.demo.production import AtChapter, Script, Stage, cast_of
from devstack.demo.proof.verdict import Verdict, look, prove
from devstack.demo.story_wages import TITLE, WagesStory
from devstack.ports import free_ports
from libs.foundation.clock import SHANGHAI

RATE = 120
OPENING = Opening(world.COURT, datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI), RATE)
SEED = 20260302


class Wages:
    """浦某 v 李某: the bureau's main job."""

    number = "1"
    name = "wages"
    title = TITLE
    opening = OPENING
    partners = f"{len(world.AGENCIES) + 1} agencies (pull)"

    def register(self, ground: Ground, folder: Path) -> dict[str, str]:
        """Name services, agencies, the custodian bank and the two gateways."""
        custodian, sms, robot = free_ports(3)
        urls = {
            "custodian": f"http://127.0.0.1:{custodian}",
            "sms": f"http://127.0.0.1:{sms}",
            "robot": f"http://127.0.0.1:{robot}",
        }
        ground.register_services(
            {
                "payments": {"PAYMENTS_BANK_URL": urls["custodian"]},
                "command_center": {"COMMAND_CENTER_SMS_URL": urls["sms"], "COMMAND_CENTER_ROBOT_URL": urls["robot"]},
            }
        )
        config: dict[str, Any] = {
            "seed": SEED,
            "agencies": world.agency_simulators(),
            "custodian": {
                "bank_id": world.FUND_ACCOUNT["bank_id"],
                "port": custodian,
                "repeat_line_once": True,
                "stray_line_fen": world.STRAY_FEN,
            },
            "sms": {"port": sms},
            "robot": {"port": robot},
        }
        ground.register_simulators(config, folder)
        return urls

    def script(self, stage: Stage, at_stage: AtChapter) -> Script:
        """Return the script with its people."""
        return WagesStory(cast_of(stage.ground, stage.town, world.STAFF), stage.screen, at_stage)

    async def judged(self, ground: Ground, partners: Mapping[str, str], script: Script) -> Verdict:
        """Judge ledger, chains, signatures, wire and the partners' own books."""
        sight = await look(ground.stack.mongo_uri, ground.stack.kafka_bootstrap, ground.urls(), partners)
        return prove(sight, script.case_id, world.DEBT_FEN)
