"""The periods of a case (R-INT-09, -14 to -18), each as a date with its reason, counted by R-GEN-01."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from libs.foundation.court_calendar import Deadline, add_months, after_days, court_day, rolled
from libs.foundation.provision import Provision
from libs.schemas.parts import Due

DECISION_DAYS = Provision(7, "R-INT-09", "执行规定(试行) 第16条: 七日内立案或裁定不予受理", date(2021, 1, 1))
ASSIGNMENT_DAYS = Provision(7, "R-INT-14", "法发〔2006〕35号 第2条: 立案后七日内确定承办人", date(2007, 1, 1))
HAND_OVER_DAYS = Provision(3, "R-INT-14", "法释〔2000〕29号 第7条: 立案机构三日内移送", date(2000, 9, 28))
NOTICE_DAYS = Provision(10, "R-INT-15", "民诉法解释 第480条: 收到申请后十日内发出执行通知", date(2022, 4, 10))
NOTICE_AFTER_MEASURE_DAYS = Provision(3, "R-INT-15", "执行程序解释 第22条: 措施后三日内发送", date(2021, 1, 1))
REPORT_DAYS = Provision(10, "R-INT-16", "法律未定日数, 本院默认十日 (财产调查规定 第4条)", date(2021, 1, 1))
SUPPLEMENTARY_REPORT_DAYS = Provision(10, "R-INT-16", "财产调查规定 第7条", date(2021, 1, 1))
CLUE_REQUEST_DAYS = Provision(3, "R-INT-17", "法发〔2006〕35号 第5条", date(2007, 1, 1))
CLUE_CHECK_DAYS = Provision(7, "R-INT-17", "财产调查规定 第2条: 七日内核查", date(2021, 1, 1))
URGENT_CLUE_CHECK_DAYS = Provision(3, "R-INT-17", "财产调查规定 第2条: 情况紧急的三日内", date(2021, 1, 1))
JURISDICTION_OBJECTION_DAYS = Provision(
    10, "R-INT-11", "执行程序解释 第3条: 收到执行通知书之日起十日内", date(2021, 1, 1)
)
CLOSING_MONTHS = Provision(6, "R-INT-18", "执行规定(试行) 第63条: 立案之日起六个月", date(2021, 1, 1))


def _due(deadline: Deadline, provision: Provision[int], explanation: str) -> Due:
    return Due.of(deadline, rule=provision.version, explanation=f"{explanation} ({provision.article})")


def _in_days(trigger: date, provision: Provision[int], what: str) -> Due:
    deadline = after_days(trigger, provision.value)
    moved = "" if deadline.day == deadline.nominal else f", 末日 {deadline.nominal} 为休息日, 顺延"
    text = f"{what}: {trigger} 次日起 {provision.value} 日{moved}至 {deadline.day}"
    return _due(deadline, provision, text)


def decision_due(received_at: datetime) -> Due:
    """Return until when an application must be accepted or refused (R-INT-09)."""
    return _in_days(court_day(received_at), DECISION_DAYS, "立案审查")


def assignment_due(filed_on: date) -> Due:
    """Return until when a case officer must be fixed (R-INT-14)."""
    return _in_days(filed_on, ASSIGNMENT_DAYS, "确定承办人")


def hand_over_due(filed_on: date) -> Due:
    """Return until when the filing office must hand the file over (R-INT-14)."""
    return _in_days(filed_on, HAND_OVER_DAYS, "移送执行机构")


def notice_due(received_at: datetime) -> Due:
    """Return until when the enforcement notice must be issued, counted from the application (R-INT-15)."""
    return _in_days(court_day(received_at), NOTICE_DAYS, "发出执行通知书")


def notice_after_measure_due(measure_on: date) -> Due:
    """Return until when the notice must follow a measure that was taken at once (R-INT-15)."""
    return _in_days(measure_on, NOTICE_AFTER_MEASURE_DAYS, "采取强制措施后补发执行通知书")


def report_due(served_at: datetime) -> Due:
    """Return until when the debtor must report property, counted from service of the order (R-INT-16)."""
    return _in_days(court_day(served_at), REPORT_DAYS, "报告财产")


def clue_request_due(file_received_on: date) -> Due:
    """Return until when the applicant must be asked for clues (R-INT-17)."""
    return _in_days(file_received_on, CLUE_REQUEST_DAYS, "通知申请执行人提供财产线索")


def clue_check_due(given_on: date, *, urgent: bool = False) -> Due:
    """Return until when a clear clue must be checked (R-INT-17)."""
    return _in_days(given_on, URGENT_CLUE_CHECK_DAYS if urgent else CLUE_CHECK_DAYS, "核查财产线索")


def jurisdiction_objection_due(notice_served_on: date) -> Due:
    """Return until when a party may object to the court's jurisdiction; the objection stops nothing (R-INT-11)."""
    return _in_days(notice_served_on, JURISDICTION_OBJECTION_DAYS, "提出管辖权异议")


def closing_due(filed_on: date, excluded: Iterable[tuple[date, date]] = (), extension_months: int = 0) -> Due:
    """Return the limit to close a case (R-INT-18).

    Six months from the day after filing, plus the excluded calendar days (first and last counted, overlaps once); an
    extension in months is added to the date reached then; the result is rolled once.
    """
    days = {first + timedelta(n) for first, last in excluded for n in range((last - first).days + 1)}
    reached = add_months(filed_on, CLOSING_MONTHS.value) + timedelta(days=len(days))
    if extension_months:
        reached = add_months(reached, extension_months)
    text = f"结案期限: {filed_on} 次日起 {CLOSING_MONTHS.value} 个月, 扣除 {len(days)} 日, 延长 {extension_months} 个月"
    return _due(rolled(reached), CLOSING_MONTHS, text)
