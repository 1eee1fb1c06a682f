"""Case numbers (案号): `(2026)云0381执1号` (R-INT-01 to R-INT-04)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from libs.foundation.errors import Rejected

PROVINCES: Final = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新兵军"
"""First character of a court code: the province, 兵 for the Corps' courts, 军 for military courts (R-INT-02)."""

SUPREME_COURT: Final = "最高法"

ENFORCEMENT_TYPES: Final = ("执恢", "执保", "执异", "执复", "执监", "执协", "执请", "执他", "执")
"""Type codes of enforcement cases (R-INT-03); the longer ones first, so that 执恢 is never read as 执."""

COURT_PATTERN: Final = rf"(?:最高法|[{PROVINCES}](?:[0-9]{{4}}|[0-9]{{2}})?)"
"""A court code: the Supreme Court, a high court, an intermediate court (2 digits) or a basic court (4 digits)."""

_COURT = re.compile(COURT_PATTERN)
_NUMBER = re.compile(
    rf"[(（](?P<year>[0-9]{{4}})[)）](?P<court>{COURT_PATTERN})(?P<type>{'|'.join(ENFORCEMENT_TYPES)})"
    r"(?P<serial>[1-9][0-9]{0,6})号(?:之(?P<sub>[一二三四五六七八九十]+))?"
)
_ANY_SINCE_2016 = re.compile(
    rf"[(（](?P<year>[0-9]{{4}})[)）]{COURT_PATTERN}[\u4e00-\u9fff]{{1,6}}[1-9][0-9]{{0,6}}号(?:之[一二三四五六七八九十]+)?"
)
_BEFORE_2016 = re.compile(r"[(（](?P<year>[0-9]{4})[)）][\u4e00-\u9fff]{1,12}字第?[1-9][0-9]{0,6}(?:-[0-9]{1,3})?号")
_NEW_NUMBERS_SINCE: Final = 2016


class CaseNumberInvalid(Rejected):
    """The text is not the number of an enforcement case."""

    code = "case_number_invalid"
    title = "The case number is not valid"
    rule = "R-INT-04"
    remedy = "Write it with year, court, type and serial number, for example (2026)云0381执1号."


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """The parts of an enforcement case's number; `sub` (之一) belongs to a document's number, never to the key."""

    year: int
    court: str
    type_code: str
    serial: int
    sub: str | None = None

    @property
    def key(self) -> str:
        """The case's number in its normal form: ASCII brackets, no document suffix."""
        return case_number(self.court, self.type_code, self.year, self.serial)

    def __str__(self) -> str:
        return self.key if self.sub is None else f"{self.key}之{self.sub}"


def case_number(court: str, type_code: str, year: int, serial: int) -> str:
    """Return a number in its normal form. Raises `CaseNumberInvalid` for parts that make none (R-INT-01)."""
    text = f"({year:04d}){court}{type_code}{serial}号"
    if not _NUMBER.fullmatch(text):
        raise CaseNumberInvalid(text)
    return text


def parse_case_number(text: str) -> CaseNumber:
    """Return the parts of an enforcement case's number, full-width brackets included (R-INT-04).

    Raises `CaseNumberInvalid` for anything else, also for numbers of other types, which can only be a basis.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise CaseNumberInvalid(field="case_number")
    return CaseNumber(int(match["year"]), match["court"], match["type"], int(match["serial"]), match["sub"])


def is_court_code(text: str) -> bool:
    """Return whether `text` is a court code (R-INT-02)."""
    return _COURT.fullmatch(text) is not None


def higher_court(court: str) -> str:
    """Return the code of the next higher court: 云0381 → 云03 → 云 → 最高法, which is above itself (R-INT-02)."""
    if court == SUPREME_COURT or len(court) == 1:
        return SUPREME_COURT
    return court[:-2]


def court_document_number(text: str) -> str:
    """Return the number of a court's document of any type, with ASCII brackets: what an enforcement basis may carry.

    The form before 2016, `(2015)杭下执民字第2741号`, is accepted for years up to 2015. Raises `CaseNumberInvalid`.
    """
    match = _ANY_SINCE_2016.fullmatch(text)
    if match is None or int(match["year"]) < _NEW_NUMBERS_SINCE:
        match = _BEFORE_2016.fullmatch(text)
        if match is None or int(match["year"]) >= _NEW_NUMBERS_SINCE:
            raise CaseNumberInvalid("Not the number of a court's document.")
    return text.replace("（", "(").replace("）", ")")


_DIGITS: Final = "零一二三四五六七八九"


def chinese_numeral(number: int) -> str:
    """Return 1 to 99 as Chinese numerals: 之一, 之十, 之二十一 (R-INT-04). Raises `ValueError` beyond."""
    if not 1 <= number <= 99:  # noqa: PLR2004 -- the pattern of R-INT-04 has no sign for a hundred
        msg = f"no document suffix for {number}"
        raise ValueError(msg)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones else "")
