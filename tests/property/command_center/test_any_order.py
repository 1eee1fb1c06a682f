"""Whatever the order in which facts arrive, and however often: the same river, the same nodes, the same money."""

from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.schemas.command_center import NotificationRequested
from libs.schemas.envelope import event_from
from services.command_center.domain.commands import RecordFacts
from services.command_center.domain.dossier import Dossier, evolve
from services.command_center.domain.law import decide
from services.command_center.domain.money import money_of
from services.command_center.domain.sentences import river
from tests.unit.command_center.wages import CASE, MORNING, Told, recorded, story

STORY = story()
EXPECTED, _ = recorded(Dossier(), STORY)
NOW = MORNING + timedelta(hours=3)


def same(state: Dossier) -> bool:
    return (
        state.observations == EXPECTED.observations
        and {key: node.plain() for key, node in state.nodes.items()}
        == {key: node.plain() for key, node in EXPECTED.nodes.items()}
        and [entry.text for entry in river(state.facts(), {})] == [entry.text for entry in river(EXPECTED.facts(), {})]
        and money_of(state.facts()) == money_of(EXPECTED.facts())
    )


@pytest.mark.rule("R-CMD-11")
@settings(max_examples=25, deadline=None)
@given(st.permutations(STORY), st.lists(st.sampled_from(STORY), max_size=20))
def test_any_permutation_with_any_repeats_gives_the_same_dossier(order: list[Told], repeats: list[Told]) -> None:
    state, _ = recorded(Dossier(), order + repeats, now=NOW)
    assert same(state)


@pytest.mark.rule("R-CMD-11")
@settings(max_examples=25, deadline=None)
@given(st.permutations(STORY), st.integers(1, 40))
def test_facts_that_arrive_in_bulk_give_the_same_dossier(order: list[Told], size: int) -> None:
    state = Dossier()
    for start in range(0, len(order), size):
        command = RecordFacts(CASE, tuple(one.observed() for one in order[start : start + size]))
        state = reduce(evolve, decide(state, command, NOW), state)
    assert same(state)


@settings(max_examples=10, deadline=None)
@given(st.permutations(STORY))
def test_the_dossier_can_be_folded_again_from_what_it_wrote(order: list[Told]) -> None:
    state, said = recorded(Dossier(), order, now=NOW)
    stored = [(event.SERVICE, event.NAME, event.VERSION, event.data()) for event in said]
    again = reduce(evolve, [event_from(*one) for one in stored], Dossier())
    assert again == state


@pytest.mark.rule("R-CMD-12")
@settings(max_examples=10, deadline=None)
@given(st.permutations(STORY))
def test_no_message_is_ever_asked_for_twice(order: list[Told]) -> None:
    _, said = recorded(Dossier(), order + order, now=NOW)
    ids = [event.notification_id for event in said if isinstance(event, NotificationRequested)]
    assert len(ids) == len(set(ids))
