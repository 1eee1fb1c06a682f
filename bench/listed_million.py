"""A million listed persons in a register: made once into `.bench/` and kept there for the letters that ask for it.

The register is filled directly, by its own way of writing (`Book.append`), as if the journal had told it: the journal
and the signing of a million decisions are not what these letters measure. So the entries' signatures are 64 constant
bytes; a register does not look at them.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant_text
from services.credit_blacklist.feed.register.book import Book, Feed
from services.credit_blacklist.feed.register.following import Following
from services.credit_blacklist.feed.register.model import Appended, Head
from services.credit_blacklist.feed.register.questions import Questions
from services.credit_blacklist.feed.register.tables import LAYOUT, open_for_writing

VIEW: Final = "court"
SESSION: Final = "5b1f0a52-64b5-4f4a-8f6c-0d5a0c3e9a11"
LISTED: Final = 1_000_000
BATCH: Final = 512
FOLDER: Final = Path(__file__).parent.parent / ".bench"
BIRTHDAYS: Final = [datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(20_000)]
AT: Final = datetime(2024, 4, 1, 1, 0, tzinfo=UTC)
NOW: Final = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
"""The day on which the list is asked; its head was signed then."""
CARD: Final = "RESIDENT_IDENTITY_CARD"
FORM: Final = 1
"""Raised when what is filled in changes."""

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FAMILY: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉春梅海燕志红"
_SIGNATURE: Final = "A" * 86
_HEADER: Final = urlsafe_b64encode(b'{"alg":"ES256","kid":"bench","typ":"zhixing-entry+jws"}').rstrip(b"=").decode()


def number_of(person: int) -> str:
    """Return the identity number of one of 20 million persons; those below a million are listed."""
    born, sequence = divmod(person * 7_919 % 20_000_000, 1000)
    body = f"530399{BIRTHDAYS[born]:%Y%m%d}{sequence:03}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def name_of(person: int) -> str:
    """Return a name of two or three characters, as common as names are."""
    rest, family = divmod(person * 31, len(_FAMILY))
    rest, given = divmod(rest, len(_GIVEN))
    return _FAMILY[family] + _GIVEN[given] + (_GIVEN[rest % len(_GIVEN)] if rest % 3 else "")


def payload_of(person: int) -> dict[str, Any]:
    """Return the entry of a listed person."""
    digest = hashlib.sha256(b"%d" % person).hexdigest()
    case = f"（2024）云0381执{person}号"
    return {
        "view": VIEW,
        "record_id": f"lst_{digest[:24]}",
        "list_type": "LISTING",
        "record_version": 1,
        "status": "LISTED",
        "change": "ADDED",
        "subject": {
            "name": name_of(person),
            "party_type": "PERSON",
            "identity_documents": [{"type": CARD, "number": number_of(person)}],
        },
        "role": "DEBTOR",
        "court": {"code": "云0381", "name": "大理市人民法院", "telephone": "0872-2310001"},
        "case_number": case,
        "order_number": f"{case}之一",
        "decided_on": "2024-04-01",
        "changed_at": instant_text(AT),
        "effective_from": instant_text(AT),
        "expires_at": "2026-04-01T16:00:00.000000Z",
        "grounds": ["VIOLATES_PROPERTY_REPORTING"],
        "duty": "支付申请执行人借款本金及利息，并加倍支付迟延履行期间的债务利息。",
        "performance": "NONE",
        "salt": digest[32:],
    }


def entries(count: int) -> Iterator[Appended]:
    """Yield the entries, as the journal would tell them."""
    at = instant_text(AT)
    for person in range(count):
        payload = payload_of(person)
        text = urlsafe_b64encode(canonical_bytes(payload)).rstrip(b"=").decode()
        jws = f"{_HEADER}.{text}.{_SIGNATURE}"
        yield Appended(person + 1, payload["record_id"], 1, jws, at, person // BATCH + 1)


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled register: its file, its session, and how long filling took (0: it was there)."""

    path: Path
    feed: Feed
    seconds: float

    def questions(self) -> Questions:
        """Return the reading side, on a head that names everything and was issued at `NOW`."""
        feed = self.feed
        following = SimpleNamespace(feed=lambda session: feed if session == feed.session_id else None)
        found = Questions(cast("Following", following))
        found._path = self.path  # noqa: SLF001 -- there is no journal here whose register would open it
        payload = {"view": VIEW, "session_id": SESSION, "sequence": feed.sequence}
        payload |= {"issued_at": instant_text(NOW)}
        found._known[VIEW] = Head("", payload, 1, "")  # noqa: SLF001 -- the same
        return found


def filled(count: int = LISTED) -> Filled:
    """Return the register; unless it is there as it should be, a process of its own fills it anew.

    Of its own, so that the memory of filling is not measured with whoever asked.
    """
    path, began = FOLDER / f"listed-{count}-{LAYOUT}-{FORM}.sqlite", time.perf_counter()
    found = _standing(path, count)
    if found is None:
        command = [sys.executable, "-m", "bench.listed_million", str(count)]
        subprocess.run(command, check=True, cwd=FOLDER.parent)  # noqa: S603 -- ourselves
        found = _standing(path, count)
        assert found is not None, "it was just filled"
        return Filled(path, found, time.perf_counter() - began)
    return Filled(path, found, 0.0)


def _standing(path: Path, count: int) -> Feed | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Book(open_for_writing(path))
    try:
        return next((feed for feed in book.feeds() if feed.sequence == count), None)
    finally:
        book.close()


def fill(count: int) -> None:
    """Fill the register anew."""
    path = FOLDER / f"listed-{count}-{LAYOUT}-{FORM}.sqlite"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    connection = open_for_writing(path)
    for pragma in ("synchronous=OFF", "cache_size=-1048576", "wal_autocheckpoint=65536"):
        connection.execute(f"PRAGMA {pragma}")  # the file is a bench's: it may be lost, and should be there soon
    book = Book(connection)
    feed = book.open(VIEW, SESSION, instant_text(AT), "0" * 64)
    rows = entries(count)
    while batch := list(islice(rows, BATCH)):
        feed = book.append(feed, batch, version=batch[-1].commit_version, commit_hash="0" * 64, ended=False)
    book.close()


if __name__ == "__main__":
    fill(int(sys.argv[1]))
