"""A process node of one case (R-CMD-11): when it began, when it is due and why, what completed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from libs.foundation.court_calendar import court_day
from libs.foundation.ids import derived_id
from libs.schemas.parts import Due
from services.command_center.rules.alerts import LEADS, SHORT_TERM
from services.command_center.rules.catalogue import CATALOGUE, ORDER, NodeKind

NodeState = Literal["PENDING", "DUE_SOON", "OVERDUE", "DONE", "NOT_APPLICABLE"]
"""R-CMD-11; PAUSED comes with suspension and stay (R-INT-19, R-INT-20)."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node; `instance` tells several of a kind apart: a request, a measure, an arrival of money."""

    node_id: str
    code: str
    instance: str
    subject: str
    started_at: datetime
    due: Due
    done_at: datetime | None = None
    evidence: tuple[str, ...] = ()
    void_reason: str | None = None
    void_approver: str | None = None
    overdue: bool = False

    @property
    def kind(self) -> NodeKind:
        """Return its row of the catalogue."""
        return CATALOGUE[self.code]

    @property
    def name(self) -> str:
        """Return its name, with what it is about where there are several."""
        return f"{self.kind.name}（{self.subject}）" if self.subject else self.kind.name

    @property
    def open(self) -> bool:
        """Return whether it still has to be passed."""
        return self.done_at is None and self.void_reason is None

    @property
    def in_time(self) -> bool:
        """Return whether it was completed by its deadline; the deadline itself is in time (R-GEN-03)."""
        return self.done_at is not None and self.done_at <= self.due.due_at

    @property
    def short(self) -> bool:
        """Return whether its whole term counts as short (R-CMD-14)."""
        return self.due.nominal_day - court_day(self.started_at) <= SHORT_TERM

    def at(self, now: datetime) -> NodeState:
        """Return its state at a moment."""
        if self.done_at is not None:
            return "DONE"
        if self.void_reason is not None:
            return "NOT_APPLICABLE"
        if now > self.due.due_at:
            return "OVERDUE"
        lead = LEADS["BLUE"].short if self.short else LEADS["BLUE"].long
        return "DUE_SOON" if self.due.due_at - now <= lead else "PENDING"

    def plain(self) -> Node:
        """Return it without what only the passing of time adds."""
        return replace(self, overdue=False)


def node_id(case_id: str, code: str, instance: str = "") -> str:
    """Return the id of a node: the same for the same thing, however often and in whatever order it is learned."""
    return derived_id("node", case_id, code, instance)


def open_nodes(nodes: Mapping[str, Node]) -> list[Node]:
    """Return the nodes that still have to be passed, the one that is due first in front."""
    return sorted((node for node in nodes.values() if node.open), key=lambda node: (node.due.due_at, ORDER[node.code]))


def following(nodes: Mapping[str, Node], completed: Iterable[Node]) -> Node | None:
    """Return the node that a message names as the next: the first open one in the order of the catalogue.

    What stands behind the completed nodes comes first; then what was left behind; the term of the whole case at last.
    """
    place = max(ORDER[node.code] for node in completed)
    waiting = open_nodes(nodes)
    ahead = [node for node in waiting if ORDER[node.code] > place and node.code != "T1"]
    behind = [node for node in waiting if ORDER[node.code] <= place]
    whole = [node for node in waiting if node.code == "T1"]
    for group in (ahead, behind, whole):
        if group:
            return min(group, key=lambda node: (ORDER[node.code], node.due.due_at))
    return None
