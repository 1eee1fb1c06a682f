"""The catalogue of process nodes (R-CMD-10): what is watched, from when, for how long, and on whose word.

The official list of 37 key nodes is not public; this is the bureau's working list, and it is data: a court that has the
official one replaces rows, not code. `source` tells law from habit: "法律", "司法文件", "地方规定", or "内部设定" where
no source gives a number and the figure is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Method = Literal["DAYS", "WORKING_DAYS", "MONTHS", "GIVEN", "OTHER"]
"""Calendar days and months by R-GEN-01, working days by R-GEN-02; GIVEN: the deadline stands in the fact itself."""


@dataclass(frozen=True, slots=True)
class NodeKind:
    """One kind of node: its place in the list, name, starting fact in words, term, and what the term rests on."""

    code: str
    name: str
    start: str
    method: Method
    count: int
    rule: str
    article: str
    source: str
    term_text: str = ""


def _kind(
    code: str,
    name: str,
    start: str,
    term: tuple[Method, int] | str,
    rule: str,
    article: str,
    source: str = "内部设定",
) -> NodeKind:
    if isinstance(term, str):
        return NodeKind(code, name, start, "OTHER", 0, rule, article, source, term)
    return NodeKind(code, name, start, term[0], term[1], rule, article, source)


_D: Final[Method] = "DAYS"
_WD: Final[Method] = "WORKING_DAYS"
_M: Final[Method] = "MONTHS"

KINDS: Final[tuple[NodeKind, ...]] = (
    _kind("01", "接收申请", "收到执行申请", (_WD, 1), "R-INT-10", "执行工作规定第18至20条（一次性告知）"),
    _kind("02", "执行立案", "收到执行申请", (_D, 7), "R-INT-09", "执行工作规定第16条", "法律"),
    _kind("03", "移送卷宗", "决定立案", (_D, 3), "R-INT-14", "法释〔2000〕29号第7条", "法律"),
    _kind("04", "确定承办人", "立案", (_D, 7), "R-INT-14", "法发〔2006〕35号第2条", "司法文件"),
    _kind("05", "繁简分流", "首次查询反馈", (_WD, 2), "R-INT-30", "内部规定（先查控、后分流）"),
    _kind("06", "告知提供财产线索", "承办人收到案件", (_D, 3), "R-INT-17", "法发〔2006〕35号第5条", "司法文件"),
    _kind("07", "发出执行通知书", "收到执行申请", (_D, 10), "R-INT-15", "民诉法解释第480条", "法律"),
    _kind("08", "发出报告财产令", "收到执行申请", (_D, 10), "R-INT-16", "财产调查规定第3条（与执行通知同时）", "法律"),
    _kind("09", "文书送达", "文书签发", (_D, 10), "R-CMD-10", "文登法院流程节点规定", "地方规定"),
    _kind("10", "财产报告核查", "报告期限届满", (_D, 7), "R-INT-16", "财产调查规定第8条"),
    _kind("11", "启动总对总查询", "立案", (_D, 5), "R-INQ-07", "船营法院流程节点规定", "地方规定"),
    _kind("12", "启动点对点查询", "立案", (_D, 10), "R-INQ-07", "内部规定"),
    _kind("13", "查询反馈", "发出协助查询请求", ("GIVEN", 0), "R-INQ-06", "法〔2018〕64号", "司法文件"),
    _kind("14", "冻结已发现财产", "收到有财产的反馈", (_WD, 1), "R-CMD-10", "内部规定"),
    _kind("15", "线索核查", "收到财产线索", "7日；情况紧急的3日", "R-INT-17", "财产调查规定第2条", "法律"),
    _kind("16", "财产调查完成", "立案", (_M, 1), "R-INQ-07", "法发〔2006〕35号第6条", "司法文件"),
    _kind("17", "查封扣押登记", "作出裁定", (_D, 5), "R-CMD-10", "法发〔2006〕35号第8条", "司法文件"),
    _kind("18", "续封续冻", "期限将届满", "期限届满前", "R-INQ-10", "民诉法解释第485条", "法律"),
    _kind("19", "解除控制措施", "知道解除事由", (_WD, 5), "R-CMD-10", "内部规定（股权超额冻结为7日）"),
    _kind("20", "扣划提取", "冻结生效", (_D, 10), "R-CMD-10", "内部规定"),
    _kind("21", "限制消费令", "纳入失信名单", ("GIVEN", 0), "R-CRB-20", "法释〔2015〕17号第1条", "法律"),
    _kind("22", "纳入失信决定", "申请或知道事由", (_D, 15), "R-CRB-06", "法释〔2017〕7号第5条", "法律"),
    _kind("23", "失信发布或宽限", "作出决定", (_D, 1), "R-CRB-07", "法发〔2019〕35号第15条（立即发布或宽限）"),
    _kind("24", "强制措施", "批准", "当日；拘留24小时内通知家属", "R-CMD-10", "民诉法解释第180条", "法律"),
    _kind("25", "启动确定参考价", "查封", (_D, 30), "R-CMD-10", "确定参考价规定第1条", "法律"),
    _kind("26", "询价评估", "委托", "网络询价3日；评估30日", "R-CMD-10", "确定参考价规定第11、19条", "法律"),
    _kind("27", "报告送达和异议", "收到报告", "3日；5日", "R-CMD-10", "确定参考价规定第21至23条", "法律"),
    _kind("28", "启动变价", "参考价确定", (_D, 10), "R-CMD-10", "确定参考价规定第30条", "法律"),
    _kind("29", "一拍公告", "拍卖日", "拍卖15日前；不动产30日前", "R-CMD-10", "网络司法拍卖规定第12条", "法律"),
    _kind("30", "拍卖", "流拍", "30日内再次拍卖", "R-CMD-10", "网络司法拍卖规定第26条", "法律"),
    _kind(
        "31", "变卖或抵债", "二拍流拍", "10日询问，15日公告，60日变卖", "R-CMD-10", "法明传〔2017〕455号", "司法文件"
    ),
    _kind("32", "成交裁定和交付", "全款到账", "10日裁定，15日交付", "R-CMD-10", "拍卖、变卖财产规定第20、27条", "法律"),
    _kind("33", "案款认领", "案款到账", (_D, 3), "R-PAY-03", "嘉鱼法院案款规定第6条", "地方规定"),
    _kind("34", "分配方案", "决定分配", "15日异议期", "R-CMD-10", "民诉法解释第509条", "法律"),
    _kind("35", "案款发放", "案款到账", ("GIVEN", 0), "R-PAY-04", "法〔2021〕322号；法发〔2017〕6号第10条", "司法文件"),
    _kind("36", "结案审批", "提出结案", (_D, 7), "R-INT-27", "法发〔2006〕35号第12条", "司法文件"),
    _kind("37", "归档", "结案", "次月10日前装订归档", "R-CMD-10", "东营法院归档规定", "地方规定"),
)
"""Exactly 37 (R-CMD-10)."""

TERM_TO_CLOSE: Final = _kind("T1", "执行结案", "立案", (_M, 6), "R-INT-18", "执行工作规定第63条", "法律")
"""The clock of the whole case: it stands outside of the list, and it is the one that 临近超期 is first said of."""

RELEASES: Final = (
    _kind("R1", "屏蔽失信信息", "具备屏蔽事由", ("GIVEN", 0), "R-CRB-10", "法释〔2017〕7号第10条", "法律"),
    _kind("R2", "解除限制消费", "清偿全部债务", (_WD, 3), "R-CRB-24", "法释〔2015〕17号第9条", "法律"),
)
"""Clocks outside of the list that protect the debtor: who performed is let go in time."""

CATALOGUE: Final[dict[str, NodeKind]] = {kind.code: kind for kind in (*KINDS, *RELEASES, TERM_TO_CLOSE)}

ORDER: Final[dict[str, int]] = {code: place for place, code in enumerate(CATALOGUE)}
"""The order in which a case usually passes its nodes; a message names the next open one in it."""

SERVED_ON_PARTIES: Final = ("ENFORCEMENT_NOTICE", "PROPERTY_REPORT_ORDER")
"""Documents whose service on the parties node 09 watches."""
