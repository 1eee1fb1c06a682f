"""How a payer stands in the books: a person's name masked, an organisation's whole."""

from __future__ import annotations

from typing import Final

from libs.foundation.identity import masked_name

ORGANISATION_WORDS: Final = (
    *("公司", "银行", "信用社", "合作社", "法院", "政府", "委员会", "中心", "学校", "医院", "工厂", "事务所"),
    *("协会", "基金会", "财政局", "管理局", "支付", "有限合伙", "商行", "经营部", "集团"),
)
"""A bank's line does not say whether the payer is a person: a name with none of these words is treated as one."""


def payer_display(name: str) -> str:
    """Return the name as events may carry it; an unknown payer is shown as such."""
    text = name.strip()
    if not text:
        return "未知付款人"
    return masked_name(text, organisation=any(word in text for word in ORGANISATION_WORDS))
