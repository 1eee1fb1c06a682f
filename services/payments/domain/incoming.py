"""Incoming money: one stream per bank and reference, so that the same line is registered once (R-PAY-03).

Money is never refused and never lost: a line for an unknown case waits in the pool until two people say whose it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from libs.foundation.ids import stream_name
from libs.schemas.envelope import Event
from libs.schemas.payments import (
    IdentificationProposed,
    IdentificationRejected,
    IncomingPaymentContradicted,
    IncomingPaymentIdentified,
    IncomingPaymentRecorded,
    IncomingPaymentUnidentified,
)
from services.payments.domain.refusals import (
    AlreadyIdentified,
    IdentificationNeedsSecondPerson,
    IncomingPaymentUnknown,
    NoIdentificationProposed,
)

IncomingStatus = Literal["", "UNIDENTIFIED", "CANDIDATE", "IDENTIFIED"]


@dataclass(frozen=True, slots=True)
class BookedLine:
    """What is kept of a bank's line. The payer stands here masked; `case_hint` is a case number found in the remark."""

    bank_id: str
    reference: str
    account_number: str
    amount_fen: int
    value_at: datetime
    payer_display: str
    payment_reference: str | None = None
    case_hint: str | None = None


@dataclass(frozen=True, slots=True)
class RecordLine:
    """Register a statement line; `case_id` is what its numbers name, None if they name nothing."""

    line: BookedLine
    case_id: str | None = None
    method: Literal["ACCOUNT_NUMBER", "CASE_NUMBER"] = "ACCOUNT_NUMBER"


@dataclass(frozen=True, slots=True)
class ProposeIdentification:
    """One person says which case the money belongs to."""

    case_id: str
    evidence: str
    by: str


@dataclass(frozen=True, slots=True)
class DecideIdentification:
    """Another person agrees or not."""

    approve: bool
    reason: str
    by: str


IncomingCommand = RecordLine | ProposeIdentification | DecideIdentification


@dataclass(frozen=True, slots=True)
class Incoming:
    """One incoming payment; `claims` are the amounts that contradicting repeats of its reference named."""

    line: BookedLine | None = None
    status: IncomingStatus = ""
    booked_at: datetime | None = None
    case_id: str | None = None
    method: str | None = None
    identified_at: datetime | None = None
    reason: str = ""
    proposed_case: str | None = None
    proposed_by: str = ""
    evidence: str = ""
    claims: frozenset[tuple[str, int, datetime]] = frozenset()

    def repeats(self, line: BookedLine) -> bool:
        """Return whether `line` is this payment again: same account, amount and value time."""
        return self.line is not None and _content(self.line) == _content(line)


def incoming_stream(bank_id: str, reference: str) -> str:
    """Return the stream of a bank's reference: the natural key of incoming money."""
    return stream_name("incoming", bank_id, reference)


def incoming_id_of(bank_id: str, reference: str) -> str:
    """Return the public id of a bank's reference; it can be read back, so that no look-up table can lag."""
    packed = base64.urlsafe_b64encode(f"{bank_id}\x1f{reference}".encode()).decode().rstrip("=")
    return f"in_{packed}"


def incoming_key_of(incoming_id: str) -> tuple[str, str]:
    """Return `(bank_id, reference)` of a public id. Raises `IncomingPaymentUnknown` for any other text."""
    packed = incoming_id.removeprefix("in_")
    try:
        text = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise IncomingPaymentUnknown from error
    bank_id, separator, reference = text.partition("\x1f")
    if not separator or incoming_id_of(bank_id, reference) != incoming_id:
        raise IncomingPaymentUnknown
    return bank_id, reference


