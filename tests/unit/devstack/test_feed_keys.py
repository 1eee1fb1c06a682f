"""The feed's key sets as the offline root signs them: each can be walked to from the one before, or is not signed."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from devstack.cli import app
from devstack.feed_keys import KeySetRefused, newest, public_half, sign_next
from libs.evidence.keys import new_key
from services.credit_blacklist.feed.distribution.key_sets import read_on

AT = datetime(2024, 3, 13, 1, 0, tzinfo=UTC)
ROOT, OTHER_ROOT, HEAD, NEXT_HEAD, COURT, NEXT_COURT = (new_key() for _ in range(6))


def first(folder: Path) -> Path:
    return sign_next(folder, ROOT, at=AT, heads=[HEAD], entries=[COURT])


def kids(folder: Path, kind: str) -> list[str]:
    return [jwk["kid"] for jwk in newest(folder)[1][kind]]


def test_the_service_walks_over_every_set_that_was_signed(tmp_path: Path) -> None:
    first(tmp_path)
    sign_next(tmp_path, ROOT, at=AT, heads=[NEXT_HEAD])
    sign_next(tmp_path, ROOT, at=AT, roots=[OTHER_ROOT])
    sign_next(tmp_path, OTHER_ROOT, at=AT, entries=[NEXT_COURT])
    chain, trouble = read_on(tmp_path, ())
    assert trouble is None
    assert [one.version for one in chain] == [1, 2, 3, 4]


def test_a_new_head_key_takes_the_place_of_the_former(tmp_path: Path) -> None:
    first(tmp_path)
    sign_next(tmp_path, ROOT, at=AT, heads=[NEXT_HEAD])
    assert kids(tmp_path, "head_keys") == [NEXT_HEAD.kid]


def test_a_retired_entry_key_stays_for_what_it_signed(tmp_path: Path) -> None:
    first(tmp_path)
    sign_next(tmp_path, ROOT, at=AT, entries=[NEXT_COURT])
    sign_next(tmp_path, ROOT, at=AT, entries=[NEXT_COURT])
    assert kids(tmp_path, "entry_keys") == [COURT.kid, NEXT_COURT.kid]


def test_a_root_that_was_replaced_signs_nothing_more(tmp_path: Path) -> None:
    first(tmp_path)
    sign_next(tmp_path, ROOT, at=AT, roots=[OTHER_ROOT])
    with pytest.raises(KeySetRefused, match="is no root of set 2"):
        sign_next(tmp_path, ROOT, at=AT, heads=[NEXT_HEAD])
    assert not (tmp_path / "3.jws").exists()


def test_a_stranger_signs_nothing(tmp_path: Path) -> None:
    first(tmp_path)
    with pytest.raises(KeySetRefused, match="is no root of set 1"):
        sign_next(tmp_path, OTHER_ROOT, at=AT, heads=[NEXT_HEAD])


def test_nothing_is_built_on_a_set_that_was_changed(tmp_path: Path) -> None:
    path = first(tmp_path)
    head, body, mark = path.read_text().split(".")
    path.write_text(f"{head}.{body}.{mark[::-1]}")
    with pytest.raises(KeySetRefused, match=r"1\.jws does not verify"):
        sign_next(tmp_path, ROOT, at=AT, heads=[NEXT_HEAD])


def test_nothing_is_built_on_what_is_no_set(tmp_path: Path) -> None:
    (tmp_path / "1.jws").write_text("no set")
    with pytest.raises(KeySetRefused):
        newest(tmp_path)


def test_a_set_without_a_key_for_heads_or_entries_is_not_signed(tmp_path: Path) -> None:
    with pytest.raises(KeySetRefused, match="no head_keys and no entry_keys"):
        sign_next(tmp_path, ROOT, at=AT)


def test_no_private_part_is_ever_written(tmp_path: Path) -> None:
    first(tmp_path)
    said = newest(tmp_path)[1]
    assert all("d" not in jwk for kind in ("roots", "head_keys", "entry_keys") for jwk in said[kind])
    assert "d" not in public_half(ROOT)


def test_the_command_signs_the_next_set_and_says_where_it_is(tmp_path: Path) -> None:
    sets = tmp_path / "sets"
    first(sets)
    for name, key in (("root", ROOT), ("head", NEXT_HEAD)):
        (tmp_path / name).write_bytes(orjson.dumps(key.as_dict(private=True)))
    command = ["feed-keys", str(sets), "--root", str(tmp_path / "root"), "--head", str(tmp_path / "head")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert kids(sets, "head_keys") == [NEXT_HEAD.kid]


def test_the_command_refuses_in_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["feed-keys", str(tmp_path), "--root", str(tmp_path / "nothing")])
    assert done.exit_code == 1
    assert "Traceback" not in done.output
