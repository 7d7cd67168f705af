from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, StorageError, open_database, reading, upgrade
from blauweknop.adapters.holder_passkeys import HolderSteps
from blauweknop.adapters.holder_sessions import HolderSessions, HolderTries
from blauweknop.adapters.holder_store import AccountStore, ItemStore
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.holder.encryption import VaultKey
from blauweknop.holder.ports import (
    AccountStorage,
    HeadRow,
    ItemChanges,
    ItemRow,
    ItemStorage,
    SessionStorage,
    StateChange,
    StepStorage,
    TryStorage,
    UnlockRow,
)
from blauweknop.holder.unlocking import UnlockKind
from tests.databases import with_tables

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 30)
ANNA, BERT = b"a" * 16, b"b" * 16
KEY = VaultKey(bytes(range(32)))
ROW_KEY = RowKey.from_secret(bytes(range(32)))
RANDOM = Random(7).randbytes
_AT_ONCE = 8


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def way(number: int, account: bytes = ANNA, kind: UnlockKind = "passphrase") -> UnlockRow:
    return UnlockRow(bytes([number]) * 16, account, kind, bytes([number]) * 32, b"wrapped", b"label", b"public")


def item(number: int, account: bytes = ANNA, version: int = 1) -> ItemRow:
    return ItemRow(bytes([number]) * 16, account, version, b"key", b"head", b"body", TODAY)


def head(number: int) -> HeadRow:
    row = item(number)
    return HeadRow(row.id, row.account, row.version, row.wrapped_key, row.head)


def made(engine: Engine, account: bytes = ANNA, number: int = 1) -> AccountStore:
    store = AccountStore(engine)
    assert store.make(account, day=TODAY, state=b"state", unlock=way(number, account))
    return store


def at_once(work: Callable[[int], bool], times: int = _AT_ONCE) -> list[bool]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(work, range(times)))


def rows_of(engine: Engine, account: bytes = ANNA) -> int:
    with reading(engine) as connection:
        tables = [table for table in METADATA.sorted_tables if table.name.startswith("holder_") and "account" in table.c]
        return sum(
            connection.execute(select(func.count()).select_from(table).where(table.c.account == account)).scalar_one() for table in tables
        )


def test_the_stores_are_what_the_holder_asks_for(engine: Engine) -> None:
    accounts: AccountStorage = AccountStore(engine)
    items: ItemStorage = ItemStore(engine)
    sessions: SessionStorage = HolderSessions(engine)
    tries: TryStorage = HolderTries(engine)
    steps: StepStorage = HolderSteps(engine, ROW_KEY)
    assert accounts.find(b"x" * 32) is None
    assert items.read(ANNA, b"x" * 16) is None
    assert sessions.touch(None, now=NOON) is None
    assert tries.take(b"x" * 32, free=1, now=NOON) == timedelta()
    assert steps.take(None, now=NOON) is None


def test_an_account_is_made_with_its_way_and_found_by_it(engine: Engine) -> None:
    store = made(engine)
    assert store.find(way(1).tag) == way(1)
    assert store.state(ANNA) == b"state"
    assert list(store.unlocks(ANNA)) == [way(1)]


def test_of_those_who_make_the_same_account_at_once_one_does(engine: Engine) -> None:
    store = AccountStore(engine)

    def make(number: int) -> bool:
        account = bytes([100 + number]) * 16
        unlock = replace(way(1, account), id=account)
        return store.make(account, day=TODAY, state=b"state", unlock=unlock)

    assert at_once(make).count(True) == 1


def test_a_way_takes_the_place_of_others_in_one_go(engine: Engine) -> None:
    store = made(engine)
    assert store.add(way(2), instead_of=[way(1).id], state=StateChange(b"state", b"new"))
    assert list(store.unlocks(ANNA)) == [way(2)]
    assert store.state(ANNA) == b"new"


@pytest.mark.parametrize("state", [None, StateChange(b"other", b"new")])
def test_a_way_whose_tag_is_taken_or_whose_state_changed_changes_nothing(engine: Engine, state: StateChange | None) -> None:
    store = made(engine)
    new = way(1) if state is None else way(2)
    assert not store.add(replace(new, id=b"n" * 16), instead_of=[way(1).id], state=state)
    assert list(store.unlocks(ANNA)) == [way(1)]
    assert store.state(ANNA) == b"state"


def test_a_way_cannot_take_the_place_of_one_of_another_account(engine: Engine) -> None:
    store = made(engine)
    made(engine, BERT, 2)
    store.add(way(3), instead_of=[way(2).id])
    assert list(store.unlocks(BERT)) == [way(2, BERT)]


