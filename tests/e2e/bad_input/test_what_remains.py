"""After all that was sent: chains whole, nothing quarantined, books equal, and no personal data where none belongs."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from devstack.demo import wages_world as world
from devstack.demo.proof.hashes import chain_faults
from devstack.demo.proof.sight import read_wire
from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.numbers import personal, shown, staff

pytestmark = pytest.mark.timeout(200)

PERSONAL_TOPICS = ("zhixing.parties.", "zhixing.papers.")


def test_every_chain_is_whole_and_nothing_waits_in_quarantine(house: House) -> None:
    house.outside.settle()
    for service in house.outside.urls:
        database = house.outside.mongo[service]
        assert chain_faults(database["commits"].find()) == []
        assert database["quarantine"].count_documents({}) == 0
        assert database["commits"].count_documents({"published": False}) == 0


@pytest.mark.rule("R-PAY-01", "R-PAY-03")
def test_the_ledger_equals_what_the_bank_stated_and_paid(house: House) -> None:
    outside = house.outside
    outside.settle()
    events = [
        event
        for commit in outside.mongo["payments"]["commits"].find()
        for entry in commit["entries"]
        for event in entry["events"]
    ]
    registered = {
        event["data"]["reference"]: event["data"]["amount_fen"]
        for event in events
        if "incoming_payment_recorded" in event["type"]
    }
    books = outside.client.get(f"{outside.partners['custodian']}/books").json()
    stated = {line["reference"]: line["amount_fen"] for line in books["incoming"]}
    ours = {reference: fen for reference, fen in registered.items() if not reference.startswith(("STRAY-", "KEY-"))}
    assert ours == stated, "each line of the bank stands in our books once, with its amount"
    names = Counter(event["type"].split(".")[-2] if "." in event["type"] else event["type"] for event in events)
    legs = [leg["amount_fen"] for event in events for leg in event["data"].get("legs") or ()]
    assert legs, names
    assert sum(legs) == 0
    account = outside.seen("u-maker", "payments", f"/v1/case-accounts/{house.setting.case_id}")
    mine = sum(
        event["data"]["amount_fen"]
        for event in events
        if "account_credited" in event["type"] and event["data"]["case_id"] == house.setting.case_id
    )
    assert (
        account["balance_fen"]
        == mine
        == sum(
            line["amount_fen"] for line in books["incoming"] if line["account_number"] == house.setting.account_number
        )
    )
    assert account["paid_out_fen"] == 0 == len(books["transfers"])


def test_the_logs_name_nobody(house: House) -> None:
    texts = personal() | staff()
    for log in sorted((house.stack.folder / "logs").glob("*.log")):
        if log.stem == "simulators":
            continue
        content = log.read_text(errors="replace")
        assert shown(texts, content) == [], log.name
        assert "Traceback" not in content, f"{log.name}: something that nobody expected happened"


def test_events_but_those_of_parties_and_papers_name_nobody(house: House) -> None:
    house.outside.settle()
    records = asyncio.run(read_wire(house.stack.kafka_bootstrap))
    assert records
    texts = personal()
    topics = {record.topic for record in records}
    assert any(topic.startswith(PERSONAL_TOPICS) for topic in topics), topics
    for record in records:
        headers = " ".join(value.decode() for _, value in record.headers)
        key = (record.key or b"").decode()
        assert shown(texts, f"{headers} {key}") == [], f"headers of {record.topic}"
        if not record.topic.startswith(PERSONAL_TOPICS):
            value = json.dumps(json.loads(record.value), ensure_ascii=False)
            assert shown(texts, value) == [], f"{record.topic}: {value[:300]}"


def test_an_agency_is_told_of_the_debtor_what_its_request_needs_and_of_others_nothing(house: House) -> None:
    [debtor] = world.application(complete=True)["debtors"]
    needed = {debtor["name"], world.DEBTOR_NUMBER}
    for name, request in house.setting.requests.items():
        told: dict[str, Any] = dict(request)
        officers = told.pop("officers", [])
        assert shown(personal() - needed, json.dumps(told, ensure_ascii=False)) == [], name
        assert shown({officer["phone"] for officer in world.roster()["officers"]}, json.dumps(officers)) == []
    for path in ("/v1/agencies", "/v1/assistance-requests?status=ALL"):
        answer = house.outside.get("probe-b", "asset_inquiry", path)
        assert shown(personal(), answer.text) == []
