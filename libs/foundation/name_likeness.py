"""How alike two names are, and why: script, legal form, sound, spelling, slips. Never who somebody is.

A score starts at 100 and loses points for every difference that was found, so the differences explain it to the point.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Final

# Signs are read one by one, so the dictionary of phrases would only take 45 MiB of every process.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from opencc import OpenCC
from pypinyin import Style, pinyin
from rapidfuzz.distance import Levenshtein

from libs.foundation.names import normal_name

LIKE_FROM: Final = 60
"""Names that score less are not alike."""

SCRIPT_POINTS: Final = -2
FORM_POINTS: Final = -6
SPELLING_POINTS: Final = -15
SOUND_POINTS: Final = -10
SOUND_SHARE_POINTS: Final = -20
SLIP_POINTS: Final = -5

COMPOUND_SURNAME_SIGNS: Final = 2
READINGS_MAX: Final = 64
PIECES_FROM: Final = 5
SLIPS_FROM: Final = 3

_TO_SIMPLIFIED: Final = OpenCC("t2s")
_LEGAL_FORM: Final = re.compile(
    r"股份有限公司|有限责任公司|有限公司|股份公司|责任公司|集团公司|公司$|个人独资企业"
    r"|合伙企业(?:\((?:有限|普通|特殊普通)合伙\))?|(?:CO\.?,?LTD\.?|LIMITED|LTD\.?|INC\.?|LLC)$"
)
"""Also in the middle of a name, where a branch follows: 某某股份有限公司昆明分公司."""
_LETTERS: Final = re.compile(r"[A-ZÜ]+")
_BETWEEN_LETTERS: Final = re.compile(r"[-'’,.]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two names: what it is, what it costs, and in a sentence why."""

    kind: str
    points: int
    text: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """A score from 0 to 100, and the differences that make it: 100 and their points add up to the score."""

    score: int
    differences: tuple[Difference, ...]

    @property
    def alike(self) -> bool:
        """Whether the names are alike enough to show to a person who can look."""
        return self.score >= LIKE_FROM


def simplified(text: str) -> str:
    """Return the text in simplified characters: 張偉 becomes 张伟. What is a name of its own stays (喆, 堃)."""
    return str(_TO_SIMPLIFIED.convert(text))


def without_legal_form(name: str) -> str:
    """Return the name of a firm without its legal form; a name that is nothing else stays."""
    return _LEGAL_FORM.sub("", name) or name


@lru_cache(maxsize=65536)
def readings(sign: str) -> frozenset[str]:
    """Return every reading of one sign in pinyin without tones, in capitals, ü as Ü: 单 is DAN, SHAN and CHAN.

    What is no Chinese character reads as itself. All readings, because surnames have rare ones (仇 QIU, 解 XIE).
    """
    found = pinyin(sign, style=Style.NORMAL, heteronym=True, v_to_u=True)
    return frozenset(reading.upper() for reading in found[0]) if found else frozenset({sign})


def likeness(asked: str, listed: str) -> Likeness:
    """Return how alike two names are. Names in other scripts, of the same sound, or a slip apart still score."""
    first, second = normal_name(asked), normal_name(listed)
    found: list[Difference] = []
    if first == second:
        return _scored(found)
    one, other = simplified(first), simplified(second)
    if (one, other) != (first, second) and (
        one == other or Levenshtein.distance(one, other) < Levenshtein.distance(first, second)
    ):
        found.append(Difference("OTHER_SCRIPT", SCRIPT_POINTS, "traditional and simplified characters"))
    bare, plain = without_legal_form(one), without_legal_form(other)
    if _LEGAL_FORM.findall(one) != _LEGAL_FORM.findall(other):
        found.append(Difference("OTHER_LEGAL_FORM", FORM_POINTS, "the legal form of the firm"))
    if bare != plain:
        found.append(_remaining(bare, plain))
    return _scored(found)


def _scored(found: list[Difference]) -> Likeness:
    return Likeness(max(0, 100 + sum(difference.points for difference in found)), tuple(found))


def _remaining(one: str, other: str) -> Difference:
    """Return the cheapest explanation of a difference between two simplified names."""
    if spelled_as(one, other) or spelled_as(other, one):
        return Difference("SPELLED_IN_LETTERS", SPELLING_POINTS, "one name is the other's pinyin")
    slips = int(Levenshtein.distance(one, other))
    length = max(len(one), len(other))
    slipped = SLIP_POINTS - round(100 * slips / length)
    if len(one) == len(other) and all(readings(a) & readings(b) for a, b in zip(one, other, strict=True)):
        sounded = SOUND_POINTS + round(SOUND_SHARE_POINTS * slips / length)
        if sounded >= slipped:
            return Difference("SAME_SOUND", sounded, f"{slips} of {length} characters differ and sound the same")
    return Difference("OTHER_CHARACTERS", slipped, f"{slips} of {length} characters differ")


def spelled_as(letters: str, name: str) -> bool:
    """Return whether `letters` spell a Chinese name in pinyin, the surname first or last: ZHANG WEI, WEI ZHANG, 张伟.

    Any reading counts. Ü may be written Ü, YU (passports), V or U.
    """
    text = _BETWEEN_LETTERS.sub("", letters)
    if not _LETTERS.fullmatch(text) or _LETTERS.search(name):
        return False
    signs = [_spellings(sign) for sign in name]
    orders = [signs, *(signs[n:] + signs[:n] for n in range(1, min(COMPOUND_SURNAME_SIGNS, len(signs) - 1) + 1))]
    return any(re.fullmatch("".join(order), text) for order in orders)


def _spellings(sign: str) -> str:
    return f"(?:{'|'.join(sorted(re.escape(reading).replace('Ü', '(?:Ü|YU|V|U)') for reading in readings(sign)))})"


def likeness_keys(name: str) -> frozenset[str]:
    """Return keys of a name, so that only names that share one need a comparison.

    Names share a key that differ in script, legal form, spelling or sound, or by one slip; names that are alike though
    they differ by several slips may share none. Keys are: the simplified name without legal form; the letters of its
    pinyin in alphabetical order, for every combination of readings (at most 64); for short names what is left when one
    character is missing; for long ones each half, of which one slip leaves one whole.
    """
    plain = without_legal_form(simplified(normal_name(name)))
    keys = {f"={plain}", *_sound_keys(plain)}
    length = len(plain)
    if length <= PIECES_FROM:
        keys.add(f"-{plain}")
    if SLIPS_FROM <= length <= PIECES_FROM:
        keys.update(f"-{plain[:n]}{plain[n + 1 :]}" for n in range(length))
    if length >= PIECES_FROM:
        for half in {length // 2, (length + 1) // 2, (length - 1) // 2}:
            keys |= {f"<{plain[:half]}", f">{plain[-half:]}"}
    return frozenset(keys)


def _sound_keys(plain: str) -> set[str]:
    if _LETTERS.fullmatch(letters := _BETWEEN_LETTERS.sub("", plain)):
        return {_sorted_letters(letters)}
    if len(plain) >= PIECES_FROM:
        return set()
    combinations = product(*(sorted(readings(sign)) for sign in plain))
    return {_sorted_letters("".join(reading)) for reading in islice(combinations, READINGS_MAX)}


def _sorted_letters(text: str) -> str:
    # A passport writes LYU for 吕, a form LV or LU: all are one before the letters are sorted. No syllable ends in Y,
    # so YU never stands across two.
    return "~" + "".join(sorted(re.sub("YU|[ÜV]", "U", text)))
