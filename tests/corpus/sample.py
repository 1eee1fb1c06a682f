"""Stored data for any event class, out of its schema alone: once with every field, once with what is required only."""

from typing import Any

from libs.schemas.envelope import Event

_TEXTS = {"date": "2026-03-02", "date-time": "2026-03-02T01:00:00.000000Z"}
_SHA256 = "0f" * 32


def stored(event: type[Event]) -> list[dict[str, Any]]:
    """Return `{id, seq, type, version, data}` twice: filled fully, and as sparse as an old event may be."""
    schema = event.model_json_schema(mode="validation")
    return [
        {
            "id": f"evt_{event.NAME}_{seq}",
            "seq": seq,
            "type": event.type_text(),
            "version": event.VERSION,
            "data": _value(schema, schema, event.NAME, full=full),
        }
        for seq, full in ((1, True), (2, False))
    ]


def _value(schema: dict[str, Any], root: dict[str, Any], name: str, *, full: bool) -> Any:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], root, name, full=full)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[-1 if full else 0])
    match schema.get("type"):
        case "object" if "properties" in schema:
            wanted = [field for field in schema["properties"] if full or field in schema.get("required", ())]
            return {field: _value(schema["properties"][field], root, field, full=full) for field in wanted}
        case "object":
            inner = schema.get("additionalProperties")
            return {f"{name}_key": _value(inner if isinstance(inner, dict) else {}, root, name, full=full)}
        case "array":
            return [
                _value(part, root, name, full=full) for part in schema.get("prefixItems", [schema.get("items", {})])
            ]
        case "integer":
            return min(320000, schema.get("maximum", 320000)) if full else max(1, schema.get("minimum", 1))
        case "boolean":
            return full
        case "string" if "pattern" in schema:
            return _SHA256
    return _TEXTS.get(schema.get("format", ""), f"{name} 执行" if full else name)
