"""What the stack runs is pinned, and a run's folder belongs to one process at a time."""

from pathlib import Path

import pytest

from devstack import jars, mongo, runs, versions
from devstack.errors import StackUnavailable


def test_the_pinned_list_names_the_broker_of_the_pinned_version() -> None:
    pins = {jar.name: jar for jar in jars.pinned()}
    assert pins[f"kafka_{versions.KAFKA_SCALA}"].version == versions.KAFKA
    assert pins["kafka-clients"].version == versions.KAFKA
    assert all(len(jar.sha256) == 64 for jar in pins.values())


def test_a_run_that_a_process_holds_is_neither_shared_nor_cleared(tmp_path: Path) -> None:
    with runs.hold(tmp_path / "busy"):
        (tmp_path / "over").mkdir()
        with pytest.raises(StackUnavailable, match="Another process is using"), runs.hold(tmp_path / "busy"):
            pass
        assert runs.clear(tmp_path) == ["busy"]
    assert not (tmp_path / "over").exists()
    assert runs.clear(tmp_path) == []


def test_a_mongod_that_lacks_a_library_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = tmp_path / "mongod"
    binary.write_text(
        "#!/bin/sh\necho 'mongod: error while loading shared libraries: libcurl.so.4: cannot open' >&2\nexit 127\n"
    )
    binary.chmod(0o755)
    monkeypatch.setattr(mongo, "_wheel_binary", lambda: binary)
    with pytest.raises(StackUnavailable, match=r"because libcurl\.so\.4 is missing: install libcurl4"):
        mongo.mongod()
