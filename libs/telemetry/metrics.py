"""Prometheus metrics. A label never holds an id, a path with ids in it, or anything personal: its values are few.

`counter`, `gauge` and `histogram` return the same object for the same name, so that two modules may ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Buckets of durations, in seconds."""


@cache
def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
    """Return the counter of this name (Prometheus adds `_total`)."""
    return Counter(name, text, labels)


@cache
def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
    """Return the gauge of this name."""
    return Gauge(name, text, labels)


@cache
def histogram(name: str, text: str, labels: tuple[str, ...] = (), buckets: Sequence[float] = SECONDS) -> Histogram:
    """Return the histogram of this name."""
    return Histogram(name, text, labels, buckets=buckets)


HTTP_REQUESTS: Final = counter("zhixing_http_requests", "HTTP requests answered", ("method", "route", "status"))
HTTP_SECONDS: Final = histogram("zhixing_http_request_seconds", "Time to answer a request", ("method", "route"))
HTTP_IN_FLIGHT: Final = gauge("zhixing_http_requests_in_flight", "HTTP requests being answered")


@cache
def answered(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return the counter and the histogram of such answers, so that a request does not look them up again."""
    return HTTP_REQUESTS.labels(method, route, str(status)), HTTP_SECONDS.labels(method, route)


def exposition(registry: CollectorRegistry = REGISTRY) -> bytes:
    """Return all metrics of this process in the text format that Prometheus scrapes."""
    return generate_latest(registry)
