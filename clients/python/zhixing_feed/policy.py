"""A view's policy: what its agencies may do to whom, and from when on a copy is too old for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault, MeasureUnknown
from zhixing_feed.jws import KeyRing, NotVerified, payload_of, unverified_claims

POLICY_TYPE = "zhixing-policy+jws"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of punishment. `kinds` are those of a restriction that it carries out; none means any."""

    measure_code: str
    title: str
    list_types: frozenset[str]
    kinds: frozenset[int]
    reversible: bool
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that verified. A measure without a legal basis is not in it."""

    view: str
    version: int
    sha256: str
    measures: Mapping[str, Measure]
    ageing: timedelta
    stale: timedelta
    clock_skew: timedelta

    def measure(self, measure_code: str) -> Measure:
        """Return a measure. Raises `MeasureUnknown`: without a legal basis nothing may be refused."""
        try:
            return self.measures[measure_code]
        except KeyError as error:
            raise MeasureUnknown(f"{measure_code} is no measure of the view {self.view}") from error


def read_policy(text: str, keys: KeyRing, view: str, version: int, sha256: str) -> Policy:
    """Return the policy that a head names, signed by a head key. Raises `FeedFault`."""
    try:
        signed = keys.verified(text.strip(), POLICY_TYPE)
        fields.exactly({"sha256": signed.sha256.hex()}, "sha256", sha256)
        fields.exactly(signed.claims, "view", view)
        fields.exactly(signed.claims, "version", version)
        return _policy(signed.claims, sha256)
    except (NotVerified, fields.FieldWrong) as error:
        raise FeedFault(AlarmCode.POLICY_WRONG, f"policy {version}: {error}", version=version) from error


def stored_policy(text: str) -> Policy:
    """Return a policy from the own copy, which verified when it was stored."""
    return _policy(unverified_claims(text), hashlib.sha256(payload_of(text)).hexdigest())


def _policy(claims: dict[str, Any], sha256: str) -> Policy:
    measures = (_measure(each) for each in fields.objects(claims, "measures"))
    return Policy(
        view=fields.text(claims, "view"),
        version=fields.whole(claims, "version", least=1),
        sha256=sha256,
        measures=MappingProxyType({each.measure_code: each for each in measures if each.legal_basis.strip()}),
        ageing=timedelta(hours=fields.whole(claims, "ageing_h")),
        stale=timedelta(hours=fields.whole(claims, "stale_h")),
        clock_skew=timedelta(seconds=fields.whole(claims, "clock_skew_s", least=1)),
    )


def _measure(claims: dict[str, Any]) -> Measure:
    reversible = claims.get("reversible")
    if not isinstance(reversible, bool):
        raise fields.FieldWrong("reversible is no truth value")
    return Measure(
        measure_code=fields.text(claims, "measure_code"),
        title=fields.text(claims, "title"),
        list_types=frozenset(fields.texts(claims, "list_types")),
        kinds=fields.kinds(claims, "kinds"),
        reversible=reversible,
        legal_basis=fields.optional_text(claims, "legal_basis") or "",
    )
