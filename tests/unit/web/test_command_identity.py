"""Who asked, how and where is part of a command's identity: an Idempotency-Key means nothing without it."""

from dataclasses import replace
from typing import Any

from fastapi import Request

from libs.web.caller import Caller
from libs.web.requests import meta_of

CALLER = Caller(
    issuer="issuer",
    subject="u-1",
    organisation="bank-a",
    client="adapter-1",
    roles=frozenset(),
    scopes=frozenset(),
    courts=frozenset(),
)


def command_of(caller: Caller = CALLER, method: str = "POST", path: str = "/v1/boxes", key: str = "k-1") -> str:
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path}
    request = Request({**scope, "query_string": b"", "headers": [(b"idempotency-key", key.encode())]})
    return meta_of(request, caller, court=None, body={}).command_id


def test_who_asks_how_and_where_makes_another_command_of_the_same_key() -> None:
    commands = [
        command_of(),
        command_of(replace(CALLER, issuer="another")),
        command_of(replace(CALLER, organisation="bank-b")),
        command_of(replace(CALLER, client="adapter-2")),
        command_of(method="PUT"),
        command_of(path="/v1/boxes/a"),
        command_of(key="k-2"),
    ]
    assert len(set(commands)) == len(commands)


def test_a_repeat_is_the_same_command_whoever_of_the_client_sends_it() -> None:
    assert command_of() == command_of(replace(CALLER, subject="u-2", roles=frozenset({"agency"})))
