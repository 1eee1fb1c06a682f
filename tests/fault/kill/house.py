"""The house under fire: two processes each of intake, asset_inquiry and payments, a relay apart, and the partners."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import httpx
from joserfc.jwk import ECKey
from pymongo import MongoClient

from devstack.demo import wages_world as world
from devstack.demo.ground import Ground, Opening
from devstack.node import NativeNode
from devstack.ports import free_ports
from devstack.processes import Processes
from devstack.stack import Stack
from tests.e2e.bad_input.letters import Tokens, new_key
from tests.e2e.bad_input.outside import Outside
from tests.fault.kill.client import Client
from tests.fault.kill.faults import Victim
from tests.fault.kill.people import ACCOUNTS, bank_account

TWICE = ("intake", "asset_inquiry", "payments")
ONCE = ("command_center",)
SERVICES = (*TWICE, *ONCE)
RELAY_APART = "intake"
RATE = 30
"""Business minutes pass in two seconds: terms run out and timers fire while processes die."""

OPENING = Opening(world.COURT, datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8))), RATE)
PROBES = ("probe-a", "probe-b")
BANKS = ("bank-a", "bank-b")
OTHER_BANK = "probe-bank"
"""A bank that the test plays: it sends statement lines and keeps a list of them."""

READY_SECONDS = 120.0


@dataclass
class House:
    """Everything that runs, and the client who keeps it busy."""

    stack: Stack
    ground: Ground
    processes: Processes
    partners: dict[str, str]
    client: Client
    mongo: MongoClient[dict[str, Any]]
    keys: dict[str, ECKey]
    seed: int
    stopping: bool = False
    lived: int = 0
    """How many cases came to the end of what their life holds."""

    @property
    def victims(self) -> dict[str, Victim]:
        """Everything that may be hurt: services, relays, broker and database. The partners keep the books and live."""
        found: dict[str, Victim] = {program.name: program for program in self.processes if program.name != "simulators"}
        return found | {"kafka": cast("NativeNode", self.stack.kafka), "mongod": cast("NativeNode", self.stack.mongo)}

    async def everybody_ready(self) -> None:
        """Wait until all that run answer that they are ready, at most `READY_SECONDS`."""
        nodes = [cast("NativeNode", self.stack.mongo), cast("NativeNode", self.stack.kafka), *self.processes]
        async with asyncio.timeout(READY_SECONDS):
            for node in nodes:
                while not (node.running and await asyncio.to_thread(node.answers)):  # noqa: ASYNC110 -- it rings no bell
                    await asyncio.sleep(0.1)


@contextmanager
def under_fire(seed: int) -> Iterator[House]:
    """Bring a house up, with its clock running; leaving ends everything."""
    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        ground = Ground(stack, processes, stack.folder, OPENING)
        partners = _register(ground, stack.folder, seed)
        ground.start(lambda _name, _seconds: None)
        ground.run_clock()
        urls = {name: [processes[one].url for one in _processes_of(name)] for name in SERVICES}
        with httpx.Client() as http, MongoClient[dict[str, Any]](stack.mongo_uri) as mongo:
            tokens = Tokens.of_issuer(json.loads(ground.keys.issuer_key.read_text()))
            outside = Outside({name: one[0] for name, one in urls.items()}, partners, tokens, http, mongo)
            client = Client(urls, lambda who: _claims(outside, who), tokens.sign, random.Random(seed), f"k{seed}")
            keys = {probe: new_key(f"{probe}-1") for probe in PROBES}
            yield House(stack, ground, processes, partners, client, mongo, keys, seed)


def _processes_of(service: str) -> list[str]:
    return [service, f"{service}-2"] if service in TWICE else [service]


def _claims(outside: Outside, who: str) -> dict[str, Any]:
    if who == OTHER_BANK:
        return outside.claims("bank", sub=who, client_id=who, org=who, courts=[world.COURT])
    return outside.claims(who)


def _register(ground: Ground, folder: Path, seed: int) -> dict[str, str]:
    ports = dict(zip(("custodian", "sms", "robot", "agencies"), free_ports(4), strict=True))
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    extra = {
        "payments": {"PAYMENTS_BANK_URL": urls["custodian"], "PAYMENTS_BANK_SECONDS_MAX": "2"},
        "command_center": {"COMMAND_CENTER_SMS_URL": urls["sms"], "COMMAND_CENTER_ROBOT_URL": urls["robot"]},
    }
    for service in SERVICES:
        settings = ground.settings(service) | extra.get(service, {})
        if service == RELAY_APART:
            settings[f"{service.upper()}_RELAY"] = "false"
        for name in _processes_of(service):
            ground.processes.service(service, settings, name=name)
    ground.split_relay(RELAY_APART)
    silences = ["TIMEOUT_AFTER_ACTING", "NONE", "PENDING", "TIMEOUT_BEFORE_ACTING", "NONE", "REFUSE"]
    config: dict[str, Any] = {
        "seed": seed,
        "agencies": [_bank(agency_id) for agency_id in BANKS],
        "agencies_port": ports["agencies"],
        "custodian": {
            "bank_id": "custodian",
            "port": ports["custodian"],
            "repeat_line_once": True,
            "transfer_faults": silences * 2,
            "silence_seconds": 3.0,
        },
        "sms": {"port": ports["sms"], "faults": ["TIMEOUT_AFTER_ACTING", "FAIL", "NONE"], "silence_seconds": 3.0},
        "robot": {"port": ports["robot"]},
    }
    ground.register_simulators(config, folder)
    return urls


def _bank(agency_id: str) -> dict[str, Any]:
    accounts = [bank_account(serial, agency_id) for serial in range(ACCOUNTS)] if agency_id == "bank-a" else []
    return {
        "agency_id": agency_id,
        "kind": "BANK",
        "latency_minutes": [0, 0.5],
        "faults": {"duplicate_reply": True, "transfer_fails_once": True} if agency_id == "bank-a" else {},
        "accounts": accounts,
    }
