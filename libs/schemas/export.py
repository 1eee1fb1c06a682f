"""What subscribers read: a JSON Schema of every event, an AsyncAPI 3 document, and a list for people.

`python -m libs.schemas.export` writes `docs/events`; with `--check` it writes nothing and fails if the committed files
are not what the code says. Either way an incompatible change of an existing type and version fails with a sentence.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import libs.schemas
from libs.foundation import limits
from libs.schemas import timers
from libs.schemas.compatibility import incompatibilities
from libs.schemas.envelope import REGISTRY, Event
from libs.schemas.topics import TOPICS, Topic, topic_of_event

FOLDER = Path("docs/events")
SCHEMA_SUFFIX = ".schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MILLISECONDS_PER_DAY = 24 * 60 * 60 * 1000

# The wire's attributes, in the order in which they are written; those with an example value that shows the form.
HEADERS: dict[str, str] = {
    "ce_specversion": "Always 1.0.",
    "ce_id": "Id of the event. A repeat carries the same id and the same bytes: keep what you have handled.",
    "ce_source": "/zhixing/<service>",
    "ce_type": "zhixing.<service>.<event>.v<version>",
    "ce_subject": "Name of the stream; order is promised within a stream.",
    "ce_time": "Business time of acceptance, UTC, microseconds.",
    "content-type": "Always application/json.",
    "ce_partitionkey": "The Kafka key: fixed when the stream was created.",
    "ce_sequence": "Number of the event within its stream, ten digits, from 1 without a gap.",
    "ce_court": "Code of the court, percent-encoded.",
    "ce_correlationid": "Follows everything that one request set going.",
    "ce_causationid": "Id of the event or command that caused this one; absent at the beginning of a chain.",
    "ce_traceparent": "W3C trace context; absent if the request was not traced.",
}
OPTIONAL_HEADERS = ("ce_causationid", "ce_traceparent")


def public_events() -> dict[str, type[Event]]:
    """Return every event that is published, by its type; timers are published in the topics of their streams."""
    for module in pkgutil.iter_modules(libs.schemas.__path__):
        if module.name != "export":
            importlib.import_module(f"libs.schemas.{module.name}")
    events = (event for event in REGISTRY.values() if event.__module__.startswith("libs.schemas."))
    named = {event.type_text(): event for event in events if _is_timer(event) or topic_of_event(event) is not None}
    return dict(sorted(named.items()))


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return the JSON Schema of an event's data. Fields that are not named are to be ignored by readers."""
    schema = event.model_json_schema(mode="validation")
    schema.pop("title", None)
    return {"$schema": DIALECT, "$id": f"urn:zhixing:event:{event.type_text()}", "title": event.type_text(), **schema}


