"""The river and the money of a case, in words and figures that people read."""

import pytest

from services.command_center.domain.dossier import Dossier
from services.command_center.domain.money import money_of
from services.command_center.domain.observation import KEPT
from services.command_center.domain.sentences import STAGES, TOLD, river
from tests.unit.command_center.wages import recorded, story, until

NAMES = {"bank-a": "甲银行", "bank-b": "乙银行", "vehicle": "车辆管理所"}


def lines(names: dict[str, str]) -> list[tuple[str, str]]:
    state, _ = recorded(Dossier(), story())
    return [(entry.stage, entry.text) for entry in river(state.facts(), names)]


@pytest.mark.rule("R-CMD-02")
def test_every_fact_that_is_kept_has_a_sentence_and_no_sentence_lacks_its_fact() -> None:
    assert {f"{event.SERVICE}.{event.NAME}" for event in KEPT} == set(TOLD)


def test_the_river_passes_all_stages_in_their_order() -> None:
    stages = [stage for stage, _ in lines(NAMES)]
    # Nobody is listed in this story: the wages are found and paid.
    assert list(dict.fromkeys(stages)) == [stage for stage in STAGES if stage != "惩戒"]


def test_sentences_name_agencies_sums_and_faults() -> None:
    told = lines(NAMES)
    for expected in (
        ("立案", "一次性告知须补正的2项材料：执行依据副本、申请人身份证明"),
        ("查控", "车辆管理所退回请求：文书为空，已自动重发"),
        ("查控", "乙银行逾期未答复，已第1次催办"),
        ("查控", "乙银行对查询请求作出最终答复（逾期）：财产1项"),
        ("分案", "分案至速执团队一，承办人赵承办，执行长孙执行长"),
        ("冻结", "甲银行足额冻结"),
        ("结案", "结案：执行完毕"),
    ):
        assert expected in told


@pytest.mark.rule("R-GEN-06")
def test_no_line_of_the_river_carries_more_of_a_party_than_a_masked_name() -> None:
    state, said = recorded(Dossier(), story())
    text = "".join(str(event.data()) for event in said) + "".join(text for _, text in lines({}))
    for personal in ("李建业", "浦明远", "139", "53039919", "被执行人李"):
        assert personal not in text
    assert state.observations


def test_a_fact_without_an_agencys_name_is_told_with_its_id() -> None:
    assert ("冻结", "bank-a足额冻结") in lines({})


@pytest.mark.rule("R-INQ-20", "R-PAY-20", "R-PAY-08")
def test_the_money_of_the_story_is_exact_at_every_stage() -> None:
    frozen = money_of(recorded(Dossier(), until("controls"))[0].facts())
    assert (frozen.debt_fen, frozen.frozen_fen, frozen.deducted_fen, frozen.arrived_fen) == (
        506_575,
        506_575,
        506_575,
        0,
    )
    assert [line["amount_fen"] for line in frozen.lines] == [500_000, 1_575, 5_000]
    end = money_of(recorded(Dossier(), story())[0].facts())
    assert (end.arrived_fen, end.paid_to_applicant_fen, end.fee_paid_fen) == (506_575, 501_575, 5_000)
    assert (end.balance_fen, end.still_frozen_fen, end.outstanding_fen, end.settled) == (0, 0, 0, True)
