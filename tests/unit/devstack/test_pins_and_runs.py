"""What the stack runs is pinned, and a run's folder belongs to one process at a time."""

from pathlib import Path

import pytest

from devstack import jars, runs, versions
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
