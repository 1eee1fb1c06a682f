"""`python -m libs.evidence verify-jws`: a third party verifies a paper with nothing but two files."""

import io
import json
from pathlib import Path

import pytest

from libs.evidence import Signer
from libs.evidence.__main__ import main
from libs.evidence.keys import new_key


@pytest.fixture
def signer() -> Signer:
    return Signer(new_key(kid="intake-1"))


@pytest.fixture
def jwks(signer: Signer, tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(signer.jwks()))
    return path


def test_a_whole_paper_is_shown_with_its_signer(
    signer: Signer, jwks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "receipt.jws"
    paper.write_text(signer.sign_now({"case_number": "(2026)云0381执1号"}) + "\n")
    assert main(["verify-jws", str(paper), "--jwks", str(jwks)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["payload"] == {"case_number": "(2026)云0381执1号"}
    assert shown["header"]["kid"] == "intake-1"


def test_a_paper_is_read_from_standard_input(signer: Signer, jwks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(signer.sign_now({"a": 1})))
    assert main(["verify-jws", "-", "--jwks", str(jwks)]) == 0


def test_an_altered_paper_fails(signer: Signer, jwks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = tmp_path / "receipt.jws"
    paper.write_text(signer.sign_now({"a": 1})[:-4] + "AAAA")
    assert main(["verify-jws", str(paper), "--jwks", str(jwks)]) == 1
    assert "does not verify" in capsys.readouterr().err


def test_a_missing_file_is_told_apart_from_a_bad_signature(jwks: Path, tmp_path: Path) -> None:
    assert main(["verify-jws", str(tmp_path / "nothing"), "--jwks", str(jwks)]) == 2
    (tmp_path / "bad.json").write_text("[]")
    (tmp_path / "paper").write_text("x")
    assert main(["verify-jws", str(tmp_path / "paper"), "--jwks", str(tmp_path / "bad.json")]) == 2
