"""The law of the money as dated data: fees, delay interest, order of satisfaction, the disbursement clock."""

from services.payments.rules.delay_interest import (
    DELAY_INTEREST,
    Repayment,
    delay_days,
    doubled_part,
    general_interest,
)
from services.payments.rules.disbursement import DISBURSEMENT, DisbursementClock, disbursement_clock
from services.payments.rules.enforcement_fee import ENFORCEMENT_FEE, enforcement_fee, fee_formula
from services.payments.rules.satisfaction import Claim, Satisfied, satisfy

__all__ = [
    "DELAY_INTEREST",
    "DISBURSEMENT",
    "ENFORCEMENT_FEE",
    "Claim",
    "DisbursementClock",
    "Repayment",
    "Satisfied",
    "delay_days",
    "disbursement_clock",
    "doubled_part",
    "enforcement_fee",
    "fee_formula",
    "general_interest",
    "satisfy",
]
