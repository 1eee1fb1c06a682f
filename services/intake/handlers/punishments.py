"""What credit_blacklist says of listing and restriction: copied, if newer, for closing (R-INT-23)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from libs.bus import Dispatch, Message
from services.intake.domain.case.copies import RecordPunishment
from services.intake.naming import case_stream


def on_record(message: Message[Any]) -> Iterable[Dispatch]:
    """A record of the list has a new version."""
    record = message.event.record
    command = RecordPunishment(
        record_id=record.record_id,
        list_type=record.list_type,
        party_id=record.party_id,
        in_force=record.status != "REMOVED",
        version=record.version,
    )
    return [Dispatch(case_stream(record.case_id), command)]
