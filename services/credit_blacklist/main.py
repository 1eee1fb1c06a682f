"""Composition root: settings → journal, bus → application."""

from __future__ import annotations

from datetime import timedelta

from fastapi import FastAPI

from libs.bus import BusSettings, Consumer, Relay
from libs.evidence import Signer
from libs.journal import Journal, JournalSettings
from libs.web import Background, Evidence, create_app
from services.credit_blacklist.api import routers
from services.credit_blacklist.deciders import DECIDERS, SERVICE
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.feed.distribution.distribution import distribution_of
from services.credit_blacklist.feed.distribution.slowest import SlowestSubscriber
from services.credit_blacklist.feed.heads import Keys
from services.credit_blacklist.feed.herald import Herald
from services.credit_blacklist.feed.register import Register
from services.credit_blacklist.handlers import handlers
from services.credit_blacklist.rules.views import VIEWS as FEED_VIEWS
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.screening import Screening
from services.credit_blacklist.settings import CreditBlacklistSettings
from services.credit_blacklist.views import VIEWS


def build(settings: CreditBlacklistSettings) -> FastAPI:
    """Return the application; nothing is connected before it starts."""
    clock = settings.clock()
    journal = Journal(
        JournalSettings(mongo_uri=settings.mongo_uri, database=settings.mongo_database),
        service=SERVICE,
        clock=clock,
        deciders=DECIDERS,
        views=VIEWS,
    )
    signer = settings.signer()
    register = Register(journal, FEED_VIEWS, settings.register_folder)
    bus = BusSettings(bootstrap=settings.kafka_bootstrap, topic_prefix=settings.topic_prefix)
    head_signer = Signer(settings.head_key) if settings.head_key else signer
    distribution = distribution_of(bus, journal, register, clock, head_signer=head_signer, key_sets=settings.key_sets)
    index = ScreeningIndex(register)
    screening = Screening(register, index, head_valid=timedelta(seconds=settings.feed_head_valid_s))
    desk = Desk(journal, clock, settings, signer, register, distribution, screening)
    background: list[Background] = [journal, register, index]
    if settings.relay:
        background.append(Relay(bus, journal, service=SERVICE))
    if reactions := handlers(desk):
        background.append(Consumer(bus, journal, name=SERVICE, handlers=reactions, clock=clock))
    keys = Keys(signer, head_signer, distribution.key_sets) if signer and head_signer else None
    herald = Herald(journal, register, clock, settings, keys)
    herald.keep_for(SlowestSubscriber(journal, register))
    background.append(herald)
    background += distribution.background()
    return create_app(
        service=SERVICE,
        settings=settings,
        routers=routers(desk),
        background=background,
        signer=signer,
        evidence=Evidence(journal, signer, root_delay_seconds=settings.root_delay_seconds),
    )
