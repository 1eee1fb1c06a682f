"""Conformance: the official CloudEvents SDK reads what we write."""

from datetime import UTC, datetime

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event

from libs.bus.cloudevents import Envelope, encode
from libs.schemas.envelope import event_from

ENVELOPE = Envelope(
    id="evt_1",
    type="zhixing.intake.application_refused.v1",
    service="intake",
    stream="filing/%E4%BA%910381/abc",
    seq=12,
    court="云0381",
    key="filing_1",
    at="2026-03-02T01:00:00.000001Z",
    correlation_id="cor_1",
    causation_id="cmd_1",
    trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    data={
        "application_id": "app_1",
        "failed_conditions": [2, 4],
        "reason": "不属于受申请执行的人民法院管辖",
        "decided_by": "u1",
    },
)


def test_the_official_sdk_reads_every_attribute_and_the_data() -> None:
    record = encode(ENVELOPE)
    message = KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value)
    event = from_binary_event(message)
    assert event.get_specversion() == "1.0"
    assert event.get_id() == "evt_1"
    assert event.get_source() == "/zhixing/intake"
    assert event.get_type() == "zhixing.intake.application_refused.v1"
    assert event.get_subject() == "filing/%E4%BA%910381/abc"
    assert event.get_time() == datetime(2026, 3, 2, 1, 0, 0, 1, tzinfo=UTC)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_extension("partitionkey") == "filing_1"
    assert event.get_extension("sequence") == "0000000012"
    assert event.get_extension("court") == "%E4%BA%910381"
    assert event.get_extension("correlationid") == "cor_1"
    assert event.get_extension("causationid") == "cmd_1"
    assert event.get_extension("traceparent") == ENVELOPE.trace
    assert event.get_data() == ENVELOPE.data


def test_the_data_that_the_sdk_read_is_the_event_of_the_schema_library() -> None:
    record = encode(ENVELOPE)
    event = from_binary_event(KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value))
    fact = event_from("intake", "application_refused", 1, event.get_data())  # type: ignore[arg-type]
    assert fact.data() == ENVELOPE.data
