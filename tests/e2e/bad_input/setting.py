"""Brings a house to the states in which writes make sense: a frozen case, open requests, money in and on its way."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import ECKey

from devstack.demo import wages_world as world
from devstack.demo.desk import Cast
from devstack.demo.ground import Ground
from devstack.demo.people import Person, Town
from devstack.demo.screen import Screen
from devstack.demo.story_wages import WagesStory
from devstack.ports import free_ports
from tests.e2e.bad_input import list_setting
from tests.e2e.bad_input.letters import new_key, public_jwk, signed
from tests.e2e.bad_input.list_setting import ListSetting
from tests.e2e.bad_input.numbers import application
from tests.e2e.bad_input.outside import Outside

PROBES = ("probe-a", "probe-b")
"""Two agencies that are played by the tests themselves: each keeps its own key, and nobody answers for them."""

PAID_IN_FEN = 100_000
AGENCY = {
    "name": "证券登记公司",
    "kind": "OTHER",
    "asset_classes": ["SECURITIES"],
    "measure_codes": ["01", "04"],
    "contact_name": "值班员",
    "contact_phone": "0874-7120000",
}


@dataclass
class Setting:
    """Ids of what stands in the house, and the keys of the two probing agencies."""

    case_id: str = ""
    applicant_id: str = ""
    debtor_id: str = ""
    account_number: str = ""
    assets: dict[str, dict[str, Any]] = field(default_factory=dict)
    freezes: dict[str, dict[str, Any]] = field(default_factory=dict)
    papers: list[str] = field(default_factory=list)
    deduction_papers: list[str] = field(default_factory=list)
    unsealed_notice: str = ""
    query_notice: str = ""
    inquiry: str = ""
    drafted: str = ""
    pending: str = ""
    lacking: str = ""
    payout: str = ""
    unidentified: str = ""
    keys: dict[str, ECKey] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    genuine: dict[str, Any] = field(default_factory=dict)
    list: ListSetting = field(default_factory=lambda: ListSetting("", ""))


def register(ground: Ground, folder: Path) -> dict[str, str]:
    """Name services and partners; the partners' addresses."""
    ports = dict(zip(("custodian", "sms", "robot"), free_ports(3), strict=True))
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    ground.register_services(
        {
            "payments": {"PAYMENTS_BANK_URL": urls["custodian"]},
            "command_center": {"COMMAND_CENTER_SMS_URL": urls["sms"], "COMMAND_CENTER_ROBOT_URL": urls["robot"]},
        }
    )
    custodian = {"bank_id": "custodian", "repeat_line_once": True, "stray_line_fen": world.STRAY_FEN}
    config: dict[str, Any] = {name: {"port": port} for name, port in ports.items()}
    config["custodian"] |= custodian
    # Agencies that are late or lose papers have tests of their own; here they would only cost time.
    agencies = [agency | {"faults": {}} for agency in world.agency_simulators()]
    ground.register_simulators({"seed": 1, "agencies": agencies} | config, folder)
    return urls


async def frozen_case(ground: Ground) -> tuple[WagesStory, list[str]]:
    """Play the wages story until both freezes are in force and the papers of the deduction are signed."""
    async with httpx.AsyncClient(timeout=30.0) as client:
        town = Town(ground.urls(), client)
        people = {
            subject: Person(town, name, subject, ground.token(subject, name, roles))
            for subject, (name, roles) in world.STAFF.items()
        }
        portal = ground.token("portal", "网上立案", ["filing_portal"], organisation="portal")
        people["portal"] = Person(town, "网上立案", "portal", portal)
        people["operator"] = Person(town, "运维", "operator", ground.token("operator", "运维", ["operator"]))
        story = WagesStory(Cast(people), Screen(ground.clock))
        for chapter in (
            story.prepare_the_house,
            story.file,
            story.notify,
            story.inquire,
            story.assign,
            story.freeze,
        ):
            await chapter()
        facts = {"amount_fen": world.DEBT_FEN}
        return story, await story.desk.papers("DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE", facts)


def build(ground: Ground, outside: Outside) -> Setting:
    """Bring everything up, stop the clock, and return when the house is at rest."""
    story, deduction_papers = asyncio.run(frozen_case(ground))
    setting = Setting(
        case_id=story.case_id,
        applicant_id=story.applicant_id,
        debtor_id=story.desk.debtor_id,
        assets=story.assets,
        freezes=story.freezes,
        deduction_papers=deduction_papers,
    )
    _applications(outside, setting)
    _papers(outside, setting)
    _money(outside, setting)
    _probes(outside, setting)
    setting.list = list_setting.build(outside, setting.case_id, setting.debtor_id)
    ground.stop_clock()
    time.sleep(0.3)
    outside.settle()
    return setting


