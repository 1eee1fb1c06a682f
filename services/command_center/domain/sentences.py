"""The river of a case: each fact as a sentence that people read, at its stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.command_center.domain.observation import Facts, Observation
from services.command_center.domain.words import Speaker

STAGES: Final = ("立案", "通知", "查控", "分案", "冻结", "惩戒", "扣划", "发放", "结案")
"""The stages of a case, in the order in which the river flows."""

_OF_DOCUMENT: Final = {
    "ENFORCEMENT_NOTICE": "通知",
    "PROPERTY_REPORT_ORDER": "通知",
    "ASSISTANCE_QUERY_NOTICE": "查控",
    "FREEZE_RULING": "冻结",
    "ASSISTANCE_FREEZE_NOTICE": "冻结",
    "DEDUCTION_RULING": "扣划",
    "ASSISTANCE_DEDUCTION_NOTICE": "扣划",
}
_OF_REQUEST: Final = {"INQUIRY": "查控", "FREEZE": "冻结", "RENEW": "冻结", "DEDUCT": "扣划", "RELEASE": "结案"}
_LAST: Final = "结案"


@dataclass(frozen=True, slots=True)
class Telling:
    """How a kind of fact is told: at a fixed stage, or at the stage of its `kind`; with a sum that stands beside it."""

    stage: str
    sentence: str
    amount: str | None = None


TOLD: Final[dict[str, Telling]] = {
    "intake.application_received": Telling("立案", "收到{applicants:人}的强制执行申请，申请执行{claim_fen:元}"),
    "intake.application_defects_notified": Telling("立案", "一次性告知须补正的{defects:项}项材料：{defects:列}"),
    "intake.application_supplemented": Telling("立案", "申请人补充提交材料"),
    "intake.application_accepted": Telling("立案", "经审查符合受理条件，决定立案"),
    "intake.case_registered": Telling(
        "立案", "立案登记，案号{case_number}；分案前由{acting_officer:人}承办、{acting_leader:人}审批", "claim_fen"
    ),
    "intake.filing_receipt_issued": Telling("立案", "向申请执行人出具加盖电子签名的立案回执"),
    "intake.case_triaged": Telling("分案", "繁简分流：{team_kind:团队}，依据{rules:列}"),
    "intake.case_assigned": Telling("分案", "分案至{team_name}，承办人{case_officer:人}，执行长{team_leader:人}"),
    "intake.property_report_ordered": Telling("通知", "报告财产期限开始计算，至{due:末日}届满"),
    "intake.property_report_received": Telling("通知", "收到被执行人的财产报告"),
    "intake.property_report_breached": Telling("通知", "被执行人违反财产报告义务：{reason:报告}"),
    "intake.document_drafted": Telling("文书", "拟制{kind:文书}，报请审批"),
    "intake.document_approved": Telling("文书", "{kind:文书}经审批签发，加盖电子印章"),
    "intake.document_rejected": Telling("通知", "一份文书草稿被审批人退回"),
    "intake.document_served": Telling("文书", "{kind:文书}送达{party:人}（{method:送达}）"),
    "intake.control_order_issued": Telling("请求", "签发{kind:请求}命令，共{items}项", "amount_fen"),
    "intake.closure_proposed": Telling("结案", "提出以“{kind:结案}”方式结案，结案条件逐项核对无误"),
    "intake.closure_approved": Telling("结案", "结案经审批同意"),
    "intake.case_closed": Telling("结案", "结案：{kind:结案}", "recovered_fen"),
    "asset_inquiry.inquiry_opened": Telling("查控", "启动集中查询，向协助单位发出{requests}份请求"),
    "asset_inquiry.inquiry_completed": Telling("查控", "集中查询完成，发现财产{assets_found}项", "found_fen"),
    "asset_inquiry.request_issued": Telling(
        "请求", "向{agency_id:机构}发出协助{kind:请求}请求，限{answer_due_at:时}前答复"
    ),
    "asset_inquiry.request_returned": Telling("查控", "{agency_id:机构}退回请求：{code:退回}"),
    "asset_inquiry.request_overdue": Telling("查控", "{agency_id:机构}逾期未答复，已第{reminder}次催办"),
    "asset_inquiry.request_cancelled": Telling("查控", "撤回对{agency_id:机构}的请求"),
    "asset_inquiry.reply_received": Telling("请求", "{agency_id:机构}对{kind:请求}请求作出{status:答复}"),
    "asset_inquiry.control_order_refused": Telling("请求", "{kind:请求}命令未通过发出前的最后核对（{code}）"),
    "asset_inquiry.control_effective": Telling("冻结", "{agency_id:机构}足额冻结", "controlled_fen"),
    "asset_inquiry.control_partly_effective": Telling(
        "冻结", "{agency_id:机构}部分冻结，尚余{uncovered_limit_fen:元}额度待入账", "controlled_fen"
    ),
    "asset_inquiry.control_queued": Telling("冻结", "{agency_id:机构}登记轮候冻结，第{rank}顺位"),
    "asset_inquiry.control_refused": Telling("冻结", "{agency_id:机构}未予冻结（{refusal_code}）"),
    "asset_inquiry.control_released": Telling("结案", "{agency_id:机构}解除冻结"),
    "asset_inquiry.control_release_refused": Telling("结案", "{agency_id:机构}未予解除冻结（{refusal_code}）"),
    "asset_inquiry.deduction_answered": Telling("扣划", "{agency_id:机构}答复已扣划", "deducted_fen"),
    "asset_inquiry.deduction_confirmed": Telling("扣划", "{agency_id:机构}扣划的款项确认到账", "amount_fen"),
    "asset_inquiry.deduction_failed": Telling("扣划", "{agency_id:机构}扣划未成功"),
    "payments.case_account_opened": Telling("立案", "开立本案专用账户（一案一账号），尾号{account_tail}"),
    "payments.debt_assessed": Telling("立案", "核定应执行款项，截至{as_of:日}", "total_fen"),
    "payments.account_credited": Telling("扣划", "案款到账，记入本案账户", "amount_fen"),
    "payments.debt_satisfied": Telling("扣划", "到账款项足以清偿全部债务", "total_fen"),
    "payments.payout_drafted": Telling("发放", "经办人提请付款：{purpose:用途}（{payee_display}）", "amount_fen"),
    "payments.payout_checked": Telling("发放", "付款经第二人复核"),
    "payments.payout_approved": Telling("发放", "付款经第三人审批，指令发往银行：{purpose:用途}", "amount_fen"),
    "payments.payout_rejected": Telling("发放", "付款未获同意"),
    "payments.payout_confirmed": Telling("发放", "银行确认付款：{purpose:用途}（{payee_display}）", "amount_fen"),
    "payments.payout_failed": Telling("发放", "银行拒绝付款，款项恢复可用"),
    "payments.payout_in_doubt": Telling("发放", "付款结果不明，待人工向银行核实"),
    "payments.payout_doubt_resolved": Telling("发放", "不明付款经人工核实：{outcome:核实}"),
    "payments.account_settled": Telling("发放", "案款全部结清，账户余额为零", "paid_out_fen"),
    "payments.fund_overdue": Telling("发放", "案款超期未发放", "amount_fen"),
    "credit_blacklist.listing_drafted": Telling(
        "惩戒", "拟将{party:人}纳入失信被执行人名单：{grounds:情形}，报请院长签发"
    ),
    "credit_blacklist.listing_draft_rejected": Telling("惩戒", "院长未同意纳入失信被执行人名单"),
    "credit_blacklist.listing_decided": Telling("惩戒", "决定纳入失信被执行人名单，{number}：{grounds:情形}"),
    "credit_blacklist.listing_served": Telling("惩戒", "失信决定书送达被执行人（{method:送达}）"),
    "credit_blacklist.listing_cancelled": Telling("惩戒", "失信信息不再发布：{reason:不发布}"),
    "credit_blacklist.listing_published": Telling("惩戒", "失信信息发布，并推送各协助执行单位"),
    "credit_blacklist.listing_updated": Telling("惩戒", "失信信息更新：{reason:更新}"),
    "credit_blacklist.removal_proposed": Telling("惩戒", "提请屏蔽失信信息：{ground:屏蔽}，至{due:末日}届满"),
    "credit_blacklist.removal_rejected": Telling("惩戒", "院长未同意屏蔽失信信息"),
    "credit_blacklist.removal_decided": Telling("惩戒", "决定屏蔽失信信息：{ground:屏蔽}"),
    "credit_blacklist.listing_removed": Telling("惩戒", "失信信息已屏蔽，并推送各协助执行单位"),
    "credit_blacklist.restriction_ordered": Telling("惩戒", "签发限制消费令{order_number}，限制{persons:人}"),
    "credit_blacklist.restriction_published": Telling("惩戒", "限制消费信息发布，并推送各协助执行单位"),
    "credit_blacklist.restriction_lifted": Telling("惩戒", "限制消费解除，并推送各协助执行单位"),
    "credit_blacklist.restriction_duty_opened": Telling("惩戒", "失信被执行人应同时限制消费，至{due:末日}届满"),
    "credit_blacklist.restriction_duty_met": Telling("惩戒", "限制消费的要求已经落实"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the river."""

    observation: Observation
    stage: str
    text: str
    amount_fen: int | None


