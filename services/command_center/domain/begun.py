"""How every kind of node is made: from when it runs, until when, and which facts completed it."""

from __future__ import annotations

from datetime import datetime

from libs.schemas.parts import Due
from services.command_center.domain import clocks
from services.command_center.domain.node import Node, node_id
from services.command_center.domain.observation import Observation
from services.command_center.rules.catalogue import CATALOGUE

Done = tuple[datetime, tuple[str, ...]] | None
"""When something was completed and which facts prove it; no evidence, no completion (R-CMD-11)."""


def ended_by(*ends: Observation | None) -> Done:
    """Return the earliest of the facts that complete a node, if there is any."""
    known = [end for end in ends if end is not None]
    if not known:
        return None
    end = min(known, key=lambda each: each.order)
    return end.at, (end.id,)


def begun(
    case_id: str,
    code: str,
    started_at: datetime,
    done: Done,
    *,
    instance: str = "",
    subject: str = "",
    due: Due | None = None,
) -> Node:
    """Return a node that has begun; without `due` its term is counted by the calendar."""
    done_at, evidence = done or (None, ())
    return Node(
        node_id=node_id(case_id, code, instance),
        code=code,
        instance=instance,
        subject=subject,
        started_at=started_at,
        due=due or clocks.counted(CATALOGUE[code], started_at),
        done_at=done_at,
        evidence=evidence,
    )
