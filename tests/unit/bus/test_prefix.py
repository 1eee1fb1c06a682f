"""The contiguous done prefix: whatever order work finishes in, nothing undone is ever committed."""

from hypothesis import given
from hypothesis import strategies as st

from libs.bus.prefix import DonePrefix


def test_nothing_is_committable_before_the_first_message_is_done() -> None:
    prefix = DonePrefix()
    prefix.arrived([3, 5, 6])
    prefix.done(5)
    prefix.done(6)
    assert prefix.committable is None
    prefix.done(3)
    assert prefix.committable == 7


def test_holes_in_the_offsets_do_not_hold_up_the_prefix() -> None:
    prefix = DonePrefix()
    prefix.arrived([0, 4, 9])
    for offset in (0, 4):
        prefix.done(offset)
    assert prefix.committable == 5


def test_what_is_committed_is_not_committed_again() -> None:
    prefix = DonePrefix()
    prefix.arrived([1])
    prefix.done(1)
    prefix.committed(2)
    assert prefix.committable is None


def test_an_offset_that_falls_back_is_refused() -> None:
    prefix = DonePrefix()
    prefix.arrived([5])
    try:
        prefix.arrived([5])
    except ValueError as error:
        assert "offset 5 arrived after 5" in str(error)  # noqa: PT017 -- the sentence is what the log shows
    else:
        raise AssertionError


@given(offsets=st.lists(st.integers(0, 500), unique=True, min_size=1).map(sorted), data=st.data())
def test_the_committable_offset_is_always_behind_the_longest_done_prefix(
    offsets: list[int], data: st.DataObject
) -> None:
    prefix = DonePrefix()
    prefix.arrived(offsets)
    finished: set[int] = set()
    for offset in data.draw(st.permutations(offsets)):
        prefix.done(offset)
        finished.add(offset)
        expected = None
        for candidate in offsets:
            if candidate not in finished:
                break
            expected = candidate + 1
        assert prefix.committable == expected
