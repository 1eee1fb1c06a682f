"""Settings of `payments`: `PAYMENTS_BANK_URL` first, then `BANK_URL`, then the default."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.web import ServiceSettings


class PaymentsSettings(ServiceSettings):
    """What this service needs besides what every service needs."""

    model_config = SettingsConfigDict(env_prefix="PAYMENTS_")

    bank_url: str = "http://127.0.0.1:8090"
    """Where the custodian bank takes transfer orders."""
    bank_seconds_max: float = Field(default=5.0, gt=0)
    """How long the bank may take to answer, in real seconds; after that it is asked what became of the order."""
    bank_attempts_max: int = Field(default=12, ge=1)
    """How often an order is asked about or sent, at growing intervals, before the payout is in doubt."""

    bank_backoff_seconds: float = Field(default=1.0, ge=0)
    """The first interval between two tries; the next ones are doubled."""

    @property
    def effect_lease_seconds(self) -> float:
        """How long one process owns an order: long enough to ask and then to send, and to write down the answer."""
        return 3 * self.bank_seconds_max