def asyncapi(events: Mapping[str, type[Event]]) -> dict[str, Any]:
    """Return the AsyncAPI 3 document of all topics."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Zhixing events",
            "version": "1.0.0",
            "description": "Past-tense facts of a court's enforcement bureau: CloudEvents 1.0, binary mode, on Kafka.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, events) for topic in TOPICS},
        "operations": {
            f"publish {topic.name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_pointer(topic.name)}"},
                "summary": f"{topic.service} says what happened.",
            }
            for topic in TOPICS
        },
        "components": {
            "messages": {name: _message(event) for name, event in events.items()},
            "schemas": {"CloudEventHeaders": _headers()},
        },
    }


def rendered() -> dict[str, str]:
    """Return every generated file, by its path below `docs/events`."""
    events = public_events()
    files = {_path(event): _json(schema_of(event)) for event in events.values()}
    files["asyncapi.json"] = _json(asyncapi(events))
    files["README.md"] = _listing(events)
    return files


def committed_schemas(folder: Path) -> dict[str, Any]:
    """Return the schemas as they stand in the folder, by event type."""
    found = (json.loads(path.read_text()) for path in sorted(folder.rglob(f"*{SCHEMA_SUFFIX}")))
    return {schema["title"]: schema for schema in found}


def main(arguments: list[str] | None = None) -> int:
    """Write or check the files; return 0, or 1 after saying in sentences what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m libs.schemas.export", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the files are not up to date")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument(
        "--allow-incompatible", action="store_true", help="only before the first release: say what breaks and go on"
    )
    options = parser.parse_args(arguments)
    files = rendered()
    present = {name: json.loads(text) for name, text in files.items() if name.endswith(SCHEMA_SUFFIX)}
    problems = incompatibilities(
        committed_schemas(options.folder), {schema["title"]: schema for schema in present.values()}
    )
    if options.check:
        problems += _differences(options.folder, files)
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    if problems and not (options.allow_incompatible and not options.check):
        return 1
    if not options.check:
        _write(options.folder, files)
    return 0


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for stale in _generated(folder) - set(files):
        (folder / stale).unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _differences(folder: Path, files: Mapping[str, str]) -> list[str]:
    found = [f"{folder / name} is not generated any more." for name in sorted(_generated(folder) - set(files))]
    for name, text in sorted(files.items()):
        path = folder / name
        if not path.exists():
            found.append(f"{path} is missing.")
        elif path.read_text() != text:
            found.append(f"{path} is not what the code says; run `python -m libs.schemas.export`.")
    return found


def _generated(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _is_timer(event: type[Event]) -> bool:
    return event.__module__ == timers.__name__


def _path(event: type[Event]) -> str:
    return f"{event.SERVICE}/{event.NAME}.v{event.VERSION}{SCHEMA_SUFFIX}"


def _events_in(topic: Topic, events: Mapping[str, type[Event]]) -> list[str]:
    return [name for name, event in events.items() if _is_timer(event) or topic_of_event(event) == topic]


def _channel(topic: Topic, events: Mapping[str, type[Event]]) -> dict[str, Any]:
    configuration: dict[str, Any] = {
        "cleanup.policy": ["compact" if topic.compacted else "delete"],
        "max.message.bytes": limits.RECORD_BYTES_MAX,
    }
    if not topic.compacted:
        configuration["retention.ms"] = topic.retention_days * MILLISECONDS_PER_DAY
    return {
        "address": topic.name,
        "description": f"Written by {topic.service}; read by {', '.join(topic.audience)}. Key: {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{_pointer(name)}"} for name in _events_in(topic, events)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": configuration,
                "bindingVersion": "0.5.0",
            }
        },
        "x-audience": list(topic.audience),
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type_text(),
        "summary": _summary(event),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {
            "schemaFormat": f"application/schema+json;version={DIALECT}",
            "schema": {"$ref": f"./{_path(event)}"},
        },
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in HEADERS.items()},
        "required": [name for name in HEADERS if name not in OPTIONAL_HEADERS],
    }


def _listing(events: Mapping[str, type[Event]]) -> str:
    lines = [
        "# 事件目录",
        "",
        "本目录由 `python -m libs.schemas.export` 生成,请勿手工修改。每个事件一份 JSON Schema;`asyncapi.json` 是全部主题的 AsyncAPI 3 文档。",  # noqa: E501 -- one paragraph of a page
    ]
    for topic in TOPICS:
        lines += [
            "",
            f"## {topic.name}",
            "",
            _topic_line(topic),
            "",
            "| 类型 | 含义 |",
            "|---|---|",
        ]
        lines += [
            f"| [`{name}`]({_path(events[name])}) | {_summary(events[name])} |" for name in _events_in(topic, events)
        ]
    return "\n".join([*lines, ""])


def _topic_line(topic: Topic) -> str:
    readers = "、".join(f"`{name}`" for name in topic.audience)
    kept = f"保留 {topic.retention_days} 天" if not topic.compacted else "压缩"
    return f"发布者 `{topic.service}` · 读者 {readers} · {topic.partitions} 个分区 · {kept}"


def _summary(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").split("\n\n")[0].split())


def _pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())
