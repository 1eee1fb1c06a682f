"""The composition root: settings → journal, bus → application."""

from __future__ import annotations

from fastapi import FastAPI

from libs.bus import BusSettings, Consumer, Relay
from libs.evidence import Signer
from libs.journal import Journal, JournalSettings
from libs.web import Background, Custody, Evidence, create_app
from services.asset_inquiry.api import routers
from services.asset_inquiry.api.queue import Doorbell
from services.asset_inquiry.deciders import DECIDERS, SERVICE
from services.asset_inquiry.handlers import handlers
from services.asset_inquiry.issuing import Issuing
from services.asset_inquiry.settings import AssetInquirySettings
from services.asset_inquiry.views import VIEWS

CUSTODY = Custody(attached={"agency": "agency_id"})
"""The agencies that were asked: their registered keys show that their replies are theirs."""


def build(settings: AssetInquirySettings) -> FastAPI:
    """Return the service as an application; nothing runs before it starts."""
    clock = settings.clock()
    journal = Journal(
        JournalSettings(mongo_uri=settings.mongo_uri, database=settings.mongo_database),
        service=SERVICE,
        clock=clock,
        deciders=DECIDERS,
        views=VIEWS,
    )
    signer, secret, doorbell = Signer(settings.key_path(), retired=settings.retired()), settings.secret(), Doorbell()
    journal.on_commit(doorbell.ring)
    bus = BusSettings(bootstrap=settings.kafka_bootstrap, topic_prefix=settings.topic_prefix)
    background: list[Background] = [journal]
    if settings.relay:
        background.append(Relay(bus, journal, service=SERVICE))
    reactions = handlers(journal, Issuing(journal, signer, secret))
    background.append(Consumer(bus, journal, name=SERVICE, handlers=reactions, clock=clock))
    return create_app(
        service=SERVICE,
        settings=settings,
        routers=routers(journal, signer, secret, doorbell),
        background=background,
        signer=signer,
        evidence=Evidence(journal, signer, custody=CUSTODY, root_delay_seconds=settings.root_delay_seconds),
    )
