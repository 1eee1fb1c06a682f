"""Sends a file as one NDJSON request and counts the lines that come back.

A process of its own, so that only the server is measured. Reads `{"host", "port", "path", "headers", "file"}` as JSON
from stdin and prints `{"seconds", "lines"}`.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from pathlib import Path

CHUNK_BYTES = 1 << 20


def main() -> None:
    """Send it."""
    plan = json.load(sys.stdin)
    body = Path(plan["file"]).read_bytes()
    began = time.perf_counter()
    connection = http.client.HTTPConnection(plan["host"], plan["port"], timeout=120)
    connection.request("POST", plan["path"], body=body, headers=plan["headers"])
    answer = connection.getresponse()
    lines = 0
    while chunk := answer.read(CHUNK_BYTES):
        lines += chunk.count(b"\n")
    seconds = time.perf_counter() - began
    if answer.status != http.client.OK:
        raise SystemExit(f"HTTP {answer.status}")
    print(json.dumps({"seconds": seconds, "lines": lines}))


if __name__ == "__main__":
    main()
