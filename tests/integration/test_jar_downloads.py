"""The broker's jars are fetched once, checked by hash, and said in one sentence when they cannot be had."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devstack import jars
from devstack.errors import StackUnavailable

CONTENT = b"the bytes of a jar"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Maven repository of our own that serves one jar, and an empty cache; the pins name that jar alone."""
    folder = tmp_path / "mirror"
    jar = jars.Jar("org.example", "broker", "1.0", hashlib.sha256(CONTENT).hexdigest())
    jar.path(folder).parent.mkdir(parents=True)
    jar.path(folder).write_bytes(CONTENT)
    pins = tmp_path / "pins.txt"
    pins.write_text(f"# one jar\n{jar.sha256}  org.example:broker:1.0\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(jars, "PINNED", pins)
    monkeypatch.setenv("ZHIXING_MAVEN", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("ZHIXING_CACHE", str(tmp_path / "cache"))
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_second_start_reads_the_cache_and_asks_nobody(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    first = jars.class_path(said.append)
    monkeypatch.setenv("ZHIXING_MAVEN", "http://127.0.0.1:9")
    assert Path(first).read_bytes() == CONTENT
    assert said[-1].endswith("1 of 1 jars")
    assert jars.class_path(said.append) == first
    assert len(said) == 2


def test_bytes_that_are_not_the_pinned_ones_are_refused_and_not_kept(mirror: Path, tmp_path: Path) -> None:
    jars.pinned()[0].path(mirror).write_bytes(b"something else")
    with pytest.raises(StackUnavailable, match="not the pinned ones"):
        jars.class_path(lambda _: None)
    assert not jars.pinned()[0].path(tmp_path / "cache" / "maven").exists()


def test_a_cached_jar_that_was_damaged_is_fetched_again(mirror: Path) -> None:
    path = Path(jars.class_path(lambda _: None))
    path.write_bytes(b"damaged")
    jars.class_path(lambda _: None)
    assert path.read_bytes() == CONTENT


def test_without_a_registry_the_failure_is_one_sentence_that_says_what_to_do(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIXING_MAVEN", "http://127.0.0.1:9")
    with pytest.raises(StackUnavailable, match=r"no Maven repository could be reached.*set KAFKA_BOOTSTRAP"):
        jars.class_path(lambda _: None)
