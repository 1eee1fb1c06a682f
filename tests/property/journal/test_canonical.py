from hypothesis import given
from hypothesis import strategies as st
from rfc8785 import dumps

from libs.foundation.canonical import canonical_bytes

INTEGERS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
# A half of a surrogate pair is no text; everything else is, controls and emoji included.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: object) -> None:
    assert canonical_bytes(value) == dumps(value)  # type: ignore[arg-type]
