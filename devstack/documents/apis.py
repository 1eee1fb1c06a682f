"""`docs/api/<service>.json`: the OpenAPI document of each service, as the running service serves it."""

import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from devstack.devkeys import SERVICES
from devstack.documents.api_changes import incompatibilities
from devstack.runs import ROOT
from libs.evidence import generate_key
from libs.web.settings import ServiceSettings


def write(docs: Path) -> None:
    """Write what every service says of itself."""
    folder = docs / "api"
    folder.mkdir(parents=True, exist_ok=True)
    for service, document in documents().items():
        text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        (folder / f"{service}.json").write_bytes(text + b"\n")


def breaches(docs: Path) -> list[str]:
    """Return a sentence for every word of a committed document that the code does not keep any more."""
    committed = {path.stem: orjson.loads(path.read_bytes()) for path in sorted((docs / "api").glob("*.json"))}
    return incompatibilities(committed, documents())


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Build each application with default settings (nothing is connected) and return its OpenAPI document."""
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        key = Path(scratch) / "key.json"
        generate_key(key)
        for service in SERVICES:
            if (ROOT / "services" / service / "main.py").exists():
                found[service] = import_module(f"services.{service}.main").build(settings_of(service, key)).openapi()
    return found


def settings_of(service: str, signing_key: Path) -> ServiceSettings:
    """The default settings of a service, whatever it has named their class, with a signing key for who needs one."""
    module = import_module(f"services.{service}.settings")
    [cls] = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, ServiceSettings) and each.__module__ == module.__name__
    ]
    settings: ServiceSettings = cls(signing_key=signing_key)
    return settings
