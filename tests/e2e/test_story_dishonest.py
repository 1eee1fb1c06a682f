"""Story 2 as a user runs it: a debtor is listed, refused, pays, and is let go everywhere; every proof holds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.cache import cache_folder

ROOT = Path(__file__).parents[2]


@pytest.mark.rule("R-INT-16", "R-CRB-01", "R-CRB-02", "R-CRB-06", "R-CRB-10", "R-CRB-12", "R-CRB-20", "R-CRB-22")
@pytest.mark.rule("R-CRB-24", "R-CRB-33", "R-PAY-20")
@pytest.mark.timeout(300)
def test_who_does_not_report_is_refused_a_ticket_and_who_pays_is_sold_one(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, "-m", "devstack", "demo", "--story", "2"],
        cwd=ROOT,
        env=os.environ
        | {"COLUMNS": "160", "TERM": "dumb", "HOME": str(tmp_path), "ZHIXING_CACHE": str(cache_folder())},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    for expected in (
        "秦守业 NOT_REPORTED",
        "until 2026-03-26",
        "103,342.50",
        "1,942.50",
        "ledger = bank books (0 fen)",
        "debt 10000000 + 194250 + 140000 = 10334250 fen",
        "four ways, one list in every view",
        "5 subscribers hold exactly the list",
        "LISTING ACTIVE_PERFORMANCE, RESTRICTION PERFORMED; 0 removals overdue",
        "5 who were refused are served; the ticket is sold",
        "0 findings",
        "unpublished 0 ·",
    ):
        assert expected in played.stdout
    assert "✘" not in played.stdout
    took = re.search(r"(\d+) s on our clock, of them (\d+) s for the story", played.stdout)
    assert took is not None
    assert int(took[1]) <= 150
