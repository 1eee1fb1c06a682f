"""Settings of auction: environment variables with the prefix AUCTION_, then the unprefixed ones."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from libs.web import ServiceSettings


class AuctionSettings(ServiceSettings):
    """What this service needs; it has nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="AUCTION_")

    port: int = 8003
