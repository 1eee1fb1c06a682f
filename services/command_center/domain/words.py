"""The Chinese words for codes, and how instants, days and sums are written on pages and in messages."""

from __future__ import annotations

from datetime import date, datetime
from string import Formatter
from typing import Any, Final

from libs.foundation.clock import SHANGHAI, instant
from libs.foundation.fen import yuan
from libs.schemas.intake import CLOSURE_NAMES

DOCUMENTS: Final = {
    "ENFORCEMENT_NOTICE": "执行通知书",
    "PROPERTY_REPORT_ORDER": "报告财产令",
    "ASSISTANCE_QUERY_NOTICE": "协助查询通知书",
    "FREEZE_RULING": "冻结裁定书",
    "ASSISTANCE_FREEZE_NOTICE": "协助冻结通知书",
    "DEDUCTION_RULING": "扣划裁定书",
    "ASSISTANCE_DEDUCTION_NOTICE": "协助扣划通知书",
    "RELEASE_RULING": "解除冻结裁定书",
    "ASSISTANCE_RELEASE_NOTICE": "协助解除冻结通知书",
    "CLOSING_NOTICE": "结案通知书",
}
REQUESTS: Final = {"INQUIRY": "查询", "FREEZE": "冻结", "RENEW": "续行冻结", "RELEASE": "解除冻结", "DEDUCT": "扣划"}
TEAMS: Final = {"FAST": "速执团队", "COERCIVE": "强制执行团队", "ORDINARY": "普通团队"}
SERVICE_METHODS: Final = {
    "DIRECT": "直接送达",
    "ELECTRONIC": "电子送达",
    "POSTAL": "邮寄送达",
    "LEFT_AT_PLACE": "留置送达",
    "PUBLIC_NOTICE": "公告送达",
}
RETURNS: Final = {
    "PAPER_MISSING": "缺少文书",
    "PAPER_EMPTY": "文书为空",
    "PAPER_MISMATCH": "文书不符",
    "CREDENTIAL_MISSING": "缺少执行人员证件",
    "CREDENTIAL_INVALID": "执行人员证件无效",
    "SUBJECT_MISMATCH": "被查询人信息不符",
    "ACCOUNT_NOT_FOUND": "账户不存在",
    "ORIGINAL_NOT_FOUND": "原请求不存在",
    "MEASURE_UNSUPPORTED": "不支持该措施",
    "SIGNATURE_INVALID": "签名无效",
    "UNREADABLE": "无法读取",
    "DUPLICATE": "重复请求",
    "SYSTEM_FAILURE": "系统故障",
}
PURPOSES: Final = {"TO_APPLICANT": "发放申请执行人", "ENFORCEMENT_FEE": "缴纳执行费", "REFUND_TO_PAYER": "退还付款人"}
REPLIES: Final = {"PARTIAL": "部分答复", "FINAL": "最终答复"}
REPORT_BREACHES: Final = {"NOT_REPORTED": "逾期未报告", "REFUSED": "拒绝报告", "FALSE": "虚假报告", "LATE": "迟延报告"}
OUTCOMES: Final = {"PAID": "已付款", "NOT_PAID": "未付款"}
MONEY_LINES: Final = {
    "PRINCIPAL": "本金",
    "GENERAL_INTEREST": "一般债务利息",
    "COSTS": "诉讼费用",
    "DOUBLED_PART": "迟延履行期间加倍部分债务利息",
    "ENFORCEMENT_FEE": "执行费",
}

GROUNDS: Final = {
    "REFUSES_THOUGH_ABLE": "有履行能力而拒不履行生效法律文书确定义务",
    "OBSTRUCTS": "以伪造证据、暴力、威胁等方法妨碍、抗拒执行",
    "EVADES": "以虚假诉讼、虚假仲裁或者以隐匿、转移财产等方法规避执行",
    "VIOLATES_PROPERTY_REPORTING": "违反财产报告制度",
    "VIOLATES_CONSUMPTION_RESTRICTION": "违反限制消费令",
    "BREAKS_SETTLEMENT": "无正当理由拒不履行执行和解协议",
}
REMOVALS: Final = {
    "PERFORMED": "全部履行",
    "SETTLEMENT_PERFORMED": "和解协议履行完毕",
    "APPLICANT_REQUEST": "申请执行人书面申请",
    "NOTHING_FOUND_AFTER_TERMINATION": "终本后两次以上查询未发现财产",
    "RETRIAL_OR_BANKRUPTCY": "因再审或者破产中止执行",
    "NON_ENFORCEMENT": "裁定不予执行",
    "FINAL_TERMINATION": "裁定终结执行",
    "TERM_ENDED": "纳入期限届满",
    "ACTIVE_PERFORMANCE": "积极履行义务，提前屏蔽",
    "WRONGLY_LISTED": "不应纳入",
    "DEBTOR_REPLACED": "职务变更",
    "GUARANTEE": "提供有效担保",
}
UPDATES: Final = {"FURTHER_GROUND": "增加失信情形", "EXTENDED": "延长期限", "PERFORMANCE": "履行情况变化"}
CANCELLATIONS: Final = {"PERFORMED": "宽限期内履行完毕", "CASE_ENDED": "案件已经结束"}

TABLES: Final[dict[str, dict[str, str]]] = {
    "文书": DOCUMENTS,
    "请求": REQUESTS,
    "团队": TEAMS,
    "结案": CLOSURE_NAMES,
    "送达": SERVICE_METHODS,
    "退回": RETURNS,
    "用途": PURPOSES,
    "答复": REPLIES,
    "报告": REPORT_BREACHES,
    "核实": OUTCOMES,
    "情形": GROUNDS,
    "屏蔽": REMOVALS,
    "更新": UPDATES,
    "不发布": CANCELLATIONS,
}


def day_text(day: date) -> str:
    """Return `2026年3月2日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(moment: datetime) -> str:
    """Return `3月2日09:05`, Beijing time."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def ends_with_the_day(moment: datetime) -> bool:
    """Return whether a deadline is the end of a day rather than a minute of one."""
    local = moment.astimezone(SHANGHAI)
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def _people(value: Any) -> str:
    each = value if isinstance(value, list | tuple) else [value]
    return "、".join(str(one.get("name") or one.get("display_name") or "") for one in each)


class Speaker(Formatter):
    """Fills a sentence from facts; what follows the colon in `{field:元}` says how a value is read aloud."""

    def __init__(self, names: dict[str, str]) -> None:
        """`names` turns agency ids into names; an id without a name stays as it is."""
        self._names = names

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        """Return a dash for a fact that is not there."""
        return kwargs.get(key, "—") if isinstance(key, str) else super().get_value(key, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Read a value aloud."""
        if value == "—":
            return "—"
        if format_spec in TABLES:
            each = value if isinstance(value, list | tuple) else [value]
            return "、".join(TABLES[format_spec].get(str(one), str(one)) for one in each)
        match format_spec:
            case "元":
                return f"{yuan(int(value))}元"
            case "日":
                return day_text(date.fromisoformat(str(value)[:10]))
            case "时":
                return moment_text(instant(str(value)))
            case "人":
                return _people(value)
            case "机构":
                return self._names.get(str(value), str(value))
            case "项":
                return str(len(value))
            case "列":
                return "、".join(str(one["text"] if isinstance(one, dict) else one) for one in value)
            case "末日":
                return day_text(date.fromisoformat(value["last_day"]))
            case _:
                return str(super().format_field(value, format_spec))