def told(observation: Observation, names: Mapping[str, str], request_kinds: Mapping[str, str] | None = None) -> Entry:
    """Return the line for a fact. `names` gives agencies' names, `request_kinds` what was asked for, by request id."""
    telling, facts = TOLD[observation.key], observation.facts
    text = Speaker(dict(names)).vformat(telling.sentence, (), facts)
    if facts.get("late"):
        text += "（逾期）"
    if facts.get("replaces"):
        text += "，替代被退回的请求"
    if facts.get("reissued_as"):
        text += "，已自动重发"
    if observation.key == "asset_inquiry.reply_received" and facts.get("kind") == "INQUIRY":
        text += f"：财产{facts.get('assets_found', 0)}项" if facts.get("assets_found") else "：未发现财产"
    amount = facts.get(telling.amount) if telling.amount else (facts.get("found_fen") or None)
    return Entry(observation, _stage(telling, facts, request_kinds or {}), text, amount)


def river(facts: Facts, names: Mapping[str, str]) -> list[Entry]:
    """Return the whole river, in order."""
    kinds = {each.facts["request_id"]: each.facts["kind"] for each in facts.every("asset_inquiry.request_issued")}
    return [told(observation, names, kinds) for observation in facts.ordered]


def _stage(telling: Telling, facts: Mapping[str, object], request_kinds: Mapping[str, str]) -> str:
    kind = str(facts.get("kind", ""))
    if telling.stage == "文书":
        return _OF_DOCUMENT.get(kind, _LAST)
    if telling.stage == "请求":
        return _OF_REQUEST.get(kind, _LAST)
    if "request_id" in facts:
        return _OF_REQUEST.get(request_kinds.get(str(facts["request_id"]), "INQUIRY"), telling.stage)
    return telling.stage
