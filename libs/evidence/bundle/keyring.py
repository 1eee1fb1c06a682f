"""Whose keys a bundle is verified with: those it brings along, or better those that the reader got elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from libs.evidence.bundle.findings import Finding
from libs.evidence.keys import import_key
from libs.evidence.signing import SignatureInvalid, Verifier


class Keyring:
    """Public keys by service. With pinned keys those of the bundle are compared, never trusted."""

    def __init__(self, pinned: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`pinned` is a JWKS for each service."""
        self._pinned = pinned
        self._documents: dict[str, Mapping[str, Any]] = dict(pinned or {})
        self._verifiers = {service: Verifier(document) for service, document in self._documents.items()}
        self._registered: list[tuple[str, Verifier]] = []

    def bring(self, service: str, document: Mapping[str, Any], findings: list[Finding]) -> None:
        """Take the keys that a bundle brings for a service."""
        if self._pinned is None:
            self._documents[service] = document
            self._verifiers[service] = Verifier(document)
            return
        known = {each for _, each in self.thumbprints(service)}
        for kid, thumbprint in _thumbprints(document):
            if thumbprint not in known:
                findings.append(Finding(service, "wrong_key", f"key {kid}", "it is not among the pinned keys"))

    def opened(
        self, service: str, token: str, typ: str, place: str, findings: list[Finding]
    ) -> Mapping[str, Any] | None:
        """Return the payload of a service's own signed paper, or None after saying what is wrong with it."""
        verifier = self._verifiers.get(service)
        if verifier is None:
            findings.append(Finding(service, "wrong_key", place, "there are no keys of this service"))
            return None
        try:
            header, payload = verifier.opened(token)
        except SignatureInvalid as error:
            kind = "wrong_key" if error.field in ("kid", "alg") else "signature_invalid"
            findings.append(Finding(service, kind, place, error.detail))
            return None
        if header.get("typ") != typ:
            findings.append(Finding(service, "signature_swapped", place, f"this is a {header.get('typ')}, not a {typ}"))
            return None
        return payload

    def register(self, owner: str, jwk: Mapping[str, Any]) -> None:
        """Take a key that an event of the bundle registers as an agency's. Raises `ValueError` for what is none."""
        self._registered.append((owner, Verifier({"keys": [jwk]})))

    def verifiers(self, owner: str | None) -> Iterator[Verifier]:
        """Yield all services' verifiers, for a paper of one may stand in the events of another, then agencies'.

        Where the event says which agency (`owner`) it is about, the keys of other agencies do not count.
        """
        yield from self._verifiers.values()
        yield from (verifier for whose, verifier in self._registered if owner is None or whose in ("", owner))

    def thumbprints(self, service: str) -> list[tuple[str, str]]:
        """Return name and thumbprint of a service's keys."""
        return _thumbprints(self._documents.get(service, {}))


def _thumbprints(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    keys = [import_key(jwk) for jwk in document.get("keys", []) if jwk.get("kty") in ("EC", "OKP")]
    return [(str(key.kid or key.thumbprint()), str(key.thumbprint())) for key in keys]
