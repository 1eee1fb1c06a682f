"""Brings a house's list to the states in which writes make sense: a listing, an order, and a proposal of each kind."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc.jwk import ECKey

from devstack.demo import wages_world as world
from tests.e2e.bad_input.letters import new_key, public_jwk
from tests.e2e.bad_input.outside import Outside

SERVICE = "credit_blacklist"
SUBSCRIBERS = {"reader-air": "air", "reader-rail": "rail"}
"""Two agencies that read the list: one view each."""

APPROVE = {"decision": "APPROVE", "reason": "同意"}
SERVED = {"method": "DIRECT", "evidence": "送达回证", "served_at": "2026-03-02T09:30:00+08:00"}
WAIT_SECONDS = 30


@dataclass
class ListSetting:
    """Ids of what stands in the list."""

    case_id: str
    debtor_id: str
    decision: str = ""
    listing: str = ""
    draft: str = ""
    removal: str = ""
    correction: str = ""
    request: str = ""
    bar: str = ""
    batch: str = ""
    order: str = ""
    lifting: str = ""
    exemption: str = ""
    order_correction: str = ""
    objection: str = ""
    session: str = ""
    keys: dict[str, ECKey] = field(default_factory=dict)

    @property
    def record(self) -> str:
        """The restriction's record of the debtor."""
        return f"{self.order}.{self.debtor_id}"

    def listing_body(self, **changes: Any) -> dict[str, Any]:
        """Return a decision to list the debtor."""
        return {
            "case_id": self.case_id,
            "party_id": self.debtor_id,
            "grounds": ["EVADES"],
            "acts": [{"ground": "EVADES", "committed_on": "2026-02-20", "description": "转移存款"}],
            "facts": "立案前转移存款。",
            "duty": "给付工资5000元",
            "performance": "NONE",
            "initiated": "EX_OFFICIO",
        } | changes

    def order_body(self, **changes: Any) -> dict[str, Any]:
        """Return an order to restrict the debtor."""
        persons = [{"role": "DEBTOR", "party_id": self.debtor_id}]
        return {
            "case_id": self.case_id,
            "kinds": [1, 2],
            "reason": "LISTED",
            "initiated": "APPLICATION",
            "applied_on": "2026-03-02",
            "persons": persons,
        } | changes


def profile(key: ECKey, view: str) -> dict[str, Any]:
    """Return a subscriber's profile with its key."""
    return {
        "view": view,
        "title": "试验航空",
        "contact_name": "值班员",
        "contact_phone": "010-60107000",
        "sales_channels": ["柜台"],
        "keys": [public_jwk(key)],
    }


def build(outside: Outside, case_id: str, debtor_id: str) -> ListSetting:
    """List and restrict the debtor of the house's case, and leave one proposal of each kind open."""
    setting = ListSetting(case_id, debtor_id)
    for agency, view in SUBSCRIBERS.items():
        setting.keys[agency] = new_key(agency)
        body = profile(setting.keys[agency], view)
        outside.write("operator", SERVICE, f"/v1/subscribers/{agency}", body, method="PUT")
    decided = _decided(outside, "/v1/listing-decisions", setting.listing_body())
    setting.decision, setting.listing = decided["id"], decided["listing_id"]
    setting.order = _decided(outside, "/v1/restriction-orders", setting.order_body())["id"]
    _until(outside, "reader-air", "/v1/joint-punishment-feed/entries", lambda page: len(page["entries"]) == 1)
    head = outside.seen("reader-air", SERVICE, "/v1/joint-punishment-feed/entries")
    setting.session = str(head["next"]).partition(":")[0]
    _proposals(outside, setting)
    return setting


