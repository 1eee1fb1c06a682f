"""Decisions as papers, 失信决定书 to 限制消费令. Full names stand in them; facts carry hash and seal only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from libs.evidence import Signer
from libs.foundation.canonical import sha256_hex
from libs.foundation.case_number import chinese_numeral
from libs.foundation.clock import instant_text
from libs.schemas.credit_blacklist import (
    CorrectionProposed,
    Ground,
    ListingDecided,
    ListingDrafted,
    PersonRecorded,
    RemovalGround,
    RemovalProposed,
    RestrictionDrafted,
    RestrictionOrdered,
    Role,
    SignedPaper,
)
from services.credit_blacklist.certificates import SealMissing
from services.credit_blacklist.rules.consumption import KINDS, ROLES
from services.credit_blacklist.rules.grounds import GROUNDS

TYP: Final = "zhixing-decision+jws"

ID_NAMES: Final = {
    "RESIDENT_IDENTITY_CARD": "公民身份号码",
    "UNIFIED_SOCIAL_CREDIT_CODE": "统一社会信用代码",
    "PASSPORT": "护照号码",
    "OTHER": "证件号码",
}

FIELD_TEXTS: Final = {
    "grounds": "失信行为情形",
    "duty": "生效法律文书确定的义务",
    "performance": "履行情况",
    "performed_fen": "已履行部分",
    "legal_representative": "法定代表人",
    "basis_number": "执行依据文号",
    "basis_authority": "作出执行依据单位",
}

REMOVALS: Final[dict[RemovalGround, tuple[str, str]]] = {
    "PERFORMED": ("第十条第一款第一项", "已履行生效法律文书确定的义务或者执行完毕"),
    "SETTLEMENT_PERFORMED": ("第十条第一款第二项", "执行和解协议已履行完毕"),
    "APPLICANT_REQUEST": ("第十条第一款第三项", "申请执行人书面申请删除并经审查同意"),
    "NOTHING_FOUND_AFTER_TERMINATION": ("第十条第一款第四项", "终结本次执行程序后两次以上查询未发现可供执行财产"),
    "RETRIAL_OR_BANKRUPTCY": ("第十条第一款第五项", "因审判监督或者破产程序中止执行"),
    "NON_ENFORCEMENT": ("第十条第一款第六项", "依法裁定不予执行"),
    "FINAL_TERMINATION": ("第十条第一款第七项", "依法裁定终结执行"),
    "ACTIVE_PERFORMANCE": ("第二条第二款", "积极履行生效法律文书确定的义务"),
}
"""Article and words of each ground that the president decides about."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Whom and which case a paper is about. Names are full."""

    court: str
    court_name: str
    case_id: str
    case_number: str
    number: str
    written_on: date
    applicants: Sequence[str]
    debtor: PersonRecorded


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper's title and its text as HTML."""

    title: str
    text: str


def listing_paper(matter: Matter, draft: ListingDrafted, decided: ListingDecided, facts: str) -> Paper:
    """Return the decision to list: its reason, its grounds with their items, its term and grace period (R-CRB-06)."""
    return _paper(
        "失信决定书",
        "listing_decision.v1.html",
        matter,
        facts=facts,
        duty=draft.duty,
        acts=draft.acts,
        grounds=draft.grounds,
        term_ends_on=decided.term_ends_on,
        grace=decided.grace,
    )


def removal_paper(matter: Matter, proposal: RemovalProposed, order_number: str) -> Paper:
    """Return the decision to delete, with the article of its ground (R-CRB-10)."""
    article, text = REMOVALS[proposal.ground]
    return _paper(
        "删除失信信息决定书",
        "removal_decision.v1.html",
        matter,
        reason=proposal.reason,
        ground_text=text,
        article=article,
        order_number=order_number,
    )


def correction_paper(matter: Matter, proposal: CorrectionProposed, order_number: str) -> Paper:
    """Return the decision to revoke or correct (R-CRB-12)."""
    return _paper(
        "更正失信信息决定书",
        "correction_decision.v1.html",
        matter,
        reason=proposal.reason,
        wrongly_listed=proposal.nature == "WRONGLY_LISTED",
        fields=tuple(sorted(proposal.changes.model_dump(exclude_none=True))),
        order_number=order_number,
    )


def restriction_paper(
    matter: Matter,
    drafted: RestrictionDrafted,
    ordered: RestrictionOrdered,
    persons: Sequence[tuple[PersonRecorded, Sequence[Role]]],
) -> Paper:
    """Return the restriction order: whom it covers, its period, its items, its consequences (R-CRB-20, R-CRB-21)."""
    return _paper(
        "限制消费令",
        "restriction_order.v1.html",
        matter,
        listed=drafted.reason == "LISTED",
        applied_on=drafted.applied_on,
        persons=persons,
        kinds=ordered.kinds,
        period=ordered.period,
        consequences=ordered.consequences,
        grace=ordered.grace_until,
        signed_by=ordered.signed_by,
    )


async def sealed(signer: Signer | None, matter: Matter, paper: Paper, by: str, at: datetime) -> SignedPaper:
    """Return hash and seal of a paper (R-GEN-07): the seal binds court, number and signatory to the text's hash.

    Raises `SealMissing` (503) without a key.
    """
    if signer is None:
        raise SealMissing
    digest = sha256_hex(paper.text.encode())
    payload = {
        "kind": "DECISION_SEAL",
        "court": matter.court,
        "case_id": matter.case_id,
        "number": matter.number,
        "title": paper.title,
        "sha256": digest,
        "signed_by": by,
        "signed_at": instant_text(at),
    }
    return SignedPaper(title=paper.title, sha256=digest, seal=await signer.sign(payload, typ=TYP))


def _paper(title: str, file: str, matter: Matter, **facts: Any) -> Paper:
    text = _TEMPLATES.get_template(file).render(
        title=title,
        court_name=matter.court_name,
        case_number=matter.case_number,
        number=matter.number,
        written_on=matter.written_on,
        applicants=matter.applicants,
        debtor=matter.debtor,
        **facts,
    )
    return Paper(title, text)


def _party_line(person: PersonRecorded) -> str:
    numbers = ", ".join(f"{ID_NAMES[one.id_type]}{one.id_number}" for one in person.documents)
    return f"{person.name}, {numbers}" if numbers else person.name


def _chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _ground_text(ground: Ground) -> str:
    return GROUNDS.value[ground].text


def _ground_item(ground: Ground) -> str:
    return chinese_numeral(GROUNDS.value[ground].number)


_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "party_line": _party_line,
    "chinese_date": _chinese_date,
    "ground_text": _ground_text,
    "ground_item": _ground_item,
    "field_text": FIELD_TEXTS.__getitem__,
    "kind_text": KINDS.__getitem__,
    "role_text": ROLES.__getitem__,
}
