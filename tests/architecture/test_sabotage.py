"""The list of sabotage must not rot: every patch still applies, its tests exist, and no room is left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from sabotage.patches import ROOT, Patch, flaws, load
from sabotage.trial import undefined_names

PATCHES = load()
ONE = PATCHES[0]


def test_every_patch_applies_and_names_tests_that_exist() -> None:
    assert flaws(PATCHES) == []


def test_no_patch_uses_a_name_that_is_not_there(tmp_path: Path) -> None:
    for patch in PATCHES:
        (tmp_path / f"{patch.name}.py").write_text(patch.applied((ROOT / patch.file).read_text()))
    assert undefined_names(tmp_path) == ""
    (tmp_path / "misspelt.py").write_text("print(nowhere)")
    assert "nowhere" in undefined_names(tmp_path)


@pytest.mark.parametrize(
    ("spoilt", "flaw"),
    [
        (replace(ONE, old="no line of this file"), "stands 0 times"),
        (replace(ONE, old="return"), "once is needed"),
        (replace(ONE, new=ONE.old), "changes one line"),
        (replace(ONE, new=f"{ONE.old}\n    pass"), "changes one line"),
        (replace(ONE, new="    if"), "no Python"),
        (replace(ONE, file="libs/journal/nowhere.py"), "there is no libs/journal/nowhere.py"),
        (replace(ONE, tests=()), "names no test"),
        (replace(ONE, tests=("tests/unit/nowhere.py::test_it",)), "there is no test tests/unit/nowhere.py::test_it"),
        (replace(ONE, tests=(f"{ONE.tests[0]}_which_is_gone",)), "there is no test"),
        (replace(PATCHES[1], name=ONE.name), "two patches have this name"),
    ],
)
def test_what_is_wrong_with_a_patch_is_named(spoilt: Patch, flaw: str) -> None:
    assert [found for found in flaws([ONE, spoilt]) if flaw in found]


def test_a_room_that_is_left_out_is_named() -> None:
    found = flaws(PATCHES[:5])
    assert "libs/bus: 0 patches, at least 3 are needed" in found
    assert "5 patches, at least 20 are needed" in found
