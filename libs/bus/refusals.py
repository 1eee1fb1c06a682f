"""What operators of the quarantine are refused."""

from __future__ import annotations

from libs.foundation.errors import NotFound, Refused


class QuarantineEntryNotFound(NotFound):
    """No quarantined message has this id."""

    code = "quarantine_entry_not_found"
    title = "There is no such quarantined message"


class NotHeadOfItsKey(Refused):
    """Only the first unresolved message of a key can be released; the others follow it in order."""

    code = "not_head_of_its_key"
    title = "An earlier message of the same key waits in quarantine"
    remedy = "Release or discard the earliest message of the key; those behind it follow by themselves."


class QuarantineEntryResolved(Refused):
    """The message was released or discarded already."""

    code = "quarantine_entry_resolved"
    title = "The quarantined message is resolved already"
    remedy = "Nothing is left to do for this message."


class QuarantineEntryBeingReleased(Refused):
    """The owner of the partition is processing the message right now."""

    code = "quarantine_entry_being_released"
    title = "The quarantined message is being released"
    remedy = "Look again in a moment; if it failed again, it is open and can be discarded."
