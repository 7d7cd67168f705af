import time
from concurrent.futures import ThreadPoolExecutor

from blauweknop.web.rate_limit import MemoryCounter
from tests.unit.web.practice_site import browser


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_turn_too_many_waits_until_the_first_is_over() -> None:
    clock = _Clock()
    counter = MemoryCounter(clock=clock)
    waits = []
    for _ in range(3):
        waits.append(counter.seconds_to_wait("a", limit=2, window=60))
        clock.now += 10
    assert waits == [0.0, 0.0, 40.0]


def test_after_the_window_a_turn_is_free_again() -> None:
    clock = _Clock()
    counter = MemoryCounter(clock=clock)
    counter.seconds_to_wait("a", limit=1, window=60)
    clock.now += 60
    assert counter.seconds_to_wait("a", limit=1, window=60) == 0.0


def test_each_key_has_its_own_turns() -> None:
    counter = MemoryCounter(clock=_Clock())
    counter.seconds_to_wait("a", limit=1, window=60)
    assert counter.seconds_to_wait("b", limit=1, window=60) == 0.0


class _SlowKey(str):
    """Lets another thread go first whenever it is looked up."""

    __slots__ = ()

    def __hash__(self) -> int:
        time.sleep(0.0001)
        return super().__hash__()


def test_threads_wait_for_each_other() -> None:
    counter = MemoryCounter(most_keys=1)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda number: counter.seconds_to_wait(_SlowKey(number % 4), limit=50, window=60), range(200)))
    assert waits == [0.0] * 200


def test_the_counter_does_not_grow_without_end() -> None:
    counter = MemoryCounter(clock=_Clock(), most_keys=10)
    for number in range(100):
        counter.seconds_to_wait(str(number), limit=1, window=60)
    assert len(counter._turns) == 10


def test_too_often_is_answered_with_when_to_come_back() -> None:
    with browser() as client:
        answers = [client.get("/bron/vaak") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
