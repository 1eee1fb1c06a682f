from datetime import date, timedelta
from typing import Any, get_args

import pytest

from libs.schemas.intake import (
    DocumentApproved,
    DocumentDrafted,
    DocumentNumberBound,
    DocumentRejected,
    DocumentServed,
    IdentityDocument,
    PartyRegistered,
)
from libs.schemas.parts import DocumentKind
from services.intake.domain import case, document
from services.intake.domain.case.papers import BindDocumentNumber
from services.intake.domain.document import (
    ApproveDocument,
    Document,
    DocumentAlreadyDecided,
    DocumentAlreadyServed,
    DocumentNotApproved,
    NotTheApprover,
    PutDraft,
    RecordService,
    RejectDocument,
    ServedInTheFuture,
)
from services.intake.domain.refusals import CaseAccountPending, NotTheActingOfficer
from services.intake.paperwork import Matter, TemplateFactMissing, write
from services.intake.rules.authority import DOCUMENT_LEVELS, signer
from services.intake.rules.templates import EDITIONS, edition, version_of
from tests.unit.intake.law import ACCOUNT, APPLICANT, DEBTOR, NOW, after, owing, registered

DRAFT = DocumentDrafted(
    document_id="doc_1",
    case_id="case_1",
    kind="ENFORCEMENT_NOTICE",
    number="(2026)云0381执1号",
    title="执行通知书",
    sha256="0" * 64,
    template_version="v1",
    drafted_by="u-duty",
    approval_level="TEAM_LEADER",
    approver="u-duty-lead",
)


def done(*commands: document.Command) -> Document:
    state = Document()
    for command in commands:
        for event in document.decide(state, command, NOW):
            state = document.evolve(state, event)
    return state


def service(**changes: Any) -> RecordService:
    facts: dict[str, Any] = {
        "party": DEBTOR,
        "method": "DIRECT",
        "served_at": NOW,
        "evidence": "送达回证",
        "recorded_by": "u-duty",
    }
    return RecordService(**(facts | changes))


def party(party_id: str, name: str, number: str) -> PartyRegistered:
    identity = IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number=number)
    return PartyRegistered(
        party_id=party_id, party_type="PERSON", name=name, display_name="*", documents=(identity,), address="宣威市"
    )


def matter(**changes: Any) -> Matter:
    facts: dict[str, Any] = {
        "case": registered().registered,
        "number": "(2026)云0381执1号",
        "written_on": date(2026, 3, 2),
        "applicants": [party(APPLICANT.party_id, "浦明远", "53039919800101004X")],
        "debtors": [party(DEBTOR.party_id, "李建业", "530399198001010015")],
        "officer": "周值班",
        "owed_fen": 506_575,
        "account": ACCOUNT,
        "operative_part": "被告李建业支付劳动报酬5000元",
        "facts": {"amount_fen": 506_575, "agency_name": None, "reason": None, "entries": []},
    }
    return Matter(**(facts | changes))


def text_of(kind: DocumentKind, **changes: Any) -> str:
    return write(edition(kind, date(2026, 3, 2)).value, matter(**changes))


@pytest.mark.rule("R-GEN-07")
def test_only_the_named_approver_signs_and_only_once() -> None:
    drafted = done(PutDraft(DRAFT))
    (approved,) = document.decide(drafted, ApproveDocument("u-duty-lead", "jws"), NOW)
    assert isinstance(approved, DocumentApproved)
    assert (approved.seal, approved.sha256) == ("jws", DRAFT.sha256)
    with pytest.raises(NotTheApprover):
        document.decide(drafted, ApproveDocument("u-head", "jws"), NOW)
    signed = done(PutDraft(DRAFT), ApproveDocument("u-duty-lead", "jws"))
    for again in (ApproveDocument("u-duty-lead", "jws"), RejectDocument("u-duty-lead", "x")):
        with pytest.raises(DocumentAlreadyDecided):
            document.decide(signed, again, NOW)


@pytest.mark.rule("R-INQ-05")
def test_nobody_signs_their_own_draft_the_next_level_does() -> None:
    holders: dict[Any, str] = {"TEAM_LEADER": "u-duty-lead", "BUREAU_HEAD": "u-head", "PRESIDENT": "u-president"}
    assert signer("TEAM_LEADER", holders, "u-duty") == ("TEAM_LEADER", "u-duty-lead")
    assert signer("TEAM_LEADER", holders, "u-duty-lead") == ("BUREAU_HEAD", "u-head")
    assert signer("TEAM_LEADER", holders | {"BUREAU_HEAD": "u-duty-lead"}, "u-duty-lead")[0] == "PRESIDENT"
    own = DRAFT.model_copy(update={"approver": "u-duty"})
    with pytest.raises(NotTheApprover):
        document.decide(done(PutDraft(own)), ApproveDocument("u-duty", "jws"), NOW)


def test_every_kind_of_document_has_a_level_and_a_template() -> None:
    assert set(DOCUMENT_LEVELS) == set(EDITIONS) == set(get_args(DocumentKind))


