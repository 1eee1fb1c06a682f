"""The web layer as a process of its own behind a real socket: what in-process tests cannot show."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from devstack.ports import LOOPBACK, free_ports
from libs.foundation.limits import BODY_BYTES_MAX
from libs.web import DevIssuer

ROOT = Path(__file__).parents[3]
SAMPLE = Path(__file__).with_name("sample_service.py")
FILING = {"court_code": "云0381", "claim_fen": 500000}


@dataclass
class Running:
    """The sample as a process."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    stopped: Path
    issuer: DevIssuer

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def headers(self, **more: str) -> dict[str, str]:
        token = self.issuer.token(subject="u", organisation="o", scopes=["sample.*.*"], courts=["云0381"])
        return {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in more.items()}


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Running]:
    """A process of the test's own: it may be stopped."""
    with _started(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One process for the tests that leave it as it was."""
    with _started(tmp_path_factory.mktemp("shared")) as running:
        yield running


@contextmanager
def _started(tmp_path: Path) -> Iterator[Running]:
    issuer = DevIssuer(tmp_path / "issuer.json")
    (port,) = free_ports(1)
    environment = os.environ | {
        "SAMPLE_PORT": str(port),
        "SAMPLE_JWKS": str(issuer.write_jwks(tmp_path / "jwks.json")),
        "SAMPLE_STOPPED": str(tmp_path / "stopped"),
        "PYTHONPATH": str(ROOT),
    }
    log = tmp_path / "sample.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, SAMPLE], stdout=output, stderr=output, env=environment)  # noqa: S603 -- our own sample
    running = Running(process, port, log, tmp_path / "stopped", issuer)
    try:
        _wait_until_ready(running)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _wait_until_ready(running: Running) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if httpx.get(f"{running.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            assert running.process.poll() is None, running.log.read_text()
        time.sleep(0.05)
    pytest.fail(running.log.read_text())


def test_sigterm_answers_what_is_in_flight_stops_the_parts_and_ends_in_order(sample: Running) -> None:
    answers: list[httpx.Response] = []
    asking = threading.Thread(
        target=lambda: answers.append(httpx.get(f"{sample.url}/v1/slow", headers=sample.headers(), timeout=10))
    )
    asking.start()
    time.sleep(0.3)
    began = time.monotonic()
    sample.process.send_signal(signal.SIGTERM)
    asking.join()
    assert sample.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 5
    assert [answer.json() for answer in answers] == [{"slow": True}]
    assert sample.stopped.read_text() == "stopped"


def test_sigterm_sends_home_who_waits_in_a_long_poll(sample: Running) -> None:
    answers: list[httpx.Response] = []
    url = f"{sample.url}/v1/news?wait=30"
    asking = threading.Thread(target=lambda: answers.append(httpx.get(url, headers=sample.headers(), timeout=40)))
    asking.start()
    time.sleep(0.5)
    began = time.monotonic()
    sample.process.send_signal(signal.SIGTERM)
    asking.join()
    assert sample.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 3
    assert [answer.json() for answer in answers] == [{"items": []}]


def test_every_line_of_the_log_is_json_with_the_services_name(sample: Running) -> None:
    httpx.get(f"{sample.url}/v1/crash", headers=sample.headers())
    sample.process.send_signal(signal.SIGTERM)
    sample.process.wait(timeout=10)
    lines = [json.loads(line) for line in sample.log.read_text().splitlines()]
    assert {line["service"] for line in lines} == {"sample"}
    assert {"service_started", "request_crashed", "service_stopped"} <= {line["event"] for line in lines}
    assert not [line for line in lines if "Exception in ASGI application" in line["event"]]


def test_a_body_declared_too_large_is_refused_before_it_is_sent(shared: Running) -> None:
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in shared.headers(
            Host="sample", Content_Type="application/json", Content_Length=str(10**9), Idempotency_Key="k"
        ).items()
    )
    with socket.create_connection((LOOPBACK, shared.port), timeout=5) as connection:
        connection.sendall(f"POST /v1/filings HTTP/1.1\r\n{head}\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"body_too_large" in answer


def test_a_body_that_grows_too_large_in_chunks_is_refused_and_the_next_request_is_not_harmed(shared: Running) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"court_code": "'
        for _ in range(20):
            yield b"x" * 65536

    headers = shared.headers(Content_Type="application/json", Idempotency_Key="k")
    with httpx.Client(base_url=shared.url) as client:
        refused = client.post("/v1/filings", content=chunks(), headers=headers)
        accepted = client.post("/v1/filings", json=FILING, headers=headers)
    assert (refused.status_code, accepted.status_code) == (413, 201)


def test_bulk_input_of_many_mebibytes_streams_through_while_the_client_only_writes(shared: Running) -> None:
    line = json.dumps(FILING).encode() + b"\n"
    count = 4 * BODY_BYTES_MAX // len(line)

    def chunks() -> Iterator[bytes]:
        for start in range(0, count, 1000):
            yield line * min(1000, count - start)

    headers = shared.headers(Content_Type="application/x-ndjson")
    answer = httpx.post(f"{shared.url}/v1/statements", content=chunks(), headers=headers, timeout=60)
    assert answer.status_code == 200
    assert answer.text.count("\n") == count
    assert '"status":201' in answer.text.splitlines()[-1]


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/filings HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/filings HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /v1/filings/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /v1/filings?limit=%FF HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Correlation-Id: \xff\xff\xff\r\nConnection: close\r\n\r\n",
    ],
    ids=range(7),
)
def test_bytes_that_are_hardly_http_never_make_a_server_error(shared: Running, raw: bytes) -> None:
    with socket.create_connection((LOOPBACK, shared.port), timeout=5) as connection:
        connection.sendall(raw)
        answer = connection.recv(65536)
    assert answer == b"" or int(answer.split()[1]) < 500
    assert httpx.get(f"{shared.url}/livez").status_code == 200


@pytest.mark.parametrize("start", [b"GET /livez HTTP/1.1\r\nX-Long: ", b"GET /"], ids=["header", "url"])
def test_a_head_that_does_not_end_is_cut_off(shared: Running, start: bytes) -> None:
    sent, answer = 0, b""
    with socket.create_connection((LOOPBACK, shared.port), timeout=5) as connection:
        connection.sendall(start)
        try:
            while sent < 16 * BODY_BYTES_MAX:
                sent += connection.send(b"x" * 65536)
            answer = connection.recv(65536)
        except ConnectionError:
            pass
    assert sent < 16 * BODY_BYTES_MAX or answer.startswith(b"HTTP/1.1 431")
    assert httpx.get(f"{shared.url}/livez", headers={"X-Long": "x" * 30_000}).status_code == 200


def test_many_requests_on_one_connection_have_a_head_each(shared: Running) -> None:
    with httpx.Client(base_url=shared.url) as client:
        for _ in range(20):
            assert client.get("/livez", headers={"X-Long": "x" * 20_000}).status_code == 200
        accepted = client.post(
            "/v1/filings",
            content=json.dumps(FILING) + " " * 500_000,
            headers=shared.headers(Content_Type="application/json", Idempotency_Key="k"),
        )
    assert accepted.status_code == 201


def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(sample: Running) -> None:
    for _ in range(3):
        with socket.create_connection((LOOPBACK, sample.port), timeout=5) as connection:
            connection.sendall(
                b"POST /v1/filings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
            )
    assert httpx.get(f"{sample.url}/livez").status_code == 200
    sample.process.send_signal(signal.SIGTERM)
    assert sample.process.wait(timeout=10) == 0
    assert "Traceback" not in sample.log.read_text()


def test_a_service_at_rest_stays_below_150_mebibytes(shared: Running) -> None:
    status = Path(f"/proc/{shared.process.pid}/status").read_text()
    resident_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident_kib < 150 * 1024
