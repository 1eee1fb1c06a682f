from typing import Any

import pytest

from libs.foundation.court_secrets import CourtSecrets
from libs.foundation.identity import IdentityNumberInvalid
from libs.schemas.intake import BankAccount, IdentityDocument, PartyRegistered, PartyUpdated, RosterSet
from libs.testing import builders
from services.intake.domain import party, roster
from services.intake.domain.party import Register, RegisterParty
from services.intake.domain.refusals import ApplicationUnknown, PartyNameMismatch
from services.intake.domain.roster import (
    OfficerUnknown,
    Roster,
    RosterInconsistent,
    RosterMissing,
    SetRoster,
    TeamUnknown,
)
from services.intake.domain.wording import masked
from services.intake.naming import case_of_closure, closure_id, filing_id, filing_stream
from tests.unit.intake.law import BASIS, COURT, NOW, at

CARD = IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="530399198001010015")
PASSPORT = IdentityDocument(id_type="PASSPORT", id_number="E12345678")
ACCOUNT = BankAccount(account_name="李建业", account_number="62170038", bank_id="bank-a", bank_name="甲银行")
CARD_NUMBER, PASSPORT_NUMBER = ((one.id_type, one.id_number) for one in (CARD, PASSPORT))
SECRETS = CourtSecrets("master", {"京0107": "their own"})


def entry(**changes: Any) -> RegisterParty:
    facts: dict[str, Any] = {"party_id": "party_1", "party_type": "PERSON", "name": "李建业", "documents": (CARD,)}
    return RegisterParty(**(facts | changes))


def known(**changes: Any) -> Register:
    (registered,) = party.decide(Register(), entry(**changes), NOW)
    return party.evolve(Register(), registered)


@pytest.mark.rule("R-GEN-06")
def test_a_party_is_registered_with_its_full_name_and_shown_masked() -> None:
    (registered,) = party.decide(Register(), entry(), NOW)
    assert isinstance(registered, PartyRegistered)
    assert (registered.name, registered.display_name) == ("李建业", "李**")


@pytest.mark.rule("R-PAY-07")
def test_a_later_filing_adds_what_was_unknown_and_overwrites_nothing() -> None:
    (added,) = party.decide(known(), entry(phone="13908742222", payee_account=ACCOUNT), NOW)
    assert isinstance(added, PartyUpdated)
    assert (added.phone, added.payee_account) == ("13908742222", ACCOUNT)
    state = party.evolve(known(), added)
    other = ACCOUNT.model_copy(update={"account_number": "99999999"})
    assert party.decide(state, entry(phone="13900000000", payee_account=other), NOW) == []
    assert state.party is not None
    assert state.party.payee_account == ACCOUNT


@pytest.mark.rule("R-INT-05")
def test_a_number_under_another_name_and_a_number_from_the_future_are_refused() -> None:
    with pytest.raises(PartyNameMismatch):
        party.decide(known(), entry(name="李建国"), NOW)
    young = IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="530399201003150016")
    with pytest.raises(IdentityNumberInvalid):
        party.decide(Register(), entry(documents=(young,)), at(2010, 3, 14))


def test_the_same_person_is_one_party_at_a_court_and_another_elsewhere() -> None:
    here = SECRETS.party_id(COURT, [PASSPORT_NUMBER, CARD_NUMBER])
    assert here == SECRETS.party_id(COURT, [CARD_NUMBER])
    assert here != SECRETS.party_id("云0102", [CARD_NUMBER])
    assert here != CourtSecrets("another master", {}).party_id(COURT, [CARD_NUMBER])
    assert SECRETS.of("京0107") == b"their own"
    assert CARD.id_number not in here


def test_the_same_basis_between_the_same_parties_is_the_same_filing_however_it_is_written() -> None:
    first = filing_id(SECRETS, COURT, BASIS, ["a", "b"], ["d"])
    wide = BASIS.model_copy(update={"number": "（2026）云0381民初105号"})
    assert filing_id(SECRETS, COURT, wide, ["b", "a"], ["d"]) == first
    assert filing_id(SECRETS, COURT, BASIS, ["d"], ["a", "b"]) != first
    assert filing_stream(f"{first}_1") == filing_stream(f"{first}_2") == filing_stream(first)


@pytest.mark.parametrize("text", ["", "app_1", "app_zz_00", "case_1", f"app_{b'ab'.hex()}_{'0' * 40}_1"])
def test_an_application_id_that_is_none_names_no_stream(text: str) -> None:
    with pytest.raises(ApplicationUnknown):
        filing_stream(text)


def test_a_proposal_to_close_names_its_case() -> None:
    case_id = "case_0123456789abcdef0123"
    assert case_of_closure(closure_id(case_id, "cause")) == case_id


@pytest.mark.rule("R-GEN-06")
def test_a_published_text_shows_no_party() -> None:
    people = (
        entry(phone="13908742222", payee_account=ACCOUNT, address="宣威市龙堡路1号"),
        entry(name="李建业有限公司", party_type="ORGANISATION", documents=(PASSPORT,)),
    )
    text = "被告李建业(530399198001010015, 13908742222)住宣威市龙堡路1号, 账户62170038, 与李建业有限公司连带给付。"
    assert masked(text, people) == "被告李**(5303991980****0015, ****)住****, 账户****, 与李建业有限公司连带给付。"


def court(**changes: Any) -> RosterSet:
    return RosterSet(court=COURT, **builders.roster(**changes))


@pytest.mark.rule("R-INT-14")
def test_the_roster_names_nobody_who_does_not_serve() -> None:
    (placed,) = roster.decide(Roster(), SetRoster(court()), NOW)
    state = roster.evolve(Roster(), placed)
    assert roster.decide(state, SetRoster(court()), NOW) == []
    assert state.staff("u-duty").name == "周值班"
    assert state.holders("u-leader") == {
        "TEAM_LEADER": "u-leader",
        "BUREAU_HEAD": "u-head",
        "PRESIDENT": "u-president",
    }
    with pytest.raises(OfficerUnknown):
        state.credentials("u-nobody")
    with pytest.raises(TeamUnknown):
        state.team("fast-9")
    with pytest.raises(RosterMissing):
        _ = Roster().present
    for changes in ({"duty_officer": "u-nobody"}, {"officers": builders.roster()["officers"] * 2}):
        with pytest.raises(RosterInconsistent):
            roster.decide(Roster(), SetRoster(court(**changes)), NOW)
