"""Composition root: settings -> journal, relay, app. The journal holds no streams yet; the relay keeps the topic."""

from __future__ import annotations

from fastapi import FastAPI

from libs.bus import BusSettings, Relay
from libs.journal import Journal, JournalSettings
from libs.web import Background, Evidence, create_app
from services.auction.settings import AuctionSettings

SERVICE = "auction"


def build(settings: AuctionSettings) -> FastAPI:
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
    signer = settings.signer()
    return create_app(
        service=SERVICE,
        settings=settings,
        routers=(),
        background=background,
        signer=signer,
        evidence=Evidence(journal, signer, root_delay_seconds=settings.root_delay_seconds),
    )
