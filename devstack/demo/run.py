"""Plays stories from an empty machine to a proved result, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable

import httpx

from devstack.demo.ground import SIMULATORS, Ground, Opening
from devstack.demo.people import StoryStopped, Town
from devstack.demo.production import Outcome, Production, Script, Stage, proved
from devstack.demo.programme import EVERY, FIRST, STORIES, chosen
from devstack.demo.proof.verdict import Verdict
from devstack.demo.screen import Screen, verdict_table
from devstack.demo.wages import OPENING
from devstack.devkeys import SERVICES
from devstack.processes import Processes
from devstack.runs import CURRENT_HOUSE
from devstack.stack import Stack
from devstack.versions import KAFKA

__all__ = ["OPENING", "AtStage", "perform", "play"]

VERSIONS = {"Kafka": KAFKA}
"""What is pinned by us; the database's version is its wheel's."""

AtStage = Callable[[str, Ground], None]


def play(story: str | None = None, *, keep: bool = False) -> int:
    """Play a story, or all of them, and prove it; 0 if every proof holds, else 1 with the reason on the screen."""
    productions = chosen(story)
    if not productions:
        known = ", ".join(f"{one.number} ({one.name})" for one in STORIES)
        print(f"There is no story {story!r}; these can be played: {known}, or {EVERY}.")
        return 1
    if keep and len(productions) > 1:
        print("KEEP=1 leaves one story's house standing: name the story.")
        return 1
    outcomes = [_on_a_stack_of_its_own(one, keep=keep) for one in productions]
    if len(outcomes) > 1:
        Screen.console_of_people().print(verdict_table(outcomes))
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def _on_a_stack_of_its_own(production: Production, *, keep: bool) -> Outcome:
    # A broker and a database of its own, whatever the environment names: the proof counts everything that stands there.
    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        return asyncio.run(performed(stack, processes, production, keep=keep))


async def perform(
    stack: Stack,
    processes: Processes,
    opening: Opening,
    *,
    keep: bool = False,
    at_stage: AtStage | None = None,
    split_relay_of: str | None = None,
) -> int:
    """Play story 1 on a running stack; 0 if every proof holds.

    `at_stage` is told each chapter before it begins, and one service's relay can have a process of its own: fault tests
    kill there.
    """
    outcome = await performed(
        stack, processes, FIRST, opening=opening, keep=keep, at_stage=at_stage, split_relay_of=split_relay_of
    )
    return 0 if outcome.holds else 1


async def performed(
    stack: Stack,
    processes: Processes,
    production: Production,
    *,
    opening: Opening | None = None,
    keep: bool = False,
    at_stage: AtStage | None = None,
    split_relay_of: str | None = None,
) -> Outcome:
    """Play one story on a running stack and prove it."""
    began = time.monotonic()
    ground = Ground(stack, processes, stack.folder, opening or production.opening)
    screen = Screen(ground.clock)
    screen.title(f"Zhixing 执行 · sandbox · clock ×{ground.opening.rate}")
    partners = production.register(ground, stack.folder)
    if split_relay_of:
        ground.split_relay(split_relay_of)
    for name, seconds in stack.timings.items():
        screen.ready(f"{name} {VERSIONS.get(name, '')} {seconds:.1f} s".replace("  ", " "))
    await asyncio.to_thread(ground.start, lambda _name, _seconds: None)
    screen.ready(f"{len(SERVICES)} services   {production.partners}   {_memory(processes)}")
    _write_current(ground, partners)
    async with httpx.AsyncClient(timeout=30.0) as client:
        screen.title(production.title)
        stage = Stage(ground, partners, Town(ground.urls(), client), screen)
        script = production.script(stage, lambda name: at_stage(name, ground) if at_stage else None)
        ground.run_clock()
        told = time.monotonic()
        try:
            await script.play()
            verdict = await proved(lambda: production.judged(ground, partners, script))
        except StoryStopped as stopped:
            screen.proof(f"the story stopped: {stopped}", holds=False)
            screen.more(f"logs: {stack.folder / 'logs'}")
            return Outcome(production.title, time.monotonic() - began)
    ended = time.monotonic()
    _show(screen, verdict)
    screen.place(f"{ended - began:.0f} s on our clock, of them {ended - told:.0f} s for the story")
    _tell_where(screen, ground, script)
    if keep:
        await _until_interrupted(screen)
    return Outcome(production.title, ended - began, verdict)


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


def _tell_where(screen: Screen, ground: Ground, script: Script) -> None:
    token = ground.page_token("u-leader", "孙执行长")
    urls = ground.urls()
    screen.place(f"case page   {urls['command_center']}/cases/{script.case_id}?access_token={token}")
    screen.place(f"API docs    {urls['intake']}/docs  {urls['asset_inquiry']}/docs  {urls['payments']}/docs")
    screen.place(f"metrics     {urls['intake']}/metrics and the same path at every service")


async def _until_interrupted(screen: Screen) -> None:
    screen.console.print(" Everything is still running; Ctrl-C ends it.")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
