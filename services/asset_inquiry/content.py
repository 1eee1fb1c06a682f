"""The content of a request: what the agency is shown and what the court signs, to the byte."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from libs.foundation.canonical import canonical_bytes, sha256_hex
from libs.schemas.asset_inquiry import RequestIssued, SubjectRecorded
from libs.schemas.envelope import jsonable
from libs.schemas.parts import IdType
from services.asset_inquiry.rules.codes import ID_TYPE_NUMBERS, ID_TYPE_ORDER


def content_of(
    draft: RequestIssued,
    *,
    court: str,
    court_name: str,
    subject: SubjectRecorded,
    references: Mapping[int, Mapping[str, str]],
    salt: str,
) -> dict[str, Any]:
    """Return the canonical content of a request as JSON values.

    `references` holds, per sequence, the agency's own asset id and the full account number. The salt keeps the
    published hash from being searched for the person's number.
    """
    data = draft.data()
    items = [item | dict(references.get(item["sequence"], {})) for item in data["items"]]
    content = {
        "id": draft.request_id,
        "court": {"code": court, "name": court_name},
        "subject": _subject(subject),
        "items": items,
        "documents": [paper | {"n": n} for n, paper in enumerate(data["papers"], start=1)],
        "salt": salt,
    }
    carried = (
        "request_number",
        "batch_number",
        "kind",
        "case_number",
        "officers",
        "urgency",
        "issued_at",
        "answer_due_at",
        "answer_rule",
        "term_from",
        "term_to",
        "case_account",
        "remainder",
        "replaces",
    )
    return dict(jsonable(content | {name: data[name] for name in carried if name in data}))


def _subject(subject: SubjectRecorded) -> dict[str, Any]:
    document = min(subject.documents, key=_preference, default={})
    id_type = document.get("id_type", "OTHER")
    return {
        "name": subject.name,
        "party_type": subject.party_type,
        "id_type": id_type,
        "id_type_number": next((number for name, number in ID_TYPE_NUMBERS.items() if name == id_type), "99"),
        "id_number": document.get("id_number", ""),
    }


def _preference(document: Mapping[str, str]) -> int:
    id_type: IdType | str = document.get("id_type", "OTHER")
    return ID_TYPE_ORDER.index(id_type) if id_type in ID_TYPE_ORDER else len(ID_TYPE_ORDER)


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical content: what a reply names as `request_sha256`."""
    return sha256_hex(canonical_bytes(dict(content)))


def detached(token: str) -> str:
    """Return a compact JWS without its payload (RFC 7515, appendix F): fit for a topic that may not see the content."""
    header, _, rest = token.partition(".")
    return f"{header}..{rest.partition('.')[2]}"


def payload_of(token: str) -> bytes:
    """Return the payload's bytes of a compact JWS that was verified when it came in."""
    payload = token.split(".")[1]
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
