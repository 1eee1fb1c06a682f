"""A request that is several commands is refused before the first of them, or not at all."""

from __future__ import annotations

from typing import Any

import pymongo
import pytest

from tests.integration.payments.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUND = {"account_name": "李建业", "account_number": "6217003860001234", "bank_id": "bank-a", "bank_name": "甲银行"}


def commits(stage: Stage, mongo_uri: str) -> list[str]:
    """Return the ids of every commit but the hourly roots, which time alone brings, looking past the service."""
    said = {"stream": {"$not": {"$regex": "^root/"}}}
    database = stage.intake.settings.database.replace("_intake", "_payments")
    with pymongo.MongoClient[dict[str, Any]](mongo_uri) as client:
        return sorted(commit["_id"] for commit in client[database]["commits"].find(said, {"_id": 1}))


@pytest.mark.rule("R-PAY-07")
async def test_a_refused_refund_leaves_no_account_of_anybody(stage: Stage, mongo_uri: str) -> None:
    case_id = await stage.register_case()
    before = commits(stage, mongo_uri)
    body = {"case_id": case_id, "purpose": "REFUND_TO_PAYER", "amount_fen": 1, "refund_account": REFUND}
    refused = await stage.post("maker", "/v1/payouts", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "payee_name_mismatch")
    assert commits(stage, mongo_uri) == before


@pytest.mark.rule("R-PAY-01")
async def test_a_reused_key_binds_no_prefix(stage: Stage, mongo_uri: str) -> None:
    case_id = await stage.register_case()
    renamed = {"account_name": "宣威市人民法院案款专户"}
    first = await stage.set_fund(key="fund", **renamed)
    assert first.status_code == 200, first.text
    before = commits(stage, mongo_uri)
    other = await stage.set_fund(key="fund", **renamed, account_number_prefix="777")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert commits(stage, mongo_uri) == before
    assert (await stage.account(case_id))["account"] is not None
