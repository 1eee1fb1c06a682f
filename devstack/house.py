"""The house that runs here now: where its services answer, and a token to ask them with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from devstack.errors import StackUnavailable
from devstack.runs import RUNS

CURRENT = RUNS / "current.json"
TIMEOUT_S = 15.0


class Current(BaseModel):
    """What the demo or `make up` wrote about itself."""

    model_config = ConfigDict(extra="ignore")

    services: dict[str, str]
    token_key: str


class Refused(StackUnavailable):
    """A service answered with a problem; the message is its own sentence."""


@dataclass(frozen=True, slots=True)
class House:
    """Asks the running services as a person of a court, or as an agency."""

    current: Current
    court: str
    roles: tuple[str, ...] = ("operator", "team_leader", "duty_leader", "node_supervisor")
    agency: str | None = None
    subject: str = "u-operator"

    def get(self, service: str, path: str, **query: Any) -> dict[str, Any]:
        """Return a GET's answer; a query value that is None is left out."""
        return self._asked("GET", service, path, params={name: value for name, value in query.items() if value})

    def post(self, service: str, path: str, body: dict[str, Any] | None, key: str) -> dict[str, Any]:
        """Return a POST's answer."""
        return self._asked("POST", service, path, json=body, headers={"Idempotency-Key": key})

    def _asked(self, method: str, service: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token()}", **more.pop("headers", {})}
        url = self.current.services.get(service)
        if url is None:
            raise StackUnavailable(f"{service} is not among the running services.")
        try:
            answer = httpx.request(method, url + path, headers=headers, timeout=TIMEOUT_S, **more)
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise StackUnavailable(f"{service} does not answer at {url} ({type(error).__name__}).") from error
        if answer.is_error and "code" in found:
            raise Refused(f"{found['status']} {found['code']}: {found['detail']}")
        return dict(found)

    def token(self) -> str:
        """Return a token for a few minutes, made by the development issuer of this house."""
        from libs.web import DevIssuer  # noqa: PLC0415 - the stack's own commands start without the web library

        return DevIssuer(Path(self.current.token_key)).token(
            subject=self.subject,
            organisation=self.agency or self.court,
            roles=["agency"] if self.agency else self.roles,
            scopes=["*.*.*"],
            courts=[self.court],
            agency_id=self.agency,
            ttl_seconds=300,
        )


def current(path: Path = CURRENT) -> Current:
    """Return what runs now. Raises `StackUnavailable` if nothing does."""
    try:
        return Current.model_validate(json.loads(path.read_text()))
    except (OSError, ValueError, ValidationError) as error:
        raise StackUnavailable("Nothing runs here: start it with `make demo KEEP=1`, then ask again.") from error
