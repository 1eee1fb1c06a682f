"""Composition root: settings -> journal, relay, app. The journal holds no streams yet; the relay keeps the topic."""

from __future__ import annotations

from fastapi import FastAPI

from libs.bus import BusSettings, Relay
from libs.journal import Journal, JournalSettings
from libs.web import Background, create_app
from services.credit_blacklist.settings import CreditBlacklistSettings

SERVICE = "credit_blacklist"


def build(settings: CreditBlacklistSettings) -> FastAPI:
    """Return the application; nothing is connected before it starts."""
    journal = Journal(
        JournalSettings(mongo_uri=settings.mongo_uri, database=settings.mongo_database),
        service=SERVICE,
        clock=settings.clock(),
        deciders=(),
    )
    background: list[Background] = [journal]
    if settings.relay:
        bus = BusSettings(bootstrap=settings.kafka_bootstrap, topic_prefix=settings.topic_prefix)
        background.append(Relay(bus, journal, service=SERVICE))
    return create_app(service=SERVICE, settings=settings, routers=(), background=background, signer=settings.signer())
