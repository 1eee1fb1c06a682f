"""What operators see of this service besides what every service shows."""

from __future__ import annotations

from typing import Final

from libs.telemetry import metrics

MESSAGES: Final = metrics.counter(
    "zhixing_asset_inquiry_agency_messages", "Signed messages of agencies that were taken", ("agency", "kind")
)
ISSUE_TO_RECEIPT: Final = metrics.histogram(
    "zhixing_asset_inquiry_issue_to_receipt_seconds",
    "Business time from the issue of a request to its agency's receipt; old adapters polled every 20 to 30 minutes",
    buckets=(1, 2, 5, 10, 30, 60, 300, 1200, 1800, 3600, 86_400),
)
