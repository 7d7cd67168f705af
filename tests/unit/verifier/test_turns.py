import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from blauweknop.verifier.turns import TooBusy, Turns

Work = Callable[[], str]


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def waiting_for(event: threading.Event) -> Work:
    return lambda: "done" if event.wait(10) else "too late"


async def settled(*tasks: asyncio.Task[str]) -> list[str]:
    return [
        type(found).__name__ if isinstance(found, BaseException) else found
        for found in await asyncio.gather(*tasks, return_exceptions=True)
    ]


def test_of_one_address_one_file_is_checked_at_a_time() -> None:
    busy, most = 0, 0

    def work() -> str:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        time.sleep(0.02)
        busy -= 1
        return "done"

    async def attack() -> None:
        turns = Turns()
        assert await settled(*(asyncio.create_task(turns.take("a", work)) for _ in range(4))) == ["done"] * 4

    run(attack())
    assert most == 1


def test_another_address_does_not_wait_for_it() -> None:
    async def attack() -> None:
        turns, going = Turns(), threading.Event()
        slow = [asyncio.create_task(turns.take("a", waiting_for(going))) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert await turns.take("b", lambda: "other") == "other"
        assert not any(task.done() for task in slow)
        going.set()
        assert await settled(*slow) == ["done"] * 4

    run(attack())


def test_too_many_of_one_address_are_told_so_at_once() -> None:
    async def attack() -> None:
        turns, going = Turns(most_of_one=2), threading.Event()
        first = [asyncio.create_task(turns.take("a", waiting_for(going))) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(TooBusy):
            await turns.take("a", lambda: "third")
        going.set()
        assert await settled(*first) == ["done"] * 2
        assert await turns.take("a", lambda: "later") == "later"

    run(attack())


def test_too_many_in_all_are_told_so_at_once() -> None:
    async def attack() -> None:
        turns, going = Turns(most=2), threading.Event()
        first = [asyncio.create_task(turns.take(who, waiting_for(going))) for who in "ab"]
        await asyncio.sleep(0.05)
        with pytest.raises(TooBusy):
            await turns.take("c", lambda: "third")
        going.set()
        assert await settled(*first) == ["done"] * 2

    run(attack())


def test_nobody_waits_longer_than_is_reasonable() -> None:
    async def attack() -> None:
        turns, going = Turns(patience_seconds=0.1), threading.Event()
        first = asyncio.create_task(turns.take("a", waiting_for(going)))
        await asyncio.sleep(0.02)
        with pytest.raises(TooBusy):
            await turns.take("a", lambda: "second")
        going.set()
        assert await settled(first) == ["done"]

    run(attack())


def test_who_fails_or_goes_away_leaves_the_turn_to_the_next() -> None:
    def failing() -> str:
        raise KeyError

    async def attack() -> None:
        turns = Turns()
        with pytest.raises(KeyError):
            await turns.take("a", failing)
        going = threading.Event()
        gone = asyncio.create_task(turns.take("a", waiting_for(going)))
        await asyncio.sleep(0.02)
        gone.cancel()
        assert await settled(gone) == ["CancelledError"]
        going.set()
        assert await turns.take("a", lambda: "next") == "next"

    run(attack())
