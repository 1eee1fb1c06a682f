"""Whatever a client sends, as the OpenAPI documents allow or forbid: no answer is a 500, each refusal is a problem."""

import uuid
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from tests.contract.conftest import Running

SERVICES = ("intake", "asset_inquiry", "payments", "command_center", "auction", "credit_blacklist")
EXAMPLES = 12

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(params=SERVICES)
def api(request: pytest.FixtureRequest, running: Running) -> Any:
    return schemathesis.openapi.from_url(f"{running.urls[request.param]}/openapi.json")


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_a_client_can_send_is_answered_with_a_server_error(case: Any, running: Running) -> None:
    case.headers = dict(case.headers or {}) | {
        "Authorization": f"Bearer {running.token}",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    if "wait" in (case.query or {}):
        case.query = dict(case.query) | {"wait": 0}
    response = case.call()
    case.validate_response(response, checks=[not_a_server_error])
    if response.status_code >= 400:
        assert response.headers["content-type"][0].startswith("application/problem+json")
        assert response.json()["code"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_error_type_of_the_document_resolves(service: str, running: Running) -> None:
    url = running.urls[service]
    refused = httpx.get(f"{url}/v1/nothing-here")
    assert refused.status_code == httpx.codes.NOT_FOUND
    page = httpx.get(url + "/problems/" + refused.json()["code"])
    assert page.status_code == httpx.codes.OK
