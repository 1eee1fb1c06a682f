"""Policies: what each view's measures are, and what doubt means for them, signed with the key that signs heads."""

from __future__ import annotations

from typing import Final

from libs.evidence import Signer
from libs.foundation.canonical import canonical_bytes, sha256_hex
from libs.foundation.errors import NotFound, Transient
from services.credit_blacklist.rules.views import POLICY_VERSION, policy_of

TYP: Final = "zhixing-policy+jws"


class PolicyUnknown(NotFound):
    """The view has no policy of this number."""

    code = "policy_unknown"
    title = "There is no such policy"
    remedy = "Ask for the policy that the newest head names."


class NothingIsSigned(Transient):
    """The publisher has no key to sign with: its settings name none."""

    code = "publisher_without_key"
    title = "The publisher has no key"
    remedy = "Report it: the publisher's settings name no key for heads."


def policy_digest(view: str) -> tuple[int, str]:
    """Return number and SHA-256 of a view's policy, as heads name them: the hash is over the policy's payload bytes.

    Over the payload and not the JWS, because every process signs for itself and no two ES256 signatures are the same.
    """
    return POLICY_VERSION, sha256_hex(canonical_bytes(policy_of(view)))


class Policies:
    """The signed policies of this process, each signed once."""

    def __init__(self, signer: Signer | None) -> None:
        """`signer` is that of the heads; None: nothing can be signed."""
        self._signer = signer
        self._signed: dict[tuple[str, str], str] = {}

    async def signed(self, view: str, version: int) -> str:
        """Return a view's policy as JWS. Raises `PolicyUnknown`, and `NothingIsSigned` without a key."""
        if version != POLICY_VERSION:
            raise PolicyUnknown(f"The view's policy is number {POLICY_VERSION}.", field="version")
        if self._signer is None:
            raise NothingIsSigned
        name = (view, self._signer.kid)
        if name not in self._signed:
            self._signed[name] = await self._signer.sign(policy_of(view), TYP)
        return self._signed[name]