def test_no_way_is_added_to_an_account_that_is_gone(engine: Engine) -> None:
    store = made(engine)
    store.erase(ANNA)
    assert not store.add(way(2))


def test_the_last_of_a_kind_stays_also_when_two_go_at_once(engine: Engine) -> None:
    store = made(engine)
    store.add(way(2))
    store.add(way(3, kind="recovery"))
    assert at_once(lambda number: store.remove(ANNA, way(1 + number % 2).id)).count(True) == 1
    assert not store.remove(ANNA, way(3).id)
    assert len(store.unlocks(ANNA)) == 2


def test_nobody_takes_away_a_way_of_another_account(engine: Engine) -> None:
    store = made(engine)
    store.add(way(2))
    made(engine, BERT, 3)
    assert not store.remove(BERT, way(2).id)


def test_a_passkey_counts_once_for_one_use(engine: Engine) -> None:
    store = made(engine)
    assert at_once(lambda number: store.count_use(way(1), b"used")).count(True) == 1


def test_of_changes_of_one_state_at_once_one_counts(engine: Engine) -> None:
    store = made(engine)
    assert at_once(lambda number: store.keep_state(ANNA, StateChange(b"state", bytes([number])))).count(True) == 1


def test_items_of_another_account_are_not_there(engine: Engine) -> None:
    made(engine)
    made(engine, BERT, 2)
    items = ItemStore(engine)
    assert items.add(item(1))
    assert items.read(BERT, item(1).id) is None
    assert list(items.heads(BERT)) == []
    assert not items.remove(BERT, item(1).id)
    assert not items.replace(replace(item(1), account=BERT, version=2), version_before=1)
    assert items.read(ANNA, item(1).id) == item(1)
    assert list(items.heads(ANNA)) == [head(1)]


def test_of_changes_of_one_item_at_once_one_counts(engine: Engine) -> None:
    made(engine)
    items = ItemStore(engine)
    items.add(item(1))
    assert at_once(lambda number: items.replace(replace(item(1), version=2), version_before=1)).count(True) == 1


def test_an_account_has_room_for_so_many_items(engine: Engine) -> None:
    made(engine)
    items = ItemStore(engine, most_items=2)
    assert [items.add(item(number)) for number in (1, 2, 3)] == [True, True, False]


def test_a_full_account_has_room_for_a_few_items_of_the_program_itself(engine: Engine) -> None:
    made(engine)
    items = ItemStore(engine, most_items=1)
    items.add(item(1))
    assert [items.add(item(number), spare=True) for number in range(2, 23)] == [True] * 20 + [False]


def test_changes_of_one_account_happen_together(engine: Engine) -> None:
    made(engine)
    items = ItemStore(engine)
    for number in (1, 2):
        items.add(item(number))
    changes = ItemChanges([item(3)], [(item(1, version=2), 1)], [item(2).id, b"gone" * 4])
    assert items.change(ANNA, changes) == "done"
    assert [items.read(ANNA, item(number).id) for number in (1, 2, 3)] == [item(1, version=2), None, item(3)]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        (ItemChanges([item(3)], [(item(1, version=2), 1), (item(2, version=3), 2)], [item(1).id]), "changed"),
        (ItemChanges([item(3)], [(item(9, version=2), 1)]), "changed"),
        (ItemChanges([item(3), item(4)], [(item(1, version=2), 1)]), "full"),
    ],
)
def test_of_changes_that_cannot_all_happen_none_does(engine: Engine, changes: ItemChanges, outcome: str) -> None:
    made(engine)
    items = ItemStore(engine, most_items=3)
    for number in (1, 2):
        items.add(item(number))
    assert items.change(ANNA, changes) == outcome
    assert sorted(items.heads(ANNA), key=lambda row: row.id) == [head(1), head(2)]


def test_what_goes_in_the_same_change_makes_room(engine: Engine) -> None:
    made(engine)
    items = ItemStore(engine, most_items=1)
    items.add(item(1))
    assert items.change(ANNA, ItemChanges([item(2)], removed=[item(1).id])) == "done"


def test_no_changes_reach_the_items_of_another_account(engine: Engine) -> None:
    made(engine)
    made(engine, BERT, 2)
    items = ItemStore(engine)
    items.add(item(1))
    assert items.change(BERT, ItemChanges(removed=[item(1).id])) == "done"
    assert items.change(BERT, ItemChanges(replaced=[(item(1, BERT, version=2), 1)])) == "changed"
    assert items.read(ANNA, item(1).id) == item(1)


