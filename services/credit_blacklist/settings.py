"""Settings of credit_blacklist: environment variables with the prefix CREDIT_BLACKLIST_, then the unprefixed ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.foundation.court_secrets import DEVELOPMENT_SECRET, CourtSecrets
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

    digest_secret: SecretStr | None = None
    """Salts entries; keep it when the signing key rotates. None: derived from the signing key."""

    party_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    """Master secret of the keys under which courts know persons; the same as intake's, else one person is two."""
    court_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """A court's own secret by court code, where it keeps one itself."""

    # The feed, in seconds and days of business time where nothing else is said.
    feed_closed_views: frozenset[str] = frozenset()
    """Views that are not served any more: whoever asks is told so for good (410) and comes back once a day."""
    feed_head_every_s: int = Field(default=60, ge=1)
    """How often a head is signed again though nothing is new."""
    feed_head_valid_s: int = Field(default=900, ge=2)
    """How long a head proves that there is nothing newer."""
    feed_minimum_wait_s: int = Field(default=15, ge=0)
    """Not sooner than this after a head a subscriber asks for the next one, in real seconds."""
    feed_snapshot_every_s: int = Field(default=3600, ge=1)
    """A snapshot is made at most this often, where anything is new."""
    feed_retention_days: int = Field(default=90, ge=1)
    """How long pages are served, and how long a removed record stays in snapshots."""
    feed_retention_days_max: int = Field(default=400, ge=1)
    """How long pages wait for the slowest subscriber."""

    check_ranges_per_day: int = Field(default=10_000, ge=1)
    """How many ranges of digests one agency may ask each process for on a court day."""

    def persons(self) -> CourtSecrets:
        """Return the secrets under which courts name persons."""
        named = {court: own.get_secret_value() for court, own in self.court_secrets.items()}
        return CourtSecrets(self.party_secret.get_secret_value(), named)

    def secret(self) -> bytes:
        """Return the secret of keyed digests; without a signing key one that is good for development only."""
        if self.digest_secret is not None:
            return self.digest_secret.get_secret_value().encode()
        key = self.signing_key.read_bytes() if self.signing_key else b""
        return hashlib.sha256(b"credit_blacklist digest\x1f" + key).digest()
