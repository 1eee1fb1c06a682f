"""A schedule follows from its seed, and nobody is spared."""

from tests.fault.kill.faults import Weather, schedule

VICTIMS = ["intake", "intake-2", "kafka", "mongod"]
HARD = Weather(gap=(1, 2), frozen=(1, 12), calm=20)


def test_a_seed_names_one_schedule() -> None:
    first = schedule(7, 40, VICTIMS, HARD)
    assert first == schedule(7, 40, VICTIMS, HARD)
    assert first != schedule(8, 40, VICTIMS, HARD)


def test_every_victim_is_struck_as_often_as_any_other_and_in_every_way() -> None:
    faults = schedule(7, 100, VICTIMS, HARD)
    assert len(faults) == 100
    assert {sum(one.victim == victim for one in faults) for victim in VICTIMS} == {25}
    assert {(one.victim, one.kind) for one in faults} == {
        (victim, kind) for victim in VICTIMS for kind in ("SIGKILL", "SIGSTOP", "SIGTERM")
    }
    assert all(1 <= one.seconds <= 12 for one in faults if one.kind == "SIGSTOP")
