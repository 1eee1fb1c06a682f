"""Every service tells its evidence by the same routes, and each keeps what it says about whose streams are whose."""

from importlib import import_module

import pytest

from devstack.devkeys import SERVICES
from devstack.documents.apis import documents
from libs.web import Custody

PATHS = ("/v1/evidence/commits", "/v1/evidence/roots", "/v1/evidence/roots/{hour}")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("path", PATHS)
def test_every_service_has_the_route_behind_its_own_scope(service: str, path: str) -> None:
    operation = documents()[service]["paths"][path]["get"]
    assert f"`{service}.evidence.read`" in operation["description"]
    assert {"200", "401", "403", "404", "422", "503"} <= set(operation["responses"])


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_publishes_its_keys(service: str) -> None:
    assert "/.well-known/jwks.json" in documents()[service]["paths"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_categories_of_a_custody_are_kept_by_the_service(service: str) -> None:
    main = import_module(f"services.{service}.main")
    custody: Custody = getattr(main, "CUSTODY", Custody())
    kept = {decider.category for decider in getattr(main, "DECIDERS", ())}
    assert {*custody.named, *custody.attached} <= kept