def _decided(outside: Outside, path: str, body: dict[str, Any]) -> dict[str, Any]:
    drafted = _accepted(outside, "u-officer", path, body)
    own = f"{path}/{drafted['id']}"
    etag = outside.etag("u-president", SERVICE, own)
    outside.write("u-president", SERVICE, f"{own}/approvals", APPROVE, etag=etag)
    served = SERVED if "listing" in path else {name: SERVED[name] for name in ("method", "evidence")}
    return outside.write("u-officer", SERVICE, f"{own}/services", served)


def _accepted(outside: Outside, who: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Write what is accepted as soon as other services' facts have arrived."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        answer: httpx.Response = outside.send("POST", outside.urls[SERVICE] + path, token=outside.token(who), body=body)
        if answer.is_success:
            return dict(answer.json())
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)


def _until(outside: Outside, who: str, path: str, there: Any) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        answer = outside.get(who, SERVICE, path)
        if answer.is_success and there(answer.json()):
            return
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)


def _proposals(outside: Outside, setting: ListSetting) -> None:
    listing, order = f"/v1/listings/{setting.listing}", f"/v1/restriction-orders/{setting.order}"
    acts = [{"ground": "OBSTRUCTS", "committed_on": "2026-03-01", "description": "伪造证据"}]
    further = setting.listing_body(grounds=["OBSTRUCTS"], acts=acts)
    setting.draft = outside.write("u-officer", SERVICE, "/v1/listing-decisions", further)["id"]

    def proposed(path: str, body: dict[str, Any], who: str = "u-officer", shown: str | None = None) -> str:
        etag = outside.etag(who, SERVICE, shown) if shown else None
        return str(outside.write(who, SERVICE, path, body, etag=etag)["id"])

    removal = {"ground": "ACTIVE_PERFORMANCE", "reason": "已履行大部分"}
    setting.removal = proposed(f"{listing}/removals", removal, shown=listing)
    correction = {"nature": "INACCURATE", "fields": {"duty": "给付工资5000元整"}, "reason": "文字有误"}
    setting.correction = proposed(f"{listing}/corrections", correction, shown=listing)
    asked = {"claim": "INACCURATE", "reason": "义务内容写错"}
    setting.request = proposed(f"{listing}/correction-requests", asked, "u-clerk")
    setting.bar = proposed("/v1/listing-bars", bar(setting))
    setting.batch = proposed("/v1/publicity-batches", batch(setting))
    lifting = {"scope": "FULL", "ground": "GUARANTEE", "evidence": "担保书"}
    setting.lifting = proposed(f"{order}/liftings", lifting)
    setting.exemption = proposed(f"{order}/exemption-requests", exemption(setting))
    wrong = {"party_id": setting.debtor_id, "nature": "INACCURATE", "kinds": [1], "reason": "项目有误"}
    setting.order_correction = proposed(f"{order}/corrections", wrong)
    objection = {"party_id": setting.debtor_id, "claim": "INACCURATE", "reason": "项目写错"}
    setting.objection = proposed(f"{order}/correction-requests", objection, "u-clerk")


def bar(setting: ListSetting) -> dict[str, Any]:
    """Return something that speaks against listing."""
    return {
        "case_id": setting.case_id,
        "party_id": setting.debtor_id,
        "bar": "APPLICANT_HOLDS_BACK",
        "reason": "申请执行人请求暂缓",
        "document_id": "doc_1",
    }


def batch(setting: ListSetting) -> dict[str, Any]:
    """Return a publicity batch."""
    return {
        "court": world.COURT,
        "title": "第一期",
        "platform": "法院公众号",
        "audience": [{"kind": "PUBLIC", "name": "社会公众"}],
        "listings": [setting.listing],
        "planned_on": "2026-03-05",
    }


def exemption(setting: ListSetting) -> dict[str, Any]:
    """Return a request for an exemption."""
    return {
        "party_id": setting.debtor_id,
        "kinds": [1],
        "purpose": "NEEDED_FOR_LIFE",
        "from": "2026-03-03T09:00:00+08:00",
        "until": "2026-03-05T09:00:00+08:00",
        "reason": "就医",
    }
