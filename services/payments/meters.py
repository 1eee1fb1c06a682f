"""What operators see of this service besides what every service shows."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter

LINES: Final = Counter(
    "zhixing_payments_statement_lines", "Statement lines by result; REJECTED ones need a person", ["status"]
)
