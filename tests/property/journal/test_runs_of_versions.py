"""Ranges of versions are joined where they touch and lose nothing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from libs.journal.case_reading import runs_of

RANGES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 8)).map(lambda pair: (pair[0], pair[0] + pair[1])))


@given(RANGES)
def test_runs_hold_exactly_the_versions_of_the_ranges_and_never_touch(ranges: list[tuple[int, int]]) -> None:
    runs = runs_of(ranges)
    held = [version for first, last in runs for version in range(first, last + 1)]
    assert held == sorted({version for first, last in ranges for version in range(first, last + 1)})
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(runs))
