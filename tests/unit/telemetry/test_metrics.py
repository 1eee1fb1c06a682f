"""Metrics are asked for by name, and the same name is the same metric."""

from libs.telemetry import metrics


def test_two_modules_that_ask_for_a_name_get_one_metric() -> None:
    first = metrics.counter("sample_things", "Things", ("kind",))
    assert metrics.counter("sample_things", "Things", ("kind",)) is first


def test_what_was_counted_is_exposed() -> None:
    metrics.gauge("sample_depth", "Depth").set(7)
    metrics.histogram("sample_seconds", "Seconds").observe(0.02)
    text = metrics.exposition().decode()
    assert "sample_depth 7.0" in text
    assert 'sample_seconds_bucket{le="0.025"} 1.0' in text
