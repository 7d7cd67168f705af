"""What a source gave to wallets, on a real database: one use, one count, one change, whoever else is at it."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, StorageError, open_database, reading
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.wallet_records import WALLET_REFERENCES, WALLET_USES
from blauweknop.adapters.wallet_store import WalletReferences, WalletUses, sweep_wallets
from blauweknop.domain.document import JsonValue
from blauweknop.issuer.wallet.ports import Kept, Kind, References, UsedOnce
from tests.databases import with_tables

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = RowKey.from_secret(bytes(range(32)))
SECRET: dict[str, JsonValue] = {"bsn": "999990019", "name": "Anna"}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def store(engine: Engine, *, source: str = "duo", key: RowKey = KEY) -> WalletReferences:
    return WalletReferences(engine, key, source)


def keep(references: References, kind: Kind = Kind.TOKEN, *, parent: str | None = None, now: datetime = NOON) -> str:
    return references.keep(kind, SECRET, now=now, life=MINUTE, parent=parent)


def alive(references: References, reference: str, kind: Kind = Kind.TOKEN, now: datetime = NOON) -> Kept:
    kept = references.read(kind, reference, now=now)
    assert kept is not None
    return kept


def rows(engine: Engine) -> int:
    with reading(engine) as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (WALLET_REFERENCES, WALLET_USES))


def stored_bytes(engine: Engine) -> bytes:
    with reading(engine) as connection:
        cells = [cell for table in METADATA.sorted_tables for row in connection.execute(select(table)) for cell in row]
    return b"\n".join(bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in cells)


def test_the_stores_are_what_issuing_asks_for(engine: Engine) -> None:
    references: References = store(engine)
    used: UsedOnce = WalletUses(engine)

    assert references.read(Kind.CODE, "A" * 43, now=NOON) is None
    assert used.first_use("x", until=NOON + MINUTE, now=NOON)


def test_what_is_kept_comes_back(engine: Engine) -> None:
    kept = alive(store(engine), keep(store(engine)))
    assert kept == Kept(Kind.TOKEN, SECRET, False, 0, 0, NOON + MINUTE)


def test_a_reference_is_256_bits_and_never_the_same(engine: Engine) -> None:
    given = {keep(store(engine)) for _ in range(20)}
    assert len(given) == 20
    assert {len(reference) for reference in given} == {43}


def test_neither_the_reference_nor_what_it_stands_for_can_be_read_in_the_database(engine: Engine) -> None:
    reference = keep(store(engine))
    content = stored_bytes(engine)

    assert reference.encode() not in content
    assert b"999990019" not in content
    assert b"Anna" not in content
    assert "Anna" not in repr(alive(store(engine), reference))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TOKEN])
def test_a_reference_of_one_kind_is_not_there_as_another(kind: Kind, engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)

    assert references.read(kind, reference, now=NOON) is None
    assert references.use(kind, reference, now=NOON) is None
    references.end(kind, reference)
    assert not alive(references, reference).used


def test_a_reference_of_one_source_is_not_there_at_another(engine: Engine) -> None:
    reference, other = keep(store(engine)), store(engine, source="uwv")

    assert other.read(Kind.TOKEN, reference, now=NOON) is None
    assert other.use(Kind.TOKEN, reference, now=NOON) is None
    assert not other.change(Kind.TOKEN, reference, {}, seen=alive(store(engine), reference))
    other.end(Kind.TOKEN, reference)
    other.end_children(reference)
    assert not alive(store(engine), reference).used


def test_after_a_change_of_the_secret_key_everybody_begins_anew(engine: Engine) -> None:
    reference = keep(store(engine))
    assert store(engine, key=RowKey.from_secret(bytes(32))).read(Kind.TOKEN, reference, now=NOON) is None


@pytest.mark.parametrize("reference", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + " ", "é" * 43, "A" * 42 + "B", "\x00" * 43])
def test_a_reference_that_is_none_is_not_there(reference: str, engine: Engine) -> None:
    references = store(engine)
    assert references.read(Kind.TOKEN, reference, now=NOON) is None
    assert references.use(Kind.TOKEN, reference, now=NOON) is None


@pytest.mark.parametrize(("seconds", "there"), [(59, True), (60, False), (61, False)])
def test_a_reference_ends(seconds: int, there: bool, engine: Engine) -> None:
    references, later = store(engine), NOON + timedelta(seconds=seconds)
    reference = keep(references)

    assert (references.read(Kind.TOKEN, reference, now=later) is not None) == there
    assert (references.use(Kind.TOKEN, reference, now=later) is not None) == there


def test_what_is_used_is_known_and_empty(engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)
    first = references.use(Kind.TOKEN, reference, now=NOON)
    second = references.use(Kind.TOKEN, reference, now=NOON)

    assert first is not None
    assert second is not None
    assert (first.used, first.content) == (False, SECRET)
    assert (second.used, second.content) == (True, {})
    assert alive(references, reference).used


def test_of_what_is_used_no_content_is_left(engine: Engine) -> None:
    reference = keep(store(engine))
    with reading(engine) as connection:
        sealed = bytes(connection.execute(select(WALLET_REFERENCES.c.content)).scalar_one())
    store(engine).use(Kind.TOKEN, reference, now=NOON)

    assert sealed[:24] not in stored_bytes(engine)


def test_of_threads_that_use_at_once_one_is_first(engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: references.use(Kind.TOKEN, reference, now=NOON), range(16)))

    assert sum(kept is not None and not kept.used for kept in found) == 1
    assert all(kept is not None for kept in found)


def use_many(url: str, given: Sequence[str]) -> list[str]:
    engine = open_database(url)
    used = [(reference, store(engine).use(Kind.TOKEN, reference, now=NOON)) for reference in given]
    engine.dispose()
    return [reference for reference, kept in used if kept is not None and not kept.used]


def test_of_processes_that_use_at_once_one_is_first(engine: Engine, database_url: str) -> None:
    given = [keep(store(engine)) for _ in range(60)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.starmap(use_many, [(database_url, given), (database_url, given[::-1])])

    assert sorted(first + second) == sorted(given)


def test_tries_are_counted_one_by_one(engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)
    with ThreadPoolExecutor(8) as pool:
        counted = sorted(pool.map(lambda _: references.count_try(Kind.TOKEN, reference), range(12)))

    assert counted == list(range(1, 13))
    assert alive(references, reference).tries == 12


def test_of_what_went_no_try_is_left(engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)
    references.end(Kind.TOKEN, reference)
    assert references.count_try(Kind.TOKEN, reference) > 1000


def test_a_change_is_seen_and_lets_it_end_at_another_moment(engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)
    changed = references.change(Kind.TOKEN, reference, {"a": 1}, seen=alive(references, reference), ends_at=NOON + 2 * MINUTE)
    kept = alive(references, reference, now=NOON + MINUTE)

    assert changed
    assert (kept.content, kept.version, kept.ends_at) == ({"a": 1}, 1, NOON + 2 * MINUTE)


def test_a_change_of_what_was_changed_meanwhile_is_none(engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)
    seen = alive(references, reference)
    references.change(Kind.TOKEN, reference, {"a": 1}, seen=seen)

    assert not references.change(Kind.TOKEN, reference, {"a": 2}, seen=seen)
    assert alive(references, reference).content == {"a": 1}


def test_what_was_used_or_went_cannot_be_changed(engine: Engine) -> None:
    references = store(engine)
    used, gone = keep(references), keep(references)
    seen = [alive(references, used), alive(references, gone)]
    references.use(Kind.TOKEN, used, now=NOON)
    references.end(Kind.TOKEN, gone)

    assert not references.change(Kind.TOKEN, used, SECRET, seen=seen[0])
    assert not references.change(Kind.TOKEN, gone, SECRET, seen=seen[1])
    assert alive(references, used).content == {}


def test_of_threads_that_change_at_once_one_does(engine: Engine) -> None:
    references = store(engine)
    reference = keep(references)
    seen = alive(references, reference)
    with ThreadPoolExecutor(8) as pool:
        changed = list(pool.map(lambda number: references.change(Kind.TOKEN, reference, {"a": number}, seen=seen), range(12)))

    assert sum(changed) == 1
    assert alive(references, reference).content == {"a": changed.index(True)}


def test_with_a_code_ends_all_that_came_from_it(engine: Engine) -> None:
    references = store(engine)
    code, other = keep(references, Kind.CODE), keep(references, Kind.CODE)
    tokens = [keep(references, parent=code), keep(references, parent=code)]
    came = [keep(references, Kind.TRANSACTION, parent=tokens[0]), keep(references, Kind.NOTIFICATION, parent=tokens[1])]
    mine = keep(references, parent=other)
    references.end_children(code)

    assert [references.read(Kind.TOKEN, token, now=NOON) for token in tokens] == [None, None]
    assert references.read(Kind.TRANSACTION, came[0], now=NOON) is None
    assert references.read(Kind.NOTIFICATION, came[1], now=NOON) is None
    assert not alive(references, code, Kind.CODE).used
    assert not alive(references, mine).used


def test_to_end_what_came_from_nothing_is_no_fault(engine: Engine) -> None:
    store(engine).end_children("A" * 43)
    store(engine).end(Kind.TOKEN, "A" * 43)
    assert rows(engine) == 0


def test_what_ended_is_swept_away_and_nothing_else(engine: Engine) -> None:
    references, used = store(engine), WalletUses(engine)
    old, young = keep(references), keep(references, now=NOON + MINUTE)
    used.first_use("oud", until=NOON + MINUTE, now=NOON)
    used.first_use("jong", until=NOON + 2 * MINUTE, now=NOON)

    assert sweep_wallets(engine, NOON + MINUTE) == 2
    assert references.read(Kind.TOKEN, old, now=NOON) is None
    assert not alive(references, young, now=NOON + MINUTE).used
    assert not used.first_use("jong", until=NOON + 2 * MINUTE, now=NOON + MINUTE)


def test_what_may_be_used_once_is_used_once(engine: Engine) -> None:
    used = WalletUses(engine)
    assert [used.first_use(name, until=NOON + MINUTE, now=NOON) for name in ("a", "b", "a", "a")] == [True, True, False, False]


def test_of_threads_that_come_at_once_one_is_first(engine: Engine) -> None:
    used = WalletUses(engine)
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda _: used.first_use("een naam", until=NOON + MINUTE, now=NOON), range(16)))
    assert sum(first) == 1


def come_many(url: str, names: Sequence[str]) -> list[str]:
    engine = open_database(url)
    first = [name for name in names if WalletUses(engine).first_use(name, until=NOON + MINUTE, now=NOON)]
    engine.dispose()
    return first


def test_of_processes_that_come_at_once_one_is_first(engine: Engine, database_url: str) -> None:
    names = [f"naam {number}" for number in range(60)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.starmap(come_many, [(database_url, names), (database_url, names[::-1])])
    assert sorted(first + second) == sorted(names)


def test_a_name_that_was_used_stands_nowhere(engine: Engine) -> None:
    WalletUses(engine).first_use("de duimafdruk van een sleutel", until=NOON + MINUTE, now=NOON)
    assert b"duimafdruk" not in stored_bytes(engine)


def test_without_tables_it_is_said_that_the_database_does_not_answer(database_url: str) -> None:
    engine = open_database(database_url)
    for call in (
        lambda: keep(store(engine)),
        lambda: store(engine).use(Kind.TOKEN, "A" * 43, now=NOON),
        lambda: WalletUses(engine).first_use("x", until=NOON, now=NOON),
        lambda: sweep_wallets(engine, NOON),
    ):
        with pytest.raises(StorageError):
            call()
    engine.dispose()
