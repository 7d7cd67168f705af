from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from blauweknop.standards.kept import Kept


class Thing:
    """Equal to all others, and still another."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        raise AssertionError("expected not to be hashed")


def identity(thing: Thing) -> int:
    return id(thing)


def counted(most: int) -> Kept[Thing, int]:
    """The fact is how many were worked out."""
    numbers = count(1)

    def make(_: Thing) -> int:
        return next(numbers)

    return Kept(make, most=most)


def test_a_fact_is_worked_out_once_for_a_thing() -> None:
    kept = counted(4)
    thing = Thing()
    assert [kept.of(thing), kept.of(thing)] == [1, 1]


def test_an_equal_thing_has_a_fact_of_its_own() -> None:
    kept = Kept(identity, most=4)
    first, second = Thing(), Thing()
    assert (kept.of(first), kept.of(second)) == (id(first), id(second))


def test_a_tuple_counts_by_its_members_and_their_places() -> None:
    numbers = count(1)

    def make(_: Thing, __: tuple[Thing, ...]) -> int:
        return next(numbers)

    kept = Kept(make, most=8)
    first, second = Thing(), Thing()
    found = [kept.of(first, (first, second)), kept.of(first, (second, first)), kept.of(first, (first,)), kept.of(first, (first, second))]
    assert found == [1, 2, 3, 1]


def test_when_there_are_enough_the_oldest_makes_way() -> None:
    kept = counted(2)
    things = [Thing() for _ in range(3)]
    assert [kept.of(thing) for thing in (*things, things[2], things[1], things[0])] == [1, 2, 3, 3, 2, 4]


def test_what_raises_is_not_kept() -> None:
    numbers = count()

    def make(_: Thing) -> int:
        return 5 // next(numbers)

    kept, thing = Kept(make, most=2), Thing()
    with pytest.raises(ZeroDivisionError):
        kept.of(thing)
    assert kept.of(thing) == 5


def test_threads_get_the_fact_of_their_own_thing() -> None:
    kept = Kept(identity, most=3)
    things = [Thing() for _ in range(10)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: kept.of(things[number % 10]) == id(things[number % 10]), range(5000)))
    assert all(found)
