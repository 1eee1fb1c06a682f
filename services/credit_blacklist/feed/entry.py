"""An entry: one version of a record as one view sees it, with the person's identity joined (R-CRB-33).

What it says is a function of the event, the person as known then, and the view: made twice, its bytes are the same.
"""

from __future__ import annotations

from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.foundation.ids import keyed_digest
from libs.schemas.credit_blacklist import FeedRecord, PersonRecorded
from services.credit_blacklist.feed.documents import document_key
from services.credit_blacklist.rules.views import OPTIONAL_FIELDS, FeedView

TYP: Final = "zhixing-entry+jws"

SALT_CHARS: Final = 32
"""16 bytes: enough that nobody finds out from a leaf of the log whom it names."""

NOT_OF_THE_REMOVED: Final = frozenset({"grounds", "duty", "performance"})
"""A removal names the person once more, but not why they had been listed."""


def entry_payload(record: FeedRecord, person: PersonRecorded, view: FeedView, salt: str) -> dict[str, Any]:
    """Return the payload of an entry, as section 3 of the wire page has it."""
    payload: dict[str, Any] = {
        "view": view.view_id,
        "record_id": record.record_id,
        "list_type": record.list_type,
        "record_version": record.version,
        "status": record.status,
        "change": record.change,
        "subject": _subject(person, view),
        "role": record.role,
        "court": _court(record, view),
        "case_number": record.case_number,
        "order_number": record.order_number,
        "decided_on": record.decided_on.isoformat(),
        "changed_at": instant_text(record.changed_at),
        "effective_from": instant_text(record.effective_from),
        "salt": salt,
    }
    if record.expires_at is not None:
        payload["expires_at"] = instant_text(record.expires_at)
    payload |= {name: value for name, value in _optional(record).items() if _shown(name, record, view)}
    return payload | _ended(record, view)


def entry_salt(secret: bytes, event_id: str, view_id: str) -> str:
    """Return the salt of the entry that an event makes in a view: the same for every repeat, unknown to everybody."""
    return keyed_digest(secret, "feed entry", event_id, view_id)[:SALT_CHARS]


def _subject(person: PersonRecorded, view: FeedView) -> dict[str, Any]:
    documents = dict.fromkeys(document_key(each.id_type, each.id_number) for each in person.documents)
    subject: dict[str, Any] = {
        "name": person.name,
        "party_type": person.party_type,
        "identity_documents": [{"type": kind, "number": number} for kind, number in documents],
    }
    if person.sex is not None and "subject.sex" in view.fields:
        subject["sex"] = person.sex
    if person.birth_date is not None and "subject.birth_date" in view.fields:
        subject["birth_date"] = person.birth_date.isoformat()
    return subject


def _court(record: FeedRecord, view: FeedView) -> dict[str, str]:
    court = {"code": record.court, "name": record.court_name}
    if record.court_phone is not None and "court.telephone" in view.fields:
        court["telephone"] = record.court_phone
    return court


def _optional(record: FeedRecord) -> dict[str, Any]:
    found: dict[str, Any] = {
        "grounds": list(record.grounds) or None,
        "duty": record.duty,
        "performance": record.performance,
        "basis": record.basis and {"number": record.basis.number, "authority": record.basis.authority},
        "case_filed_on": record.case_filed_on.isoformat(),
        "legal_representative": record.legal_representative,
        "kinds": list(record.kinds) or None,
        "suspensions": [
            {"from": instant_text(each.from_at), "until": instant_text(each.until_at), "kinds": list(each.kinds)}
            for each in record.suspensions
        ]
        or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _shown(name: str, record: FeedRecord, view: FeedView) -> bool:
    return name in view.fields and not (record.status == "REMOVED" and name in NOT_OF_THE_REMOVED)


def _ended(record: FeedRecord, view: FeedView) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if record.correction is not None:
        unseen = OPTIONAL_FIELDS - view.fields
        found["correction"] = {
            "wrong_version": record.correction.wrong_version,
            # A field that the view never carried is not named to it now.
            "fields": [name for name in record.correction.fields if name not in unseen],
            "nature": record.correction.nature,
        }
    if record.removal is not None:
        found["removal"] = {
            "ground": record.removal.ground,
            "decided_at": instant_text(record.removal.decided_at),
            "effective_at": instant_text(record.removal.effective_at),
        }
    return found