def test_a_draft_that_was_sent_back_is_neither_signed_nor_served() -> None:
    (rejected,) = document.decide(done(PutDraft(DRAFT)), RejectDocument("u-duty-lead", "数额有误"), NOW)
    assert isinstance(rejected, DocumentRejected)
    state = done(PutDraft(DRAFT), RejectDocument("u-duty-lead", "数额有误"))
    with pytest.raises(DocumentAlreadyDecided):
        document.decide(state, ApproveDocument("u-duty-lead", "jws"), NOW)
    with pytest.raises(DocumentNotApproved):
        document.decide(state, service(), NOW)


@pytest.mark.rule("R-INT-15")
def test_service_is_recorded_once_per_party_and_never_before_it_happened() -> None:
    signed = done(PutDraft(DRAFT), ApproveDocument("u-duty-lead", "jws"))
    (served,) = document.decide(signed, service(), NOW)
    assert isinstance(served, DocumentServed)
    with pytest.raises(ServedInTheFuture):
        document.decide(signed, service(served_at=NOW + timedelta(seconds=1)), NOW)
    again = done(PutDraft(DRAFT), ApproveDocument("u-duty-lead", "jws"), service())
    with pytest.raises(DocumentAlreadyServed):
        document.decide(again, service(method="POSTAL"), NOW)
    assert len(document.decide(again, service(party=APPLICANT), NOW)) == 1


@pytest.mark.rule("R-INT-04")
def test_notices_carry_the_cases_number_and_rulings_are_counted() -> None:
    state = owing()
    numbers = []
    kinds: tuple[DocumentKind, ...] = (
        "ENFORCEMENT_NOTICE",
        "FREEZE_RULING",
        "ASSISTANCE_FREEZE_NOTICE",
        "RELEASE_RULING",
    )
    for number, kind in enumerate(kinds):
        (bound,) = case.decide(state, BindDocumentNumber(f"doc_{number}", kind, "u-duty"), NOW)
        assert isinstance(bound, DocumentNumberBound)
        numbers.append(bound.number)
        state = case.evolve(state, bound)
    own = "(2026)云0381执1号"
    assert numbers == [own, f"{own}之一", own, f"{own}之二"]
    with pytest.raises(NotTheActingOfficer):
        case.decide(state, BindDocumentNumber("doc_x", "FREEZE_RULING", "u-second"), NOW)


@pytest.mark.rule("R-PAY-01", "R-INT-15")
def test_a_paper_that_names_the_account_waits_for_it() -> None:
    for kind in ("ENFORCEMENT_NOTICE", "ASSISTANCE_DEDUCTION_NOTICE"):
        with pytest.raises(CaseAccountPending):
            case.decide(registered(), BindDocumentNumber("doc_1", kind, "u-duty"), NOW)
    assert len(case.decide(registered(), BindDocumentNumber("doc_1", "PROPERTY_REPORT_ORDER", "u-duty"), NOW)) == 1


@pytest.mark.rule("R-INT-15", "R-PAY-01")
def test_the_enforcement_notice_says_all_that_it_must() -> None:
    text = text_of("ENFORCEMENT_NOTICE")
    for words in (
        "责令",
        "5,000.00元",
        "迟延履行期间的债务利息",
        "第二百六十四条",
        "纳入失信被执行人名单",
        ACCOUNT.account_number,
        "一案一账号",
        "第二百五十一条",
        "浦明远",
        "被告李建业支付劳动报酬5000元",
        "530399198001010015",
    ):
        assert words in text


@pytest.mark.rule("R-INT-16")
def test_the_property_report_order_says_term_scope_duty_and_liability() -> None:
    text = text_of("PROPERTY_REPORT_ORDER")
    for words in ("10日内", "前一年", "补充报告", "罚款、拘留", "第二百五十二条", "(一)", "(五)"):
        assert words in text


def test_every_template_can_be_written_and_names_its_edition() -> None:
    for kind in get_args(DocumentKind):
        assert "宣威市人民法院" in text_of(kind)
        assert version_of(edition(kind, date(2026, 3, 2))).endswith("@2024-01-01")


def test_what_a_client_wrote_stands_in_a_paper_as_text_and_never_as_markup() -> None:
    facts = {
        "amount_fen": 1,
        "agency_name": "<script>alert(1)</script>",
        "reason": None,
        "entries": [{"agency_id": "a", "asset_id": None, "description": "<b>", "amount_fen": 5}],
    }
    text = text_of("ASSISTANCE_FREEZE_NOTICE", facts=facts)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;" in text


def test_a_ruling_without_its_amount_is_not_written() -> None:
    empty: dict[str, Any] = {"amount_fen": None, "agency_name": None, "reason": None, "entries": []}
    with pytest.raises(TemplateFactMissing) as missing:
        text_of("FREEZE_RULING", facts=empty)
    assert missing.value.field == "facts.amount_fen"


def test_a_repeated_draft_changes_nothing() -> None:
    assert document.decide(done(PutDraft(DRAFT)), PutDraft(DRAFT), NOW) == []
    assert after(registered()).documents == ()
