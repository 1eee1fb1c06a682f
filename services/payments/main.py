"""The composition root: settings → journal, bus, bank → application."""

from __future__ import annotations

from fastapi import FastAPI

from libs.bus import BusSettings, Consumer, Relay
from libs.journal import Decider, EffectSpec, Journal, JournalSettings
from libs.schemas.payments import PayoutApproved, PayoutSubmitted
from libs.web import Background, Custody, Evidence, create_app
from services.payments.api import routers
from services.payments.clients import CustodianBank, PayoutOrders, PendingPayouts
from services.payments.domain.account import Account, evolve_account
from services.payments.domain.account_law import decide_account
from services.payments.domain.custodian import Custodian, decide_custodian, evolve_custodian
from services.payments.domain.fund import Fund, decide_fund, evolve_fund
from services.payments.domain.incoming import Incoming, decide_incoming, evolve_incoming
from services.payments.domain.names import Name, decide_name, evolve_name
from services.payments.domain.payee import Payee, decide_payee, evolve_payee
from services.payments.handlers import handlers
from services.payments.settings import PaymentsSettings
from services.payments.views import VIEWS

SERVICE = "payments"

DECIDERS = (
    Decider(SERVICE, "account", Account, decide_account, evolve_account),
    Decider(SERVICE, "incoming", Incoming, decide_incoming, evolve_incoming),
    Decider(SERVICE, "fund", Fund, decide_fund, evolve_fund),
    Decider(SERVICE, "account_name", Name, decide_name, evolve_name),
    Decider(SERVICE, "custodian", Custodian, decide_custodian, evolve_custodian),
    Decider(SERVICE, "payee", Payee, decide_payee, evolve_payee),
)

CUSTODY = Custody(named=("incoming",))
"""Money that came in is the case's own once it was found whose it is."""

PENDING_ATTEMPTS_MAX = 200
"""A bank may take its time with an order that it has: it is asked at growing intervals before a person is."""


class BankLine:
    """Closes the connections to the bank when the service ends."""

    def __init__(self, bank: CustodianBank) -> None:
        """Take the bank's client."""
        self._bank = bank

    async def start(self) -> None:
        """Open nothing: connections are made when there is something to pay."""

    async def stop(self) -> None:
        """Let go of the connections."""
        await self._bank.close()

    def readiness(self) -> dict[str, str]:
        """Return nothing: a bank that is down delays payouts, not this service."""
        return {}


def build(settings: PaymentsSettings) -> FastAPI:
    """Return the service as an application; nothing runs before it starts."""
    clock = settings.clock()
    bank = CustodianBank(settings.bank_url, seconds_max=settings.bank_seconds_max)
    orders = PayoutOrders(bank)
    journal = Journal(
        JournalSettings(
            mongo_uri=settings.mongo_uri,
            database=settings.mongo_database,
            effect_lease_seconds=settings.effect_lease_seconds,
            effect_backoff_seconds=settings.bank_backoff_seconds,
        ),
        service=SERVICE,
        clock=clock,
        deciders=DECIDERS,
        views=VIEWS,
        effects=(
            EffectSpec("payout", PayoutApproved, orders, attempts_max=settings.bank_attempts_max),
            EffectSpec("pending_payout", PayoutSubmitted, PendingPayouts(bank), attempts_max=PENDING_ATTEMPTS_MAX),
        ),
    )
    orders.follow(journal)
    signer = settings.signer()
    bus = BusSettings(bootstrap=settings.kafka_bootstrap, topic_prefix=settings.topic_prefix)
    background: list[Background] = [BankLine(bank), journal]
    if settings.relay:
        background.append(Relay(bus, journal, service=SERVICE))
    background.append(Consumer(bus, journal, name=SERVICE, handlers=handlers(journal), clock=clock))
    return create_app(
        service=SERVICE,
        settings=settings,
        routers=routers(journal, clock),
        background=background,
        signer=signer,
        evidence=Evidence(journal, signer, custody=CUSTODY, root_delay_seconds=settings.root_delay_seconds),
    )
