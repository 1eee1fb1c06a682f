"""Generated documents follow the code: what is stale is named, what is no longer written is removed."""

from pathlib import Path

import pytest

from devstack import generated
from devstack.documents import rules

TESTS_OF_A_ROOM = """
import pytest
pytestmark = pytest.mark.rule("R-PAY-20")

@pytest.mark.rule("R-PAY-08")
def test_fee(): ...

class TestInterest:
    @pytest.mark.rule("R-GEN-04", "R-GEN-05")
    async def test_rounding(self): ...

def helper(): ...
"""


def write_two(docs: Path) -> None:
    (docs / "api").mkdir(exist_ok=True)
    (docs / "api" / "one.json").write_text("1")
    (docs / "api" / "two.json").write_text("2")


PART = generated.Part("api", f"{__name__}:write_two")


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docs folder of our own, and this module under its own name for the generator to be found by."""
    monkeypatch.setattr(generated, "import_module", lambda _: __import__("types").SimpleNamespace(write_two=write_two))
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


def test_missing_changed_and_left_over_files_are_stale_until_the_documents_are_written_anew(docs: Path) -> None:
    assert generated.differences(docs, (PART,)) == ["docs/api/one.json", "docs/api/two.json"]
    generated.rewrite(docs, (PART,))
    assert generated.differences(docs, (PART,)) == []
    (docs / "api" / "two.json").write_text("changed by hand")
    (docs / "api" / "three.json").write_text("nobody writes this any more")
    assert generated.differences(docs, (PART,)) == ["docs/api/three.json", "docs/api/two.json"]
    generated.rewrite(docs, (PART,))
    assert sorted(path.name for path in (docs / "api").iterdir()) == ["one.json", "two.json"]


def test_a_rule_is_found_in_the_modules_that_cite_it_and_in_every_file_whose_tests_carry_its_number(
    tmp_path: Path,
) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "libs").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "services" / "law.py").write_text('"""Fees (R-PAY-08)."""')
    (tmp_path / "tests" / "test_room.py").write_text(TESTS_OF_A_ROOM)
    found = rules.cited(tmp_path)
    assert found["R-PAY-08"].modules == {"services/law.py"}
    assert {number: where.tests for number, where in found.items()} == {
        number: {"tests/test_room.py"} for number in ("R-PAY-20", "R-PAY-08", "R-GEN-04", "R-GEN-05")
    }
