"""The test publisher behind real HTTP on the loopback, a doorbell included; it can break off within a body."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.contract.subscriber.publisher import ROOT, Publisher


@contextmanager
def served(publisher: Publisher) -> Iterator[str]:
    """Serve; inside is the base URL."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_PUT(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        do_POST = do_PUT  # noqa: N815 -- the same

        def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 -- the same
            return format_datetime(publisher.clock.now(), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002 -- the same
            return

        def _answer(self, body: bytes) -> None:
            url = urlsplit(self.path)
            if url.path == f"{ROOT}/stream":
                self._ring(self.headers.get("Last-Event-ID", ""))
                return
            found = publisher.answer(self.command, url.path, dict(parse_qsl(url.query)), body)
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body[: len(found.body) - found.cut])
            if found.cut:
                self.close_connection = True

        def _ring(self, last_event_id: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            session = last_event_id.partition(":")[0]
            if session and session != publisher.session.id:
                self.wfile.write(b'event: snapshot_required\ndata: {"reason":"SESSION_CHANGED"}\n\n')
            sent = -1
            for _ in range(200):
                if sent != publisher.sequence:
                    sent, head = publisher.sequence, publisher.head()
                    event = f"id: {publisher.session.id}:{sent}\nevent: head\ndata: {head}\n\n"
                    self.wfile.write(event.encode() + b": here\n\n")
                    self.wfile.flush()
                if ending.wait(0.02):
                    return

    ending = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        ending.set()
        server.shutdown()
        thread.join()
        server.server_close()
