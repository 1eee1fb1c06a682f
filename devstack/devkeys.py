"""Keys and tokens for development: an issuer of our own, and a signing key for each service.

Production takes its tokens from an OIDC issuer and its keys from a secret store; nothing here is for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from devstack.feed_keys import public_half, sign_next
from libs.evidence import generate_key
from libs.web import DevIssuer

FEED_SERVICE = "credit_blacklist"
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

    @property
    def root_key(self) -> Path:
        """The feed's root key: it signs key sets and nothing else. In production it never lies on a machine."""
        return self.path / "feed" / "root.json"

    @property
    def head_key(self) -> Path:
        """The private key with which the feed's heads are signed."""
        return self.path / "feed" / "head.json"

    @property
    def key_sets(self) -> Path:
        """The folder of the key sets that the root signed: `1.jws` and so on."""
        return self.path / "feed" / "sets"

    def agency_key(self, agency_id: str) -> Path:
        """The private key with which an agency signs its positions."""
        return self.path / "agencies" / f"{agency_id}.json"

    def settings(self, service: str) -> dict[str, str]:
        """Return the settings that tell a service where its keys lie."""
        own = {f"{service.upper()}_SIGNING_KEY": str(self.signing_key(service))}
        if service != FEED_SERVICE:
            return own
        prefix = FEED_SERVICE.upper()
        return own | {f"{prefix}_HEAD_KEY": str(self.head_key), f"{prefix}_KEY_SETS": str(self.key_sets)}

    def make(self, services: Sequence[str] = SERVICES, *, at: datetime | None = None) -> None:
        """Make what is missing; `at` is the business time that a new key set states, by default now."""
        self.jwks.parent.mkdir(parents=True, exist_ok=True)
        self.jwks.write_bytes(orjson.dumps(DevIssuer(self.issuer_key).jwks()))
        for service in services:
            generate_key(self.signing_key(service))
        if not (self.key_sets / "1.jws").exists():
            self._sign_first_key_set(at or datetime.now(UTC))

    def public_agency_key(self, agency_id: str) -> dict[str, Any]:
        """Return the public half of an agency's key, as its profile registers it; the key is made if it is missing."""
        return public_half(generate_key(self.agency_key(agency_id)))

    def public_root_key(self) -> dict[str, Any]:
        """Return the public half of the root key, which a subscriber is given by hand."""
        return public_half(generate_key(self.root_key))

    def _sign_first_key_set(self, at: datetime) -> None:
        heads, entries = generate_key(self.head_key), generate_key(self.signing_key(FEED_SERVICE))
        sign_next(self.key_sets, generate_key(self.root_key), heads=[heads], entries=[entries], at=at)
