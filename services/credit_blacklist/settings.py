"""Settings of credit_blacklist: environment variables with the prefix CREDIT_BLACKLIST_, then the unprefixed ones."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from libs.web import ServiceSettings


class CreditBlacklistSettings(ServiceSettings):
    """What this service needs; it has nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_BLACKLIST_")

    port: int = 8005
