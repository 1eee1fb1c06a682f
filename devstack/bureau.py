"""The six services on a running stack, for development: real keys of our own, the real clock, free ports."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from devstack import runs
from devstack.devkeys import SERVICES, KeyFolder
from devstack.jars import Say
from devstack.processes import Processes
from devstack.stack import Stack


@contextmanager
def services(stack: Stack, say: Say) -> Iterator[Processes]:
    """Start every service on this stack and end them with the context; keys lie in the run's folder and are kept."""
    keys = KeyFolder(stack.folder / "keys")
    keys.make()
    shared = {"KAFKA_BOOTSTRAP": stack.kafka_bootstrap, "MONGO_URI": stack.mongo_uri, "JWKS": str(keys.jwks)}
    with Processes(stack.folder, shared) as processes:
        for name in SERVICES:
            processes.service(name, keys.settings(name))
        processes.start_all(lambda name, seconds: say(f"✔ {name} {seconds:.1f} s  {processes[name].url}/docs"))
        urls = {program.name: program.url for program in processes}
        runs.CURRENT_HOUSE.write_bytes(orjson.dumps({"services": urls, "token_key": str(keys.issuer_key)}))
        say(f"Tokens: zhixing token {keys.path} --subject … --organisation … --role … --scope … --court …")
        yield processes
