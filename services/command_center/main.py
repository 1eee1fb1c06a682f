"""The composition root: settings → journal, bus, gateways → application with its pages."""

from __future__ import annotations

from fastapi import FastAPI

from libs.bus import BusSettings, Consumer, Relay
from libs.journal import Decider, EffectSpec, Journal, JournalSettings
from libs.schemas.command_center import NotificationRequested
from libs.web import Background, Custody, Evidence, create_app
from services.command_center.api import routers
from services.command_center.clients import Gateway, Messages
from services.command_center.domain.contact import Contact, decide_contact, evolve_contact
from services.command_center.domain.dossier import Dossier, evolve
from services.command_center.domain.filing import Filing, decide_filing, evolve_filing
from services.command_center.domain.law import decide
from services.command_center.handlers import handlers
from services.command_center.pages import page_routes
from services.command_center.reading import Reading
from services.command_center.settings import CommandCenterSettings
from services.command_center.views import VIEWS
from services.command_center.visitor import Visitor

SERVICE = "command_center"

CUSTODY = Custody(named=("filing",))
"""What was seen of an application is the case's own once it has become the case."""

MESSAGE_ATTEMPTS_MAX = 120
"""A gateway may be away for about two hours before a message counts as undeliverable."""

DECIDERS = (
    Decider(SERVICE, "dossier", Dossier, decide, evolve),
    Decider(SERVICE, "filing", Filing, decide_filing, evolve_filing),
    Decider(SERVICE, "contact", Contact, decide_contact, evolve_contact),
)


def build(settings: CommandCenterSettings) -> FastAPI:
    """Return the service as an application; nothing runs before it starts."""
    clock = settings.clock()
    messages = Messages(
        Gateway(settings.sms_url, seconds_max=settings.gateway_seconds_max),
        Gateway(settings.robot_url, seconds_max=settings.gateway_seconds_max),
    )
    journal = Journal(
        JournalSettings(mongo_uri=settings.mongo_uri, database=settings.mongo_database),
        service=SERVICE,
        clock=clock,
        deciders=DECIDERS,
        views=VIEWS,
        effects=(EffectSpec("messages", NotificationRequested, messages, attempts_max=MESSAGE_ATTEMPTS_MAX),),
    )
    messages.follow(journal)
    signer = settings.signer()
    bus = BusSettings(bootstrap=settings.kafka_bootstrap, topic_prefix=settings.topic_prefix)
    background: list[Background] = [messages, journal]
    if settings.relay:
        background.append(Relay(bus, journal, service=SERVICE))
    background.append(Consumer(bus, journal, name=SERVICE, handlers=handlers(journal), clock=clock))
    reading = Reading(journal, clock)
    app = create_app(
        service=SERVICE,
        settings=settings,
        routers=routers(reading),
        pages=(page_routes(reading),),
        background=background,
        signer=signer,
        evidence=Evidence(journal, signer, custody=CUSTODY, root_delay_seconds=settings.root_delay_seconds),
    )
    app.add_middleware(Visitor)
    return app
