"""Free ports on the loopback interface."""

import random
import socket
import time
from pathlib import Path

LOOPBACK = "127.0.0.1"

_LOWEST = 12_000
_given: set[int] = set()
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, none given twice, below those that the kernel gives to outgoing connections.

    A port from the kernel's own range can be taken by any client between our choice and the broker's start, and while a
    broker is down a client that keeps trying its port can even connect to itself and hold it.
    """
    found: list[int] = []
    candidates = [port for port in range(_LOWEST, max(_ephemeral_floor(), _LOWEST + 1000)) if port not in _given]
    random.shuffle(candidates)
    while len(found) < count:
        port = candidates.pop()
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        found.append(port)
        _given.add(port)
    return found


def _ephemeral_floor() -> int:
    try:
        return int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32_768


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
