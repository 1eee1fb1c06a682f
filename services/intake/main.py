"""The composition root: settings → journal, bus → application."""

from __future__ import annotations

from fastapi import FastAPI

from libs.bus import BusSettings, Consumer, Relay
from libs.evidence import Signer
from libs.foundation.court_secrets import DEVELOPMENT_SECRET, CourtSecrets
from libs.journal import Journal, JournalSettings
from libs.telemetry import get_logger
from libs.web import Background, Custody, Evidence, create_app
from services.intake.api import routers
from services.intake.api.desk import Desk
from services.intake.deciders import DECIDERS, SERVICE
from services.intake.handlers import handlers
from services.intake.settings import IntakeSettings
from services.intake.views import VIEWS

log = get_logger("zhixing.intake")

CUSTODY = Custody(named=("filing",), attached={"wording": "application_id"})
"""An application and its wording are the case's own once it has become the case."""


class SigningDesk:
    """Says in `/readyz` whether the court can sign; without a key receipts and seals wait."""

    def __init__(self, signer: Signer | None) -> None:
        """Take the signer."""
        self._signer = signer

    async def start(self) -> None:
        """Begin: nothing to open."""

    async def stop(self) -> None:
        """End: nothing to close."""

    def readiness(self) -> dict[str, str]:
        """Return why nothing can be signed."""
        return {} if self._signer else {"signing_key": "INTAKE_SIGNING_KEY names no key"}


def build(settings: IntakeSettings) -> FastAPI:
    """Return the service as an application; nothing runs before it starts."""
    clock = settings.clock()
    signer = settings.signer()
    secret = settings.party_secret.get_secret_value()
    if secret == DEVELOPMENT_SECRET:
        log.warning("party_secret_is_the_development_one", remedy="set INTAKE_PARTY_SECRET")
    journal = Journal(
        JournalSettings(mongo_uri=settings.mongo_uri, database=settings.mongo_database),
        service=SERVICE,
        clock=clock,
        deciders=DECIDERS,
        views=VIEWS,
    )
    bus = BusSettings(bootstrap=settings.kafka_bootstrap, topic_prefix=settings.topic_prefix)
    background: list[Background] = [SigningDesk(signer), journal]
    if settings.relay:
        background.append(Relay(bus, journal, service=SERVICE))
    background.append(Consumer(bus, journal, name=SERVICE, handlers=handlers(journal, signer), clock=clock))
    named = {court: own.get_secret_value() for court, own in settings.court_secrets.items()}
    desk = Desk(journal, clock, signer, CourtSecrets(secret, named))
    return create_app(
        service=SERVICE,
        settings=settings,
        routers=routers(desk),
        background=background,
        signer=signer,
        evidence=Evidence(journal, signer, custody=CUSTODY, root_delay_seconds=settings.root_delay_seconds),
    )
