"""Plays a story from an empty machine to a proved result, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from devstack.demo import wages_world as world
from devstack.demo.desk import Cast
from devstack.demo.ground import SIMULATORS, Ground, Opening
from devstack.demo.people import Person, StoryStopped, Town
from devstack.demo.proof.verdict import Verdict, look, prove
from devstack.demo.screen import Screen
from devstack.demo.story_wages import TITLE, WagesStory
from devstack.devkeys import SERVICES
from devstack.ports import free_ports
from devstack.processes import Processes
from devstack.runs import CURRENT_HOUSE
from devstack.stack import Stack
from devstack.versions import KAFKA
from libs.foundation.clock import SHANGHAI

RATE = 120
OPENING = Opening(world.COURT, datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI), RATE)
SEED = 20260302
ARRIVAL_SECONDS = 30
"""How long after the story what is on its way may take to arrive, in real seconds."""

VERSIONS = {"Kafka": KAFKA}
"""What is pinned by us; the database's version is its wheel's."""

AtStage = Callable[[str, Ground], None]


def play(story: str | None = None, *, keep: bool = False) -> int:
    """Play a story and prove it; 0 if every proof holds, else 1 with the reason on the screen."""
    if story not in {None, "1", "wages"}:
        print(f"There is no story {story!r}; story 1 (wages) is the one that can be played.")
        return 1
    # A broker and a database of its own, whatever the environment names: the proof counts everything that stands there.
    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        return asyncio.run(perform(stack, processes, OPENING, keep=keep))


async def perform(
    stack: Stack,
    processes: Processes,
    opening: Opening,
    *,
    keep: bool = False,
    at_stage: AtStage | None = None,
    split_relay_of: str | None = None,
) -> int:
    """Play story 1 on a running stack.

    `at_stage` is told each chapter before it begins, and one service's relay can have a process of its own: fault tests
    kill there.
    """
    began = time.monotonic()
    ground = Ground(stack, processes, stack.folder, opening)
    screen = Screen(ground.clock)
    screen.title(f"Zhixing 执行 · sandbox · clock ×{opening.rate}")
    partners = _register(ground, stack.folder)
    if split_relay_of:
        ground.split_relay(split_relay_of)
    for name, seconds in stack.timings.items():
        screen.ready(f"{name} {VERSIONS.get(name, '')} {seconds:.1f} s".replace("  ", " "))
    await asyncio.to_thread(ground.start, lambda _name, _seconds: None)
    screen.ready(f"{len(SERVICES)} services   {len(world.AGENCIES) + 1} agencies (pull)   {_memory(processes)}")
    _write_current(ground, partners)
    async with httpx.AsyncClient(timeout=30.0) as client:
        town = Town(ground.urls(), client)
        screen.title(TITLE)
        ground.run_clock()
        told = time.monotonic()
        try:
            play_story = WagesStory(_cast(ground, town), screen)
            if at_stage is not None:
                play_story.at_stage = lambda name: at_stage(name, ground)
            await play_story.play()
            verdict = await _proved(stack, ground, partners, play_story)
        except StoryStopped as stopped:
            screen.proof(f"the story stopped: {stopped}", holds=False)
            screen.more(f"logs: {stack.folder / 'logs'}")
            return 1
    _show(screen, verdict)
    screen.place(
        f"{time.monotonic() - began:.0f} s on our clock, of them {time.monotonic() - told:.0f} s for the story"
    )
    _tell_where(screen, ground, play_story.case_id)
    if keep:
        await _until_interrupted(screen)
    return 0 if verdict.holds else 1


def _register(ground: Ground, folder: Path) -> dict[str, str]:
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


def _cast(ground: Ground, town: Town) -> Cast:
    people = {
        subject: Person(town, name, subject, ground.token(subject, name, roles))
        for subject, (name, roles) in world.STAFF.items()
    }
    people["portal"] = Person(
        town, "申请人网上立案", "portal", ground.token("portal", "网上立案", ["filing_portal"], organisation="portal")
    )
    people["operator"] = Person(town, "运维", "operator", ground.token("operator", "运维", ["operator"]))
    return Cast(people)


async def _proved(stack: Stack, ground: Ground, partners: dict[str, str], story: WagesStory) -> Verdict:
    """Look until everything that is on its way has arrived, at most for some seconds, and judge what was seen last."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while True:
        try:
            sight = await look(stack.mongo_uri, stack.kafka_bootstrap, ground.urls(), partners)
            verdict = prove(sight, story.case_id, world.DEBT_FEN)
            if verdict.holds or time.monotonic() > deadline:
                return verdict
        except httpx.TransportError as error:
            # A service that was killed a moment ago may still be on its way up.
            if time.monotonic() > deadline:
                msg = f"an observer could not see everything: {error}"
                raise StoryStopped(msg) from error
        await asyncio.sleep(0.5)


def _show(screen: Screen, verdict: Verdict) -> None:
    screen.title(f"PROOF   {verdict.duration}")
    for finding in verdict.findings:
        screen.proof(finding.text, holds=finding.holds)


def _memory(processes: Processes) -> str:
    sizes = {name: size // 2**20 for name, size in processes.rss_bytes().items() if name != SIMULATORS}
    return f"largest service {max(sizes.values())} MiB at rest"


def _write_current(ground: Ground, partners: dict[str, str]) -> None:
    body = {"services": ground.urls(), "partners": partners, "token_key": str(ground.keys.issuer_key)}
    CURRENT_HOUSE.write_text(json.dumps(body, indent=1))


def _tell_where(screen: Screen, ground: Ground, case_id: str) -> None:
    token = ground.page_token("u-leader", "孙执行长")
    urls = ground.urls()
    screen.place(f"case page   {urls['command_center']}/cases/{case_id}?access_token={token}")
    screen.place(f"API docs    {urls['intake']}/docs  {urls['asset_inquiry']}/docs  {urls['payments']}/docs")
    screen.place(f"metrics     {urls['intake']}/metrics and the same path at every service")


async def _until_interrupted(screen: Screen) -> None:
    screen.console.print(" Everything is still running; Ctrl-C ends it.")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
