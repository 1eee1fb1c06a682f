"""The texts that leave the house: messages after a node (R-CMD-12) and alerts (R-CMD-13).

No text carries anything of the debtor beyond the case number.
"""

from __future__ import annotations

from collections.abc import Sequence

from libs.schemas.command_center import AlertLevel, RecipientKind
from services.command_center.domain.node import Node
from services.command_center.domain.people import People
from services.command_center.domain.words import day_text, ends_with_the_day, moment_text
from services.command_center.rules.alerts import RECIPIENTS
from services.command_center.rules.catalogue import ORDER

POSTS: dict[RecipientKind, str] = {"NODE_SUPERVISOR": "节点监管员", "BUREAU_HEAD": "执行局长", "PRESIDENT": "分管院长"}
"""Called by their post in a text: who holds it is looked up when the message is sent."""


def deadline_text(node: Node) -> str:
    """Return a deadline as people say it: a day, or a minute where the term is that short."""
    if ends_with_the_day(node.due.due_at):
        return f"至{day_text(node.due.last_day)}"
    return f"至{moment_text(node.due.due_at)}"


def completion_text(people: People, completed: Sequence[Node], following: Node | None) -> str:
    """Return the message after nodes were completed: what is done, what comes next and by when (R-CMD-12)."""
    names = {node.kind.name: node for node in sorted(completed, key=lambda node: ORDER[node.code])}
    done = "、".join(f"“{name}”" for name in names)
    head = f"【{people.court_name}】{people.case_number}案件{done}已办结。"
    if following is None:
        return head + "本案各流程节点均已办结。"
    return head + f"下一节点：“{following.kind.name}”，办理期限{deadline_text(following)}。"


def alert_text(people: People, node: Node, level: AlertLevel, *, overdue: bool) -> str:
    """Return the text of an alert in the words that the bureau knows (R-CMD-13)."""
    case = f"{people.case_number or '待编号'}案件"
    head = f"{mentions(people, level)} {case}"
    if not overdue:
        return f"{head}临近超期,请尽快办理!"
    if node.code == "35":
        return f"{head}超期未发放案款,请尽快处理!"
    explained = "并书面说明原因" if level == "RED" else ""
    return f"{head}“{node.kind.name}”已超期,请尽快办理{explained}!"


def mentions(people: People, level: AlertLevel) -> str:
    """Return `@某某 @某某`: the officer and the leader by name, posts by their title."""
    names = []
    for kind in RECIPIENTS[level]:
        if kind == "CASE_OFFICER":
            names.append(people.officer.display_name if people.officer else "承办人")
        elif kind == "LEADER":
            names.append(people.leader.display_name if people.leader else "执行长")
        else:
            names.append(POSTS[kind])
    return " ".join(f"@{name}" for name in dict.fromkeys(names))
