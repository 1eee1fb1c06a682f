"""No service has a route that FastAPI would have to run: it would cost twice as much, and nobody would see why."""

from importlib import import_module
from pathlib import Path

import pytest

from libs.evidence import generate_key
from libs.web import ServiceSettings
from libs.web.guards import api_routes
from libs.web.switchboard import runs_here

SERVICES = sorted(path.parent.name for path in (Path(__file__).parents[3] / "services").glob("*/main.py"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_of_a_service_takes_the_short_way(service: str, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    generate_key(key)
    settings = import_module(f"services.{service}.settings")
    (settings_class,) = {
        found
        for found in vars(settings).values()
        if isinstance(found, type) and issubclass(found, ServiceSettings) and found is not ServiceSettings
    }
    app = import_module(f"services.{service}.main").build(settings_class(signing_key=key))
    assert [route.path for route in api_routes(app) if not runs_here(route)] == []
