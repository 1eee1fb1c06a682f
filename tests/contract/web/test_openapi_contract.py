"""What Schemathesis sends by our own OpenAPI document: every answer is one that the document names, never a 500."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from libs.web import DevIssuer

SAMPLE = Path(__file__).parents[2] / "integration" / "web" / "sample_service.py"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevIssuer:
    return DevIssuer(tmp_path_factory.mktemp("issuer") / "issuer.json")


@pytest.fixture(scope="module")
def api(issuer: DevIssuer, tmp_path_factory: pytest.TempPathFactory) -> schemathesis.schemas.BaseSchema:
    spec = importlib.util.spec_from_file_location("sample_service_contract", SAMPLE)
    assert spec is not None
    assert spec.loader is not None
    sample = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sample)
    jwks = issuer.write_jwks(tmp_path_factory.mktemp("jwks") / "jwks.json")
    app = sample.build(sample.SampleSettings(jwks=str(jwks)))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    return schema.exclude(path_regex="^/v1/(crash|busy|statements)$")


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
]


def _ask_everything(
    api: schemathesis.schemas.BaseSchema, issuer: DevIssuer, mode: GenerationMode, examples: int
) -> int:
    token = issuer.token(subject="u", organisation="o", roles=["operator"], scopes=["sample.*.*"], courts=["*"])
    asked = 0
    for found in api.get_all_operations():
        try:
            assert isinstance(found, Ok)
            strategy = found.ok().as_strategy(generation_mode=mode)

            @given(case=strategy)
            @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            def ask(case: schemathesis.Case[Any]) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

            ask()
        except Unsatisfiable:
            # A route without parameters and body has nothing that could be wrong.
            assert mode is GenerationMode.NEGATIVE
    return asked


def test_every_answer_to_a_right_request_is_one_that_the_document_names(
    api: schemathesis.schemas.BaseSchema, issuer: DevIssuer
) -> None:
    assert _ask_everything(api, issuer, GenerationMode.POSITIVE, 20) > 100


def test_every_answer_to_a_wrong_request_is_one_that_the_document_names(
    api: schemathesis.schemas.BaseSchema, issuer: DevIssuer
) -> None:
    assert _ask_everything(api, issuer, GenerationMode.NEGATIVE, 40) > 100
