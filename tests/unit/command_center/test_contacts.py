"""Names and numbers: who is reached where, and that older news never replaces newer."""

from functools import reduce
from typing import TypeVar

import pytest

from libs.bus import Message
from libs.schemas import intake
from libs.schemas.envelope import Event
from services.command_center.domain.contact import Contact, KeepContact, decide_contact, evolve_contact
from services.command_center.domain.filing import (
    BindFiling,
    Filing,
    NoteFiling,
    decide_filing,
    evolve_filing,
)
from services.command_center.handlers import on_party_registered, on_roster_set
from services.command_center.streams import officer_stream, party_stream, post_stream
from tests.unit.command_center.wages import APPLICATION, CASE, COURT, MORNING, until

E = TypeVar("E", bound=Event)


def message(event: E, seq: int = 1) -> Message[E]:
    return Message(
        event=event,
        id="evt_1",
        service="intake",
        stream="roster/x",
        seq=seq,
        court=COURT,
        key="k",
        at=MORNING,
        correlation_id="c",
        causation_id=None,
        trace=None,
        topic="t",
        partition=0,
        offset=0,
    )


def kept(state: Contact, command: KeepContact) -> Contact:
    return reduce(evolve_contact, decide_contact(state, command, MORNING), state)


@pytest.mark.rule("R-CMD-12", "R-CMD-14")
def test_a_roster_tells_where_officers_are_reached_and_who_holds_which_post() -> None:
    officers = tuple(
        intake.Officer(
            officer_id=one, name=one, work_permit_number="1", duty_permit_number="2", roles=(), phone="13900000000"
        )
        for one in ("u-a", "u-b")
    )
    roster = intake.RosterSet(
        court=COURT,
        court_name="宣威市人民法院",
        officers=officers,
        teams=(),
        duty_officer="u-a",
        duty_leader="u-b",
        bureau_head="u-b",
        president="u-unknown",
        node_supervisor="u-a",
    )
    told = {dispatch.stream: dispatch.command for dispatch in on_roster_set(message(roster, 7))}
    assert set(told) == {
        officer_stream(COURT, "u-a"),
        officer_stream(COURT, "u-b"),
        post_stream(COURT, "NODE_SUPERVISOR"),
        post_stream(COURT, "BUREAU_HEAD"),
    }
    assert told[post_stream(COURT, "BUREAU_HEAD")] == KeepContact("u-b", 7, "u-b", "13900000000")


@pytest.mark.rule("R-GEN-06")
def test_of_a_party_only_the_masked_name_and_the_telephone_number_are_kept() -> None:
    party = intake.PartyRegistered(
        party_id="party_pu",
        party_type="PERSON",
        name="浦明远",
        display_name="浦**",
        documents=(intake.IdentityDocument(id_type="RESIDENT_IDENTITY_CARD", id_number="53039919800101004X"),),
        phone="13908741111",
        address="云南省宣威市",
    )
    [dispatch] = on_party_registered(message(party))
    assert dispatch.stream == party_stream("party_pu")
    assert dispatch.command == KeepContact("party_pu", 1, "浦**", "13908741111")


def test_older_news_of_a_contact_changes_nothing_and_a_new_number_keeps_the_name() -> None:
    first = kept(Contact(), KeepContact("party_pu", 1, "浦**", "13908741111"))
    second = kept(first, KeepContact("party_pu", 3, phone="13908743333"))
    assert (second.name, second.phone) == ("浦**", "13908743333")
    assert kept(second, KeepContact("party_pu", 2, phone="13900000000")) == second


def test_facts_of_an_application_wait_once_each_until_it_is_a_case() -> None:
    state = Filing()
    early = [one.observed() for one in until("filing") if one.event.NAME.startswith("application_")]
    for command in [*(NoteFiling(APPLICATION, seen) for seen in early * 2), BindFiling(APPLICATION, CASE)]:
        state = reduce(evolve_filing, decide_filing(state, command, MORNING), state)
    assert list(state.observations.values()) == early
    assert state.case_id == CASE
    assert list(decide_filing(state, BindFiling(APPLICATION, CASE), MORNING)) == []
