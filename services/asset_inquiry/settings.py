"""Settings of `asset_inquiry`: `ASSET_INQUIRY_MONGO_URI` first, then `MONGO_URI`, then the default."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from libs.web import ServiceSettings


class AssetInquirySettings(ServiceSettings):
    """What this service needs besides what every service needs. Without `signing_key` it does not start."""

    model_config = SettingsConfigDict(env_prefix="ASSET_INQUIRY_")

    digest_secret: SecretStr | None = None
    """Names assets and salts contents; keep it when the signing key rotates. None: derived from the signing key."""

    def secret(self) -> bytes:
        """Return the secret of keyed digests. Raises `OSError` without a readable signing key."""
        if self.digest_secret is not None:
            return self.digest_secret.get_secret_value().encode()
        return hashlib.sha256(b"asset_inquiry digest\x1f" + self.key_path().read_bytes()).digest()

    def key_path(self) -> Path:
        """Return the signing key's path. Raises `ValueError` if none is set: unsigned requests are worth nothing."""
        if self.signing_key is None:
            msg = "ASSET_INQUIRY_SIGNING_KEY must name the court's signing key"
            raise ValueError(msg)
        return self.signing_key
