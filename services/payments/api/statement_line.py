"""One line of a custodian bank's statement: read strictly, answered with a result or a problem of its own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import StringConstraints

from libs.foundation.case_number import COURT_PATTERN, ENFORCEMENT_TYPES, CaseNumberInvalid, parse_case_number
from libs.foundation.errors import Rejected, ZhixingError
from libs.foundation.limits import NAME_CHARS_MAX, TEXT_CHARS_MAX
from libs.schemas.envelope import Instant
from libs.web import AccountNumber, Identifier, Line, PositiveFen, RequestModel
from services.payments.api.fields import FIRST_DAY, BankReference
from services.payments.domain.incoming import BookedLine
from services.payments.domain.payer import payer_display

CLOCKS_APART: Final = timedelta(days=1)
"""How far a bank's clock and ours, and its value day, may lie apart."""

_CASE_NUMBER = re.compile(rf"[(（]\d{{4}}[)）]{COURT_PATTERN}(?:{'|'.join(ENFORCEMENT_TYPES)})[1-9]\d{{0,6}}号")


class ValueTimeImpossible(Rejected):
    """The value time lies before the system's first day or in the future."""

    code = "value_time_impossible"
    title = "The value time is impossible"
    remedy = "Send the time at which the money was credited, with its offset."


class StatementLineConflict(Rejected):
    """The reference stands in the books with another account, amount or value time (never merged)."""

    code = "statement_line_conflict"
    title = "The reference was registered with another content"
    rule = "R-PAY-03"
    remedy = "Ask the bank's counter which of the two is right; a correction gets a reference of its own."


class BankNotYours(Rejected):
    """The line names another bank than the token speaks for."""

    code = "bank_not_yours"
    title = "The token does not speak for this bank"
    remedy = "Send a bank's lines with that bank's own token."


class StatementLine(RequestModel):
    """A line as the bank sends it."""

    bank_id: Identifier
    reference: BankReference
    account_number: AccountNumber
    amount_fen: PositiveFen
    value_at: Instant
    payer_name: Annotated[str, StringConstraints(max_length=NAME_CHARS_MAX)] = ""
    payment_reference: BankReference | None = None
    remark: Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX)] | None = None


def read_line(sent: Line, *, bank_id: str, now: datetime) -> StatementLine:
    """Return a line of this bank. Raises `Rejected` in one of its kinds for anything else."""
    line = sent.read(StatementLine)
    if line.bank_id != bank_id:
        raise BankNotYours(field="bank_id")
    if line.value_at.date() < FIRST_DAY or line.value_at > now + CLOCKS_APART:
        raise ValueTimeImpossible(field="value_at")
    return line


def booked_line(line: StatementLine) -> BookedLine:
    """Return what is kept of a line: the payer masked, of the remark only a case number."""
    return BookedLine(
        bank_id=line.bank_id,
        reference=line.reference,
        account_number=line.account_number,
        amount_fen=line.amount_fen,
        value_at=line.value_at,
        payer_display=payer_display(line.payer_name),
        payment_reference=line.payment_reference,
        case_hint=case_hint(line.remark or ""),
    )


def case_hint(remark: str) -> str | None:
    """Return the first enforcement case number in a remark, in its normal form (R-INT-04)."""
    for found in _CASE_NUMBER.finditer(remark):
        try:
            return parse_case_number(found.group()).key
        except CaseNumberInvalid:
            continue
    return None


def line_problem(error: ZhixingError) -> dict[str, Any]:
    """Return the problem that stands in a line's result."""
    body = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "code": error.code,
        "detail": error.detail,
        "rule": error.rule,
        "field": error.field,
    }
    return {key: value for key, value in {**body, **error.extra}.items() if value is not None}
