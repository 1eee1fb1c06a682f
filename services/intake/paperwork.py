"""Writing papers: a template's text with names, sums and dates. Everything is escaped, nothing is left undefined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from libs.foundation.errors import Rejected
from libs.foundation.fen import yuan
from libs.schemas.intake import CAUSE_NAMES, CaseRegistered, PartyRegistered
from libs.schemas.parts import CaseAccountRef
from services.intake.rules.periods import REPORT_DAYS, SUPPLEMENTARY_REPORT_DAYS
from services.intake.rules.templates import Template

ID_NAMES: Final = {
    "RESIDENT_IDENTITY_CARD": "公民身份号码",
    "UNIFIED_SOCIAL_CREDIT_CODE": "统一社会信用代码",
    "PASSPORT": "护照号码",
    "OTHER": "证件号码",
}


class TemplateFactMissing(Rejected):
    """The document's text needs a fact that the request does not give."""

    code = "template_fact_missing"
    title = "The document needs a further fact"
    remedy = "Give the fact named in `field`."


@dataclass(frozen=True, slots=True)
class Matter:
    """What a paper is about."""

    case: CaseRegistered
    number: str
    written_on: date
    applicants: Sequence[PartyRegistered]
    debtors: Sequence[PartyRegistered]
    officer: str
    owed_fen: int
    account: CaseAccountRef | None
    operative_part: str
    """What the enforced document orders, word by word: the case's events carry it with the parties masked."""
    facts: Mapping[str, Any]


def _chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _party_line(party: PartyRegistered) -> str:
    numbers = ", ".join(f"{ID_NAMES[one.id_type]}{one.id_number}" for one in party.documents)
    return f"{party.name}, {numbers}" + (f", 住{party.address}" if party.address else "")


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"yuan": yuan, "chinese_date": _chinese_date, "party_line": _party_line}


def check(template: Template, facts: Mapping[str, Any]) -> None:
    """Raise `TemplateFactMissing` where the text would have a hole that the request must fill."""
    if "amount_fen" in template.needs and not facts.get("amount_fen"):
        raise TemplateFactMissing("The amount must be given.", field="facts.amount_fen")


def write(template: Template, matter: Matter) -> str:
    """Return the paper as HTML."""
    check(template, matter.facts)
    return _TEMPLATES.get_template(template.file).render(
        title=template.title,
        case=matter.case,
        court_name=matter.case.court_name,
        number=matter.number,
        written_on=matter.written_on,
        applicants=matter.applicants,
        debtors=matter.debtors,
        debtor_names="、".join(party.name for party in matter.debtors),
        applicant_names="、".join(party.name for party in matter.applicants),
        officer=matter.officer,
        basis=matter.case.basis,
        operative_part=matter.operative_part,
        cause_name=CAUSE_NAMES.get(matter.case.cause, matter.case.cause),
        claim_fen=matter.case.claim_fen,
        owed_fen=matter.owed_fen,
        account=matter.account,
        facts=matter.facts,
        report_days=REPORT_DAYS.value,
        supplementary_days=SUPPLEMENTARY_REPORT_DAYS.value,
    )
