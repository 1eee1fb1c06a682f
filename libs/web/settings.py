"""Settings of a service: `INTAKE_MONGO_URI` first, then `MONGO_URI`, then the default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from pydantic import Field
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from libs.evidence import Signer
from libs.foundation.clock import Clock, RealClock, ScheduleFile
from libs.foundation.limits import REQUESTS_AT_ONCE_MAX
from libs.journal.rooting import ROOT_DELAY_SECONDS


class WebSettings(BaseSettings):
    """What the web layer needs: whose tokens it believes, and how it listens."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    jwks: str = ""
    """Path or URL of the token issuer's public keys; empty: every token is refused."""
    issuer: str = "https://issuer.zhixing.invalid/dev"
    audience: str = "zhixing"
    log_level: str = "INFO"
    requests_at_once_max: int = Field(default=REQUESTS_AT_ONCE_MAX, ge=1)
    """Above it a request is answered with 429 `overloaded` at the door."""
    stop_seconds_max: int = Field(default=10, ge=1, le=60)
    """How long a SIGTERM waits for requests in flight, in real seconds."""


class ServiceSettings(WebSettings):
    """What every service needs. A service subclasses it with `env_prefix="INTAKE_"` and its own fields."""

    mongo_uri: str = "mongodb://127.0.0.1:27017/?replicaSet=zhixing"
    mongo_database: str = ""
    """Empty: the service's name."""
    kafka_bootstrap: str = "127.0.0.1:9092"
    topic_prefix: str = ""
    signing_key: Path | None = None
    """JWK file of the service's signing key; None: the service signs nothing."""
    retired_keys: Path | None = None
    """JWKS file of the public keys that signed before: what they signed must stay verifiable."""
    root_delay_seconds: float = Field(default=ROOT_DELAY_SECONDS, ge=0)
    """How long after an hour was seen to have ended its root is signed, in real seconds: stragglers are in by then."""
    clock_schedule: Path | None = None
    """Schedule of the sandbox clock; None: the real clock, which cannot be moved."""
    relay: bool = True

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic-settings passes all its sources by name
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Ask the prefixed variables, then the unprefixed ones; no `.env` file is read behind the operator's back."""
        return init_settings, env_settings, EnvSettingsSource(settings_cls, env_prefix=""), file_secret_settings

    def clock(self) -> Clock:
        """Return the clock of business time that these settings name."""
        return ScheduleFile(self.clock_schedule) if self.clock_schedule else RealClock()

    def signer(self) -> Signer | None:
        """Return the signer that these settings name, None where the service signs nothing."""
        return Signer(self.signing_key, retired=self.retired()) if self.signing_key else None

    def retired(self) -> dict[str, Any] | None:
        """Return the public keys that signed before, as a JWKS; None where there are none."""
        return orjson.loads(self.retired_keys.read_bytes()) if self.retired_keys else None

    def model_post_init(self, context: Any, /) -> None:
        """Name the database after the service where nobody named it."""
        super().model_post_init(context)
        prefix = type(self).model_config.get("env_prefix", "")
        if not self.mongo_database and prefix:
            object.__setattr__(self, "mongo_database", prefix.rstrip("_").lower())
