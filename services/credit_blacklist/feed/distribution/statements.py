"""A position as it comes in: a signed text, opened with the keys of the agency that the token speaks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from libs.evidence import SignatureInvalid, Verifier
from libs.schemas.credit_blacklist.position import PositionStatement, SetFigures, SnapshotReason
from libs.schemas.envelope import Instant
from libs.web import Identifier, RequestModel
from libs.web.problems import invalid_fields
from services.credit_blacklist.domain.position_refusals import PositionOfAnotherAgency
from services.credit_blacklist.feed.distribution.key_sets import opened_unverified

TYP: Final = "zhixing-position+jws"
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**40)]


class StatedPosition(RequestModel):
    """What a subscriber signs: what it holds, as it computed it."""

    view: Identifier
    session_id: Identifier
    sequence: Count
    set_digest: Hex
    count: Count
    log_root: Hex
    head_sha256: Hex
    fetched_at: Instant
    applied_at: Instant
    snapshot_reason: SnapshotReason | None = None


def opened_statement(jws: str, keys: Mapping[str, Mapping[str, Any]]) -> PositionStatement:
    """Return the statement in a JWS that one of the agency's `keys` (by kid) signed.

    Raises `SignatureInvalid` for what does not verify or is signed as something else, `PositionOfAnotherAgency` for a
    key that is not among them, and `RequestInvalid` for a payload that is no position.
    """
    try:
        header, _payload = opened_unverified(jws)
    except ValueError as error:
        raise SignatureInvalid(f"The position cannot be read: {error}.", field="position") from error
    if header.get("typ") != TYP:
        raise SignatureInvalid(f"Its `typ` is not {TYP}.", field="position")
    if header.get("kid") not in keys:
        raise PositionOfAnotherAgency(field="position")
    payload = Verifier({"keys": [{**jwk, "kid": kid} for kid, jwk in keys.items()]}).verify(jws)
    try:
        said = StatedPosition.model_validate(payload)
    except ValidationError as error:
        raise invalid_fields(
            [
                {**one, "loc": ("body", "position", *one["loc"])}
                for one in error.errors(include_url=False, include_input=False)
            ]
        ) from error
    return PositionStatement(
        view=said.view,
        session_id=said.session_id,
        sequence=said.sequence,
        figures=SetFigures(count=said.count, set_digest=said.set_digest, log_root=said.log_root),
        head_sha256=said.head_sha256,
        fetched_at=said.fetched_at,
        applied_at=said.applied_at,
        snapshot_reason=said.snapshot_reason,
        jws=jws,
    )
