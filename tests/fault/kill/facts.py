"""Everything that can be seen from outside at one moment: journals, wire, the partners' books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from devstack.demo.proof.sight import WireRecord, event_name
from tests.fault import wire
from tests.fault.kill.house import SERVICES, House

PUBLISHED: dict[str, dict[str, tuple[str, ...]]] = {
    "intake": {
        "zhixing.intake.v1": ("filing", "numbering", "case", "document"),
        "zhixing.parties.v1": ("party", "roster"),
        "zhixing.papers.v1": ("paper",),
    },
    "asset_inquiry": {"zhixing.asset-inquiry.v1": ("agency", "inquiry", "request", "controls")},
    "payments": {"zhixing.payments.v1": ("account", "incoming", "fund")},
    "command_center": {"zhixing.command-center.v1": ("dossier",)},
}
"""Which streams of a service stand on which topic; all others are private to it."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One command in a journal."""

    service: str
    stream: str
    raw: Json

    @property
    def category(self) -> str:
        """The first part of the stream's name."""
        return self.stream.partition("/")[0]

    @property
    def actor(self) -> Json:
        """Who acted."""
        return dict(self.raw["actor"])


@dataclass(frozen=True, slots=True)
class Happened:
    """One event in a journal."""

    service: str
    stream: str
    name: str
    id: str
    seq: int
    data: Json

    @property
    def is_published(self) -> bool:
        """Whether it stands in a stream that everybody may read."""
        category = self.stream.partition("/")[0]
        return any(category in categories for categories in PUBLISHED[self.service].values())


@dataclass
class Facts:
    """What was seen."""

    commits: dict[str, list[Json]]
    wire: dict[str, list[WireRecord]]
    open_quarantine: int
    open_effects: list[str]
    bank: Json
    agencies: list[Json]
    messages: dict[str, list[Json]]
    other_lines: dict[str, int]
    trial_balance: Json

    def entries(self) -> Iterator[Entry]:
        """Yield every entry of every journal."""
        for service, commits in self.commits.items():
            for commit in commits:
                for entry in commit["entries"]:
                    yield Entry(service, commit["stream"], entry)

    def events(self, *names: str) -> Iterator[Happened]:
        """Yield the events with these names, or all."""
        for entry in self.entries():
            for event in entry.raw["events"]:
                name = event_name(event)
                if not names or name in names:
                    yield Happened(entry.service, entry.stream, name, event["id"], event["seq"], event["data"])

    def by_command(self) -> dict[str, list[Entry]]:
        """Return the entries of every command id, over all services."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries():
            found[entry.raw["command_id"]].append(entry)
        return found


async def see(house: House) -> Facts:
    """Look at everything now."""
    commits, quarantine, effects = _journals(house.mongo)
    bootstrap = house.stack.kafka_bootstrap
    records = {service: await wire.read_all(bootstrap, topics) for service, topics in PUBLISHED.items()}
    partners = {name: await _json(url, name) for name, url in house.partners.items()}
    lines: dict[str, int] = {}
    for command in house.client.commands:
        if command.kind == "bank-statements" and command.answer is not None and command.answer.accepted:
            taken = [one for one in command.answer.body if one["status"] in {"RECORDED", "UNIDENTIFIED", "REPEATED"}]
            lines |= {one["reference"]: command.amounts[one["reference"]] for one in taken}
    balance = await house.client.read(
        "u-maker", "payments", f"/v1/trial-balances/2026-03-31?court={house.ground.opening.court}"
    )
    return Facts(
        commits=commits,
        wire=records,
        open_quarantine=quarantine,
        open_effects=effects,
        bank=partners["custodian"],
        agencies=partners["agencies"]["items"],
        messages={name: partners[name]["items"] for name in ("sms", "robot")},
        other_lines=lines,
        trial_balance=balance.json(),
    )


def _journals(mongo: MongoClient[Json]) -> tuple[dict[str, list[Json]], int, list[str]]:
    commits: dict[str, list[Json]] = {}
    quarantine, effects = 0, []
    for service in SERVICES:
        database = mongo.get_database(service, read_concern=ReadConcern("majority"))
        commits[service] = list(database["commits"].find().sort("_id", 1))
        quarantine += database["quarantine"].count_documents({"state": {"$nin": ["released", "discarded"]}})
        effects += [str(row["_id"]) for row in database["effects"].find({"done": False})]
    return commits, quarantine, effects


async def _json(url: str, name: str) -> Json:
    path = "/books" if name in {"custodian", "agencies"} else "/messages"
    async with httpx.AsyncClient(timeout=30.0) as client:
        response = await client.get(url + path)
        response.raise_for_status()
        return dict(response.json())
