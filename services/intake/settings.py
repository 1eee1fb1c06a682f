"""Settings of `intake`: `INTAKE_PARTY_SECRET` first, then `PARTY_SECRET`, then the default."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.foundation.court_secrets import DEVELOPMENT_SECRET
from libs.web import ServiceSettings


class IntakeSettings(ServiceSettings):
    """What this service needs besides what every service needs."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    party_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    """Master secret of the natural keys; every court's own is derived from it. It never changes: keys would split."""
    court_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """A court's own secret by court code, where it keeps one itself."""
