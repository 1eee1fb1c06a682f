"""The README's twenty lines are twenty, and they run against a publisher that is not there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from zhixing_feed import Subscriber

README = Path(__file__).parents[1] / "README.md"
KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}


def snippet() -> str:
    return README.read_text().partition("```python\n")[2].partition("```")[0]


def test_twenty_lines_are_enough() -> None:
    assert len([line for line in snippet().splitlines() if line.strip()]) <= 20


def test_they_run_and_wait_for_a_publisher(tmp_path: Path) -> None:
    text = (
        snippet().replace("https://court.example", "http://127.0.0.1:1").replace("wait_ready(120)", "wait_ready(0.5)")
    )
    (tmp_path / "token").write_text("token")
    (tmp_path / "root.jwk").write_text(json.dumps({name: KEY[name] for name in ("kty", "crv", "x", "y")}))
    (tmp_path / "agency.jwk").write_text(json.dumps(KEY))
    environment = {"PYTHONPATH": str(README.parent), "PATH": ""}
    done = subprocess.run(  # noqa: S603 -- our own README
        [sys.executable, "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "TimeoutError" in done.stderr
    assert (tmp_path / "list.sqlite").exists()


@pytest.mark.parametrize("call", ["follow_stream", "verify", "repeat_report", "reports_to_review", "resume"])
def test_what_the_readme_names_is_there(call: str) -> None:
    assert f"{call}(" in README.read_text()
    assert callable(getattr(Subscriber, call))
