"""Containers reach the simulated partners through a forwarder, and see a closed door where nobody listens."""

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from devstack.forwarding import Forwarder
from devstack.ports import free_ports

GATEWAY = "127.0.0.2"  # a second loopback address stands for the containers' gateway


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(1024):
            self.request.sendall(data.upper())


@pytest.fixture
def partner() -> Iterator[int]:
    """Something that listens on the loopback only."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", free_ports(1)[0]), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def test_what_is_sent_to_the_gateway_is_answered_by_the_partner(partner: int) -> None:
    forwarder = Forwarder(GATEWAY, [partner])
    try:
        with socket.create_connection((GATEWAY, partner), timeout=5) as connection:
            connection.sendall(b"pay")
            assert connection.recv(10) == b"PAY"
    finally:
        forwarder.close()


def test_a_partner_that_is_not_there_is_a_closed_connection() -> None:
    [nobody] = free_ports(1)
    forwarder = Forwarder(GATEWAY, [nobody])
    try:
        with socket.create_connection((GATEWAY, nobody), timeout=5) as connection:
            assert connection.recv(10) == b""
    finally:
        forwarder.close()
