"""What the list refuses: impossible cursors and positions, broken lines, minors, second listings, idle removals."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.intake_writes import CONDITIONS
from tests.e2e.bad_input.letters import new_key, signed
from tests.e2e.bad_input.list_setting import SERVICE
from tests.e2e.bad_input.list_writes import FEED
from tests.e2e.bad_input.numbers import application, resident_number

pytestmark = pytest.mark.timeout(200)

MINOR = "530399201003150016"
"""Valid, and born on 2010-03-15: a minor until 2028-03-15 (the rulebook's example)."""
POSITION = "zhixing-position+jws"


def read(house: House, who: str, path: str) -> httpx.Response:
    return house.outside.get(who, SERVICE, FEED + path)


def post(house: House, who: str, path: str, body: Any, **how: Any) -> httpx.Response:
    outside = house.outside
    return outside.send("POST", outside.urls[SERVICE] + path, token=outside.token(who), body=body, **how)


def stated(house: House, payload: dict[str, Any], key: Any = None, typ: str = POSITION) -> httpx.Response:
    outside, own = house.outside, house.setting.list.keys["reader-air"]
    body = {"position": signed(payload, key or own, typ=typ)}
    token = outside.token("reader-air")
    return outside.send("PUT", f"{outside.urls[SERVICE]}{FEED}/positions/me", token=token, body=body, key=None)


def position(house: House, **changes: Any) -> dict[str, Any]:
    return {
        "view": "air",
        "session_id": house.setting.list.session,
        "sequence": 1,
        "set_digest": "0" * 64,
        "count": 1,
        "log_root": "0" * 64,
        "head_sha256": "0" * 64,
        "fetched_at": "2026-03-02T10:00:00Z",
        "applied_at": "2026-03-02T10:00:00Z",
    } | changes


def test_a_cursor_of_another_view_ahead_of_the_sequence_or_of_no_session_is_refused(house: House) -> None:
    outside, session = house.outside, house.setting.list.session
    before = outside.written()
    outside.refused(read(house, "reader-rail", f"/entries?after={session}:0"), 409, "cursor_of_another_view", before)
    problem = outside.refused(read(house, "reader-air", f"/entries?after={session}:99"), 409, "position_ahead", before)
    assert not problem["retryable"]
    nobody = "00000000-0000-4000-8000-000000000000"
    outside.refused(read(house, "reader-air", f"/entries?after={nobody}:0"), 410, "session_replaced", before)
    for odd in ("x", f"{session}:-1", f"{session}:1.5", f"{session}:", ":1", "%00:1", "云:1"):
        outside.refused(read(house, "reader-air", f"/entries?after={odd}"), 422, "feed_cursor_unreadable", before)
    page = read(house, "reader-rail", f"/pages/{session}/0.p/1")
    outside.refused(page, page.status_code, page.json()["code"], before)
    assert page.status_code in {404, 409}
    unnamed = read(house, "reader-air", f"/pages/{session}/7")
    outside.refused(unnamed, 404, "feed_page_not_named", before)
    assert unnamed.headers["cache-control"] == "no-store"


def test_a_position_that_was_never_sent_or_is_not_the_agencys_own_is_refused(house: House) -> None:
    outside = house.outside
    before = outside.written()
    ahead = stated(house, position(house, sequence=99))
    outside.refused(ahead, 409, "position_ahead", before)
    outside.refused(stated(house, position(house, view="rail")), 409, "position_of_another_view", before)
    forged = stated(house, position(house), key=new_key("reader-air"))
    assert forged.status_code == 409, forged.text
    outside.refused(forged, forged.status_code, "signature_invalid", before)
    other = stated(house, position(house), key=house.setting.list.keys["reader-rail"])
    outside.refused(other, other.status_code, "position_of_another_agency", before)
    head = stated(house, position(house), typ="zhixing-head+jws")
    outside.refused(head, head.status_code, "signature_invalid", before)


@pytest.mark.rule("R-GEN-06")
def test_a_broken_line_in_the_middle_of_a_screening_batch_fails_alone(house: House) -> None:
    outside = house.outside
    before = outside.written()
    person = {"document": {"type": "RESIDENT_IDENTITY_CARD", "number": resident_number(90)}, "name": "某某"}
    lines = [json.dumps(person), '{"document":', json.dumps(person | {"no_such": 1}), json.dumps(person)]
    why = f"case_id={house.setting.case_id}&purpose=test"
    answer = outside.send(
        "POST",
        f"{outside.urls[SERVICE]}/v1/restriction-check-batches?{why}",
        token=outside.token("u-officer"),
        content="\n".join(lines).encode(),
        key=None,
        Content_Type="application/x-ndjson",
    )
    assert answer.status_code == 200, answer.text
    results = [json.loads(line) for line in answer.text.splitlines() if line]
    by_line = {result["line"]: result for result in results}
    assert sorted(by_line) == [1, 2, 3, 4]
    assert {by_line[1]["status"], by_line[4]["status"]} == {"NOT_LISTED"}
    assert "code" in json.dumps(by_line[2]), by_line[2]
    assert "request_invalid" in json.dumps(by_line[3]), by_line[3]
    assert outside.written() == before


@pytest.mark.rule("R-CRB-01", "R-CRB-10")
def test_a_second_listing_on_the_same_ground_and_a_removal_of_what_is_not_listed_are_refused(house: House) -> None:
    outside, setting = house.outside, house.setting.list
    before = outside.written()
    again = post(house, "u-officer", "/v1/listing-decisions", setting.listing_body())
    outside.refused(again, 409, "second_listing_on_same_ground", before)
    removal = {"ground": "PERFORMED", "reason": "履行完毕"}
    nobody = post(house, "u-officer", "/v1/listings/lst~party_0~case_0/removals", removal, etag='"1"')
    outside.refused(nobody, 404, "listing_unknown", before)
    order = post(house, "u-officer", "/v1/restriction-orders", setting.order_body())
    outside.refused(order, 409, "already_restricted", before)


@pytest.mark.rule("R-CRB-04")
def test_a_minor_is_never_listed(house: House) -> None:
    outside = house.outside
    body = application(45)
    body["debtors"][0]["documents"][0]["id_number"] = MINOR
    filed = outside.write("portal", "intake", "/v1/enforcement-applications", body)
    path = f"/v1/enforcement-applications/{filed['id']}"
    decision = {"decision": "ACCEPT", "conditions": CONDITIONS}
    etag = outside.etag("u-clerk", "intake", path)
    case_id = outside.write("u-clerk", "intake", f"{path}/decisions", decision, etag=etag)["case_id"]
    outside.settle()
    case = outside.seen("u-officer", "intake", f"/v1/enforcement-cases/{case_id}")
    draft = house.setting.list.listing_body(case_id=case_id, party_id=case["debtors"][0]["party_id"])
    until = time.monotonic() + 30
    while (answer := post(house, "u-officer", "/v1/listing-decisions", draft)).json()["code"] != "minor_never_listed":
        assert time.monotonic() < until, answer.text
        time.sleep(0.2)
    outside.refused(answer, 409, "minor_never_listed", outside.written())
