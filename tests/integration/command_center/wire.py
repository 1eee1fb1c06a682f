"""Facts of the other services put on the real broker, as their relays would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiokafka import AIOKafkaProducer

from libs.bus import ensure_topics
from libs.bus.cloudevents import Envelope, encode
from libs.foundation.clock import instant_text
from libs.journal import NATIONAL
from libs.schemas import asset_inquiry, intake
from libs.schemas.envelope import Event
from libs.schemas.topics import TOPICS, topic_of_event
from libs.web import DevIssuer
from tests.unit.command_center.wages import AGENCIES, CASE, COURT, MORNING, Told

NAMES = {
    "bank-a": "甲银行",
    "bank-b": "乙银行",
    "pay-firm": "丙支付公司",
    "land": "宣威市不动产登记中心",
    "vehicle": "曲靖市车辆管理所",
}
SPEAKERS = ("intake", "asset_inquiry", "payments")
PHONES = {"u-duty": "13908740002", "u-duty-lead": "13908740003", "u-officer": "13908740004", "u-leader": "13908740006"}
POSTS = {"u-nodes": "沈监管", "u-head": "何局长", "u-president": "许院长"}
APPLICANT_PHONE = "13908741111"


def ground() -> list[tuple[Told, str]]:
    """The roster, the parties and the agencies, each with the court that says it."""
    officers = tuple(
        intake.Officer(
            officer_id=officer_id,
            name=POSTS.get(officer_id, officer_id),
            work_permit_number="W1",
            duty_permit_number="D1",
            roles=("case_officer",),
            phone=PHONES.get(officer_id, "13908749999"),
        )
        for officer_id in (*PHONES, *POSTS)
    )
    roster = intake.RosterSet(
        court=COURT,
        court_name="宣威市人民法院",
        officers=officers,
        teams=(),
        duty_officer="u-duty",
        duty_leader="u-duty-lead",
        bureau_head="u-head",
        president="u-president",
        node_supervisor="u-nodes",
    )
    early = MORNING - timedelta(hours=1)
    told = [(Told(roster, "roster/yun0381", 1, early), COURT)]
    for party_id, name, shown, phone in (
        ("party_pu", "浦明远", "浦**", APPLICANT_PHONE),
        ("party_li", "李建业", "李**", "13908742222"),
    ):
        party = intake.PartyRegistered(
            party_id=party_id, party_type="PERSON", name=name, display_name=shown, documents=(), phone=phone
        )
        told.append((Told(party, f"party/{party_id}", 1, early), COURT))
    for agency_id in AGENCIES:
        agency = asset_inquiry.AgencyRegistered(
            agency_id=agency_id,
            name=NAMES[agency_id],
            kind="OTHER",
            asset_classes=("DEPOSIT",),
            measure_codes=("01",),
            contact_name="值班员",
            contact_phone="0874-7120000",
        )
        told.append((Told(agency, f"agency/{agency_id}", 1, early), NATIONAL))
    return told


@dataclass
class Wire:
    """A producer in the place of the other services' relays."""

    bootstrap: str
    prefix: str

    async def say(self, told: Iterable[Told], *, court: str = COURT, key: str | None = None) -> None:
        """Publish facts in this order, keyed as their services key them: by stream or by case."""
        await self.publish([(one, court, key or key_of(one)) for one in told])

    async def set_the_ground(self) -> None:
        """Publish roster, parties and agencies."""
        await self.publish([(one, court, one.stream) for one, court in ground()])

    async def publish(self, facts: list[tuple[Told, str, str]]) -> None:
        """Publish facts with their courts and keys."""
        await ensure_topics(self.bootstrap, self.prefix, [topic for topic in TOPICS if topic.service in SPEAKERS])
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        try:
            for one, court, key in facts:
                topic = topic_of_event(type(one.event))
                assert topic is not None
                record = encode(envelope(one, court, key))
                await producer.send_and_wait(
                    f"{self.prefix}{topic.name}", record.value, key=record.key, headers=list(record.headers)
                )
        finally:
            await producer.stop()


def reader_token(issuer_key: Path, *, court: str = COURT) -> str:
    """A token of somebody who may look at the pages of a court."""
    return DevIssuer(issuer_key).token(
        subject="u-leader",
        organisation=court,
        roles=["team_leader"],
        scopes=["command_center.timelines.read"],
        courts=[court],
        ttl_seconds=600,
    )


def key_of(one: Told) -> str:
    """The Kafka key: the stream of the application before there is a case, the case after."""
    return one.stream if one.stream.startswith("filing/") else getattr(one.event, "case_id", CASE)


def envelope(one: Told, court: str, key: str) -> Envelope:
    """The fact as its service's journal stored it."""
    event: Event = one.event
    return Envelope(
        id=one.id,
        type=event.type_text(),
        service=event.SERVICE,
        stream=one.stream,
        seq=one.seq,
        court=court,
        key=key,
        at=instant_text(one.at),
        correlation_id="corr_story",
        causation_id=None,
        trace=None,
        data=event.data(),
    )
