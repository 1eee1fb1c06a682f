"""A loop ends even if its driver swallows the first cancellation."""

import asyncio

import pytest

from libs.journal.ending import end_tasks


@pytest.mark.asyncio
async def test_a_task_whose_driver_swallows_a_cancellation_is_asked_again() -> None:
    swallowed = asyncio.Event()

    async def loop() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed.is_set():
                    raise
                swallowed.set()

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end_tasks(task)
    assert swallowed.is_set()
    assert task.cancelled()


@pytest.mark.asyncio
async def test_what_a_task_raises_while_it_ends_is_its_own_affair() -> None:
    async def fails_on_the_way_out() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise ConnectionError("the driver was in the middle of something")

    task = asyncio.create_task(fails_on_the_way_out())
    await asyncio.sleep(0)
    await end_tasks(task)
    assert isinstance(task.exception(), ConnectionError)
