"""What an entry says in each view, and that it says the same whenever it is made."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from libs.foundation.canonical import canonical_bytes
from libs.schemas.credit_blacklist import Basis, Correction, FeedRecord, PersonRecorded, Removal, Suspension
from libs.schemas.intake import IdentityDocument
from services.credit_blacklist.feed.entry import entry_payload, entry_salt
from services.credit_blacklist.rules.views import OPTIONAL_FIELDS, VIEWS, view_of

AT = datetime(2024, 3, 20, 2, 0, tzinfo=UTC)
PERSON = PersonRecorded(
    party_id="party_1",
    party_type="PERSON",
    name="张三",
    display_name="张*",
    documents=(
        IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="110105491231002"),
        IdentityDocument(id_type="PASSPORT", id_number="e 1234567"),
        IdentityDocument(id_type="PASSPORT", id_number="E1234567"),
    ),
    sex="FEMALE",
    birth_date=date(1949, 12, 31),
    source="PARTY_REGISTER",
)


def record(**more: Any) -> FeedRecord:
    values: dict[str, Any] = {
        "record_id": "rec_1",
        "list_type": "RESTRICTION",
        "version": 2,
        "status": "RESTRICTED",
        "change": "UPDATED",
        "party_id": "party_1",
        "case_id": "case_1",
        "case_number": "（2024）云0381执1号",
        "case_filed_on": date(2024, 1, 5),
        "court": "云0381",
        "court_name": "宣威市人民法院",
        "court_phone": "0874-7120000",
        "order_number": "（2024）云0381执1号之一",
        "decided_on": date(2024, 3, 20),
        "changed_at": AT,
        "effective_from": AT,
        "expires_at": AT + timedelta(days=730),
        "basis": Basis(number="（2023）云0381民初1号", authority="宣威市人民法院"),
        "grounds": ("VIOLATES_PROPERTY_REPORTING",),
        "duty": "支付100000元",
        "performance": "NONE",
        "legal_representative": "王五",
        "kinds": (1, 7),
        "suspensions": (Suspension(from_at=AT, until_at=AT + timedelta(days=10), kinds=(1,)),),
    }
    return FeedRecord(**(values | more))


def entry(view: str = "court", **more: Any) -> dict[str, Any]:
    return entry_payload(record(**more), PERSON, view_of(view), "00" * 16)


@pytest.mark.rule("R-CRB-33")
def test_made_twice_an_entry_has_the_same_bytes() -> None:
    salts = [entry_salt(b"secret", "evt_1", "air") for _ in range(2)]
    bodies = [canonical_bytes(entry_payload(record(), PERSON, view_of("air"), salt)) for salt in salts]
    assert bodies[0] == bodies[1]
    assert len(salts[0]) == 32


def test_a_salt_is_of_one_event_in_one_view_and_of_one_court() -> None:
    salts = {
        entry_salt(secret, event, view)
        for secret in (b"a", b"b")
        for event in ("evt_1", "evt_2")
        for view in ("air", "rail")
    }
    assert len(salts) == 8


@pytest.mark.parametrize("view_id", sorted(VIEWS))
def test_a_view_gets_the_fields_that_it_needs_and_no_other(view_id: str) -> None:
    said = entry(view_id)
    flat = {
        *(said.keys() - {"subject", "court"}),
        *(f"subject.{name}" for name in said["subject"]),
        *(f"court.{name}" for name in said["court"]),
    }
    assert flat & OPTIONAL_FIELDS == VIEWS[view_id].fields
    assert {"record_id", "salt", "subject.identity_documents", "court.name", "expires_at"} <= flat


def test_all_documents_of_a_person_are_named_once_each_in_the_form_that_is_compared() -> None:
    assert entry()["subject"]["identity_documents"] == [
        {"type": "RESIDENT_IDENTITY_CARD", "number": "11010519491231002X"},
        {"type": "PASSPORT", "number": "E1234567"},
    ]


@pytest.mark.rule("R-CRB-10")
def test_a_removal_carries_its_ground_and_neither_duty_nor_grounds_nor_performance() -> None:
    removal = Removal(ground="PERFORMED", decided_at=AT, effective_at=AT)
    said = entry(status="REMOVED", change="REMOVED", removal=removal)
    assert said["removal"] == {
        "ground": "PERFORMED",
        "decided_at": "2024-03-20T02:00:00.000000Z",
        "effective_at": "2024-03-20T02:00:00.000000Z",
    }
    assert not {"duty", "grounds", "performance"} & said.keys()
    assert said["subject"]["name"] == "张三"


@pytest.mark.rule("R-CRB-12")
def test_a_correction_names_the_wrong_fields_that_the_view_has_seen() -> None:
    correction = Correction(wrong_version=1, fields=("duty", "case_number"), nature="INACCURATE")
    assert entry("court", change="CORRECTED", correction=correction)["correction"]["fields"] == ["duty", "case_number"]
    assert entry("air", change="CORRECTED", correction=correction)["correction"] == {
        "wrong_version": 1,
        "fields": ["case_number"],
        "nature": "INACCURATE",
    }


def test_what_a_record_does_not_say_an_entry_does_not_say() -> None:
    said = entry(expires_at=None, basis=None, suspensions=(), kinds=(), legal_representative=None, court_phone=None)
    assert (
        not {"expires_at", "basis", "suspensions", "kinds", "legal_representative", "correction", "removal"}
        & said.keys()
    )
    assert said["court"] == {"code": "云0381", "name": "宣威市人民法院"}
