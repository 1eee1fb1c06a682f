"""A changed OpenAPI document keeps its word to those who call by the committed one, or the breach is named."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from devstack import generated
from devstack.cli import app
from devstack.documents import apis
from devstack.documents.api_changes import incompatibilities
from libs.schemas import export

Change = Callable[[dict[str, Any]], object]

OBJECT = {"type": "object", "properties": {"id": {"type": "string"}, "note": {"type": "string"}}, "required": ["id"]}
BODY = {
    "type": "object",
    "properties": {
        "amount_fen": {"type": "integer", "maximum": 100},
        "purpose": {"enum": ["FEE", "CLAIM"], "type": "string"},
        "remark": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
    },
    "required": ["amount_fen"],
}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v1/things": {
            "post": {
                "parameters": [
                    {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}},
                    {"name": "state", "in": "query", "schema": {"enum": ["OPEN", "SHUT"], "type": "string"}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}},
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "409": {"description": "refused"},
                },
            }
        },
        "/v1/silent": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {}}}}}}},
    },
    "components": {"schemas": {"Body": BODY, "Thing": OBJECT, "Item": OBJECT}},
}


def post(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/v1/things"]["post"]
    return found


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def found_after(change: Change) -> list[str]:
    present = copy.deepcopy(DOCUMENT)
    change(present)
    return incompatibilities({"payments": DOCUMENT}, {"payments": present})


BREACHES: list[tuple[Change, str]] = [
    (lambda new: new["paths"].pop("/v1/things"), "POST /v1/things was removed."),
    (lambda new: new["paths"]["/v1/things"].pop("post"), "POST /v1/things was removed."),
    (lambda new: post(new)["parameters"].pop(), "the parameter state was removed"),
    (lambda new: post(new)["parameters"][1].update(required=True), "the parameter state is required now"),
    (
        lambda new: post(new)["parameters"].append({"name": "If-Match", "in": "header", "required": True}),
        "the parameter If-Match is required now",
    ),
    (lambda new: post(new)["parameters"][1]["schema"]["enum"].pop(), "the field state may not be 'SHUT' any more"),
    (lambda new: post(new)["requestBody"].update(required=True), "it needs a body now"),
    (lambda new: post(new)["requestBody"].update(content={}), "it takes no application/json any more"),
    (lambda new: schema(new, "Body")["required"].append("purpose"), "the field purpose is required now"),
    (
        lambda new: (schema(new, "Item")["required"].append("new"), schema(new, "Item")["properties"].update(new={})),
        "the field items[].new is required now",
    ),
    (lambda new: schema(new, "Body")["properties"].pop("remark"), "the field remark was removed or renamed"),
    (lambda new: schema(new, "Body")["properties"]["purpose"]["enum"].pop(0), "purpose may not be 'FEE' any more"),
    (lambda new: schema(new, "Body")["properties"]["amount_fen"].update(maximum=99), "amount_fen has a lower maximum"),
    (lambda new: schema(new, "Body")["properties"]["amount_fen"].update(type="string"), "may not be integer any more"),
    (lambda new: schema(new, "Body")["properties"]["remark"]["anyOf"].pop(), "remark may not be null any more"),
    (lambda new: post(new)["responses"].pop("201"), "it does not answer 201 any more"),
    (lambda new: post(new)["responses"]["201"].update(content={}), "its answer 201 is no application/json any more"),
    (lambda new: schema(new, "Thing")["properties"].pop("note"), "the field note was removed or renamed"),
    (lambda new: schema(new, "Thing")["required"].remove("id"), "the field id may be missing from the answer now"),
    (lambda new: schema(new, "Thing")["properties"]["id"].update(type="integer"), "the field id may be integer now"),
    (lambda new: post(new)["responses"]["201"]["content"]["application/json"].update(schema={}), "may be anything now"),
]


@pytest.mark.parametrize(("change", "sentence"), BREACHES, ids=[sentence for _, sentence in BREACHES])
def test_a_change_that_breaks_a_caller_is_named(change: Change, sentence: str) -> None:
    assert sentence in "\n".join(found_after(change))


@pytest.mark.parametrize(
    "change",
    [
        copy.copy,
        lambda new: new["paths"].update({"/v1/more": {"get": {"responses": {}}}}),
        lambda new: post(new)["parameters"].append({"name": "more", "in": "query"}),
        lambda new: post(new)["parameters"][1]["schema"]["enum"].append("LOST"),
        lambda new: schema(new, "Body")["properties"].update(more={"type": "string"}),
        lambda new: schema(new, "Body")["properties"]["amount_fen"].update(maximum=101),
        lambda new: schema(new, "Thing")["properties"].update(more={"type": "string"}),
        lambda new: post(new)["responses"].pop("409"),
        lambda new: new["paths"]["/v1/silent"]["get"]["responses"]["200"]["content"]["application/json"].update(
            schema=OBJECT
        ),
    ],
)
def test_additions_and_wider_bounds_break_nobody(change: Change) -> None:
    assert found_after(change) == []


def test_a_service_that_lost_its_api_is_named() -> None:
    assert incompatibilities({"payments": DOCUMENT}, {}) == ["payments: its whole API was removed."]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What the command would have written, with a breach standing between the documents and the code."""
    calls: list[str] = []
    monkeypatch.setattr(apis, "breaches", lambda _docs: ["payments: GET /v1/payouts was removed."])
    monkeypatch.setattr(generated, "rewrite", lambda: calls.append("rewritten"))
    monkeypatch.setattr(generated, "differences", list)
    monkeypatch.setattr(export, "main", lambda _arguments: 0)
    return calls


def test_a_breach_turns_the_check_red_and_stops_the_writing(written: list[str]) -> None:
    checked, wrote = CliRunner().invoke(app, ["docs", "--check"]), CliRunner().invoke(app, ["docs"])
    assert (checked.exit_code, wrote.exit_code, written) == (1, 1, [])
    assert "GET /v1/payouts was removed" in checked.stderr


def test_a_breach_before_the_first_release_is_written_when_that_is_said_aloud(written: list[str]) -> None:
    allowed = CliRunner().invoke(app, ["docs", "--allow-incompatible"])
    assert (allowed.exit_code, written) == (0, ["rewritten"])
    assert "GET /v1/payouts was removed" in allowed.stderr
    assert CliRunner().invoke(app, ["docs", "--check", "--allow-incompatible"]).exit_code == 1
