"""What a signature must be to be believed, and what the court's own signed content shows and hides."""

import base64
import time
from typing import Any

import orjson
import pytest
from joserfc import jws

from libs.evidence import SignatureInvalid, Signer
from libs.evidence.keys import new_key
from libs.foundation.canonical import canonical_bytes
from libs.foundation.errors import Rejected
from libs.schemas.asset_inquiry import RequestItem, SubjectRecorded
from services.asset_inquiry.content import content_hash, content_of, detached, payload_of
from services.asset_inquiry.domain.agency import AgencyState
from services.asset_inquiry.domain.agency_refusals import (
    RequestHashDiffers,
    SignatureExpired,
    SignatureOfOtherContent,
    SigningKeyUnknown,
)
from services.asset_inquiry.messages import AGE_SECONDS_MAX, verified
from tests.unit.asset_inquiry.cases import SHA, issued_request

KEY = new_key(kid="k1")
REQUEST = issued_request("FREEZE", RequestItem(sequence=1))
BODY: dict[str, Any] = {"reply_id": "r1", "request_sha256": SHA, "answers": [{"sequence": 1, "final": 1}]}
AGENCY = AgencyState(agency_id="bank-a", name="甲银行", keys={"k1": Signer(KEY).jwks()["keys"][0]})


def signed(payload: dict[str, Any], **header: Any) -> str:
    full = {"alg": "ES256", "kid": "k1", "iat": int(time.time()), **header}
    return jws.serialize_compact(
        {name: value for name, value in full.items() if value is not None},
        canonical_bytes(payload),
        KEY,
        registry=jws.JWSRegistry(strict_check_header=False),
    )


def payload(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "REPLY",
        "request_number": REQUEST.request_number,
        "request_sha256": SHA,
        "body": BODY,
        **changes,
    }


async def check(token: str, body: dict[str, Any] = BODY) -> str:
    return (await verified("REPLY", REQUEST, AGENCY, body | {"signature": token})).content_sha256


@pytest.mark.asyncio
async def test_a_fresh_signature_over_this_message_is_believed() -> None:
    assert await check(signed(payload())) == content_hash(BODY)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("token", "refusal"),
    [
        (signed(payload(), iat=int(time.time()) - AGE_SECONDS_MAX - 60), SignatureExpired),
        (signed(payload(), iat=int(time.time()) + 3600), SignatureExpired),
        (signed(payload(), iat=None), SignatureInvalid),
        (signed(payload(), kid="k2"), SigningKeyUnknown),
        (signed(payload(), kid=None), SigningKeyUnknown),
        (signed(payload(kind="RETURN")), SignatureOfOtherContent),
        (signed(payload(request_number="KZ-2")), SignatureOfOtherContent),
        (signed(payload(body=BODY | {"reply_id": "r2"})), SignatureOfOtherContent),
        (signed(payload(body=None)), SignatureOfOtherContent),
        (signed(payload(request_sha256="b" * 64)), RequestHashDiffers),
        (signed(payload(request_sha256=None)), RequestHashDiffers),
    ],
)
async def test_any_other_signature_is_refused_by_its_own_name(token: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await check(token)


@pytest.mark.asyncio
async def test_true_is_not_one_to_a_signature() -> None:
    with pytest.raises(SignatureOfOtherContent):
        await check(signed(payload()), BODY | {"answers": [{"sequence": True, "final": 1}]})


@pytest.mark.asyncio
async def test_a_body_without_canonical_form_is_rejected() -> None:
    with pytest.raises(Rejected):
        await check(signed(payload()), BODY | {"share": 0.5})


@pytest.mark.asyncio
async def test_an_unsigned_token_is_refused() -> None:
    none = base64.urlsafe_b64encode(orjson.dumps({"alg": "none", "kid": "k1", "iat": int(time.time())})).rstrip(b"=")
    body = base64.urlsafe_b64encode(canonical_bytes(payload())).rstrip(b"=")
    with pytest.raises(SignatureInvalid):
        await check(f"{none.decode()}.{body.decode()}.")


SUBJECT = SubjectRecorded(
    party_id="party_1",
    party_type="PERSON",
    name="李建业",
    documents=(
        {"id_type": "PASSPORT", "id_number": "E1234"},
        {"id_type": "RESIDENT_IDENTITY_CARD", "id_number": "530399198001010015"},
    ),
    source_seq=1,
)


def content(salt: str = "s1", subject: SubjectRecorded = SUBJECT) -> dict[str, Any]:
    item = RequestItem(sequence=1, asset_id="ast_1", account_reference="****1234", requested_limit_fen=5)
    request = issued_request("FREEZE", item)
    references = {1: {"asset_id": "6217", "account_reference": "6217003860001234"}}
    return content_of(request, court="云0381", court_name="宣威", subject=subject, references=references, salt=salt)


def test_an_agency_sees_the_full_reference_and_the_one_document_it_needs() -> None:
    shown = content()
    assert shown["items"][0]["account_reference"] == "6217003860001234"
    assert (shown["subject"]["id_number"], shown["subject"]["id_type_number"]) == ("530399198001010015", "01")
    assert "E1234" not in str(shown)
    assert "case_id" not in shown


def test_a_firm_is_named_by_its_credit_code_and_a_party_without_documents_by_nothing() -> None:
    firm = SUBJECT.model_copy(
        update={"documents": ({"id_type": "UNIFIED_SOCIAL_CREDIT_CODE", "id_number": "91530399MA6K00006A"},)}
    )
    assert content(subject=firm)["subject"]["id_type_number"] == "20"
    assert content(subject=SUBJECT.model_copy(update={"documents": ()}))["subject"]["id_number"] == ""


def test_the_published_hash_cannot_be_searched_for_the_person_without_the_salt() -> None:
    assert content_hash(content("s1")) != content_hash(content("s2"))


def test_a_detached_signature_carries_no_payload() -> None:
    token = Signer(KEY).sign_now(content())
    header, middle, signature = detached(token).split(".")
    assert (header, middle, signature) == (token.split(".")[0], "", token.split(".")[2])
    assert orjson.loads(payload_of(token)) == content()
