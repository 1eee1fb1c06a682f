"""Whatever the history: the index changes no answer, and an answer is what the newest entries of the records say."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.foundation.clock import instant_text
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.persons import Person
from services.credit_blacklist.screening.screening import Screening
from tests.unit.credit_blacklist.held_list import NOW, SESSION, HeldList, payload, restriction

pytestmark = [pytest.mark.rule("R-CRB-33"), pytest.mark.rule("R-CRB-23")]

DAYS = st.integers(-3, 3)
DOCUMENTS = st.sampled_from(["E1", "E2", "E3"])
NAMES = st.sampled_from(["张三", "李四"])


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    record = draw(st.integers(0, 3))
    fields: dict[str, Any] = {
        "name": draw(NAMES),
        "documents": [{"type": "PASSPORT", "number": number} for number in draw(st.sets(DOCUMENTS, min_size=1))],
        "effective_from": instant_text(NOW + timedelta(days=draw(DAYS))),
    }
    if draw(st.booleans()):
        fields["expires_at"] = instant_text(NOW + timedelta(days=draw(DAYS)))
    if draw(st.integers(0, 3)) == 0:
        return payload(f"r-{record}", **fields, status="REMOVED", change="REMOVED")
    if record % 2:
        return payload(f"r-{record}", **fields)
    first, days = draw(DAYS), draw(st.integers(0, 3))
    window = {
        "from": instant_text(NOW + timedelta(days=first)),
        "until": instant_text(NOW + timedelta(days=first + days)),
        "kinds": sorted(draw(st.sets(st.integers(1, 3)))),
    }
    return restriction(f"r-{record}", **fields, kinds=[1, 2, 3], suspensions=[window])


def _expected(history: list[dict[str, Any]], number: str, name: str) -> str:
    """Say by hand what the newest entry of every record means for one person at NOW."""
    newest = {entry["record_id"]: entry for entry in history}
    now, names = instant_text(NOW), set()
    for entry in newest.values():
        if number not in {document["number"] for document in entry["subject"]["identity_documents"]}:
            continue
        runs = entry["effective_from"] <= now < entry.get("expires_at", "9")
        open_kinds = {1, 2, 3} - {
            kind
            for each in entry.get("suspensions", ())
            if each["from"] <= now < each["until"]
            for kind in each["kinds"]
        }
        if entry["status"] != "REMOVED" and runs and open_kinds:
            names.add(entry["subject"]["name"])
    return "LISTED" if name in names else "UNKNOWN" if names else "NOT_LISTED"


@settings(max_examples=150, deadline=None)
@given(st.lists(entries(), max_size=12), st.integers(0, 12), st.integers(0, 12), DOCUMENTS, NAMES)
def test_with_and_without_an_index_at_any_state(
    history: list[dict[str, Any]], caught_up_at: int, asked_at: int, number: str, name: str
) -> None:
    asyncio.run(_compare(history, caught_up_at, min(asked_at, len(history)), Person("PASSPORT", number, name)))


async def _compare(history: list[dict[str, Any]], caught_up_at: int, asked_at: int, person: Person) -> None:
    held = HeldList()
    index, never = ScreeningIndex(held, views=("court",)), ScreeningIndex(held, views=("court",))
    for count, entry in enumerate(history):
        if count == caught_up_at:
            await index.catch_up("court")
        held.put({**entry, "record_version": count + 1})
    answers = []
    for one in (index, never):
        screening = Screening(held, one, head_valid=timedelta(minutes=15))
        as_of = await screening.at("court", NOW, f"{SESSION}:{asked_at}")
        answers.append((await screening.screen(as_of, [person]))[0])
    assert answers[0] == answers[1]
    assert answers[0].status == _expected(history[:asked_at], person.number, person.name)
