"""Listings in the field names of the public list: out in one form, in from all forms that were seen."""

from datetime import date
from typing import Any

import pytest

from libs.schemas.credit_blacklist import PersonRecorded
from libs.schemas.intake.parties import IdentityDocument
from services.credit_blacklist.domain.listing_exchange import (
    PublicRecordUnreadable,
    public_record,
    read_public_record,
)
from services.credit_blacklist.domain.person import person_fact
from services.credit_blacklist.rules.grounds import GROUNDS
from services.credit_blacklist.rules.public_codes import PARTY_TYPE_CODES, PARTY_TYPES, PERFORMANCE_TEXTS, PERFORMANCES
from tests.unit.credit_blacklist.listing_court import PARTY, Court

FOUR, FIVE, TWO = "VIOLATES_PROPERTY_REPORTING", "VIOLATES_CONSUMPTION_RESTRICTION", "OBSTRUCTS"

SAMPLE: dict[str, Any] = {
    "iname": "某某",
    "partyTypeName": "0",
    "sexy": "女性",
    "age": "55",
    "cardNum": "3423011964****3224",
    "businessEntity": "",
    "courtName": "来安县人民法院",
    "areaName": "安徽",
    "gistId": "(2019)皖1122民初1103号",
    "regDate": "20190709",
    "caseCode": "(2019)皖1122执1194号",
    "gistUnit": "安徽省来安县人民法院",
    "duty": "支付货款",
    "performance": "全部未履行",
    "performedPart": "暂无",
    "unperformPart": "暂无",
    "disruptTypeName": "有履行能力而拒不履行生效法律文书确定义务",
    "publishDate": "2019年07月13日",
}


REPRESENTATIVE = person_fact(
    party_id="named_1", party_type="PERSON", name="王五", documents=(), source="LISTING_DECISION"
)


def person() -> PersonRecorded:
    return person_fact(
        party_id=PARTY,
        party_type="PERSON",
        name="李小明",
        documents=(IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="530381198001010011"),),
        source="PARTY_REGISTER",
    )


def published(**changes: Any) -> dict[str, Any]:
    court = Court().listed(FOUR, FIVE, **changes)
    assert court.state.current is not None
    return public_record(court.state.current, person(), REPRESENTATIVE, date(2025, 12, 31))


@pytest.mark.rule("R-CRB-08")
def test_the_published_sample_is_read() -> None:
    record = read_public_record(SAMPLE)
    assert (record.party_type, record.performance, record.grounds) == ("PERSON", "NONE", ("REFUSES_THOUGH_ABLE",))
    assert (record.case_filed_on, record.published_on) == (date(2019, 7, 9), date(2019, 7, 13))
    assert (record.sex, record.age, record.performed_text) == ("FEMALE", 55, None)


@pytest.mark.rule("R-CRB-08")
def test_what_is_published_has_the_fields_of_the_sample_and_an_id() -> None:
    assert set(published()) == {"id", *SAMPLE}


@pytest.mark.rule("R-CRB-08")
def test_what_is_published_is_read_back() -> None:
    record = read_public_record(published())
    assert (record.name, record.court_name, record.case_number) == (
        "李小明",
        "云南省宣威市人民法院",
        "(2024)云0381执1号",
    )
    assert (record.grounds, record.published_on) == ((FOUR, FIVE), date(2025, 3, 10))
    assert (record.area_name, record.duty) == ("云南", "偿还借款本金100000元")
    assert record.legal_representative == "王五"


@pytest.mark.rule("R-CRB-08")
def test_the_number_is_masked_and_the_age_is_of_today() -> None:
    fields = published()
    assert fields["cardNum"] == "5303811980****0011"
    assert (fields["age"], fields["sexy"]) == ("45", "男性")


@pytest.mark.rule("R-CRB-08")
def test_the_two_parts_are_shown_only_where_part_is_performed() -> None:
    assert published()["performedPart"] == "暂无"
    assert published(performance="PARTLY", performed_fen=4_000_000)["performedPart"] == "40,000.00元"


@pytest.mark.rule("R-CRB-08")
@pytest.mark.parametrize("code", ["0", "580", "自然人"])
def test_three_code_systems_name_a_person(code: str) -> None:
    assert read_public_record({**SAMPLE, "partyTypeName": code}).party_type == "PERSON"


@pytest.mark.rule("R-CRB-08")
@pytest.mark.parametrize(
    "text", ["20190709", "2019-07-09 00:00:00", "2019年07月09日", "2019年7月9日", "1562601600", "1562601600000"]
)
def test_every_form_of_a_day_is_read(text: str) -> None:
    assert read_public_record({**SAMPLE, "regDate": text}).case_filed_on == date(2019, 7, 9)


@pytest.mark.rule("R-CRB-08")
def test_old_wordings_joined_by_commas_are_taken_apart() -> None:
    text = "违反限制高消费令,违反财产报告制度,其他有履行能力而拒不履行生效法律文书确定义务"
    assert read_public_record({**SAMPLE, "disruptTypeName": text}).grounds == ("REFUSES_THOUGH_ABLE", FOUR, FIVE)


@pytest.mark.rule("R-CRB-08")
def test_the_commas_inside_of_a_ground_do_not_split_it() -> None:
    text = GROUNDS.value["OBSTRUCTS"].text
    assert "、" in text
    assert read_public_record({**SAMPLE, "disruptTypeName": text}).grounds == (TWO,)


@pytest.mark.rule("R-CRB-08")
def test_a_synonym_of_partly_is_read() -> None:
    assert read_public_record({**SAMPLE, "performance": "部分履行"}).performance == "PARTLY"


@pytest.mark.rule("R-CRB-08")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("performance", "全部已履行"),
        ("performance", "不明"),
        ("performedPart", "5000元"),
        ("disruptTypeName", "别的原因"),
        ("disruptTypeName", "违反财产报告制度及其他"),
        ("partyTypeName", "7"),
        ("regDate", "2019-13-01"),
        ("publishDate", ""),
        ("iname", None),
        ("age", "五十"),
        ("duty", "字" * 2001),
    ],
)
def test_what_cannot_be_read_names_its_field(field: str, value: object) -> None:
    with pytest.raises(PublicRecordUnreadable) as refusal:
        read_public_record({**SAMPLE, field: value})
    assert refusal.value.field == field


def test_the_tables_go_both_ways() -> None:
    assert all(PARTY_TYPES[code] == party_type for party_type, code in PARTY_TYPE_CODES.items())
    assert all(PERFORMANCES[text] == code for code, text in PERFORMANCE_TEXTS.items())
