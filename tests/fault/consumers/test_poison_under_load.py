"""A poison message in the middle of a hot key, released and discarded under load while members come and go."""

import pytest

from tests.fault.consumers.receiver import Receiver
from tests.fault.consumers.speech import BUG, HOT, UNREADABLE, Speaker, speech
from tests.fault.consumers.storm import ABSENCE, JOIN, KILL, LEAVE, NAP, Storm, schedule
from tests.fault.programs import until


def _noted(receiver: Receiver) -> list[str]:
    return [name for _event, name in receiver.noted()[f"notes/{HOT}"]]


@pytest.mark.timeout(600)
def test_what_waits_behind_poison_is_released_and_discarded_in_order_whoever_joins_leaves_and_dies(
    receiver: Receiver, seed: int, campaign: bool
) -> None:
    rounds, count, pace = (6, 6_000, 80.0) if campaign else (1, 700, 120.0)
    messages = speech(seed, count, poison=[BUG, UNREADABLE, BUG])
    hot = [said for said in messages if said.key == HOT]
    before_poison = [said.name for said in hot[: next(at for at, said in enumerate(hot) if said.kind == BUG)]]
    speaker = Speaker(receiver.bootstrap, receiver.topic, messages, pace)
    for _ in range(3):
        receiver.join()
    operator = receiver.operator(**{"seed": seed, "discard-parked": 0.3})

    def nothing_passes_the_poison() -> None:
        receiver.nothing_is_ahead_of_what_is_done(speaker)
        assert _noted(receiver) == before_poison, "what came behind the poison did not wait for it"

    with speaker.speaking() as spoken:
        until(receiver.quarantined, 60, "the poison is in quarantine")
        Storm(receiver, nothing_passes_the_poison).blow(schedule(seed, [KILL, NAP]))
        receiver.repair()
        storm = Storm(receiver, lambda: receiver.nothing_is_ahead_of_what_is_done(speaker))
        storm.blow(schedule(seed + 1, rounds * ([KILL, JOIN, LEAVE, ABSENCE] if campaign else [KILL, JOIN, LEAVE])))
        spoken.result(timeout=180)
    receiver.all_done(speaker)
    discarded = receiver.prove(speaker)
    unreadable = {place for place, said in speaker.placed.items() if said.kind == UNREADABLE}
    assert unreadable <= discarded, "what nobody can read was not discarded"
    released = len(receiver.quarantined()) - len(discarded)
    asked = [line["asked"] for line in operator.lines() if "asked" in line]
    assert released, "nothing waited in quarantine"
    print(  # noqa: T201 -- counts
        f"{count} messages, {released} released, {len(discarded)} discarded, "
        f"asked for {asked.count('release')} releases and {asked.count('discard')} discards"
    )
