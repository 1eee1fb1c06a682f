"""Decisions as papers: names in full, articles by ground, everything escaped."""

from datetime import date
from typing import Any

import pytest

from libs.schemas.credit_blacklist import (
    CorrectionProposed,
    Ground,
    ListingDecided,
    ListingDrafted,
    RemovalGround,
    RemovalProposed,
)
from libs.schemas.intake.parties import IdentityDocument
from services.credit_blacklist.certificates import SealMissing
from services.credit_blacklist.domain.person import person_fact
from services.credit_blacklist.papers import (
    REMOVALS,
    Matter,
    Paper,
    correction_paper,
    listing_paper,
    removal_paper,
    sealed,
)
from services.credit_blacklist.rules.procedure import TERMED_GROUNDS, UNTERMED_GROUNDS
from tests.unit.credit_blacklist.listing_court import PARTY, Court, noon

FOUR: Ground = "VIOLATES_PROPERTY_REPORTING"
FIVE: Ground = "VIOLATES_CONSUMPTION_RESTRICTION"
ONE: Ground = "REFUSES_THOUGH_ABLE"
MATTER = Matter(
    court="云0381",
    court_name="云南省宣威市人民法院",
    case_id="case_1",
    case_number="(2024)云0381执1号",
    number="(2024)云0381执1号之一",
    written_on=date(2025, 3, 10),
    applicants=("张三",),
    debtor=person_fact(
        party_id=PARTY,
        party_type="PERSON",
        name="李小明",
        documents=(IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="530381198001010011"),),
        source="PARTY_REGISTER",
    ),
)


def decided(*grounds: Ground, **changes: Any) -> str:
    court = Court().listed(*grounds, **changes)
    draft, decision = court.of(ListingDrafted)[0], court.of(ListingDecided)[0]
    return listing_paper(MATTER, draft, decision, draft.facts).text


@pytest.mark.rule("R-CRB-06")
def test_the_decision_states_person_reason_articles_and_term() -> None:
    text = decided(FOUR, FIVE)
    assert "李小明, 公民身份号码530381198001010011" in text
    assert "第一条第四、五项" in text
    assert "违反财产报告制度、违反限制消费令" in text
    assert "期限自2025年3月10日起至2027年3月10日止" in text


@pytest.mark.rule("R-CRB-02")
def test_a_decision_on_ground_one_says_that_there_is_no_term() -> None:
    assert "不设期限" in decided(ONE)


@pytest.mark.rule("R-CRB-07")
def test_the_grace_period_stands_in_the_decision() -> None:
    assert "宽限期至2025年5月12日" in decided(FOUR, grace_months=2)
    assert "宽限期至" not in decided(FOUR)


def test_what_an_officer_writes_cannot_become_markup() -> None:
    assert "<script>" not in decided(FOUR, facts="<script>alert(1)</script>")


@pytest.mark.rule("R-CRB-10")
def test_every_ground_that_the_president_decides_about_has_its_article() -> None:
    assert set(REMOVALS) == UNTERMED_GROUNDS | TERMED_GROUNDS


@pytest.mark.rule("R-CRB-10")
@pytest.mark.parametrize(
    ("ground", "article"), [("APPLICANT_REQUEST", "第十条第一款第三项"), ("FINAL_TERMINATION", "第十条第一款第七项")]
)
def test_a_removal_names_the_article_of_its_ground(ground: RemovalGround, article: str) -> None:
    court = Court().listed(ONE)
    court.propose_removal(ground)
    text = removal_paper(MATTER, court.of(RemovalProposed)[0], "(2024)云0381执1号之一").text
    assert article in text


@pytest.mark.rule("R-CRB-12")
def test_a_correction_names_what_was_wrong_and_a_revocation_revokes() -> None:
    court = Court().listed(FOUR)
    court.decide_correction(court.propose_correction("INACCURATE", duty="别的"))
    court.propose_correction("WRONGLY_LISTED")
    corrected, revoked = (
        correction_paper(MATTER, proposal, "(2024)云0381执1号之一").text for proposal in court.of(CorrectionProposed)
    )
    assert "生效法律文书确定的义务" in corrected
    assert "撤销失信信息" in revoked


@pytest.mark.asyncio
async def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(SealMissing):
        await sealed(None, MATTER, Paper("失信决定书", "x"), "president_1", noon(date(2025, 3, 10)))
