"""The register of one process: it follows the journal and the signed heads, and answers from a file of its own.

Shown is what a signed head has named, of whichever process; this process may be behind it for a moment, and then
whoever asks waits (`reach`). Everything that touches the file runs in threads: one writes, some read.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from libs.journal import Journal
from libs.journal.ending import end_tasks
from libs.telemetry import get_logger
from services.credit_blacklist.feed.register.book import Book
from services.credit_blacklist.feed.register.following import Following
from services.credit_blacklist.feed.register.heads import HeadShelf
from services.credit_blacklist.feed.register.model import Head, Point
from services.credit_blacklist.feed.register.questions import Questions
from services.credit_blacklist.feed.register.tables import Claim, open_for_writing

log = get_logger("zhixing.feed")

T = TypeVar("T")

POLL_SECONDS: Final = 0.25
"""How often other processes' commits and heads are looked for; our own are told."""
FAULT_PAUSE_SECONDS: Final = 1.0


class Register(Questions):
    """Reads of the feed. A part of the application: `start` it after the journal."""

    def __init__(self, journal: Journal, views: Iterable[str], folder: Path | None = None) -> None:
        """`folder` None: a folder of the process's own, gone with it."""
        self._journal = journal
        self.views = tuple(views)
        self.heads = HeadShelf(journal)
        self._folder = folder
        self._writing = ThreadPoolExecutor(1, "register-write")
        super().__init__(Following(journal, self.views, self._writing))
        self._differs: dict[str, str] = {}
        self._callbacks: list[Callable[[str], None]] = []
        self._movers: list[Callable[[], None]] = []
        self._poked, self._moved = asyncio.Event(), asyncio.Event()
        self._trouble: str | None = "not started"
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the file and begin to follow; it catches up in the background."""
        self._own = tempfile.TemporaryDirectory(prefix="register-") if self._folder is None else None
        self._claim = Claim(Path(self._own.name) if self._own else self._folder or Path())
        self._path = self._claim.path
        loop = asyncio.get_running_loop()
        book = await loop.run_in_executor(self._writing, lambda: Book(open_for_writing(self._claim.path)))
        self._book = book
        await self._following.open(book)
        self._journal.on_commit(self._poked.set)
        self._trouble = "catching up"
        self._task = asyncio.create_task(self._run(), name="register")

    async def stop(self) -> None:
        """Stop following, end the questions in flight, let go of the file."""
        if self._task is None:
            return
        await end_tasks(self._task)
        self._task = None
        self._trouble = "stopped"
        self._reading.shutdown()
        for connection in self._connections:
            connection.close()
        self._writing.submit(self._book.close).result()
        self._writing.shutdown()
        self._claim.release()
        if self._own is not None:
            self._own.cleanup()

    def readiness(self) -> dict[str, str]:
        """Return why it does not get on."""
        return {"register": self._trouble} if self._trouble else {}

    def alarms(self) -> dict[str, str]:
        """Return sessions that break their own law, and views whose signed head is not what this register holds."""
        found = {f"feed session {session}": fault for session, fault in self._following.faults.items()}
        return found | {f"feed {view}": text for view, text in self._differs.items()}

    async def _run(self) -> None:
        while True:
            self._poked.clear()
            try:
                moved = await self._following.step()
                await self._adopt_heads()
                if not moved:
                    self._trouble = None
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is told and tried again
                self._trouble = f"{type(error).__name__}: {error}"[:300]
                log.warning("register_stuck", error=self._trouble)
                await asyncio.sleep(FAULT_PAUSE_SECONDS)
                continue
            if moved:
                self._tell_waiting()
                for mover in self._movers:
                    mover()
                continue
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._poked.wait()
            except TimeoutError:
                continue

    def _tell_waiting(self) -> None:
        waiting, self._moved = self._moved, asyncio.Event()
        waiting.set()

    async def _adopt_heads(self) -> None:
        for view, head in (await self.heads.all(self.views)).items():
            await self.adopt(view, head)

    async def adopt(self, view: str, head: Head) -> None:
        """Take a head for the newest, once this register has what it names and agrees with it."""
        known = self._known.get(view)
        if known is not None and known.revision >= head.revision and known.issued_at >= head.issued_at:
            return
        feed = self._following.feed(head.session_id)
        if feed is None or feed.sequence < head.sequence or self._following.sessions(view).active != head.session_id:
            return
        if known is None or known.point != head.point:
            held = await self.checksum(view, head.session_id, head.sequence)
            if (held.set, held.log_root) != (head.payload["set"], head.payload["log_root"]):
                self._differs[view] = f"the signed head names another list at {head.sequence} than this register holds"
                return
        self._differs.pop(view, None)
        self._known[view] = head
        self._tell_waiting()
        for callback in self._callbacks:
            callback(view)

    async def head(self, view: str) -> Head | None:
        """Return the newest signed head as it stands now, of whichever process. Raises `StoreUnavailable`."""
        return await self.heads.get(view)

    def on_moved(self, callback: Callable[[], None]) -> None:
        """Have `callback` called in the event loop when entries or sessions came in, named or not; it must not wait."""
        self._movers.append(callback)

    def on_head(self, callback: Callable[[str], None]) -> None:
        """Have `callback(view)` called in the event loop when a newer head is known here; it must not block."""
        self._callbacks.append(callback)

    async def wait_for(self, view: str, sequence: int, seconds: float) -> bool:
        """Wait until a head of the view names `sequence` and its entries are here; False when the time is over."""
        return await self._wait(
            lambda: (head := self._known.get(view)) is not None and head.sequence >= sequence, seconds
        )

    def _names(self, view: str, sequence: int) -> bool:
        head = self._known.get(view)
        return head is not None and head.sequence >= sequence

    async def reach(self, point: Point, seconds: float) -> bool:
        """Wait until this register keeps the point, named or not; False when the time is over."""

        def kept() -> bool:
            feed = self._following.feed(point.session_id)
            return feed is not None and feed.sequence >= point.sequence

        return await self._wait(kept, seconds)

    async def _wait(self, there: Callable[[], bool], seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while not there():
                    self._poked.set()
                    await self._moved.wait()
        except TimeoutError:
            return there()
        return True
