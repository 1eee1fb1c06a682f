"""Pages: the same bytes from every process, each chained to the one before; and what the register refuses to take."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from services.credit_blacklist.feed.register.book import FeedFault
from services.credit_blacklist.feed.register.model import Appended, Point
from services.credit_blacklist.feed.register.pages import NO_PAGE, page_body
from services.credit_blacklist.feed.register.tables import Claim, open_for_writing
from tests.unit.credit_blacklist.entries import SESSION, Shelf, appended


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.close()


def listed(first: int, last: int) -> list[Appended]:
    return [appended(sequence, f"rec{sequence:04d}", 1) for sequence in range(first, last + 1)]


def body_of(shelf: Shelf, page: int, width: int) -> bytes:
    reading, feed, last = shelf.reading, shelf.feed.feed, page * 256 + width
    entries = [row.jws for row in reading.rows(feed, page * 256, last, width)]
    after = reading.checksum(feed, Point(SESSION, last))
    return page_body("air", page, reading.previous_page_sha256(feed, page), after, entries)


@pytest.mark.rule("R-CRB-33")
def test_every_page_names_the_hash_of_the_whole_page_before_it(shelf: Shelf) -> None:
    shelf.append(listed(1, 600))
    bodies = [body_of(shelf, 0, 256), body_of(shelf, 1, 256), body_of(shelf, 2, 88)]
    said = [orjson.loads(body) for body in bodies]
    assert [each["previous_page_sha256"] for each in said] == [
        NO_PAGE,
        hashlib.sha256(bodies[0]).hexdigest(),
        hashlib.sha256(bodies[1]).hexdigest(),
    ]
    assert [(each["first_sequence"], each["last_sequence"]) for each in said] == [(1, 256), (257, 512), (513, 600)]


def test_a_page_has_the_same_bytes_however_the_entries_came(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Shelf(tmp_path / "other")
    shelf.append(listed(1, 300))
    for sequence in range(1, 301):
        other.append(listed(sequence, sequence))
    assert [body_of(shelf, 0, 256), body_of(shelf, 1, 9)] == [body_of(other, 0, 256), body_of(other, 1, 9)]
    other.close()


def test_a_page_that_grows_keeps_what_was_in_it(shelf: Shelf) -> None:
    shelf.append(listed(1, 3))
    before = body_of(shelf, 0, 3)
    shelf.append([appended(4, "rec0001", 2, "REMOVED")])
    assert body_of(shelf, 0, 3) == before
    assert orjson.loads(body_of(shelf, 0, 4))["set"]["count"] == 2


def test_a_page_holds_its_entries_in_the_order_in_which_they_came(shelf: Shelf) -> None:
    came = [appended(sequence, f"rec{9 - sequence:04d}", 1) for sequence in (1, 2, 3)]
    shelf.append(came)
    assert orjson.loads(body_of(shelf, 0, 3))["entries"] == [entry.jws for entry in came]


@pytest.mark.parametrize(
    "entry",
    [
        appended(3, "rec0002", 1),
        appended(2, "rec0001", 1),
        Appended(2, "rec0002", 1, "a.b", "2024-06-03T01:00:00.000000Z", 2),
        Appended(2, "rec0002", 1, appended(2, "rec0003", 1).jws, "2024-06-03T01:00:00.000000Z", 2),
        appended(2, "rec0002", 1, view="rail"),
    ],
    ids=["gap", "old version", "no entry", "another record", "another view"],
)
def test_what_breaks_the_law_of_the_feed_is_not_taken_and_changes_nothing(shelf: Shelf, entry: Appended) -> None:
    shelf.append(listed(1, 1))
    before = shelf.feed
    with pytest.raises(FeedFault):
        shelf.append([entry])
    assert shelf.feed == before
    assert shelf.book.feeds() == [before]
    shelf.append(listed(2, 2))
    assert shelf.feed.sequence == 2


def test_a_register_goes_on_where_it_was_closed(tmp_path: Path) -> None:
    first = Shelf(tmp_path)
    first.append(listed(1, 300))
    known = first.feed
    first.close()
    again = Shelf(tmp_path)
    assert again.feed == known
    again.append(listed(301, 512))
    assert again.reading.checksum(again.feed.feed, Point(SESSION, 300)).state == known.state
    assert orjson.loads(body_of(again, 1, 256))["last_sequence"] == 512
    again.close()


def test_processes_that_share_a_folder_have_files_of_their_own(tmp_path: Path) -> None:
    first, second = Claim(tmp_path), Claim(tmp_path)
    assert first.path != second.path
    name = first.path
    first.release()
    third = Claim(tmp_path)
    assert third.path == name
    second.release()
    third.release()


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(b"no database at all" * 100)
    connection = open_for_writing(path)
    assert connection.execute("SELECT count(*) FROM entries").fetchone() == (0,)
    connection.close()
