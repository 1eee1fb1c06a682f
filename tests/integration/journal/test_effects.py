"""Outside calls: made once where all goes well, asked about before they are repeated, in doubt where nobody can say."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from pymongo.database import Database

from libs.journal import CannotAsk, EffectSpec, Intent, Journal
from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import COURT, Pay, PaymentOrdered, RecordDoubt, RecordPaid, Tally, meta

Observer = Database[dict[str, Any]]
pytestmark = pytest.mark.asyncio

QUICK = {
    "effect_poll_seconds": 0.02,
    "effect_lease_seconds": 0.6,
    "effect_backoff_seconds": 0.02,
    "effect_backoff_seconds_max": 0.05,
}


class ConnectionDropped(OSError):
    """The partner's line broke: it may have booked, or not."""


@dataclass
class Bank:
    """The partner's own books, and how it misbehaves."""

    booked: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    drop_before: int = 0
    drop_after: int = 0
    hang_after: int = 0
    cannot_be_asked: bool = False
    attempts: list[int] = field(default_factory=list)

    async def perform(self, intent: Intent) -> Any:
        self.attempts.append(intent.attempts)
        if self.drop_before:
            self.drop_before -= 1
            raise ConnectionDropped
        self.booked[intent.id] += 1
        if self.drop_after:
            self.drop_after -= 1
            raise ConnectionDropped
        if self.hang_after:
            self.hang_after -= 1
            await asyncio.sleep(60)
        return RecordPaid(intent.id)

    async def ask(self, intent: Intent) -> Any | None:
        self.asked[intent.id] += 1
        if self.cannot_be_asked:
            raise CannotAsk
        return RecordPaid(intent.id) if self.booked[intent.id] else None

    def in_doubt(self, intent: Intent) -> Any:
        return RecordDoubt(intent.id)


def paying(bank: Bank, **changes: Any) -> list[EffectSpec]:
    return [EffectSpec("payout", PaymentOrdered, bank, **changes)]


async def settled(journal: Journal, count: int = 1) -> Tally:
    """The state once `count` payments have an outcome."""
    async with asyncio.timeout(20):
        while True:
            state: Tally = (await journal.read("tally/1", court=COURT)).state
            if len(state.paid) + len(state.in_doubt) >= count:
                return state
            await asyncio.sleep(0.02)


async def test_an_intent_is_carried_out_once_and_its_outcome_is_recorded(
    open_journal: Open, observer: Observer
) -> None:
    bank = Bank()
    journal = await open_journal(QUICK, effects=paying(bank))
    outcome = await journal.execute("tally/1", Pay(7), meta("a", correlation_id="corr"))

    state = await settled(journal)

    (intent,) = bank.booked
    assert (state.paid, bank.booked[intent], bank.asked.total()) == ((intent,), 1, 0)
    assert intent == (await journal.history("tally/1", court=COURT))[outcome.seq - 1].id
    entry = observer.commits.find_one({"entries.causation_id": intent}) or {}
    assert entry["entries"][0]["correlation_id"] == "corr"


async def test_two_processes_carry_every_intent_out_once(open_journal: Open) -> None:
    bank = Bank()
    journals = [await open_journal(QUICK, effects=paying(bank)) for _ in range(2)]
    await asyncio.gather(*(journals[each % 2].execute("tally/1", Pay(1), meta(f"c{each}")) for each in range(30)))

    state = await settled(journals[0], 30)

    assert len(set(state.paid)) == 30
    assert set(bank.booked.values()) == {1}


async def test_after_a_broken_line_the_partner_is_asked_and_not_called_again(open_journal: Open) -> None:
    bank = Bank(drop_after=1)
    journal = await open_journal(QUICK, effects=paying(bank))
    await journal.execute("tally/1", Pay(7), meta("a"))

    state = await settled(journal)

    assert len(state.paid) == 1
    assert (bank.booked.total(), bank.asked.total()) == (1, 1)


async def test_a_partner_that_certainly_does_not_know_the_reference_is_called_again(open_journal: Open) -> None:
    bank = Bank(drop_before=2)
    journal = await open_journal(QUICK, effects=paying(bank))
    await journal.execute("tally/1", Pay(7), meta("a"))

    await settled(journal)

    assert (bank.booked.total(), bank.asked.total(), bank.attempts) == (1, 2, [1, 2, 3])


async def test_after_a_crash_in_the_middle_of_a_call_the_next_process_asks_first(open_journal: Open) -> None:
    bank = Bank(hang_after=1)
    first = await open_journal(QUICK, effects=paying(bank))
    await first.execute("tally/1", Pay(7), meta("a"))
    async with asyncio.timeout(20):
        while not bank.booked:  # noqa: ASYNC110 -- the bank's own books
            await asyncio.sleep(0.01)
    await first.stop()

    second = await open_journal(QUICK, effects=paying(bank))
    state = await settled(second)

    assert len(state.paid) == 1
    assert (bank.booked.total(), bank.asked.total()) == (1, 1)


async def test_a_call_that_hangs_is_given_up_before_its_lease_ends_and_asked_about(open_journal: Open) -> None:
    bank = Bank(hang_after=1)
    journal = await open_journal(QUICK, effects=paying(bank))
    await journal.execute("tally/1", Pay(7), meta("a"))

    await settled(journal)

    assert (bank.booked.total(), bank.asked.total()) == (1, 1)


async def test_where_the_partner_cannot_be_asked_a_human_decides(open_journal: Open, observer: Observer) -> None:
    bank = Bank(drop_after=1, cannot_be_asked=True)
    journal = await open_journal(QUICK, effects=paying(bank))
    await journal.execute("tally/1", Pay(7), meta("a"))

    state = await settled(journal)
    await asyncio.sleep(0.2)

    assert (len(state.in_doubt), state.paid) == (1, ())
    assert (bank.booked.total(), bank.asked.total()) == (1, 1)
    assert observer.effects.count_documents({"done": False}) == 0


async def test_after_too_many_tries_a_human_decides(open_journal: Open) -> None:
    bank = Bank(drop_before=99)
    journal = await open_journal(QUICK, effects=paying(bank, attempts_max=3))
    await journal.execute("tally/1", Pay(7), meta("a"))

    state = await settled(journal)

    assert len(state.in_doubt) == 1
    assert bank.attempts == [1, 2, 3]


async def test_a_commit_that_is_projected_again_begins_nothing_anew(open_journal: Open, observer: Observer) -> None:
    bank = Bank()
    journal = await open_journal(QUICK, effects=paying(bank))
    await journal.execute("tally/1", Pay(7), meta("a"))
    await settled(journal)

    observer.commits.update_many({}, {"$set": {"projected": False}})
    await asyncio.sleep(0.8)

    assert observer.commits.count_documents({"projected": False}) == 0
    assert bank.booked.total() == 1
