"""A relay or a consumer as a process of its own, to be killed: `python member_process.py relay|consumer …`."""

import asyncio
import sys
from collections.abc import Iterable

from libs.bus import BusSettings, Consumer, Dispatch, Message, Relay
from libs.bus.message import Handler
from libs.foundation.clock import RealClock
from libs.journal import Journal, JournalSettings
from libs.schemas.envelope import Event
from libs.schemas.intake import DocumentRejected
from tests.integration.bus.stage import CASES, NOTES, Note


def on_document_rejected(message: Message[DocumentRejected]) -> Iterable[Dispatch]:
    yield Dispatch(f"notes/{message.key}", Note(message.event.reason))


async def main(part: str, bootstrap: str, prefix: str, mongo_uri: str, database: str) -> None:
    service, decider = ("intake", CASES) if part == "relay" else ("payments", NOTES)
    settings = JournalSettings(
        mongo_uri=mongo_uri, database=database, run_projector=False, run_timers=False, run_effects=False
    )
    journal = Journal(settings, service=service, clock=RealClock(), deciders=[decider])
    await journal.start()
    bus = BusSettings(
        bootstrap=bootstrap, topic_prefix=prefix, lease_seconds=1.5, session_timeout_ms=6000, heartbeat_ms=500
    )
    if part == "relay":
        await Relay(bus, journal, service=service).start()
    else:
        handlers: dict[type[Event], Handler] = {DocumentRejected: on_document_rejected}
        await Consumer(bus, journal, name=service, handlers=handlers, clock=RealClock()).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
