"""Story 1 as a user runs it: one command, from nothing to a proved result, and nothing left behind."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from devstack.cache import cache_folder

ROOT = Path(__file__).parents[2]


@pytest.mark.rule("R-INT-09", "R-INT-10", "R-INT-27", "R-INT-30", "R-INT-31", "R-INQ-20")
@pytest.mark.rule("R-PAY-01", "R-PAY-08", "R-PAY-20")
@pytest.mark.timeout(300)
def left_behind(home: Path) -> list[str]:
    """Whatever the run started knows its home; other tests run beside this one and have another."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("HOME") == str(home):
                found.append(" ".join(process.cmdline()))
    return found


def test_the_worker_gets_his_wages_and_every_proof_holds(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, "-m", "devstack", "demo"],
        cwd=ROOT,
        env=os.environ
        | {"COLUMNS": "160", "TERM": "dumb", "HOME": str(tmp_path), "ZHIXING_CACHE": str(cache_folder())},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    for expected in ("执行完毕", "5,065.75", "R-INT-31 b", "ledger = bank books (0 fen)", "unpublished 0 ·"):
        assert expected in played.stdout
    assert "✘" not in played.stdout
    memory = re.search(r"largest service (\d+) MiB at rest", played.stdout)
    assert memory is not None
    assert int(memory[1]) < 150
    assert left_behind(tmp_path) == []
