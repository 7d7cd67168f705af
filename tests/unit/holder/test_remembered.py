from datetime import UTC, datetime, timedelta
from itertools import count

from blauweknop.holder.remembered import Remembered

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
ANNA, BERT = b"a" * 16, b"b" * 16


def test_what_was_made_is_not_made_again() -> None:
    remembered, numbers = Remembered(), count()
    assert [remembered.get(ANNA, 1, "x", lambda: next(numbers), now=NOON) for _ in range(3)] == [0, 0, 0]


def test_what_was_made_before_something_changed_is_made_again() -> None:
    remembered, numbers = Remembered(), count()
    assert [remembered.get(ANNA, mark, "x", lambda: next(numbers), now=NOON) for mark in (1, 2, 2, 1)] == [0, 1, 1, 2]


def test_nobody_gets_what_was_made_for_another() -> None:
    remembered = Remembered()
    remembered.get(ANNA, 1, "x", lambda: "of Anna", now=NOON)
    assert remembered.get(BERT, 1, "x", lambda: "of Bert", now=NOON) == "of Bert"


def test_of_who_did_nothing_for_a_quarter_of_an_hour_nothing_is_left() -> None:
    remembered = Remembered()
    remembered.get(ANNA, 1, "x", lambda: "old", now=NOON)
    assert remembered.sweep(NOON + timedelta(minutes=14)) == 0
    assert remembered.sweep(NOON + timedelta(minutes=15)) == 1
    assert remembered.get(ANNA, 1, "x", lambda: "new", now=NOON) == "new"


def test_there_is_room_for_a_few_accounts_and_a_few_things_of_each() -> None:
    remembered = Remembered(accounts=2, of_one=2)
    for account in (ANNA, BERT, ANNA, b"c" * 16):
        for name in "xyz":
            remembered.get(account, 1, name, lambda: "old", now=NOON)
    assert remembered.get(BERT, 1, "z", lambda: "new", now=NOON) == "new"
    assert [remembered.get(b"c" * 16, 1, name, lambda: "new", now=NOON) for name in "zyx"] == ["old", "old", "new"]


def test_who_went_out_is_forgotten() -> None:
    remembered = Remembered()
    remembered.get(ANNA, 1, "x", lambda: "old", now=NOON)
    remembered.forget(ANNA)
    assert remembered.get(ANNA, 1, "x", lambda: "new", now=NOON) == "new"
