"""Yes or no, by a person who may decide."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from libs.web.fields import Text
from libs.web.strict_model import RequestModel


class ApprovalBody(RequestModel):
    """An approver's decision; a rejection says why."""

    decision: Literal["APPROVE", "REJECT"]
    reason: Text | None = None

    @model_validator(mode="after")
    def _rejection_has_reason(self) -> Self:
        if self.decision == "REJECT" and self.reason is None:
            raise PydanticCustomError("reason_missing", "A rejection says why")
        return self
