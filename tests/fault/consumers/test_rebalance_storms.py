"""Members join, leave, die and stand still while a hot key and cold ones are spoken: every effect once, in order."""

import pytest

from tests.fault.consumers.receiver import Receiver
from tests.fault.consumers.speech import Speaker, speech
from tests.fault.consumers.storm import ABSENCE, JOIN, KILL, LEAVE, NAP, Storm, schedule


@pytest.mark.timeout(600)
def test_a_storm_of_rebalances_loses_nothing_doubles_nothing_and_keeps_the_order_of_every_key(
    receiver: Receiver, seed: int, campaign: bool
) -> None:
    kinds = [JOIN, LEAVE, KILL, KILL, NAP, ABSENCE] if not campaign else 10 * [JOIN, LEAVE, KILL, JOIN, NAP, ABSENCE]
    count, pace = (20_000, 250.0) if campaign else (2_000, 250.0)
    speaker = Speaker(receiver.bootstrap, receiver.topic, speech(seed, count), pace)
    for _ in range(3):
        receiver.join()
    covered: list[int] = []
    with speaker.speaking() as spoken:
        storm = Storm(receiver, lambda: covered.append(receiver.nothing_is_ahead_of_what_is_done(speaker)))
        storm.blow(schedule(seed, kinds))
        spoken.result(timeout=180)
    receiver.all_done(speaker)
    assert receiver.nothing_is_ahead_of_what_is_done(speaker) == count
    receiver.prove(speaker)
    assert receiver.quarantined() == {}
    print(f"{count} messages, {len(receiver.members)} members, done at each look: {covered}")  # noqa: T201 -- counts
