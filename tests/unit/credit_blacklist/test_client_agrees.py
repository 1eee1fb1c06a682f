"""The subscriber's package shares no code with the publisher: where both compute the same, they are compared."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.evidence.log_tree import Frontier, leaf_hash
from libs.evidence.lthash import SetState, feed_element
from libs.foundation.identity import resident_number
from libs.foundation.names import normal_name as our_name
from zhixing_feed import log_tree as theirs_log
from zhixing_feed.lthash import LaneSums, raw_element
from zhixing_feed.names import normal_document, normal_name


@pytest.mark.rule("R-CRB-33")
@given(st.lists(st.binary(min_size=1, max_size=40), unique=True, max_size=30))
def test_the_set_digest_is_the_same(elements: list[bytes]) -> None:
    sums = LaneSums()
    for element in elements:
        sums.add(element)
    state = SetState.of(elements)
    assert (sums.digest(), sums.to_bytes()) == (state.digest, state.to_bytes())


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 2**53))
def test_the_element_of_an_entry_is_the_same(view: str, record_id: str, version: int) -> None:
    sha256 = hashlib.sha256(view.encode()).digest()
    assert raw_element(view, record_id, version, sha256) == feed_element(view, record_id, version, sha256)


@given(st.lists(st.binary(max_size=20), max_size=70))
def test_the_log_root_is_the_same(entries: list[bytes]) -> None:
    own, other = Frontier(), theirs_log.Frontier()
    for entry in entries:
        own, _ = own.append(leaf_hash(entry))
        other.append(theirs_log.leaf_hash(entry))
    assert own.root == other.root()


@pytest.mark.rule("R-CRB-33")
@given(st.text(max_size=30))
def test_a_name_is_the_same_name_for_both(name: str) -> None:
    assert normal_name(name) == our_name(name)


@pytest.mark.rule("R-INT-05")
@pytest.mark.parametrize("number", ["110101900101123", "530381600101123", "310101850228001"])
def test_an_old_number_is_lifted_to_the_same(number: str) -> None:
    assert normal_document("RESIDENT_IDENTITY_CARD", number)[1] == resident_number(number)
