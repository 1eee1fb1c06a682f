"""An application with one route of each kind, and the issuer whose tokens it believes."""

import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from libs.web import DevIssuer

SAMPLE = Path(__file__).parents[2] / "integration" / "web" / "sample_service.py"


def _sample() -> ModuleType:
    # The same sample runs as a process of its own over a real socket in the integration tests.
    if "sample_service" not in sys.modules:
        spec = importlib.util.spec_from_file_location("sample_service", SAMPLE)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["sample_service"] = module
        spec.loader.exec_module(module)
    return sys.modules["sample_service"]


@pytest.fixture
def issuer(tmp_path: Path) -> DevIssuer:
    return DevIssuer(tmp_path / "issuer.json")


@pytest.fixture
def jwks_path(issuer: DevIssuer, tmp_path: Path) -> Path:
    return issuer.write_jwks(tmp_path / "jwks.json")


@pytest.fixture
def app(jwks_path: Path) -> FastAPI:
    sample = _sample()
    built = sample.build(sample.SampleSettings(jwks=str(jwks_path)))
    assert isinstance(built, FastAPI)
    return built


@pytest.fixture
def token(issuer: DevIssuer) -> str:
    return issuer.token(
        subject="u-clerk-1", organisation="云0381", roles=["filing_clerk"], scopes=["sample.*.*"], courts=["云0381"]
    )


@pytest_asyncio.fixture
async def client(app: FastAPI, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sample", headers=headers) as found:
        yield found
