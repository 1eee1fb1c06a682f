"""Alerts: their texts, their levels, whom they reach, and what a late clock may not do (R-CMD-13, R-CMD-14)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import reduce

import pytest

from libs.foundation.errors import NotFound
from libs.schemas.command_center import (
    AlertEscalated,
    AlertRaised,
    NodeOverdue,
    NotificationRequested,
)
from libs.schemas.envelope import Event
from libs.schemas.payments import FundOverdue
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.command_center.domain.commands import AcknowledgeAlert, RecordFacts
from services.command_center.domain.dossier import Dossier, evolve
from services.command_center.domain.law import AlertTaken, decide
from services.command_center.domain.watch import SETTLED, WATCH, next_step, steps
from tests.unit.command_center.wages import CASE, MORNING, NUMBER, Told, recorded, story, until


def lived(state: Dossier, until_moment: datetime) -> Iterator[tuple[datetime, Event]]:
    """Let the watch fire, each time at its step, up to a moment; yield what it says."""
    while (at := next_step(state)) is not None and at <= until_moment:
        for event in decide(state, TimerDue(WATCH, 1, at), at):
            state = evolve(state, event)
            yield at, event


def alerts(state: Dossier, until_moment: datetime) -> list[AlertRaised]:
    return [event for _, event in lived(state, until_moment) if isinstance(event, AlertRaised)]


@pytest.mark.rule("R-CMD-13", "R-CMD-14")
def test_near_the_deadline_the_officer_is_told_in_the_words_of_the_bureau() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    term = date(2026, 9, 2)
    blue = next(
        one for one in alerts(state, MORNING + timedelta(days=200)) if one.node_id and "T1" in _code(state, one)
    )
    assert blue.text == f"@周值班 {NUMBER}案件临近超期,请尽快办理!"
    assert (blue.code, blue.level, blue.recipients) == ("NEAR_DEADLINE", "BLUE", ("CASE_OFFICER",))
    assert (term - blue.raised_at.date()).days == 10


def _code(state: Dossier, alert: AlertRaised) -> str:
    assert alert.node_id is not None
    return state.nodes[alert.node_id].code


@pytest.mark.rule("R-CMD-14")
def test_levels_rise_with_the_days_and_so_do_those_who_are_told() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    [notice] = [node for node in state.nodes.values() if node.code == "07"]
    told = [one for one in alerts(state, notice.due.due_at + timedelta(days=8)) if one.node_id == notice.node_id]
    days = {one.level: (one.raised_at - notice.due.due_at) / timedelta(days=1) for one in told}
    assert days == {"BLUE": -3, "ORANGE": 1, "RED": 7}
    assert told[-1].recipients == ("CASE_OFFICER", "LEADER", "NODE_SUPERVISOR", "BUREAU_HEAD", "PRESIDENT")
    assert told[-1].text == (
        f"@周值班 @吴指挥 @节点监管员 @执行局长 @分管院长 {NUMBER}案件“发出执行通知书”已超期,请尽快办理并书面说明原因!"
    )


@pytest.mark.rule("R-CMD-14", "R-GEN-03")
def test_a_taken_blue_alert_is_followed_by_a_yellow_one_a_day_before_the_deadline_of_a_ten_day_node() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    [notice] = [node for node in state.nodes.values() if node.code == "07"]
    assert notice.short
    for _, event in lived(state, notice.due.due_at - timedelta(days=3)):
        state = evolve(state, event)
    for alert_id in state.alerts:
        state = reduce(evolve, decide(state, AcknowledgeAlert(alert_id, "u-duty"), MORNING), state)
    [yellow] = [one for one in alerts(state, notice.due.due_at) if one.node_id == notice.node_id]
    assert (yellow.level, yellow.raised_at) == ("YELLOW", notice.due.due_at - timedelta(days=1))
    assert yellow.recipients == ("CASE_OFFICER", "LEADER")


@pytest.mark.rule("R-CMD-13", "R-CMD-14", "R-PAY-04")
def test_money_beyond_fifteen_working_days_is_red_at_once_and_says_so() -> None:
    told = [one for one in until("money") if not one.event.NAME.startswith(("payout", "account_settled"))]
    state, _ = recorded(Dossier(), told)
    fund = [one for one in alerts(state, MORNING + timedelta(days=40)) if one.code == "FUND_OVERDUE"]
    assert len(fund) == 2
    assert fund[0].level == "RED"
    assert fund[0].text == f"@赵承办 @孙执行长 @节点监管员 @执行局长 @分管院长 {NUMBER}案件超期未发放案款,请尽快处理!"
    assert fund[0].raised_at.date() == date(2026, 3, 23)


@pytest.mark.rule("R-CMD-13", "R-PAY-04")
def test_payments_own_warning_about_overdue_money_is_passed_on_once() -> None:
    told = [one for one in until("money") if not one.event.NAME.startswith(("payout", "account_settled"))]
    state, _ = recorded(Dossier(), told)
    late = MORNING + timedelta(days=15)
    news = Told(
        FundOverdue(case_id=CASE, incoming_id="in_bank-a", stage="PAYMENT_NOTICE", due_at=late, amount_fen=320_000),
        f"account/{CASE}",
        90,
        late,
    )
    warned, said = recorded(state, [news])
    [alert] = [event for event in said if isinstance(event, AlertRaised)]
    assert (alert.code, alert.level) == ("FUND_OVERDUE", "ORANGE")
    assert "超期未发放案款,请尽快处理!" in alert.text
    assert recorded(warned, [news])[1] == []


@pytest.mark.rule("R-CMD-13")
def test_an_alert_goes_to_the_work_group_with_the_words_of_the_alert() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    said = [event for _, event in lived(state, MORNING + timedelta(days=20))]
    notes = [event for event in said if isinstance(event, NotificationRequested)]
    raised = [event for event in said if isinstance(event, AlertRaised | AlertEscalated)]
    assert [note.text for note in notes] == [alert.text for alert in raised]
    assert {note.channel for note in notes} == {"WORK_GROUP"}


@pytest.mark.rule("R-CMD-14")
def test_a_short_node_is_not_warned_of_at_its_own_start() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    assert all(step.at > step.node.started_at for step in steps(state))


@pytest.mark.rule("R-CMD-14")
def test_a_blue_alert_that_nobody_takes_becomes_yellow_the_next_day() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    [term] = [node for node in state.nodes.values() if node.code == "T1"]
    blue_at = term.due.due_at - timedelta(days=10)
    rose = [
        event
        for _, event in lived(state, blue_at + timedelta(days=2))
        if isinstance(event, AlertEscalated) and "“" not in event.text
    ]
    assert rose[-1].level == "YELLOW"
    assert rose[-1].text.startswith("@周值班 @吴指挥 ")


@pytest.mark.rule("R-CMD-14")
def test_whoever_takes_an_alert_first_has_it() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    for _, event in lived(state, MORNING + timedelta(days=8)):
        state = evolve(state, event)
    alert_id = next(iter(state.alerts))
    taken = reduce(evolve, decide(state, AcknowledgeAlert(alert_id, "u-duty"), MORNING), state)
    assert taken.alerts[alert_id].acknowledged_by == "u-duty"
    assert list(decide(taken, AcknowledgeAlert(alert_id, "u-duty"), MORNING)) == []
    with pytest.raises(AlertTaken):
        decide(taken, AcknowledgeAlert(alert_id, "u-other"), MORNING)
    with pytest.raises(NotFound):
        decide(taken, AcknowledgeAlert("alert_none", "u-duty"), MORNING)


@pytest.mark.rule("R-CMD-11")
def test_an_agency_that_misses_its_minutes_makes_the_node_overdue_without_an_alert() -> None:
    told = [one for one in until("inquiry") if one.at <= MORNING + timedelta(minutes=16)]
    state, _ = recorded(Dossier(), told)
    said = [event for _, event in lived(state, MORNING + timedelta(minutes=30))]
    assert [event.node_name for event in said if isinstance(event, NodeOverdue)] == ["查询反馈（bank-b）"]
    assert not [event for event in said if isinstance(event, AlertRaised)]


@pytest.mark.rule("R-CMD-11")
def test_the_watch_stands_at_the_next_step_and_ends_with_the_case() -> None:
    _, said = recorded(Dossier(), story())
    timers = [event for event in said if isinstance(event, TimerScheduled | TimerCancelled)]
    assert isinstance(timers[-1], TimerCancelled)
    assert {event.timer for event in timers} == {WATCH}


@pytest.mark.rule("R-CMD-14")
def test_a_watch_that_fires_late_waits_for_what_is_on_its_way_before_it_accuses_anybody() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    step = next_step(state)
    assert step is not None
    woken = step + timedelta(days=4)
    [pause] = decide(state, TimerDue(WATCH, 1, step), woken)
    assert pause == TimerScheduled(timer=SETTLED, due_at=woken + timedelta(minutes=10))
    caught_up, _ = recorded(state, story(), now=woken + timedelta(minutes=1))
    said = decide(caught_up, TimerDue(SETTLED, 2, pause.due_at), pause.due_at)
    assert list(said) == []


@pytest.mark.rule("R-CMD-14")
def test_of_several_levels_that_were_slept_through_only_the_highest_is_raised() -> None:
    state, _ = recorded(Dossier(), until("filing"))
    now = MORNING + timedelta(days=60)
    said = decide(state, TimerDue(SETTLED, 1, now), now)
    raised = [event for event in said if isinstance(event, AlertRaised)]
    assert {event.level for event in raised} == {"RED"}
    assert len(raised) == len({event.node_id for event in raised})


@pytest.mark.rule("R-CMD-14")
def test_a_fact_that_arrives_after_its_deadline_does_not_raise_an_alert_by_itself() -> None:
    late = MORNING + timedelta(days=30)
    observations = tuple(one.observed() for one in until("filing"))
    said = decide(Dossier(), RecordFacts(CASE, observations), late)
    assert not [event for event in said if isinstance(event, AlertRaised | NodeOverdue)]
    assert said[-1] == TimerScheduled(timer=WATCH, due_at=late + timedelta(minutes=10))
