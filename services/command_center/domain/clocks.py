"""Deadlines with their reason: the day, and what a person is told who asks "why this date" (R-GEN-01, R-GEN-02)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from libs.foundation.clock import instant
from libs.foundation.court_calendar import Deadline, after_days, after_months, after_working_days, court_day
from libs.schemas.parts import Due
from services.command_center.domain.words import day_text, moment_text
from services.command_center.rules.catalogue import NodeKind


def counted(kind: NodeKind, trigger: datetime) -> Due:
    """Return the end of a node's term, counted by the court calendar from the day of its starting fact."""
    return _counted(kind, court_day(trigger))


@lru_cache(maxsize=4096)
def _counted(kind: NodeKind, day: date) -> Due:
    # Every fact of a case asks for the same few dates again, and the calendar is slow.
    match kind.method:
        case "DAYS":
            end, term = after_days(day, kind.count), f"{kind.count}日"
        case "WORKING_DAYS":
            end, term = after_working_days(day, kind.count), f"{kind.count}个工作日"
        case "MONTHS":
            end, term = after_months(day, kind.count), f"{kind.count}个月"
        case _:
            msg = f"node {kind.code} is not counted by the calendar"
            raise ValueError(msg)
    return Due.of(end, rule=kind.rule, explanation=_reason(kind, day, term, end))


def _reason(kind: NodeKind, day: date, term: str, end: Deadline) -> str:
    if kind.method == "WORKING_DAYS":
        start = f"{day_text(day)}{kind.start}，自下一个工作日起计{term}（法定节假日不计，调休的周末照计），"
        reckoned = f"最后一个工作日为{day_text(end.day)}，当日24时届满。"
    else:
        start = f"{day_text(day)}{kind.start}，当日不计，自次日起算{term}，"
        if end.day == end.nominal:
            reckoned = f"至{day_text(end.day)}24时届满；该日为工作日，不顺延。"
        else:
            reckoned = (
                f"算至{day_text(end.nominal)}；该日为法定休息日，顺延至其后第一个工作日{day_text(end.day)}24时届满。"
            )
    return start + reckoned + basis(kind) + ("当年节假日安排尚未公布，日期为暂定。" if end.provisional else "")


def basis(kind: NodeKind) -> str:
    """Return what a term rests on, and whether that is law, a document of the courts, local habit or a setting."""
    return f"依据：{kind.article}（{kind.source}，{kind.rule}）。"


def answer_due(kind: NodeKind, issued_at: datetime, due_at: datetime, rule: str, *, urgent: bool) -> Due:
    """Return the deadline that stands in a request to an agency; the court wrote it there when it asked (R-INQ-06)."""
    day = court_day(due_at)
    pace = "加急" if urgent else "普通"
    explanation = (
        f"{pace}协助请求于{moment_text(issued_at)}发出，请求书载明须在{moment_text(due_at)}前作出最终答复；"
        f"期限由法院计算，不以协助单位自报为准。依据：{kind.article}（{kind.source}，{rule or kind.rule}）。"
    )
    return Due(due_at=due_at, nominal_day=day, last_day=day, rule=rule or kind.rule, explanation=explanation)


def payout_due(kind: NodeKind, arrived: datetime, facts: Mapping[str, Any]) -> Due:
    """Return when arrived money must be paid out: 10 + 5 working days, and 30 days at the outside (R-PAY-04)."""
    own = facts["payout_due"]
    notice, last, outer = (
        date.fromisoformat(facts[name]["last_day"]) for name in ("payment_notice_due", "payout_due", "outer_limit")
    )
    explanation = (
        f"案款于{day_text(court_day(arrived))}到账，自下一个工作日起：10个工作日内（至{day_text(notice)}）提出付款通知，"
        f"再5个工作日内（至{day_text(last)}）完成付款；无论如何不超过30日（至{day_text(outer)}）。{basis(kind)}"
    )
    return Due(
        due_at=instant(own["due_at"]),
        nominal_day=date.fromisoformat(own["nominal_day"]),
        last_day=last,
        rule=kind.rule,
        explanation=explanation,
        provisional=bool(own.get("provisional", False)),
    )
