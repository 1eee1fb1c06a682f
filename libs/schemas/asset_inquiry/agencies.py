"""Facts about assisting agencies: what they can be asked for, and their keys."""

from __future__ import annotations

from typing import Any, Literal

from libs.schemas.envelope import Event
from libs.schemas.parts import AssetClass


class AgencyRegistered(Event, name="agency_registered"):
    """An assisting agency is connected, with what it can be asked for."""

    agency_id: str
    name: str
    kind: Literal["BANK", "PAYMENT_FIRM", "LAND_REGISTRY", "VEHICLE_REGISTRY", "OTHER"]
    asset_classes: tuple[AssetClass, ...]
    measure_codes: tuple[str, ...]
    contact_name: str
    contact_phone: str


class AgencyCapabilitiesChanged(Event, name="agency_capabilities_changed"):
    """The agency changed what it can be asked for, or whom to call."""

    agency_id: str
    asset_classes: tuple[AssetClass, ...]
    measure_codes: tuple[str, ...]
    contact_name: str
    contact_phone: str


class AgencyKeyRegistered(Event, name="agency_key_registered"):
    """A public key that the agency signs with from now on; older keys stay valid for what they signed."""

    agency_id: str
    kid: str
    jwk: dict[str, Any]


class AgencyKeyRevoked(Event, name="agency_key_revoked"):
    """Nothing signed with this key is believed any more; what was taken before stays. Its name is never used again."""

    agency_id: str
    kid: str
