"""Subscriber profiles: one view, keys that never change under their name (R-CRB-33)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.credit_blacklist.api.subscribers import SubscriberKeyUnusable, usable_keys
from services.credit_blacklist.domain.subscriber import (
    SetProfile,
    Subscriber,
    SubscriberKeyConflict,
    ViewNotForAgencies,
    decide_subscriber,
    evolve_subscriber,
)
from services.credit_blacklist.rules.views import ViewUnknown

NOW = datetime(2024, 4, 10, tzinfo=UTC)
KEY = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "k1",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
OTHER = KEY | {"kid": "k2"}


def profile(**changed: Any) -> SetProfile:
    fields: dict[str, Any] = {
        "agency_id": "airline",
        "view": "air",
        "title": "某航空公司",
        "contact_name": "值班经理",
        "contact_phone": "010-1",
        "sales_channels": ("counter", "app"),
        "keys": {"k1": KEY},
    }
    return SetProfile(**(fields | changed))


def after(*commands: SetProfile) -> Subscriber:
    state = Subscriber()
    for command in commands:
        for event in decide_subscriber(state, command, NOW):
            state = evolve_subscriber(state, event)
    return state


@pytest.mark.rule("R-CRB-33")
def test_an_agency_is_connected_to_one_view_with_its_keys() -> None:
    state = after(profile())
    assert (state.view, dict(state.keys), state.sales_channels) == ("air", {"k1": KEY}, ("counter", "app"))


def test_the_same_profile_again_changes_nothing() -> None:
    assert decide_subscriber(after(profile()), profile(), NOW) == ()


def test_a_key_that_is_left_out_is_revoked_and_its_name_is_never_used_again() -> None:
    state = after(profile(), profile(keys={"k2": OTHER}))
    assert (set(state.keys), set(state.revoked)) == ({"k2"}, {"k1"})
    with pytest.raises(SubscriberKeyConflict):
        decide_subscriber(state, profile(keys={"k1": KEY}), NOW)


def test_a_key_never_changes_under_its_name() -> None:
    with pytest.raises(SubscriberKeyConflict):
        decide_subscriber(after(profile()), profile(keys={"k1": KEY | {"x": "other"}}), NOW)


@pytest.mark.rule("R-GEN-06")
def test_no_agency_reads_the_courts_own_view() -> None:
    with pytest.raises(ViewNotForAgencies):
        after(profile(view="court"))


def test_a_view_that_is_not_there_cannot_be_subscribed_to() -> None:
    with pytest.raises(ViewUnknown):
        after(profile(view="sea"))


def test_public_keys_are_kept_by_their_kid() -> None:
    assert usable_keys((KEY, OTHER)) == {"k1": KEY, "k2": OTHER}


@pytest.mark.parametrize(
    "keys",
    [
        (KEY | {"d": "secret"},),
        ({name: value for name, value in KEY.items() if name != "kid"},),
        (KEY, KEY),
        (KEY | {"x": "AAAA"},),
        ({"kty": "oct", "k": "c2VjcmV0", "kid": "k1"},),
        ({"kty": "EC", "crv": "P-521", "kid": "k1", "x": "AA", "y": "AA"},),
        ({"kid": "k1"},),
    ],
    ids=["private", "without a kid", "twice", "off the curve", "secret", "unknown curve", "empty"],
)
def test_keys_that_verify_nothing_are_refused(keys: tuple[dict[str, str], ...]) -> None:
    with pytest.raises(SubscriberKeyUnusable):
        usable_keys(keys)
