"""Settings of credit_blacklist: environment variables with the prefix CREDIT_BLACKLIST_, then the unprefixed ones."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from libs.web import ServiceSettings


class CreditBlacklistSettings(ServiceSettings):
    """What this service needs besides what every service needs."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_BLACKLIST_")

    port: int = 8005
    register_folder: Path | None = None
    """Where the local register of the feed lies; it is made anew from the journal when it is lost. None: a folder of
    the process's own, gone with it."""
    head_key: Path | None = None
    """JWK file of the key that signs heads; None: heads are signed with the service's signing key."""
    key_sets: Path | None = None
    """Folder of the key sets that the offline root signed: `1.jws`, `2.jws`, …; None: there is none to serve."""
