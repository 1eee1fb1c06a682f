"""An assisting agency (协助执行单位): what it can be asked for, whom to call, which keys it signs with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from libs.foundation.errors import NotFound
from libs.schemas.asset_inquiry import (
    AgencyCapabilitiesChanged,
    AgencyKeyRegistered,
    AgencyKeyRevoked,
    AgencyRegistered,
)
from libs.schemas.envelope import Event
from libs.schemas.parts import AssetClass
from services.asset_inquiry.domain.agency_refusals import KeyConflict, MeasureCodeUnknown
from services.asset_inquiry.rules.measures import codes_without_class, unknown_codes

AgencyKind = Literal["BANK", "PAYMENT_FIRM", "LAND_REGISTRY", "VEHICLE_REGISTRY", "OTHER"]


@dataclass(frozen=True, slots=True)
class AgencyState:
    """An agency as it stands; without a name it is not connected."""

    agency_id: str = ""
    name: str = ""
    kind: AgencyKind = "OTHER"
    asset_classes: tuple[AssetClass, ...] = ()
    measure_codes: tuple[str, ...] = ()
    contact_name: str = ""
    contact_phone: str = ""
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    revoked: frozenset[str] = frozenset()

    @property
    def exists(self) -> bool:
        """Whether the agency is connected."""
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class RegisterAgency:
    """The operator connects an agency, or sets again what it can be asked for."""

    agency_id: str
    name: str
    kind: AgencyKind
    asset_classes: tuple[AssetClass, ...]
    measure_codes: tuple[str, ...]
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class ChangeCapabilities:
    """The agency changes what it can be asked for, or whom to call; None leaves a field as it is."""

    asset_classes: tuple[AssetClass, ...] | None = None
    measure_codes: tuple[str, ...] | None = None
    contact_name: str | None = None
    contact_phone: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterKey:
    """The agency signs with this public key too from now on."""

    kid: str
    jwk: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Believe nothing more that is signed with this key: it was lost, stolen or replaced."""

    kid: str


def decide_agency(state: AgencyState, command: Any, now: datetime) -> Sequence[Event]:
    """Return what follows. Refuses unknown measure codes and a changed key under an old name."""
    del now
    match command:
        case RegisterAgency():
            return _register(state, command)
        case ChangeCapabilities():
            return _change(state, command)
        case RegisterKey():
            return _register_key(state, command)
        case RevokeKey():
            return _revoke_key(state, command)
    msg = f"no such command: {type(command).__name__}"
    raise TypeError(msg)


def _register(state: AgencyState, command: RegisterAgency) -> Sequence[Event]:
    _check_codes(command.measure_codes, command.asset_classes)
    event = AgencyRegistered(
        agency_id=command.agency_id,
        name=command.name,
        kind=command.kind,
        asset_classes=command.asset_classes,
        measure_codes=command.measure_codes,
        contact_name=command.contact_name,
        contact_phone=command.contact_phone,
    )
    return () if evolve_agency(state, event) == state else (event,)


def _change(state: AgencyState, command: ChangeCapabilities) -> Sequence[Event]:
    if not state.exists:
        raise NotFound
    event = AgencyCapabilitiesChanged(
        agency_id=state.agency_id,
        asset_classes=state.asset_classes if command.asset_classes is None else command.asset_classes,
        measure_codes=state.measure_codes if command.measure_codes is None else command.measure_codes,
        contact_name=command.contact_name or state.contact_name,
        contact_phone=command.contact_phone or state.contact_phone,
    )
    _check_codes(event.measure_codes, event.asset_classes)
    return () if evolve_agency(state, event) == state else (event,)


def _register_key(state: AgencyState, command: RegisterKey) -> Sequence[Event]:
    if not state.exists:
        raise NotFound
    known = state.keys.get(command.kid)
    if known is not None:
        if dict(known) == dict(command.jwk):
            return ()
        raise KeyConflict(field="kid")
    if command.kid in state.revoked:
        raise KeyConflict("The key of this name was revoked.", field="kid")
    return (AgencyKeyRegistered(agency_id=state.agency_id, kid=command.kid, jwk=dict(command.jwk)),)


def _revoke_key(state: AgencyState, command: RevokeKey) -> Sequence[Event]:
    if command.kid in state.revoked:
        return ()
    if command.kid not in state.keys:
        raise NotFound
    return (AgencyKeyRevoked(agency_id=state.agency_id, kid=command.kid),)


def _check_codes(codes: Sequence[str], asset_classes: Sequence[AssetClass]) -> None:
    if unknown := unknown_codes(codes):
        raise MeasureCodeUnknown(f"Unknown measure codes: {', '.join(unknown)}.", field="measure_codes")
    if idle := codes_without_class(codes, asset_classes):
        raise MeasureCodeUnknown(f"These act on none of the asset classes: {', '.join(idle)}.", field="measure_codes")


def evolve_agency(state: AgencyState, event: Event) -> AgencyState:
    """Return the agency after `event`."""
    match event:
        case AgencyRegistered():
            return replace(
                state,
                agency_id=event.agency_id,
                name=event.name,
                kind=event.kind,
                asset_classes=event.asset_classes,
                measure_codes=event.measure_codes,
                contact_name=event.contact_name,
                contact_phone=event.contact_phone,
            )
        case AgencyCapabilitiesChanged():
            return replace(
                state,
                asset_classes=event.asset_classes,
                measure_codes=event.measure_codes,
                contact_name=event.contact_name,
                contact_phone=event.contact_phone,
            )
        case AgencyKeyRegistered():
            return replace(state, keys=MappingProxyType({**state.keys, event.kid: event.jwk}))
        case AgencyKeyRevoked():
            kept = {kid: jwk for kid, jwk in state.keys.items() if kid != event.kid}
            return replace(state, keys=MappingProxyType(kept), revoked=state.revoked | {event.kid})
    return state
