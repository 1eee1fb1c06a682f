"""Kinds that the facts of `payments` name."""

from __future__ import annotations

from typing import Literal

PayoutPurpose = Literal["TO_APPLICANT", "ENFORCEMENT_FEE", "REFUND_TO_PAYER"]
