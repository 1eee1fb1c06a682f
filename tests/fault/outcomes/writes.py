"""Writes of every shape: one stream or several, with and without If-Match, on streams that others want too."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from devstack.demo import wages_world as world
from devstack.demo.roles import scopes_of
from tests.e2e.bad_input.letters import Tokens, new_key, public_jwk
from tests.e2e.bad_input.numbers import resident_number

AGENCY = {
    "name": "证券登记公司",
    "kind": "OTHER",
    "asset_classes": ["SECURITIES"],
    "measure_codes": ["01", "04"],
    "contact_name": "值班员",
    "contact_phone": "0874-7120000",
}
SCOPES = ("asset_inquiry.requests.read", "asset_inquiry.requests.write")


@dataclass(frozen=True)
class Write:
    """One request that changes something. `name` is its Idempotency-Key and its correlation id.

    `entries` is how many entries it leaves in the service's journal when it is accepted.
    """

    name: str
    service: str
    method: str
    path: str
    token: str
    content: bytes
    entries: int = 1
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> dict[str, str]:
        """The headers, the same at every try."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": self.name,
            "X-Correlation-Id": self.name,
        } | self.headers


@dataclass
class Pen:
    """Makes writes whose names nobody else uses."""

    tokens: Tokens
    run: str
    _number: int = 0
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{self.run}-{kind}-{self._number:05d}"

    def token(self, who: str, court: str = world.COURT) -> str:
        """Return the token of the operator, the portal, the custodian bank `bank-…`, or an agency of any other name."""
        if (who, court) not in self._known:
            self._known[who, court] = self.tokens.sign(self._claims(who, court))
        return self._known[who, court]

    def _claims(self, who: str, court: str) -> dict[str, Any]:
        if who == "operator":
            return self.tokens.claims(who, court, roles=[who], scopes=scopes_of([who]), courts=[court])
        if who == "portal":
            return self.tokens.claims(
                who, who, roles=["filing_portal"], scopes=scopes_of(["filing_portal"]), courts=[court]
            )
        if who.startswith("bank-"):
            scopes = ["payments.bank_statements.write"]
            return self.tokens.claims(who, who, roles=["custodian_bank"], scopes=scopes, courts=[court])
        return self.tokens.claims(who, who, roles=["agency"], scopes=SCOPES, agency_id=who)

    def connected(self, agency: str) -> Write:
        """The operator connects an agency, or gives it a name that it never had."""
        name = self._name("agency")
        body = AGENCY | {"name": f"机构 {name}"}
        return Write(name, "asset_inquiry", "PUT", f"/v1/agencies/{agency}", self.token("operator"), _json(body))

    def changed(self, agency: str, etag: str) -> Write:
        """The agency changes its contact, if nobody has changed anything since `etag`."""
        name = self._name("contact")
        body = _json({"contact_name": f"值班 {name}"})
        token = self.token(agency)
        return Write(name, "asset_inquiry", "PATCH", "/v1/agencies/me", token, body, headers={"If-Match": etag})

    def with_key(self, agency: str, kid: str | None = None) -> Write:
        """The agency registers a key; of two under one `kid` the second is refused."""
        name = self._name("key")
        path = f"/v1/agencies/me/keys/{kid or name}"
        body = _json({"jwk": public_jwk(new_key(kid or name))})
        return Write(name, "asset_inquiry", "PUT", path, self.token(agency), body)

    def without_key(self, agency: str, kid: str) -> Write:
        """The agency revokes a key."""
        path = f"/v1/agencies/me/keys/{kid}"
        return Write(self._name("revoked"), "asset_inquiry", "DELETE", path, self.token(agency), b"")

    def rostered(self) -> Write:
        """The operator replaces the court's roster."""
        name = self._name("roster")
        body = world.roster() | {"court_name": f"{world.COURT_NAME} {name}"}
        path = f"/v1/courts/{world.COURT}/roster"
        return Write(name, "intake", "PUT", path, self.token("operator"), _json(body))

    def filed(self, serial: int) -> Write:
        """Somebody whom nobody knows files an application: two parties, the filing, its wording."""
        body = world.application(complete=True)
        for place, side in enumerate(("applicants", "debtors")):
            body[side][0]["documents"][0]["id_number"] = resident_number(serial * 2 + place)
        body["basis"]["number"] = f"(2026)云0381民初{10000 + serial}号"
        token = self.token("portal")
        return Write(
            self._name("filing"), "intake", "POST", "/v1/enforcement-applications", token, _json(body), entries=4
        )

    def funded(self, serial: int) -> Write:
        """The operator names the account of a court that has none: the bank's prefix and the court's setting."""
        court = f"云{4000 + serial}"
        body = world.FUND_ACCOUNT | {"account_number_prefix": f"77{serial:06d}"}
        path = f"/v1/courts/{court}/fund-accounts"
        token = self.token("operator", court)
        return Write(self._name("fund"), "payments", "PUT", path, token, _json(body), entries=2)

    def booked(self, bank: str, lines: int) -> Write:
        """A bank tells of money that names no case, in several lines."""
        name = self._name("statement")
        body = b"".join(
            _json(
                {
                    "bank_id": bank,
                    "reference": f"{name}-{line}",
                    "account_number": "8111801012300558888",
                    "amount_fen": 100 + line,
                    "value_at": "2026-03-02T08:00:00+08:00",
                }
            )
            + b"\n"
            for line in range(lines)
        )
        headers = {"Content-Type": "application/x-ndjson"}
        return Write(
            name, "payments", "POST", "/v1/bank-statements", self.token(bank), body, entries=lines, headers=headers
        )


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
