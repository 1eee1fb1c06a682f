"""The relay of one service as a process of its own: `RELAY_SERVICE=intake python -m services.relay`.

A service publishes its own events; only under heavy load is its relay split off, with `INTAKE_RELAY=false` in the
service. It reads and marks the service's commits and knows nothing of their meaning. Any number may run: a lease says
who publishes a share, and Kafka's fencing stops whoever lost it without noticing.
"""

from __future__ import annotations

from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict

from libs.bus import BusSettings, Relay
from libs.journal import Journal, JournalSettings
from libs.telemetry import configure_logging
from libs.web import ServiceSettings, create_app, run


class RelaySettings(ServiceSettings):
    """Whose relay this is, besides what every service needs."""

    model_config = SettingsConfigDict(env_prefix="RELAY_")

    service: str
    """The service whose commits are published; its database has the same name unless `MONGO_DATABASE` says else."""


def build(settings: RelaySettings) -> FastAPI:
    """Return the application: health and metrics beside the relay; nothing is connected before it starts."""
    journal = Journal(
        JournalSettings(
            mongo_uri=settings.mongo_uri,
            database=settings.service if settings.mongo_database == "relay" else settings.mongo_database,
            run_projector=False,
            run_timers=False,
            run_effects=False,
        ),
        service=settings.service,
        clock=settings.clock(),
        deciders=(),
    )
    bus = BusSettings(bootstrap=settings.kafka_bootstrap, topic_prefix=settings.topic_prefix)
    return create_app(
        service=f"{settings.service}-relay",
        settings=settings,
        routers=(),
        background=[journal, Relay(bus, journal, service=settings.service)],
    )


if __name__ == "__main__":
    chosen = RelaySettings.model_validate({})
    configure_logging(f"{chosen.service}-relay")
    run(build, chosen)
