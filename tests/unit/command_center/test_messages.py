"""Messages after a node: to whom, about what, once, and without the debtor (R-CMD-12)."""

from datetime import timedelta

import pytest

from libs.schemas.command_center import NotificationFailed, NotificationRequested, NotificationSent
from services.command_center.domain.commands import NoteFailed, NoteSent, RecordFacts
from services.command_center.domain.dossier import Dossier, evolve
from services.command_center.domain.law import decide
from tests.unit.command_center.wages import CASE, MORNING, Told, recorded, story, until


def messages(told: list[Told]) -> list[NotificationRequested]:
    _, said = recorded(Dossier(), told)
    return [event for event in said if isinstance(event, NotificationRequested)]


@pytest.mark.rule("R-CMD-12")
def test_after_filing_officer_applicant_and_leader_learn_the_next_node_and_its_deadline() -> None:
    sent = messages(until("filing"))
    assert [(one.recipient.kind, one.recipient.recipient_id) for one in sent] == [
        ("CASE_OFFICER", "u-duty"),
        ("APPLICANT", "party_pu"),
        ("LEADER", "u-duty-lead"),
    ]
    [text] = {one.text for one in sent}
    assert text == (
        "【宣威市人民法院】(2026)云0381执1号案件“执行立案”、“移送卷宗”、“告知提供财产线索”已办结。"
        "下一节点：“发出执行通知书”，办理期限至2026年3月12日。"
    )
    assert {one.channel for one in sent} == {"SMS_12368"}


@pytest.mark.rule("R-CMD-12", "R-GEN-06")
def test_no_message_names_the_debtor() -> None:
    sent = messages(story())
    assert sent
    assert not any("李" in one.text or one.recipient.recipient_id == "party_li" for one in sent)


@pytest.mark.rule("R-CMD-12")
def test_after_assignment_the_teams_own_people_are_told() -> None:
    last = messages(story())[-3:]
    assert [one.recipient.recipient_id for one in last] == ["u-officer", "party_pu", "u-leader"]
    assert last[0].text.endswith("“执行结案”已办结。本案各流程节点均已办结。")


@pytest.mark.rule("R-CMD-12")
def test_several_requests_are_one_node_to_those_who_are_told() -> None:
    texts = [one.text for one in messages(until("inquiry")) if "“查询反馈”已办结" in one.text]
    assert len(texts) == 3


@pytest.mark.rule("R-CMD-12")
def test_the_same_fact_again_sends_nothing_again() -> None:
    state, said = recorded(Dossier(), until("inquiry"))
    again, repeated = recorded(state, until("inquiry"))
    assert said
    assert repeated == []
    assert again == state


@pytest.mark.rule("R-CMD-12")
def test_what_was_completed_days_ago_is_recorded_but_announced_to_nobody() -> None:
    state, said = recorded(Dossier(), story(), now=MORNING + timedelta(days=3))
    assert not [event for event in said if isinstance(event, NotificationRequested)]
    assert all(not node.open for node in state.nodes.values())


@pytest.mark.rule("R-CMD-12")
def test_a_case_that_has_no_number_yet_sends_nothing() -> None:
    early = [one for one in until("filing") if one.event.NAME.startswith("application")]
    observations = tuple(one.observed() for one in early)
    said = decide(Dossier(), RecordFacts(CASE, observations), MORNING + timedelta(minutes=3))
    assert not [event for event in said if isinstance(event, NotificationRequested)]


@pytest.mark.rule("R-CMD-12")
def test_the_gateways_answer_is_recorded_once() -> None:
    state, said = recorded(Dossier(), until("filing"))
    note = next(event for event in said if isinstance(event, NotificationRequested))
    [sent] = decide(state, NoteSent(note.notification_id, "12368-1"), MORNING)
    assert isinstance(sent, NotificationSent)
    delivered = evolve(state, sent)
    assert delivered.notifications[note.notification_id].state == "SENT"
    assert list(decide(delivered, NoteSent(note.notification_id, "12368-1"), MORNING)) == []
    assert list(decide(delivered, NoteFailed(note.notification_id, "late news"), MORNING)) == []


@pytest.mark.rule("R-CMD-12")
def test_a_refused_message_is_recorded_with_its_reason() -> None:
    state, said = recorded(Dossier(), until("filing"))
    note = next(event for event in said if isinstance(event, NotificationRequested))
    [failed] = decide(state, NoteFailed(note.notification_id, "空号"), MORNING)
    assert isinstance(failed, NotificationFailed)
    assert evolve(state, failed).notifications[note.notification_id].reason == "空号"
