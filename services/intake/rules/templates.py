"""Editions of document templates: which file holds from which day, and which facts its text needs.

Article numbers stand in the files: a new numbering of a law is a new edition, never a change of an old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from libs.foundation.provision import Provision, in_force
from libs.schemas.parts import DocumentKind

NeededFact = Literal["amount_fen", "case_account"]


@dataclass(frozen=True, slots=True)
class Template:
    """One file below `templates/` with the title it prints and the facts without which it says nothing."""

    file: str
    title: str
    needs: tuple[NeededFact, ...] = ()


def _since_2024(rule: str, template: Template) -> tuple[Provision[Template], ...]:
    return (Provision(template, rule, "民事诉讼法(2023) 条文序号", date(2024, 1, 1)),)


EDITIONS: dict[DocumentKind, tuple[Provision[Template], ...]] = {
    "ENFORCEMENT_NOTICE": _since_2024(
        "R-INT-15", Template("enforcement_notice.v1.html", "执行通知书", ("case_account",))
    ),
    "PROPERTY_REPORT_ORDER": _since_2024("R-INT-16", Template("property_report_order.v1.html", "报告财产令")),
    "ASSISTANCE_QUERY_NOTICE": _since_2024("R-INQ-04", Template("assistance_query_notice.v1.html", "协助查询通知书")),
    "FREEZE_RULING": _since_2024("R-INQ-04", Template("freeze_ruling.v1.html", "执行裁定书", ("amount_fen",))),
    "ASSISTANCE_FREEZE_NOTICE": _since_2024(
        "R-INQ-04", Template("assistance_freeze_notice.v1.html", "协助冻结存款通知书", ("amount_fen",))
    ),
    "DEDUCTION_RULING": _since_2024("R-INQ-04", Template("deduction_ruling.v1.html", "执行裁定书", ("amount_fen",))),
    "ASSISTANCE_DEDUCTION_NOTICE": _since_2024(
        "R-INQ-04",
        Template("assistance_deduction_notice.v1.html", "协助扣划存款通知书", ("amount_fen", "case_account")),
    ),
    "RELEASE_RULING": _since_2024("R-INQ-04", Template("release_ruling.v1.html", "执行裁定书")),
    "ASSISTANCE_RELEASE_NOTICE": _since_2024(
        "R-INQ-04", Template("assistance_release_notice.v1.html", "协助解除冻结存款通知书")
    ),
    "CLOSING_NOTICE": _since_2024("R-INT-22", Template("closing_notice.v1.html", "结案通知书")),
}


def edition(kind: DocumentKind, day: date) -> Provision[Template]:
    """Return the edition in force on `day`."""
    return in_force(EDITIONS[kind], day)


def version_of(provision: Provision[Template]) -> str:
    """Return what a document stores: the file with its edition, and the rule of its day."""
    return f"{provision.value.file.removesuffix('.html')} {provision.version}"
