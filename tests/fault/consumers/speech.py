"""What is said to the consumers: facts under a hot key and some cold ones, some of which cannot be processed."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

COURT = "%E4%BA%910381"
HOT, COLD_KEYS = "hot", 11
HOT_SHARE = 0.5

FINE, BUG, UNREADABLE = "fine", "bug", "unreadable"
"""Read and handled; handled only when the handler is mended; never read."""

Place = tuple[int, int]
"""Partition and offset."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message: its event's id, its key, its number within the key, the name that is noted, and its kind."""

    event: str
    key: str
    seq: int
    name: str
    kind: str


def speech(seed: int, count: int, poison: Sequence[str] = ()) -> list[Said]:
    """Return the messages of a seed; each kind of `poison` stands once among the middle ones of the hot key."""
    draw = random.Random(seed)
    keys = [HOT if draw.random() < HOT_SHARE else f"cold-{draw.randrange(COLD_KEYS)}" for _ in range(count)]
    middle = [at for at, key in enumerate(keys) if key == HOT and count // 4 < at < count // 2]
    kinds = dict(zip(sorted(draw.sample(middle, len(poison))), poison, strict=True))
    seqs: dict[str, int] = {}
    said = []
    for at, key in enumerate(keys):
        seq = seqs[key] = seqs.get(key, 0) + 1
        kind = kinds.get(at, FINE)
        said.append(Said(f"evt_{key}_{seq}", key, seq, f"{kind}-{key}-{seq}", kind))
    return said


def _value(said: Said) -> bytes:
    facts = {"case_id": "case_1", "document_id": "doc_1", "reason": said.name, "rejected_by": "u1"}
    whole = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()
    return whole[:-1] if said.kind == UNREADABLE else whole


def _headers(said: Said) -> list[tuple[str, bytes]]:
    texts = {
        "ce_specversion": "1.0",
        "ce_id": said.event,
        "ce_source": "/zhixing/intake",
        "ce_type": "zhixing.intake.document_rejected.v1",
        "ce_subject": f"case/{said.key}",
        "ce_time": "2026-03-02T01:00:00.000000Z",
        "content-type": "application/json",
        "ce_partitionkey": said.key,
        "ce_sequence": f"{said.seq:010d}",
        "ce_court": COURT,
        "ce_correlationid": said.event,
    }
    return [(name, text.encode()) for name, text in texts.items()]


@dataclass
class Speaker:
    """Says a speech at a pace, in order, whatever happens to the broker; `placed` tells where each message stands."""

    bootstrap: str
    topic: str
    messages: Sequence[Said]
    per_second: float
    placed: dict[Place, Said] = field(default_factory=dict)

    @contextmanager
    def speaking(self) -> Iterator[Future[None]]:
        """Speak meanwhile; the future is done when everything has been said."""
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(lambda: asyncio.run(self._speak()))

    async def _speak(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            request_timeout_ms=60_000,
        )
        await producer.start()
        try:
            began = asyncio.get_running_loop().time()
            sent: list[asyncio.Future[object]] = []
            for number, said in enumerate(self.messages):
                pause = began + number / self.per_second - asyncio.get_running_loop().time()
                if pause > 0:
                    await asyncio.sleep(pause)
                sending = await producer.send(
                    self.topic, value=_value(said), key=said.key.encode(), headers=_headers(said)
                )
                sending.add_done_callback(lambda done, said=said: self._note(done, said))
                sent.append(sending)
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    def _note(self, done: asyncio.Future[object], said: Said) -> None:
        if not done.cancelled() and done.exception() is None:
            stands = done.result()
            self.placed[(stands.partition, stands.offset)] = said  # type: ignore[attr-defined]  # aiokafka ships no types
