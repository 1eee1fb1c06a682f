"""Which papers an application needs (R-INT-10), by who applies and what is enforced. All lacks are named at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from libs.foundation.provision import Provision
from libs.schemas.intake import BasisKind, Defect

PaperKind = Literal[
    "APPLICATION",
    "BASIS_COPY",
    "APPLICANT_IDENTITY",
    "LEGAL_REPRESENTATIVE_IDENTITY",
    "SUCCESSION_PROOF",
    "POWER_OF_ATTORNEY",
    "EXECUTION_CERTIFICATE",
    "EFFECTIVENESS_PROOF",
    "ARBITRATION_AGREEMENT",
    "OTHER",
]

FILING_PAPERS = Provision("papers", "R-INT-10", "执行规定(试行) 第18-20条", date(2021, 1, 1))

COURT_DOCUMENTS: frozenset[BasisKind] = frozenset({"JUDGMENT", "RULING", "MEDIATION_STATEMENT", "PAYMENT_ORDER"})
"""Documents of a court: whether they took effect is proved by a certificate of the court that made them."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A paper that every application of this sort needs, and how its lack is told to the applicant."""

    paper: PaperKind
    text: str
    rule: str
    organisations_only: bool = False
    bases: frozenset[BasisKind] = frozenset(get_args(BasisKind))


# No receipt of a fee stands here: the application fee is never prepaid, it is collected after enforcement (R-INT-13).
REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("APPLICATION", "强制执行申请书 (写明理由、事项、标的和已知财产)", "R-INT-10"),
    Requirement("BASIS_COPY", "生效法律文书副本", "R-INT-10"),
    Requirement("APPLICANT_IDENTITY", "申请执行人身份证明 (身份证或营业执照副本)", "R-INT-10"),
    Requirement("LEGAL_REPRESENTATIVE_IDENTITY", "法定代表人身份证明", "R-INT-10", organisations_only=True),
    Requirement("EFFECTIVENESS_PROOF", "法律文书生效证明", "R-INT-09", bases=COURT_DOCUMENTS),
    Requirement(
        "EXECUTION_CERTIFICATE",
        "公证机构出具的执行证书",
        "R-INT-08",
        bases=frozenset({"NOTARISED_DEBT_DOCUMENT"}),
    ),
    Requirement(
        "ARBITRATION_AGREEMENT",
        "仲裁条款或仲裁协议书",
        "R-INT-10",
        bases=frozenset({"ARBITRAL_AWARD"}),
    ),
)

SUCCESSION = Defect(code="SUCCESSION_PROOF_MISSING", text="继承或者承受权利的证明文件", rule="R-INT-10")
SPECIAL_AUTHORISATION = Defect(
    code="SPECIAL_AUTHORISATION_MISSING",
    text="收款账户不是申请执行人本人账户: 须提交写明代收执行款特别授权的授权委托书",
    rule="R-INT-10",
)


@dataclass(frozen=True, slots=True)
class Filing:
    """What decides which papers are needed."""

    basis: BasisKind
    organisation_applies: bool
    applicant_is_successor: bool
    collects_in_other_name: bool
    """A payee account does not bear the applicant's own name."""


def defects_of(filing: Filing, papers: Collection[str], *, special_authorisation: bool) -> tuple[Defect, ...]:
    """Return everything that is missing, in the order of the rule (一次性告知)."""
    lacking = [
        Defect(code=f"{required.paper}_MISSING", text=required.text, rule=required.rule)
        for required in REQUIREMENTS
        if filing.basis in required.bases
        and (filing.organisation_applies or not required.organisations_only)
        and required.paper not in papers
    ]
    if filing.applicant_is_successor and "SUCCESSION_PROOF" not in papers:
        lacking.append(SUCCESSION)
    if filing.collects_in_other_name and not (special_authorisation and "POWER_OF_ATTORNEY" in papers):
        lacking.append(SPECIAL_AUTHORISATION)
    return tuple(lacking)


def remaining(defects: Iterable[Defect], papers: Collection[str], *, special_authorisation: bool) -> tuple[Defect, ...]:
    """Return the defects that these papers do not cure. Nothing new is ever added: the applicant was told once."""
    authorised = special_authorisation and "POWER_OF_ATTORNEY" in papers
    return tuple(
        defect
        for defect in defects
        if (defect == SPECIAL_AUTHORISATION and not authorised)
        or (defect != SPECIAL_AUTHORISATION and defect.code.removesuffix("_MISSING") not in papers)
    )
