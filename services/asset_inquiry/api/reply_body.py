"""The bodies in which agencies answer, and how they become answers that others may see: typed, accounts masked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from libs.foundation.identity import masked_account
from libs.foundation.ids import keyed_digest
from libs.schemas.asset_inquiry import FoundAsset, ItemAnswer, ItemStatus, RequestIssued, ReturnCode
from libs.schemas.envelope import Fen
from libs.schemas.parts import AssetClass, ListState, Sha256
from libs.web import Identifier, Name, RequestModel, Text
from services.asset_inquiry.api.fields import Jws, Label, Reference
from services.asset_inquiry.rules.codes import AcknowledgementCode

Sequence = Annotated[int, Field(ge=1, le=10_000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Remark = Annotated[str, StringConstraints(max_length=1000)]


class AssetBody(RequestModel):
    """An asset in the agency's own words and numbers."""

    asset_id: Reference
    kind: Label
    account_reference: Reference
    balance_fen: Fen | None = None
    available_fen: Fen | None = None
    currency: Currency = "CNY"
    status: Label = "NORMAL"
    description: Remark = ""


class RefusalBody(RequestModel):
    """Why the agency did not act on an item."""

    code: Label
    text: Text


class AnswerBody(RequestModel):
    """The answer to one item."""

    sequence: Sequence
    status: ItemStatus
    detail: Remark = ""
    assets: Annotated[tuple[AssetBody, ...], Field(max_length=500)] | None = None
    assets_state: ListState = "NOT_ASKED"
    controlled_fen: Fen | None = None
    uncovered_limit_fen: Fen | None = None
    available_fen: Fen | None = None
    earlier_measures_state: ListState = "NOT_ASKED"
    rights_state: ListState = "NOT_ASKED"
    refusal: RefusalBody | None = None
    effective_from: AwareDatetime | None = None
    effective_to: date | None = None
    agency_reference: Label | None = None
    rank: Annotated[int, Field(ge=1, le=10_000)] | None = None
    deducted_fen: Fen | None = None
    remaining_frozen_fen: Fen | None = None
    settlement: Literal["DEBITED", "SENT", "UNVERIFIED", "FAILED"] | None = None
    payment_reference: Label | None = None


class ReceiptBody(RequestModel):
    """The agency's receipt (回执) as a paper."""

    title: Label
    sha256: Sha256


class ReplyBody(RequestModel):
    """A PARTIAL or FINAL reply, signed over kind, request number, request hash and this body without `signature`."""

    reply_id: Identifier
    status: Literal["PARTIAL", "FINAL"]
    request_sha256: Sha256
    answers: Annotated[tuple[AnswerBody, ...], Field(min_length=1, max_length=500)]
    corrects: Identifier | None = None
    receipt: ReceiptBody | None = None
    signature: Jws


class AcknowledgementBody(RequestModel):
    """Receipt on arrival (the real protocol's 3000x codes)."""

    code: AcknowledgementCode
    signature: Jws


class ReturnBody(RequestModel):
    """The agency cannot act; whom to call about it."""

    code: ReturnCode
    text: Text
    contact_name: Name
    contact_phone: Name
    request_sha256: Sha256
    signature: Jws


def item_answers(body: ReplyBody, request: RequestIssued, secret: bytes) -> tuple[ItemAnswer, ...]:
    """Return the answers as facts: our own asset ids, masked references."""
    classes = {item.sequence: item.asset_class for item in request.items}
    return tuple(_item_answer(answer, request, classes.get(answer.sequence), secret) for answer in body.answers)


def _item_answer(
    answer: AnswerBody, request: RequestIssued, asset_class: AssetClass | None, secret: bytes
) -> ItemAnswer:
    named = answer.model_dump(exclude={"assets", "refusal"})
    return ItemAnswer(
        **named,
        refusal_code=answer.refusal.code if answer.refusal else None,
        refusal_text=answer.refusal.text if answer.refusal else None,
        assets=tuple(_found(asset, request, asset_class or "DEPOSIT", secret) for asset in answer.assets or ()),
    )


def _found(asset: AssetBody, request: RequestIssued, asset_class: AssetClass, secret: bytes) -> FoundAsset:
    # The same thing reported twice in a case is one asset; in another case, of another court, it is another.
    digest = keyed_digest(
        secret, "asset", request.case_id, request.subject.party_id, request.agency_id, asset_class, asset.asset_id
    )
    return FoundAsset(
        asset_id=f"ast_{digest[:20]}",
        asset_class=asset_class,
        agency_id=request.agency_id,
        kind=asset.kind,
        masked_reference=masked_account(asset.account_reference),
        balance_fen=asset.balance_fen,
        available_fen=asset.available_fen,
        currency=asset.currency,
        status=asset.status,
        description=asset.description.replace(asset.account_reference, masked_account(asset.account_reference)),
    )
