"""Production's way: the issuer's keys come from a URL, and the issuer may be away for a while."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from libs.web import DevIssuer, TokenVerifier
from libs.web.errors import IssuerUnavailable, TokenInvalid

pytestmark = pytest.mark.asyncio


class _Issuer(HTTPServer):
    """Serves a JWKS document, or an error while it is ill."""

    document: dict[str, Any]
    ill = False
    asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/jwks"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Issuer)
        server.asked += 1
        self.send_response(503 if server.ill else 200)
        self.end_headers()
        self.wfile.write(json.dumps(server.document).encode())

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def dev() -> DevIssuer:
    from libs.evidence.keys import new_key  # noqa: PLC0415 -- the tests need no keys themselves

    return DevIssuer(new_key())


@pytest.fixture
def server(dev: DevIssuer) -> Iterator[_Issuer]:
    found = _Issuer(("127.0.0.1", 0), _Answer)
    found.document = dev.jwks()
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


async def test_keys_are_fetched_once_for_many_tokens(server: _Issuer, dev: DevIssuer) -> None:
    verifier = TokenVerifier(server.url)
    for number in range(5):
        caller = await verifier.verify(dev.token(subject=f"u-{number}", organisation="o", courts=["云0381"]))
        assert caller.subject == f"u-{number}"
    assert server.asked == 1


async def test_an_issuer_that_never_answered_is_our_trouble_and_not_the_tokens(
    server: _Issuer, dev: DevIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MIN", -1.0)
    verifier = TokenVerifier(server.url)
    server.ill = True
    with pytest.raises(IssuerUnavailable):
        await verifier.verify(dev.token(subject="u", organisation="o"))
    server.ill = False
    assert (await verifier.verify(dev.token(subject="u", organisation="o"))).subject == "u"


async def test_an_issuer_that_falls_ill_locks_nobody_out(
    server: _Issuer, dev: DevIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = TokenVerifier(server.url)
    await verifier.verify(dev.token(subject="u", organisation="o"))
    server.ill = True
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MAX", -1.0)
    assert (await verifier.verify(dev.token(subject="v", organisation="o"))).subject == "v"
    assert server.asked > 1


async def test_without_an_issuer_no_token_is_believed(dev: DevIssuer) -> None:
    with pytest.raises(TokenInvalid):
        await TokenVerifier("").verify(dev.token(subject="u", organisation="o"))
