"""Pages: 256 sequences each; a whole page verifies, or nothing of it is used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.entries import Entry, read_entry
from zhixing_feed.jws import KeyRing, NotVerified, payload_of, without_floats
from zhixing_feed.log_tree import leaf_hash
from zhixing_feed.replay import Replay, Step

PAGE_ENTRIES: Final = 256


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: well-formed, and nothing of it believed yet."""

    view: str
    session_id: str
    number: int
    first: int
    last: int
    previous_sha256: str
    count: int
    digest: str
    log_root: str
    entries: tuple[str, ...]
    sha256: str

    @property
    def full(self) -> bool:
        """Whether it holds all its sequences and never changes again."""
        return self.last == (self.number + 1) * PAGE_ENTRIES


def page_of(sequence: int) -> int:
    """Return the page that a sequence (from 1 on) stands in."""
    return (sequence - 1) // PAGE_ENTRIES


def read_page(body: bytes) -> Page:
    """Return a page. Raises `FeedFault`: cut off, or no page."""
    try:
        claims = without_floats(body)
    except (ValueError, RecursionError) as error:
        raise FeedFault(AlarmCode.BODY_TRUNCATED, "the page's JSON is cut off or none") from error
    if not isinstance(claims, dict):
        raise FeedFault(AlarmCode.PAGE_MALFORMED, "a page is an object")
    try:
        count, digest = fields.set_of(claims)
        page = Page(
            view=fields.text(claims, "view"),
            session_id=fields.text(claims, "session_id"),
            number=fields.whole(claims, "page"),
            first=fields.whole(claims, "first_sequence", least=1),
            last=fields.whole(claims, "last_sequence"),
            previous_sha256=fields.digest(claims, "previous_page_sha256"),
            count=count,
            digest=digest,
            log_root=fields.digest(claims, "log_root"),
            entries=tuple(fields.texts(claims, "entries")),
            sha256=hashlib.sha256(body).hexdigest(),
        )
    except fields.FieldWrong as error:
        raise FeedFault(AlarmCode.PAGE_MALFORMED, str(error)) from error
    begin = page.number * PAGE_ENTRIES
    if page.first != begin + 1 or not begin < page.last <= begin + PAGE_ENTRIES:
        raise FeedFault(AlarmCode.PAGE_MALFORMED, f"page {page.number} cannot hold {page.first}–{page.last}")
    if len(page.entries) != page.last - page.first + 1:
        detail = f"page {page.number} says {page.first}–{page.last} and holds {len(page.entries)} entries"
        raise FeedFault(AlarmCode.SEQUENCE_GAP, detail, page=page.number)
    return page


def verified_step(page: Page, replay: Replay, keys: KeyRing, *, number: int, last: int, previous: str | None) -> Step:
    """Let the replay take a page, and return what to write for it.

    `number` and `last` are what was asked for; `previous` is the hash of the full page before, where it is known.
    Raises `FeedFault` for whatever differs; the replay is of no use then.
    """
    if (page.view, page.session_id, page.number, page.last) != (replay.view, replay.session_id, number, last):
        raise FeedFault(AlarmCode.PAGE_MALFORMED, f"page {number} up to {last} was asked for, another one came")
    if previous is not None and page.previous_sha256 != previous:
        raise FeedFault(AlarmCode.PAGE_CHAIN_BROKEN, f"page {number} does not follow the page before", page=number)
    held = replay.sequence - page.first + 1
    if held < 0 or held > len(page.entries):
        raise FeedFault(AlarmCode.SEQUENCE_GAP, f"page {number} does not go on after {replay.sequence}", page=number)
    _prove_same_beginning(page, replay, held)
    rows: list[tuple[int, Entry]] = []
    for sequence, text in enumerate(page.entries[held:], start=page.first + held):
        try:
            rows.append((sequence, read_entry(text, keys, replay.view)))
        except FeedFault as fault:
            fault.facts["sequence"] = sequence
            raise
    step = replay.take(rows)
    replay.prove(page.count, page.digest, page.log_root, where=f"page {number}")
    step.page = (page.number, page.sha256) if page.full else None
    return step


def _prove_same_beginning(page: Page, replay: Replay, held: int) -> None:
    """Entries that are held already must be the very same: a page that was served never changes."""
    if not held or replay.frontier is None:
        return
    frontier = replay.frontier.before(PAGE_ENTRIES)
    if frontier.size != page.first - 1:
        return
    try:
        for text in page.entries[:held]:
            frontier.append(leaf_hash(payload_of(text)))
    except (ValueError, NotVerified, IndexError) as error:
        raise FeedFault(AlarmCode.PAGE_MALFORMED, f"page {page.number} has something else than entries") from error
    if frontier.root() != replay.frontier.root():
        detail = f"page {page.number} begins with other entries than it did"
        raise FeedFault(AlarmCode.PAGE_CHANGED, detail, page=page.number, sha256=page.sha256)