@pytest.mark.parametrize("beginning", ["UPDATE holder_items", "DELETE FROM holder_items", "INSERT INTO holder_items"])
def test_changes_that_are_cut_off_changed_nothing(database_url: str, beginning: str) -> None:
    engine, breaking = open_database(database_url), open_database(database_url)
    upgrade(engine)
    made(engine)
    items = ItemStore(engine)
    for number in (1, 2):
        items.add(item(number))
    break_at(breaking, beginning)
    with pytest.raises((RuntimeError, StorageError)):
        ItemStore(breaking).change(ANNA, ItemChanges([item(3)], [(item(1, version=2), 1)], [item(2).id]))
    breaking.dispose()
    assert {row.id: row.version for row in items.heads(ANNA)} == {item(1).id: 1, item(2).id: 1}
    engine.dispose()


def test_erasing_takes_everything_of_one_account_and_nothing_of_another(engine: Engine) -> None:
    store = made(engine)
    made(engine, BERT, 2)
    for account, number in ((ANNA, 1), (BERT, 2)):
        ItemStore(engine).add(item(number, account))
        HolderSessions(engine).start(account, KEY, notes={}, now=NOON, replaces=None)
    store.erase(ANNA)
    assert (rows_of(engine), rows_of(engine, BERT)) == (0, 3)
    assert store.state(ANNA) is None
    assert not ItemStore(engine).add(item(3))
    assert HolderSessions(engine).start(ANNA, KEY, notes={}, now=NOON, replaces=None) is None


def test_what_is_added_while_the_account_is_erased_is_gone_too(engine: Engine) -> None:
    store, items = made(engine), ItemStore(engine)

    def work(number: int) -> bool:
        if number == 3:
            store.erase(ANNA)
            return True
        if number % 2:
            return HolderSessions(engine).start(ANNA, KEY, notes={}, now=NOON, replaces=None) is not None
        return items.add(item(number))

    at_once(work)
    assert rows_of(engine) == 0