def _applications(outside: Outside, setting: Setting) -> None:
    path = "/v1/enforcement-applications"
    setting.pending = outside.write("portal", "intake", path, application(1))["id"]
    setting.lacking = outside.write("portal", "intake", path, application(2, complete=False))["id"]


def _papers(outside: Outside, setting: Setting) -> None:
    path = f"/v1/enforcement-cases/{setting.case_id}/documents"
    kinds = {
        one["kind"]: one["id"] for one in outside.seen("u-officer", "intake", path.rpartition("/")[0])["documents"]
    }
    setting.papers = [kinds["FREEZE_RULING"], kinds["ASSISTANCE_FREEZE_NOTICE"]]
    setting.query_notice = kinds["ASSISTANCE_QUERY_NOTICE"]
    setting.drafted = outside.write("u-officer", "intake", path, {"kind": "PROPERTY_REPORT_ORDER"})["id"]
    setting.unsealed_notice = outside.write("u-officer", "intake", path, {"kind": "ASSISTANCE_QUERY_NOTICE"})["id"]


def _money(outside: Outside, setting: Setting) -> None:
    account = f"/v1/case-accounts/{setting.case_id}"
    setting.account_number = outside.seen("u-maker", "payments", account)["account"]["account_number"]
    paid = {
        "from_bank": "bank-c",
        "payment_reference": "part-payment-1",
        "account_number": setting.account_number,
        "amount_fen": PAID_IN_FEN,
        "payer_name": "李建业",
    }
    outside.client.post(f"{outside.partners['custodian']}/incoming", json=paid).raise_for_status()
    until = time.monotonic() + 30
    pool: list[dict[str, Any]] = []
    while time.monotonic() < until and not (pool and outside.seen("u-maker", "payments", account)["balance_fen"]):
        time.sleep(0.1)
        pool = outside.seen("u-maker", "payments", "/v1/incoming-payments?status=UNIDENTIFIED")["items"]
    setting.unidentified = pool[0]["incoming_id"]
    payout = {
        "case_id": setting.case_id,
        "purpose": "TO_APPLICANT",
        "payee_id": setting.applicant_id,
        "amount_fen": 1000,
    }
    setting.payout = outside.write("u-maker", "payments", "/v1/payouts", payout)["id"]


def _probes(outside: Outside, setting: Setting) -> None:
    """Connect the probing agencies, ask both, and let the second answer one request as it should."""
    for probe in PROBES:
        setting.keys[probe] = new_key(f"{probe}-1")
        outside.write("operator", "asset_inquiry", f"/v1/agencies/{probe}", AGENCY, method="PUT")
        jwk = {"jwk": public_jwk(setting.keys[probe])}
        outside.write(probe, "asset_inquiry", f"/v1/agencies/me/keys/{probe}-1", jwk, method="PUT")
    outside.settle()
    inquiry = {
        "case_id": setting.case_id,
        "subject_ids": [setting.debtor_id],
        "asset_classes": ["SECURITIES"],
        "document_ids": [setting.query_notice],
        "officer_ids": ["u-officer", "u-second"],
    }
    for _ in range(2):
        setting.inquiry = outside.write("u-officer", "asset_inquiry", "/v1/asset-inquiries", inquiry)["id"]
    for probe in PROBES:
        until = time.monotonic() + 30
        items: list[dict[str, Any]] = []
        while time.monotonic() < until and len(items) < 2:
            items = outside.seen(probe, "asset_inquiry", "/v1/assistance-requests")["items"]
            time.sleep(0.1)
        for number, item in enumerate(items):
            shown = outside.seen(probe, "asset_inquiry", f"/v1/assistance-requests/{item['id']}")
            setting.requests[f"{probe}/{number}"] = shown
    answered = setting.requests["probe-a/1"]
    setting.genuine = reply(answered, setting.keys["probe-a"])
    outside.write("probe-a", "asset_inquiry", f"/v1/assistance-requests/{answered['id']}/replies", setting.genuine)


def no_record(request: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the unsigned final reply of an agency that holds nothing."""
    answers = [
        {"sequence": item["sequence"], "status": "NO_RECORD", "assets_state": "NONE"} for item in request["items"]
    ]
    body = {"reply_id": "reply-1", "status": "FINAL", "request_sha256": request["content_sha256"], "answers": answers}
    return body | changes


def reply(request: dict[str, Any], key: ECKey, *, kind: str = "REPLY", **changes: Any) -> dict[str, Any]:
    """Return a signed reply."""
    return sealed(request, key, kind, no_record(request, **changes))


def sealed(request: dict[str, Any], key: ECKey, kind: str, body: dict[str, Any], **how: Any) -> dict[str, Any]:
    """Return a body with the agency's signature over it, the request and the kind of message."""
    payload = {
        "kind": kind,
        "request_number": request["request_number"],
        "request_sha256": request["content_sha256"],
        "body": body,
    }
    return body | {"signature": signed(payload, key, **how)}
