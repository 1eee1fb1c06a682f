"""The second way gives what the first gives, though they share nothing."""

from hypothesis import given
from hypothesis import strategies as st

from libs.evidence.log_tree import MemoryLog, leaf_hash
from libs.evidence.lthash import SetState
from services.credit_blacklist.feed.second_path import SecondLog, SecondSum

ELEMENTS = st.lists(st.binary(max_size=20), unique=True, max_size=12)


@given(elements=ELEMENTS, data=st.data())
def test_both_ways_add_up_to_the_same_digest(elements: list[bytes], data: st.DataObject) -> None:
    taken = data.draw(st.lists(st.sampled_from(elements), unique=True)) if elements else []
    first, second = SetState.of(elements), SecondSum()
    for element in elements:
        second = second.with_entry(element)
    for element in taken:
        first, second = first.remove(element), second.without(element)
    again = SecondSum.from_state(first.to_bytes(), first.count)
    assert (first.count, first.digest) == (second.count, second.digest) == (again.count, again.digest)


@given(leaves=st.lists(st.binary(max_size=8), max_size=40), split=st.integers(0, 40))
def test_both_ways_give_the_same_root(leaves: list[bytes], split: int) -> None:
    log = MemoryLog(leaf_hash(each) for each in leaves[:split])
    second = SecondLog.of(log.frontier.size, list(log.frontier.peaks))
    for leaf in leaves[split:]:
        log.append(leaf_hash(leaf))
        second = second.with_leaf(leaf)
    assert log.root().hex() == second.root