def break_at(engine: Engine, beginning: str) -> None:
    """From now on the connection dies at this statement, as when the process is killed."""

    def die(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(beginning):
            raise RuntimeError("killed")

    event.listen(engine, "before_cursor_execute", die)


@pytest.mark.parametrize("beginning", ["DELETE FROM holder_items", "DELETE FROM holder_unlocks", "DELETE FROM holder_accounts"])
def test_an_erasure_that_is_cut_off_erased_nothing(database_url: str, beginning: str) -> None:
    engine = with_tables(database_url)
    store = made(engine)
    ItemStore(engine).add(item(1))
    before = rows_of(engine)
    breaking = open_database(database_url)
    break_at(breaking, beginning)
    with pytest.raises((RuntimeError, StorageError)):
        AccountStore(breaking).erase(ANNA)
    breaking.dispose()
    assert rows_of(engine) == before
    assert store.state(ANNA) == b"state"
    engine.dispose()


@pytest.mark.parametrize("beginning", ["INSERT INTO holder_accounts", "INSERT INTO holder_unlocks"])
def test_an_account_that_is_cut_off_while_it_is_made_is_none(database_url: str, beginning: str) -> None:
    engine = with_tables(database_url)
    breaking = open_database(database_url)
    break_at(breaking, beginning)
    with pytest.raises((RuntimeError, StorageError)):
        AccountStore(breaking).make(ANNA, day=TODAY, state=b"state", unlock=way(1))
    breaking.dispose()
    assert AccountStore(engine).state(ANNA) is None
    assert AccountStore(engine).make(ANNA, day=TODAY, state=b"state", unlock=way(1))
    engine.dispose()


@pytest.mark.parametrize("beginning", ["DELETE FROM holder_unlocks", "INSERT INTO holder_unlocks", "UPDATE holder_accounts"])
def test_a_way_that_is_cut_off_while_it_takes_the_place_of_another_changed_nothing(database_url: str, beginning: str) -> None:
    engine = with_tables(database_url)
    made(engine)
    breaking = open_database(database_url)
    break_at(breaking, beginning)
    with pytest.raises((RuntimeError, StorageError)):
        AccountStore(breaking).add(way(2), instead_of=[way(1).id], state=StateChange(b"state", b"new"))
    breaking.dispose()
    assert list(AccountStore(engine).unlocks(ANNA)) == [way(1)]
    assert AccountStore(engine).state(ANNA) == b"state"
    engine.dispose()


def test_a_session_gives_the_data_key_back_to_its_reference_only(engine: Engine) -> None:
    made(engine)
    sessions = HolderSessions(engine, random=RANDOM)
    reference = sessions.start(ANNA, KEY, notes={"kind": "passphrase"}, now=NOON, replaces=None)
    session = sessions.touch(reference, now=NOON)
    assert session is not None
    assert (session.account, session.data_key, session.notes) == (ANNA, KEY, {"kind": "passphrase"})
    assert sessions.touch("A" * 43, now=NOON) is None
    assert sessions.touch("x", now=NOON) is None


def test_the_row_of_a_session_does_not_open_with_the_row_of_another(engine: Engine) -> None:
    made(engine)
    sessions = HolderSessions(engine)
    mine, other = (sessions.start(ANNA, KEY, notes={}, now=NOON, replaces=None) for _ in range(2))
    table = METADATA.tables["holder_sessions"]
    with engine.begin() as connection:
        rows = connection.execute(select(table.c.id_hash, table.c.wrapped_key)).all()
        for row, foreign in zip(rows, reversed(rows), strict=True):
            connection.execute(table.update().where(table.c.id_hash == row.id_hash).values(wrapped_key=foreign.wrapped_key))
    assert (sessions.touch(mine, now=NOON), sessions.touch(other, now=NOON)) == (None, None)


def test_notes_change_while_the_session_lasts(engine: Engine) -> None:
    made(engine)
    sessions = HolderSessions(engine)
    reference = sessions.start(ANNA, KEY, notes={}, now=NOON, replaces=None)
    session = sessions.touch(reference, now=NOON)
    assert session is not None
    assert sessions.keep_notes(session, {"code": "ABCD"})
    again = sessions.touch(reference, now=NOON)
    assert again is not None
    assert again.notes == {"code": "ABCD"}
    sessions.end(reference)
    assert not sessions.keep_notes(session, {})


@pytest.mark.parametrize(("later", "alive"), [(timedelta(minutes=15), False), (timedelta(minutes=14, seconds=59), True)])
def test_a_session_locks_after_fifteen_idle_minutes(engine: Engine, later: timedelta, alive: bool) -> None:
    made(engine)
    sessions = HolderSessions(engine)
    reference = sessions.start(ANNA, KEY, notes={}, now=NOON, replaces=None)
    assert (sessions.touch(reference, now=NOON + later) is not None) == alive
    assert (rows_of(engine) == 2) == alive


def test_sessions_that_locked_are_swept(engine: Engine) -> None:
    made(engine)
    sessions = HolderSessions(engine)
    sessions.start(ANNA, KEY, notes={}, now=NOON, replaces=None)
    assert (sessions.sweep(NOON), sessions.sweep(NOON + timedelta(minutes=15))) == (0, 1)


def test_a_full_table_of_sessions_refuses_instead_of_growing(engine: Engine) -> None:
    made(engine)
    sessions = HolderSessions(engine, rows=1)
    assert sessions.start(ANNA, KEY, notes={}, now=NOON, replaces=None) is not None
    assert sessions.start(ANNA, KEY, notes={}, now=NOON, replaces=None) is None


def test_attempts_at_once_are_all_counted(engine: Engine) -> None:
    tries = HolderTries(engine)
    taken = at_once(lambda _: tries.take(b"t" * 32, free=3, now=NOON) == timedelta())
    assert taken.count(True) == 3


def test_a_failure_is_forgotten_after_ten_minutes_and_a_success_at_once(engine: Engine) -> None:
    tries = HolderTries(engine)

    def waits(now: datetime) -> bool:
        return tries.take(b"t" * 32, free=1, now=now) > timedelta()

    assert (waits(NOON), waits(NOON)) == (False, True)
    assert not waits(NOON + timedelta(minutes=10))
    tries.give_back(b"t" * 32)
    assert not waits(NOON + timedelta(minutes=10))
    assert tries.sweep(NOON + timedelta(days=2)) == 1


def test_the_wait_ends_at_a_quarter_of_an_hour(engine: Engine) -> None:
    tries, now = HolderTries(engine), NOON
    longest = timedelta()
    for _ in range(30):
        wait = tries.take(b"t" * 32, free=0, now=now)
        longest = max(longest, wait)
        now += wait
    assert timedelta(minutes=1) < longest <= timedelta(minutes=15)


def test_a_question_is_answered_once_and_in_time(engine: Engine) -> None:
    steps = HolderSteps(engine, ROW_KEY)
    reference = steps.begin(b"question", now=NOON)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda _: steps.take(reference, now=NOON), range(_AT_ONCE)))
    assert sorted(answers, key=str).count(b"question") == 1
    late = steps.begin(b"question", now=NOON)
    assert steps.take(late, now=NOON + timedelta(minutes=10)) is None
    steps.begin(b"question", now=NOON)
    assert steps.sweep(NOON + timedelta(minutes=10)) == 1


def test_a_full_table_of_questions_refuses_instead_of_growing(engine: Engine) -> None:
    steps = HolderSteps(engine, ROW_KEY, rows=1)
    assert steps.begin(b"question", now=NOON) is not None
    assert steps.begin(b"question", now=NOON) is None
