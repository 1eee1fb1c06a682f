"""What operators see of this service besides what every service shows."""

from __future__ import annotations

from typing import Final

from libs.telemetry import metrics

LINES: Final = metrics.counter(
    "zhixing_payments_statement_lines", "Statement lines by result; REJECTED ones need a person", ("status",)
)
