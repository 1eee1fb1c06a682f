"""A key that was retired before the service began stays among the published ones."""

from pathlib import Path

import httpx
import orjson
import pytest

from libs.evidence import Signer, Verifier, generate_key
from libs.evidence.keys import new_key
from libs.web import ServiceSettings, WebSettings, create_app

pytestmark = pytest.mark.asyncio


async def test_the_retired_keys_of_the_settings_are_published_behind_the_present_one(tmp_path: Path) -> None:
    former = Signer(new_key(kid="2024"))
    old_paper = former.sign_now({"number": 1})
    (tmp_path / "retired.json").write_bytes(orjson.dumps(former.jwks()))
    generate_key(tmp_path / "key.json", kid="2025")
    signer = ServiceSettings(signing_key=tmp_path / "key.json", retired_keys=tmp_path / "retired.json").signer()
    assert signer is not None
    app = create_app(service="t", settings=WebSettings(), routers=[], signer=signer)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        document = (await client.get("/.well-known/jwks.json")).json()
    assert [key["kid"] for key in document["keys"]] == ["2025", "2024"]
    assert Verifier(document).verify(old_paper) == {"number": 1}
    assert Verifier(document).verify(signer.sign_now({"number": 2})) == {"number": 2}


async def test_a_key_that_is_retired_and_present_stands_once() -> None:
    signer = Signer(new_key(kid="k"))
    again = Signer(new_key(kid="k"), retired=signer.jwks())
    assert [key["kid"] for key in again.jwks()["keys"]] == ["k"]


async def test_without_retired_keys_there_is_the_present_one(tmp_path: Path) -> None:
    generate_key(tmp_path / "key.json", kid="k")
    settings = ServiceSettings(signing_key=tmp_path / "key.json")
    assert settings.retired() is None
    signer = settings.signer()
    assert signer is not None
    assert [key["kid"] for key in signer.jwks()["keys"]] == ["k"]
