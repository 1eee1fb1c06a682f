"""Keys and tokens for development: an issuer of our own, and a signing key for each service.

Production takes its tokens from an OIDC issuer and its keys from a secret store; nothing here is for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from libs.evidence import generate_key
from libs.web import DevIssuer

SERVICES = ("intake", "asset_inquiry", "auction", "payments", "credit_blacklist", "command_center")


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Where the keys of one deployment lie; existing keys are kept."""

    path: Path

    @property
    def issuer_key(self) -> Path:
        """The private key that signs tokens."""
        return self.path / "issuer.json"

    @property
    def jwks(self) -> Path:
        """The issuer's public keys, as services read them."""
        return self.path / "jwks.json"

    def signing_key(self, service: str) -> Path:
        """The private key with which a service signs what it says."""
        return self.path / f"{service}.json"

    def make(self, services: Sequence[str] = SERVICES) -> None:
        """Make what is missing."""
        self.jwks.parent.mkdir(parents=True, exist_ok=True)
        self.jwks.write_bytes(orjson.dumps(DevIssuer(self.issuer_key).jwks()))
        for service in services:
            generate_key(self.signing_key(service))