def decide_incoming(state: Incoming, command: IncomingCommand, now: datetime) -> Sequence[Event]:
    """Register or identify incoming money.

    A repeated line changes nothing. The same reference with another content is put on record once and never merged: the
    first line stands. Identification by people needs two of them.
    """
    if isinstance(command, RecordLine):
        return _record(state, command, now)
    if state.line is None:
        raise IncomingPaymentUnknown
    if state.status == "IDENTIFIED":
        raise AlreadyIdentified(case_id=state.case_id)
    if isinstance(command, ProposeIdentification):
        return [
            IdentificationProposed(
                incoming_id=_id(state.line), case_id=command.case_id, evidence=command.evidence, proposed_by=command.by
            )
        ]
    if state.proposed_case is None:
        raise NoIdentificationProposed
    if not command.approve:
        return [
            IdentificationRejected(
                incoming_id=_id(state.line), case_id=state.proposed_case, rejected_by=command.by, reason=command.reason
            )
        ]
    if command.by == state.proposed_by:
        raise IdentificationNeedsSecondPerson
    return [_identified(state.line, state.proposed_case, "TWO_PERSONS", now)]


def evolve_incoming(state: Incoming, event: Event) -> Incoming:
    """Return the payment after a fact."""
    if isinstance(event, IncomingPaymentRecorded):
        line = BookedLine(
            bank_id=event.bank_id,
            reference=event.reference,
            account_number=event.account_number,
            amount_fen=event.amount_fen,
            value_at=event.value_at,
            payer_display=event.payer_display,
            payment_reference=event.payment_reference,
            case_hint=event.case_hint,
        )
        return replace(state, line=line, booked_at=event.booked_at or event.value_at)
    if isinstance(event, IncomingPaymentUnidentified):
        return replace(state, status="UNIDENTIFIED", reason=event.reason)
    if isinstance(event, IncomingPaymentIdentified):
        return replace(
            state,
            status="IDENTIFIED",
            case_id=event.case_id,
            method=event.method,
            identified_at=event.booked_at or event.value_at,
        )
    if isinstance(event, IdentificationProposed):
        return replace(
            state,
            status="CANDIDATE",
            proposed_case=event.case_id,
            proposed_by=event.proposed_by,
            evidence=event.evidence,
        )
    if isinstance(event, IdentificationRejected):
        return replace(state, status="UNIDENTIFIED", proposed_case=None, proposed_by="", evidence="")
    if isinstance(event, IncomingPaymentContradicted):
        return replace(state, claims=state.claims | {(event.account_number, event.claimed_fen, event.value_at)})
    return state


def _record(state: Incoming, command: RecordLine, now: datetime) -> Sequence[Event]:
    line = command.line
    if state.line is not None:
        if state.repeats(line) or _content(line) in state.claims:
            return []
        return [
            IncomingPaymentContradicted(
                incoming_id=_id(line),
                bank_id=line.bank_id,
                reference=line.reference,
                account_number=line.account_number,
                registered_fen=state.line.amount_fen,
                claimed_fen=line.amount_fen,
                value_at=line.value_at,
            )
        ]
    recorded = IncomingPaymentRecorded(
        incoming_id=_id(line),
        bank_id=line.bank_id,
        reference=line.reference,
        account_number=line.account_number,
        amount_fen=line.amount_fen,
        value_at=line.value_at,
        payer_display=line.payer_display,
        payment_reference=line.payment_reference,
        case_hint=line.case_hint,
        booked_at=now,
    )
    if command.case_id is not None:
        return [recorded, _identified(line, command.case_id, command.method, now)]
    reason = "No case is named by the account number or the remark."
    return [
        recorded,
        IncomingPaymentUnidentified(
            incoming_id=_id(line), bank_id=line.bank_id, amount_fen=line.amount_fen, reason=reason
        ),
    ]


def _identified(
    line: BookedLine, case_id: str, method: Literal["ACCOUNT_NUMBER", "CASE_NUMBER", "TWO_PERSONS"], now: datetime
) -> IncomingPaymentIdentified:
    return IncomingPaymentIdentified(
        incoming_id=_id(line),
        bank_id=line.bank_id,
        reference=line.reference,
        case_id=case_id,
        amount_fen=line.amount_fen,
        method=method,
        payer_display=line.payer_display,
        payment_reference=line.payment_reference,
        value_at=line.value_at,
        booked_at=now,
    )


def _id(line: BookedLine) -> str:
    return incoming_id_of(line.bank_id, line.reference)


def _content(line: BookedLine) -> tuple[str, int, datetime]:
    return line.account_number, line.amount_fen, line.value_at
