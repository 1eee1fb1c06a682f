"""Cases whose debtors are restricted and let go while everything is being killed, and what must come of each."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

from tests.fault.feed.house import SERVICE, FeedHouse
from tests.fault.feed.mouth import Debtor, Mouth, debtor
from tests.fault.kill.client import Command

DEBTORS_EACH = 2
PAUSE = 0.25
NOT_YET = frozenset({"case_file_unknown", "person_not_here_yet", "debtor_not_in_default"})
"""What is said of a case whose events have not all arrived."""


@dataclass
class Life:
    """One case: whom it names, and how far it came."""

    case_id: str
    debtors: list[Debtor]
    pays: bool
    order_id: str = ""
    served: bool = False
    paid: bool = False


@dataclass
class Court:
    """Lets cases live."""

    house: FeedHouse
    mouth: Mouth
    lives: list[Life] = field(default_factory=list)
    stopping: bool = False
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def many(self, at_once: int) -> None:
        """Let cases live one after the other, so many at once, until `stopping`."""
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._one_after_the_other())

    async def _one_after_the_other(self) -> None:
        while not self.stopping:
            await self.live()

    async def live(self) -> Life:
        """Let one case live: filed, restricted, and two of three times paid."""
        serial = next(self._numbers)
        debtors = [debtor(serial * DEBTORS_EACH + number) for number in range(DEBTORS_EACH)]
        life = Life(f"case_{serial}", debtors, pays=serial % 3 != 0)
        self.lives.append(life)
        await self.mouth.registered(life.case_id, debtors)
        await self._restrict(life)
        await asyncio.sleep(PAUSE)
        if life.pays:
            await self.mouth.satisfied(life.case_id)
            life.paid = True
        return life

    async def _restrict(self, life: Life) -> None:
        persons = [{"role": "DEBTOR", "party_id": one.party_id} for one in life.debtors]
        body = {"case_id": life.case_id, "kinds": [1, 2, 3, 9], "reason": "UNPAID", "persons": persons}
        while True:
            drafted = await self._write("officer", "/v1/restriction-orders", body)
            if drafted.accepted:
                break
            assert drafted.answer is not None
            assert drafted.answer.code in NOT_YET, drafted.answer
            await asyncio.sleep(PAUSE)
        assert drafted.answer is not None
        life.order_id = str(drafted.answer.body["id"])
        path = f"/v1/restriction-orders/{life.order_id}"
        await self._accepted("president", f"{path}/approvals", {"decision": "APPROVE"}, drafted.answer.etag)
        await self._accepted("officer", f"{path}/services", {"method": "DIRECT", "evidence": "回证"})
        life.served = True

    async def _accepted(self, who: str, path: str, body: dict[str, str], etag: str | None = None) -> None:
        done = await self._write(who, path, body, etag)
        assert done.accepted, (path, done.answer)

    async def _write(self, who: str, path: str, body: object, etag: str | None = None) -> Command:
        return await self.house.client.write(who, SERVICE, path, body, etag=etag)
