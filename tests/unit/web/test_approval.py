"""Yes or no, by a person who may decide."""

import pytest
from pydantic import ValidationError

from libs.web import ApprovalBody


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_a_rejection_says_why(reason: str | None) -> None:
    with pytest.raises(ValidationError):
        ApprovalBody.model_validate({"decision": "REJECT", "reason": reason})
    assert ApprovalBody.model_validate({"decision": "REJECT", "reason": "金额有误"}).reason == "金额有误"


def test_an_approval_needs_no_reason() -> None:
    assert ApprovalBody.model_validate({"decision": "APPROVE"}).reason is None
