"""Free ports on the loopback interface."""

import socket
import time

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Distinct ports that nobody listens on now; all are held until the last is found, so none comes twice."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def accepts(port: int, timeout_s: float = 0.5) -> bool:
    """Whether something accepts connections on the port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def wait_until_closed(port: int, deadline_s: float = 10) -> None:
    """Wait until nothing accepts on the port any more, so that a restart finds it free."""
    until = time.monotonic() + deadline_s
    while accepts(port) and time.monotonic() < until:
        time.sleep(0.05)
