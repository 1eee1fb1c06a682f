"""Names as they are compared: the normal form that a hit needs. How alike two names are is asked elsewhere."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

MIDDLE_DOTS: Final = "\u00b7\u2022\u2027\u2219\u22c5\u30fb"
"""Dots between the parts of a foreign name (买买提·艾力), as keyboards and registers write them."""

_VARIATION_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_IGNORED: Final = frozenset(MIDDLE_DOTS)


@lru_cache(maxsize=8192)
def normal_name(text: str) -> str:
    """Return the normal form of a name: NFKC, upper case, without white space, middle dots and what nobody can see.

    Two names are the same name if their normal forms are equal, and only then (feed, section 3). What nobody can see
    are format characters and variation selectors: a zero-width space must not make another person of somebody.
    Characters of another script (張 and 张) stay different here: a document carries one of them.
    """
    if text.isascii():
        return "".join(text.split()).upper() if text.isprintable() else "".join(filter(_counts, text)).upper()
    return "".join(filter(_counts, unicodedata.normalize("NFKC", text))).upper()


def _counts(char: str) -> bool:
    if char.isspace() or char in _IGNORED or unicodedata.category(char) in {"Cf", "Cc"}:
        return False
    return not any(ord(char) in selectors for selectors in _VARIATION_SELECTORS)
