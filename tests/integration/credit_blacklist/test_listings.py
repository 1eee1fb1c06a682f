"""Listings over real HTTP, Kafka and MongoDB: drafted, signed, served, published, removed, archived."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.credit_blacklist.listing_desk import ListingDesk
from tests.integration.credit_blacklist.restriction_theatre import restriction_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOUR, ONE = "VIOLATES_PROPERTY_REPORTING", "REFUSES_THOUGH_ABLE"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ListingDesk]:
    async with restriction_stage(kafka_bootstrap, mongo_uri, tmp_path_factory.mktemp("listing")) as running:
        yield ListingDesk(running)


@pytest.mark.rule("R-CRB-06")
@pytest.mark.rule("R-CRB-10")
async def test_a_listing_is_drafted_signed_served_published_paid_for_removed_and_archived(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    decision = await desk.draft(case, FOUR, court_phone="010-68899000")
    assert (decision["state"], decision["number"]) == ("DRAFTED", None)
    signed = await desk.approve(f"/v1/listing-decisions/{decision['id']}")
    assert (signed["state"], signed["number"]) == ("DECIDED", f"(2024)京0107执{case.serial}号之一")
    assert (signed["decided_on"], signed["listed_until"]) == ("2024-04-10", "2026-04-10")
    assert signed["paper"]["title"] == "失信决定书"
    served = await desk.serve(decision["id"])
    assert served["state"] == "PUBLISHED"

    listing_id = decision["listing_id"]
    listing = await desk.read(f"/v1/listings/{listing_id}")
    record = listing["current"]["record"]
    assert (listing["status"], record["version"], record["court_phone"]) == ("LISTED", 1, "010-68899000")
    assert record["expires_at"] == "2026-04-10T16:00:00.000000Z"

    await desk.stage.pay(case)
    prepared = await desk.until(
        f"/v1/listings/{listing_id}", lambda seen: [one for one in seen["removals"] if one["state"] == "PROPOSED"]
    )
    removal = prepared["removals"][0]
    assert (prepared["status"], removal["ground"], removal["by_rule"]) == ("LISTED", "ACTIVE_PERFORMANCE", True)
    decided = await desk.approve(f"/v1/listing-removals/{removal['id']}")
    assert (decided["state"], decided["number"]) == ("APPROVED", f"(2024)京0107执{case.serial}号之一")

    ended = await desk.read(f"/v1/listings/{listing_id}")
    assert (ended["status"], ended["current"], ended["version"]) == ("REMOVED", None, 2)
    archived = ended["archive"][0]
    assert (archived["record"]["status"], archived["record"]["duty"]) == ("REMOVED", None)
    rows = await desk.until(f"/v1/listings?case_id={case.case_id}&status=REMOVED", lambda seen: seen["items"])
    assert [row["removal_ground"] for row in rows["items"]] == ["ACTIVE_PERFORMANCE"]


@pytest.mark.rule("R-CRB-07")
async def test_performance_in_the_grace_period_means_that_nothing_was_ever_published(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    decision = await desk.draft(case, FOUR, grace_months=2)
    await desk.approve(f"/v1/listing-decisions/{decision['id']}")
    served = await desk.serve(decision["id"])
    assert (served["state"], served["grace"]["last_day"]) == ("GRACE", "2024-06-11")
    await desk.stage.pay(case)
    path = f"/v1/listing-decisions/{decision['id']}"
    cancelled = await desk.until(path, lambda seen: seen["state"] == "CANCELLED")
    assert cancelled["cancelled_for"] == "PERFORMED"
    assert (await desk.read(f"/v1/listings/{decision['listing_id']}"))["version"] == 0


@pytest.mark.rule("R-CRB-10")
async def test_a_listing_without_a_term_is_removed_by_the_rule_itself(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    listing_id = await desk.published(case, ONE)
    await desk.stage.pay(case)
    ended = await desk.until(f"/v1/listings/{listing_id}", lambda seen: seen["status"] == "REMOVED")
    assert ended["archive"][0]["removal_ground"] == "PERFORMED"
    assert ended["removals"] == []


@pytest.mark.rule("R-CRB-34")
async def test_who_performed_gets_a_certificate_under_the_courts_seal(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    listing_id = await desk.published(case, ONE)
    await desk.stage.pay(case)
    path = f"/v1/listings/{listing_id}"
    await desk.until(path, lambda seen: seen["status"] == "REMOVED")
    certificate = await desk.write(f"{path}/credit-repair-certificates", {"addressee": "信用中国"}, match=path)
    assert certificate["ground"] == "PERFORMED"
    assert desk.payload(certificate["certificate"])["listing_id"] == listing_id


@pytest.mark.rule("R-CRB-12")
async def test_an_inaccurate_listing_is_corrected(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    listing_id = await desk.published(case, FOUR)
    path = f"/v1/listings/{listing_id}"
    body = {"nature": "INACCURATE", "fields": {"duty": "支付90000元"}, "reason": "金额有误"}
    proposed = await desk.write(f"{path}/corrections", body, match=path)
    await desk.approve(f"/v1/listing-corrections/{proposed['id']}")
    record = (await desk.read(path))["current"]["record"]
    assert (record["version"], record["change"], record["duty"]) == (2, "CORRECTED", "支付90000元")
    assert record["correction"] == {"wrong_version": 1, "fields": ["duty"], "nature": "INACCURATE"}


@pytest.mark.rule("R-CRB-12")
async def test_a_request_goes_through_examination_refusal_and_review_by_the_court_above(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    listing_id = await desk.published(case, FOUR)
    body = {"claim": "NOT_TO_BE_LISTED", "reason": "本人因重病住院未能报告财产"}
    asked = await desk.write(f"/v1/listings/{listing_id}/correction-requests", body, role="filing_clerk")
    path = f"/v1/correction-requests/{asked['id']}"
    words = await desk.read(f"/v1/listings/{listing_id}/wordings?case_id={case.case_id}&purpose=examination")
    assert [(one["text"], one["sha256"]) for one in words["items"]] == [(body["reason"], asked["wording_sha256"])]
    await desk.write(f"{path}/decisions", {"finding": "REJECTED", "reason": "无证据"}, match=path)
    await desk.write(f"{path}/services", {"served_on": "2024-04-10", "evidence": "送达回证"})
    await desk.write(f"{path}/reviews", {"reason": "不服"})

    found = {"finding": "JUSTIFIED", "reason": "应予撤销", "nature": "WRONGLY_LISTED"}
    same_court = await desk.answer(f"{path}/review-decisions", found, role="reviewing_judge", match=path)
    assert (same_court.status_code, same_court.json()["code"]) == (403, "not_the_reviewing_court")
    reviewed = await desk.write(f"{path}/review-decisions", found, role="reviewing_judge", court="京01", match=path)
    assert (reviewed["state"], reviewed["review_decision"]["court"]) == ("REVIEWED", "京01")

    correction = (await desk.read(f"/v1/listings/{listing_id}"))["corrections"][0]
    await desk.approve(f"/v1/listing-corrections/{correction['id']}")
    ended = await desk.read(f"/v1/listings/{listing_id}")
    assert (ended["status"], ended["archive"][0]["removal_ground"]) == ("REMOVED", "WRONGLY_LISTED")


@pytest.mark.rule("R-CRB-09")
async def test_a_batch_is_shown_and_whoever_leaves_the_list_is_taken_down(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    listing_id = await desk.published(case, ONE)
    body = {
        "court": "京0107",
        "title": "第十期",
        "platform": "微信公众号",
        "audience": [{"kind": "PUBLIC", "name": "公众"}],
        "listings": [listing_id],
        "planned_on": "2024-04-12",
    }
    batch = await desk.write("/v1/publicity-batches", body)
    path = f"/v1/publicity-batches/{batch['id']}"
    await desk.approve(path)
    shown = {"address": "https://example.org/10", "at": "2024-04-10T02:00:00Z", "sha256": "ab" * 32}
    released = await desk.write(f"{path}/releases", shown)
    assert (released["state"], released["items"][0]["listed"]) == ("RELEASED", True)
    await desk.stage.pay(case)
    waiting = await desk.until(path, lambda seen: not seen["items"][0]["listed"])
    assert waiting["items"][0]["take_down_by"]["last_day"] == "2024-04-15"
    gone = await desk.write(f"{path}/takedowns", shown | {"listing_id": listing_id})
    assert gone["items"][0]["taken_down"]["sha256"] == "ab" * 32


@pytest.mark.rule("R-CRB-03")
async def test_a_bar_stops_ground_one_until_it_ends(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    await desk.known(case)
    bar = {"case_id": case.case_id, "party_id": case.person.party_id, "bar": "GUARANTEE", "reason": "已提供担保"}
    recorded = await desk.write("/v1/listing-bars", bar)
    refused = await desk.answer("/v1/listing-decisions", desk.body(case, ONE))
    assert (refused.status_code, refused.json()["code"], refused.json()["bars"]) == (
        409,
        "listing_barred",
        ["GUARANTEE"],
    )
    await desk.write(f"/v1/listing-bars/{recorded['id']}/endings", {"reason": "担保失效"})
    assert (await desk.draft(case, ONE))["state"] == "DRAFTED"


async def refusals(desk: ListingDesk) -> dict[str, tuple[int, str, str | None]]:
    """Return what each of some forbidden requests is answered: status, code, rule."""
    case = await desk.stage.open_case()
    listing_id = await desk.published(case, FOUR)
    minor = desk.body(case, FOUR) | {"party_id": "party_nobody"}
    answers: dict[str, Any] = {
        "second ground": await desk.answer("/v1/listing-decisions", desk.body(case, FOUR)),
        "no debtor": await desk.answer("/v1/listing-decisions", minor),
        "no case": await desk.answer("/v1/listing-decisions", desk.body(case, FOUR) | {"case_id": "case_none"}),
        "too long": await desk.answer(
            "/v1/listing-decisions", desk.body(case, ONE) | {"extension_years": 4, "extension_reason": "SEVERAL_ACTS"}
        ),
        "other court": await desk.answer(
            f"/v1/listings/{listing_id}/correction-requests", {"claim": "INACCURATE", "reason": "x"}, court="云0381"
        ),
        "not listed": await desk.answer(
            f"/v1/listings/{await desk.never_published(case)}/removals",
            {"ground": "PERFORMED", "reason": "x"},
            match=f"/v1/listings/{await desk.never_published(case)}",
        ),
        "no listing": await desk.answer(
            "/v1/listings/lst~party_x~case_x/removals", {"ground": "PERFORMED", "reason": "x"}, etag='"1"'
        ),
    }
    return {name: (one.status_code, one.json()["code"], one.json().get("rule")) for name, one in answers.items()}


@pytest.mark.rule("R-CRB-01")
@pytest.mark.rule("R-CRB-05")
@pytest.mark.rule("R-CRB-10")
async def test_each_refusal_names_its_rule(desk: ListingDesk) -> None:
    assert await refusals(desk) == {
        "second ground": (409, "second_listing_on_same_ground", "R-CRB-01"),
        "no debtor": (409, "not_a_debtor_of_the_case", "R-CRB-05"),
        "no case": (404, "case_file_unknown", None),
        "too long": (409, "extension_without_term", "R-CRB-02"),
        "other court": (404, "listing_unknown", None),
        "not listed": (409, "listing_not_in_force", "R-CRB-10"),
        "no listing": (404, "listing_unknown", None),
    }


@pytest.mark.rule("R-GEN-06")
async def test_names_and_numbers_in_free_texts_are_masked_and_kept_word_by_word_in_private(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    text = "李建业 (110107198001010019) 未在期限内报告财产"
    decision = await desk.draft(case, FOUR, facts=text, duty="李建业支付100000元")
    assert (decision["facts"], decision["duty"]) == (
        "李** (1101071980****0019) 未在期限内报告财产",
        "李**支付100000元",
    )
    path = f"/v1/listings/{decision['listing_id']}/wordings?case_id={case.case_id}&purpose=audit"
    assert [one["text"] for one in (await desk.read(path))["items"]] == [text]


@pytest.mark.rule("R-GEN-06")
async def test_the_name_of_a_legal_representative_stands_in_no_published_fact(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    decision = await desk.draft(case, FOUR, legal_representative="欧阳建国")
    assert decision["legal_representative"]["display_name"] != "欧阳建国"
    await desk.approve(f"/v1/listing-decisions/{decision['id']}")
    await desk.serve(decision["id"])
    path = f"/v1/listings/{decision['listing_id']}"
    publication = f"{path}/publication?case_id={case.case_id}&purpose=publication"
    assert (await desk.read(publication))["businessEntity"] == "欧阳建国"

    found = {"finding": "JUSTIFIED", "reason": "已变更", "nature": "INACCURATE"}
    body = {"claim": "INACCURATE", "reason": "法定代表人已变更"}
    asked = await desk.write(f"{path}/correction-requests", body, role="filing_clerk")
    request = f"/v1/correction-requests/{asked['id']}"
    await desk.write(f"{request}/decisions", {"finding": "REJECTED", "reason": "无证据"}, match=request)
    await desk.write(f"{request}/reviews", {"reason": "不服"})
    of_above = found | {"fields": {"legal_representative": "司马卫东"}}
    who = {"role": "reviewing_judge", "court": "京01"}
    await desk.write(f"{request}/review-decisions", of_above, match=request, **who)
    correction = (await desk.read(path))["corrections"][0]
    await desk.approve(f"/v1/listing-corrections/{correction['id']}")
    assert (await desk.read(publication))["businessEntity"] == "司马卫东"

    # What is shown of the listing is what its facts say: every field of every one of them.
    told = str(await desk.read(path))
    assert not [name for name in ("欧阳建国", "司马卫东") if name in told]


@pytest.mark.rule("R-GEN-07")
async def test_a_decision_is_a_paper_with_full_names_whose_hash_the_court_has_sealed(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    decision = await desk.draft(case, FOUR, facts="李建业未报告财产")
    signed = await desk.approve(f"/v1/listing-decisions/{decision['id']}")
    path = f"/v1/listing-papers/{decision['id']}"
    assert (await desk.stage.call("GET", desk.stage.staff(), path)).status_code == 400
    paper = await desk.read(f"{path}?case_id={case.case_id}&purpose=service")
    assert "李建业未报告财产" in paper["text"]
    assert "第一条第四项" in paper["text"]
    assert "期限自2024年4月10日起至2026年4月10日止" in paper["text"]
    assert hashlib.sha256(paper["text"].encode()).hexdigest() == signed["paper"]["sha256"]
    seal = desk.payload(paper["seal"])
    assert (seal["sha256"], seal["number"], seal["signed_by"]) == (paper["sha256"], signed["number"], "u-president")


async def test_a_draft_that_is_sent_twice_is_one_draft(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    await desk.known(case)
    first, second = [
        await desk.stage.call(
            "POST", desk.stage.staff(), "/v1/listing-decisions", desk.body(case, FOUR), key=f"same-{case.serial}"
        )
        for _ in range(2)
    ]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.json() == second.json()


async def test_the_public_form_masks_the_number_and_needs_a_purpose(desk: ListingDesk) -> None:
    case = await desk.stage.open_case()
    path = f"/v1/listings/{await desk.published(case, FOUR)}/publication"
    assert (await desk.stage.call("GET", desk.stage.staff(), path)).status_code == 400
    form = await desk.read(f"{path}?case_id={case.case_id}&purpose=publication")
    assert (form["cardNum"], form["performance"]) == ("1101071980****0019", "全部未履行")
    assert (form["disruptTypeName"], form["publishDate"]) == ("违反财产报告制度", "2024年04月10日")
