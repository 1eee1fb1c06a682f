"""Natural keys of persons under a court's secret: the same person is the same party in every room of a court."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Final

from libs.foundation.ids import keyed_digest

DEVELOPMENT_SECRET: Final = "development only: whoever knows this can guess parties"  # noqa: S105 -- it protects nobody

IDENTITY_ORDER: Final = ("RESIDENT_IDENTITY_CARD", "UNIFIED_SOCIAL_CREDIT_CODE", "PASSPORT", "OTHER")
"""Which of several identity documents names a party: the one that stays with a person for life comes first."""


class CourtSecrets:
    """One secret per court: named in the settings, else derived from the master secret."""

    def __init__(self, master: str, named: Mapping[str, str]) -> None:
        """`named` maps a court code to its own secret."""
        self._master = master.encode()
        self._named = {court: secret.encode() for court, secret in named.items()}

    def of(self, court: str) -> bytes:
        """Return the court's secret."""
        return self._named.get(court) or hmac.digest(self._master, f"court:{court}".encode(), "sha256")

    def party_id(self, court: str, documents: Iterable[tuple[str, str]]) -> str:
        """Return the id under which the court knows the holder of these documents, pairs of type and number.

        It tells nothing about them. Numbers are normalised before.
        """
        first = min(documents, key=lambda document: IDENTITY_ORDER.index(document[0]))
        return f"party_{keyed_digest(self.of(court), 'party', court, *first)[:24]}"

    def named_beside(self, court: str, party_id: str, name: str) -> str:
        """Return the id of someone of whom the court knows a name and no document, as named beside a party.

        Two people may bear one name, so that the same name beside another party is another id. It tells nothing.
        """
        return f"named_{keyed_digest(self.of(court), 'named beside', court, party_id, name)[:24]}"
