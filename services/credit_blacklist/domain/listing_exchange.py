"""Listings in the field names of the public list, out and in: a mapping and nothing else (R-CRB-08).

What is read may be any of the forms seen in published copies: three code systems for the type of party, old wordings of
grounds joined by commas, four forms of dates. What is written is one form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from libs.foundation.clock import SHANGHAI
from libs.foundation.court_calendar import court_day
from libs.foundation.errors import Rejected
from libs.foundation.fen import yuan
from libs.foundation.identity import masked_number
from libs.foundation.limits import TEXT_CHARS_MAX
from libs.schemas.credit_blacklist import Ground, Performance, PersonRecorded
from libs.schemas.parts import PartyType
from services.credit_blacklist.domain.listing import Episode
from services.credit_blacklist.rules.grounds import GROUNDS, in_order
from services.credit_blacklist.rules.public_codes import (
    GROUND_TEXTS,
    NO_PART,
    PARTY_TYPE_CODES,
    PARTY_TYPES,
    PERFORMANCE_TEXTS,
    PERFORMANCES,
    PROVINCES,
    SEX_TEXTS,
    SEXES,
)

_DAY: Final = re.compile(r"(\d{4})[-年/]?(\d{1,2})[-月/]?(\d{1,2})日?(?:[ T].*)?")
_EPOCH: Final = re.compile(r"\d{10}|\d{13}")
_SECONDS_DIGITS: Final = 10


class PublicRecordUnreadable(Rejected):
    """A published record has a field that no known form fits, or says what may not be published (R-CRB-08)."""

    code = "public_record_unreadable"
    title = "The published record cannot be read"
    rule = "R-CRB-08"
    remedy = "Correct the field that `field` names."


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A published record as it was read. The number is what was published, mostly masked: it names no one for sure."""

    name: str
    party_type: PartyType
    number: str
    sex: str | None
    age: int | None
    legal_representative: str | None
    court_name: str
    area_name: str
    case_number: str
    case_filed_on: date
    basis_number: str
    basis_authority: str
    duty: str
    performance: Performance
    performed_text: str | None
    unperformed_text: str | None
    grounds: tuple[Ground, ...]
    published_on: date


def public_record(
    episode: Episode, person: PersonRecorded, representative: PersonRecorded | None, today: date
) -> dict[str, Any]:
    """Return a listing in force as the public list shows it. The age is as of today and never part of a record."""
    record = episode.record
    published = court_day(episode.published_at)
    partly = record.performance == "PARTLY" and episode.performed_fen is not None
    return {
        "id": record.record_id,
        "iname": person.name,
        "partyTypeName": PARTY_TYPE_CODES[person.party_type],
        "sexy": SEX_TEXTS.get(person.sex or "", ""),
        "age": _age(person.birth_date, today),
        "cardNum": masked_number(person.documents[0].id_number) if person.documents else "",
        "businessEntity": representative.name if representative else "",
        "courtName": record.court_name,
        "areaName": PROVINCES.get(record.court[:1], ""),
        "gistId": record.basis.number if record.basis else "",
        "regDate": record.case_filed_on.strftime("%Y%m%d"),
        "caseCode": record.case_number,
        "gistUnit": record.basis.authority if record.basis else "",
        "duty": record.duty or "",
        "performance": PERFORMANCE_TEXTS[record.performance or "OTHER"],
        "performedPart": f"{yuan(episode.performed_fen or 0)}元" if partly else NO_PART,
        "unperformPart": NO_PART,
        "disruptTypeName": ",".join(GROUNDS.value[ground].text for ground in record.grounds),
        "publishDate": f"{published.year}年{published.month:02d}月{published.day:02d}日",
    }


def read_public_record(fields: Mapping[str, Any]) -> ReadRecord:
    """Return what a published record says. Raises `PublicRecordUnreadable`, naming the field."""
    return ReadRecord(
        name=_text(fields, "iname"),
        party_type=_code(fields, "partyTypeName", PARTY_TYPES),
        number=_text(fields, "cardNum"),
        sex=SEXES.get(str(fields.get("sexy") or "")),
        age=_number(fields, "age"),
        legal_representative=_text(fields, "businessEntity", needed=False) or None,
        court_name=_text(fields, "courtName"),
        area_name=_text(fields, "areaName", needed=False),
        case_number=_text(fields, "caseCode"),
        case_filed_on=_day(fields, "regDate"),
        basis_number=_text(fields, "gistId"),
        basis_authority=_text(fields, "gistUnit"),
        duty=_text(fields, "duty", needed=False),
        performance=_performance(fields),
        performed_text=_part(fields, "performedPart"),
        unperformed_text=_part(fields, "unperformPart"),
        grounds=_grounds(fields),
        published_on=_day(fields, "publishDate"),
    )


def _age(birth_date: date | None, today: date) -> str:
    if birth_date is None:
        return ""
    not_yet = (today.month, today.day) < (birth_date.month, birth_date.day)
    return str(today.year - birth_date.year - not_yet)


def _text(fields: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    value = fields.get(name)
    text = "" if value in (None, "空") else str(value).strip()
    if (needed and not text) or len(text) > TEXT_CHARS_MAX:
        raise PublicRecordUnreadable(field=name)
    return text


def _code(fields: Mapping[str, Any], name: str, table: Mapping[str, PartyType]) -> PartyType:
    found = table.get(_text(fields, name))
    if found is None:
        raise PublicRecordUnreadable(field=name)
    return found


def _number(fields: Mapping[str, Any], name: str) -> int | None:
    text = _text(fields, name, needed=False)
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise PublicRecordUnreadable(field=name)
    return int(text) or None


def _performance(fields: Mapping[str, Any]) -> Performance:
    text = _text(fields, "performance")
    if text not in PERFORMANCES:
        raise PublicRecordUnreadable(field="performance")
    found = PERFORMANCES[text]
    if found == "NONE" and (part := _part(fields, "performedPart")) is not None and part.strip("0.元"):
        # Nothing performed, and a performed part: one of the two is wrong.
        raise PublicRecordUnreadable(field="performedPart")
    return found


def _part(fields: Mapping[str, Any], name: str) -> str | None:
    text = _text(fields, name, needed=False)
    return None if text in ("", NO_PART) else text


def _grounds(fields: Mapping[str, Any]) -> tuple[Ground, ...]:
    text = _text(fields, "disruptTypeName")
    left, found = text, []
    # A ground's own words hold commas, too, so that known wordings are taken out, the longest first.
    for words in sorted(GROUND_TEXTS, key=len, reverse=True):
        if words in left:
            found.append(GROUND_TEXTS[words])
            left = left.replace(words, "")
    if not found or left.strip(",，;； "):
        raise PublicRecordUnreadable(field="disruptTypeName")
    return in_order(found)


def _day(fields: Mapping[str, Any], name: str) -> date:
    text = _text(fields, name)
    if _EPOCH.fullmatch(text):
        seconds = int(text) if len(text) == _SECONDS_DIGITS else int(text) // 1000
        return datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI).date()
    match = _DAY.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else _unreadable(name)
    except ValueError as error:
        raise PublicRecordUnreadable(field=name) from error


def _unreadable(name: str) -> date:
    raise PublicRecordUnreadable(field=name)
