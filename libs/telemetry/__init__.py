"""What operators see: JSON logs without personal data, ids that follow a request, and Prometheus metrics."""

from libs.telemetry import metrics
from libs.telemetry.context import bound, correlation_id, new_correlation_id
from libs.telemetry.logs import access_line, configure_logging, get_logger
from libs.telemetry.redaction import redacted

__all__ = [
    "access_line",
    "bound",
    "configure_logging",
    "correlation_id",
    "get_logger",
    "metrics",
    "new_correlation_id",
    "redacted",
]
