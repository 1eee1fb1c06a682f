"""Canonical bytes equal RFC 8785 for everything we allow, and refuse the rest."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from libs.foundation.canonical import INTEGER_LIMIT, canonical_bytes

SCALARS = st.none() | st.booleans() | st.integers(min_value=-INTEGER_LIMIT + 1, max_value=INTEGER_LIMIT - 1) | st.text()
KEYS = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@given(VALUES)
def test_canonical_bytes_equal_rfc_8785(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", [1.5, INTEGER_LIMIT, -INTEGER_LIMIT, {"中": 1}, {1: 2}, [object()], {"a": {"b": 0.0}}]
)
def test_what_could_be_read_in_two_ways_has_no_canonical_bytes(value: object) -> None:
    with pytest.raises(ValueError, match=r"range|ASCII|not allowed"):
        canonical_bytes(value)
