"""Incoming money by its natural key: once, never merged, never lost; and the other small streams."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from libs.schemas.payments import FeeAccount
from services.payments.api.statement_line import case_hint
from services.payments.domain.custodian import BindPrefix, Custodian, decide_custodian, evolve_custodian
from services.payments.domain.fund import AllotSubAccount, Fund, SetFundAccount, decide_fund, evolve_fund
from services.payments.domain.incoming import (
    BookedLine,
    DecideIdentification,
    Incoming,
    IncomingCommand,
    ProposeIdentification,
    RecordLine,
    decide_incoming,
    evolve_incoming,
    incoming_id_of,
    incoming_key_of,
    incoming_stream,
)
from services.payments.domain.names import BindName, Name, decide_name, evolve_name
from services.payments.domain.payee import Payee, PayeeAccount, RecordPayee, decide_payee, evolve_payee
from services.payments.domain.payer import payer_display
from services.payments.domain.refusals import (
    AlreadyIdentified,
    IdentificationNeedsSecondPerson,
    IncomingPaymentUnknown,
    NameAlreadyBound,
    NoIdentificationProposed,
    PrefixTaken,
)

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
LINE = BookedLine("custodian", "IN-1", "5303990001000001", 320_000, NOW, "李**")


def take(state: Incoming, command: IncomingCommand) -> tuple[Incoming, list[str]]:
    events = decide_incoming(state, command, NOW)
    for event in events:
        state = evolve_incoming(state, event)
    return state, [event.NAME for event in events]


@pytest.mark.rule("R-PAY-03")
def test_a_line_that_names_a_case_is_recorded_and_identified_at_once() -> None:
    state, names = take(Incoming(), RecordLine(LINE, "case_1"))
    assert names == ["incoming_payment_recorded", "incoming_payment_identified"]
    assert (state.status, state.case_id, state.method) == ("IDENTIFIED", "case_1", "ACCOUNT_NUMBER")


@pytest.mark.rule("R-PAY-03")
def test_a_line_that_names_no_case_is_recorded_and_waits() -> None:
    state, names = take(Incoming(), RecordLine(LINE))
    assert names == ["incoming_payment_recorded", "incoming_payment_unidentified"]
    assert state.status == "UNIDENTIFIED"


def test_a_repeated_line_changes_nothing() -> None:
    state, _ = take(Incoming(), RecordLine(LINE, "case_1"))
    assert take(state, RecordLine(LINE, "case_1")) == (state, [])
    assert take(state, RecordLine(replace(LINE, payer_display="王**", payment_reference="X"))) == (state, [])


@pytest.mark.rule("R-PAY-03")
@pytest.mark.parametrize(
    "changed",
    [{"amount_fen": 1}, {"account_number": "5303990001000002"}, {"value_at": datetime(2026, 3, 3, tzinfo=UTC)}],
)
def test_another_content_under_the_reference_is_put_on_record_once_and_never_merged(changed: dict[str, object]) -> None:
    state, _ = take(Incoming(), RecordLine(LINE, "case_1"))
    other = replace(LINE, **changed)  # type: ignore[arg-type]
    after, names = take(state, RecordLine(other, "case_1"))
    assert names == ["incoming_payment_contradicted"]
    assert (after.line, after.case_id, after.repeats(other)) == (LINE, "case_1", False)
    assert take(after, RecordLine(other, "case_1")) == (after, [])


@pytest.mark.rule("R-PAY-03")
def test_identification_by_people_needs_two_of_them() -> None:
    state, _ = take(Incoming(), RecordLine(LINE))
    with pytest.raises(NoIdentificationProposed):
        take(state, DecideIdentification(approve=True, reason="", by="u-2"))
    state, _ = take(state, ProposeIdentification("case_1", "凭证", "u-1"))
    assert state.status == "CANDIDATE"
    with pytest.raises(IdentificationNeedsSecondPerson):
        take(state, DecideIdentification(approve=True, reason="", by="u-1"))
    state, names = take(state, DecideIdentification(approve=True, reason="", by="u-2"))
    assert (names, state.method) == (["incoming_payment_identified"], "TWO_PERSONS")
    for command in (
        ProposeIdentification("case_2", "凭证", "u-1"),
        DecideIdentification(approve=True, reason="", by="u-3"),
    ):
        with pytest.raises(AlreadyIdentified):
            take(state, command)


@pytest.mark.rule("R-PAY-03")
def test_a_rejected_identification_leaves_the_money_in_the_pool() -> None:
    state, _ = take(Incoming(), RecordLine(LINE))
    state, _ = take(state, ProposeIdentification("case_1", "凭证", "u-1"))
    state, names = take(state, DecideIdentification(approve=False, reason="不符", by="u-2"))
    assert (names, state.status, state.proposed_case) == (["identification_rejected"], "UNIDENTIFIED", None)


def test_money_that_was_never_registered_is_unknown() -> None:
    with pytest.raises(IncomingPaymentUnknown):
        take(Incoming(), ProposeIdentification("case_1", "凭证", "u-1"))


@pytest.mark.parametrize("reference", ["IN-1", "a/b", "~", "x" * 120])
def test_an_incoming_id_names_its_bank_and_reference(reference: str) -> None:
    assert incoming_key_of(incoming_id_of("custodian", reference)) == ("custodian", reference)
    assert incoming_stream("custodian", "a/b") == "incoming/custodian/a%2Fb"


@pytest.mark.rule("R-PAY-03")
def test_two_banks_may_use_the_same_reference() -> None:
    assert incoming_stream("bank-a", "IN-1") != incoming_stream("bank-b", "IN-1")
    assert incoming_stream("bank-a", "IN-1") != incoming_stream("bank-a", "IN-2")
    assert incoming_stream("bank-a/IN", "1") != incoming_stream("bank-a", "IN/1")


@pytest.mark.parametrize("text", ["", "in_", "in_!!", "in_YWJj", "in_4pyT", "IN-1", "in_" + "A" * 300])
def test_any_other_text_is_no_incoming_id(text: str) -> None:
    with pytest.raises(IncomingPaymentUnknown):
        incoming_key_of(text)


@pytest.mark.rule("R-INT-04")
@pytest.mark.parametrize(
    ("remark", "hint"),
    [
        ("(2026)云0381执1号案款", "(2026)云0381执1号"),
        ("付（2026）云0381执恢12号", "(2026)云0381执恢12号"),
        ("(2026)云0381民初105号", None),
        ("还款", None),
        ("", None),
    ],
)
def test_a_remark_names_a_case_only_by_an_enforcement_case_number(remark: str, hint: str | None) -> None:
    assert case_hint(remark) == hint


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李建业", "李**"),
        ("买买提·吐尔逊", "买******"),
        ("甲银行", "甲银行"),
        ("云南某某有限公司", "云南某某有限公司"),
        (" ", "未知付款人"),
    ],
)
def test_a_persons_name_is_masked_and_an_organisations_is_not(name: str, shown: str) -> None:
    assert payer_display(name) == shown


# --- the court's account ---------------------------------------------------------------------------------------------

FUND = SetFundAccount(
    "云0381",
    "专户",
    "53",
    "商行",
    "custodian",
    FeeAccount(account_name="非税", account_number="9", bank_id="c", bank_name="商行"),
)


def fund_after(*commands: SetFundAccount | AllotSubAccount) -> tuple[Fund, list[str]]:
    state, names = Fund(), list[str]()
    for command in commands:
        for event in decide_fund(state, command, NOW):
            state = evolve_fund(state, event)
            names.append(event.NAME)
    return state, names


def allot(number: int) -> AllotSubAccount:
    return AllotSubAccount("云0381", f"case_{number}", f"(2026)云0381执{number}号")


@pytest.mark.rule("R-PAY-01")
def test_serials_have_no_gaps_and_a_case_has_one_number() -> None:
    state, _ = fund_after(FUND, allot(7), allot(7), allot(9))
    numbers = [entry.account.account_number for entry in state.allotted.values() if entry.account]
    assert numbers == ["53000001", "53000002"]


@pytest.mark.rule("R-PAY-01")
def test_a_case_before_the_courts_account_waits_with_its_serial() -> None:
    state, names = fund_after(allot(1), allot(2), FUND, allot(3))
    assert names == [
        *["sub_account_requested"] * 2,
        "fund_account_set",
        *["sub_account_allotted"] * 3,
    ]
    assert [entry.serial for entry in state.allotted.values()] == [1, 2, 3]


@pytest.mark.rule("R-PAY-01")
def test_another_setting_leaves_old_numbers_alone() -> None:
    state, names = fund_after(FUND, allot(1), FUND, replace(FUND, account_number_prefix="77"), allot(2))
    assert names.count("fund_account_set") == 2
    assert [entry.account.account_number for entry in state.allotted.values() if entry.account] == [
        "53000001",
        "77000002",
    ]


@pytest.mark.rule("R-PAY-01")
def test_a_number_names_one_case() -> None:
    (bound,) = decide_name(Name(), BindName("53000001", "case_1", "云0381"), NOW)
    state = evolve_name(Name(), bound)
    assert decide_name(state, BindName("53000001", "case_1", "云0381"), NOW) == []
    with pytest.raises(NameAlreadyBound):
        decide_name(state, BindName("53000001", "case_2", "云0381"), NOW)


@pytest.mark.rule("R-PAY-01")
@pytest.mark.parametrize("prefix", ["53", "5", "531"])
def test_no_two_courts_share_the_beginning_of_an_account_number(prefix: str) -> None:
    (bound,) = decide_custodian(Custodian(), BindPrefix("c", "53", "云0381"), NOW)
    state = evolve_custodian(Custodian(), bound)
    with pytest.raises(PrefixTaken):
        decide_custodian(state, BindPrefix("c", prefix, "云0302"), NOW)
    assert decide_custodian(state, BindPrefix("c", "53", "云0381"), NOW) == []


def test_the_longest_prefix_names_the_court() -> None:
    state = Custodian({"53": "云0381", "5301": "云0381", "77": "云0302"})
    assert state.court_of("77000001") == "云0302"
    assert state.court_of("88") is None


# --- payees ----------------------------------------------------------------------------------------------------------

ACCOUNT = PayeeAccount("浦明远", "6217", "bank-a", "甲银行")


def payee_after(*commands: RecordPayee) -> Payee:
    state = Payee()
    for command in commands:
        for event in decide_payee(state, command, NOW):
            state = evolve_payee(state, event)
    return state


@pytest.mark.rule("R-PAY-07")
def test_a_payee_is_what_the_newest_word_of_the_register_says() -> None:
    newer = PayeeAccount("浦明远", "9999", "bank-b", "乙银行")
    state = payee_after(
        RecordPayee("p", "浦明远", ACCOUNT, 1), RecordPayee("p", None, newer, 3), RecordPayee("p", None, ACCOUNT, 2)
    )
    assert (state.name, state.account, state.source_seq) == ("浦明远", newer, 3)


def test_a_change_of_telephone_keeps_the_account() -> None:
    state = payee_after(RecordPayee("p", "浦明远", ACCOUNT, 1), RecordPayee("p", None, None, 2))
    assert state.account == ACCOUNT
