import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from pkgutil import iter_modules
from traceback import format_exception
from typing import Any

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.engine import Engine, Row

from blauweknop import adapters
from blauweknop.adapters.database import METADATA, StorageError, one_transaction, open_database, pending, reading, upgrade, writing
from blauweknop.adapters.person_tags import acting_tag, person_tag
from blauweknop.adapters.records import EVENTS, ISSUED_DOCUMENTS, Records
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.domain.identifiers import Bsn
from blauweknop.standards.status_list import StatusReference

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = RowKey.from_secret(bytes(range(32)))
ANNA, BERT = Bsn.parse("999990019"), Bsn.parse("999992016")
PLACES = tuple(StatusReference(index, "https://duo.example/duo/statuslists/bcd") for index in (4711, 12, 900))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    upgrade(opened)
    yield opened
    opened.dispose()


def add_event(engine: Engine, time: datetime = NOON) -> None:
    Records(engine, KEY).event(time=time, source="duo", activity="download", outcome="ok", trace_id="0" * 32)


def count(engine: Engine, table: Table) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def issue(
    engine: Engine,
    document_id: str,
    valid_until: datetime = NOON,
    *,
    place: StatusReference | None = None,
    person: Bsn | None = None,
    acting: str | None = None,
) -> None:
    Records(engine, KEY).document_issued(
        document_id,
        source="duo",
        dataset_id="duo.studieschuld",
        dataset_version=1,
        issued_at=NOON,
        valid_until=valid_until,
        with_bsn=False,
        status=place,
        person=person,
        acting=acting,
    )


def issue_batch(engine: Engine, places: Sequence[StatusReference | None] = PLACES, person: Bsn = ANNA) -> None:
    Records(engine, KEY).credentials_issued(
        places,
        source="duo",
        dataset_id="duo.studieschuld",
        dataset_version=1,
        issued_at=NOON,
        valid_until=NOON,
        with_bsn=False,
        person=person,
    )


def kept(engine: Engine) -> "Sequence[Row[Any]]":
    with reading(engine) as connection:
        return connection.execute(select(ISSUED_DOCUMENTS).order_by(ISSUED_DOCUMENTS.c.status_index)).all()


def test_an_empty_database_is_pending_and_an_upgraded_one_is_not(database_url: str) -> None:
    engine = open_database(database_url)

    before = pending(engine)
    upgrade(engine)
    upgrade(engine)

    assert (before, pending(engine)) == (True, False)
    engine.dispose()


def test_the_steps_lead_to_the_tables_the_program_uses(engine: Engine) -> None:
    for module in iter_modules(adapters.__path__):
        import_module(f"blauweknop.adapters.{module.name}")  # each may describe tables
    with writing(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_what_an_earlier_version_kept_is_a_document_of_nobody_known_after_the_upgrade(database_url: str) -> None:
    engine = open_database(database_url)
    with writing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(files("blauweknop.adapters").joinpath("migrations")))
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0004")
        insert_one = (
            "INSERT INTO issued_documents (document_id_hash, source, dataset_id, dataset_version, issued_at, valid_until, with_bsn) "
            "VALUES (:hash, 'duo', 'duo.studieschuld', 1, :moment, :moment, :with_bsn)"
        )
        moment = "2026-11-23 12:00:00" if engine.dialect.name == "sqlite" else NOON
        connection.execute(text(insert_one), {"hash": b"h" * 32, "moment": moment, "with_bsn": False})

    upgrade(engine)

    assert [(row.issued_at, row.kind, row.person_tag, row.withdrawal) for row in kept(engine)] == [(NOON, "document", None, None)]
    engine.dispose()


def test_processes_that_upgrade_at_once_take_turns(database_url: str) -> None:
    engines = [open_database(database_url) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, engines))

    assert not pending(engines[0])
    for engine in engines:
        engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StorageError, match="newer version"):
        upgrade(engine)

    assert pending(engine)


def test_a_moment_comes_back_in_utc_whatever_its_zone_was(engine: Engine) -> None:
    add_event(engine, datetime(2026, 11, 23, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1))))

    with reading(engine) as connection:
        found = connection.execute(select(EVENTS.c.time)).scalar_one()

    assert found == datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StorageError):
        add_event(engine, datetime(2026, 11, 23, 12, 0))  # noqa: DTZ001  # the wrong thing on purpose


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    def write_and_fail() -> None:
        with writing(engine) as connection:
            connection.execute(insert(EVENTS).values(time=NOON, source="duo", activity="a", outcome="ok", trace_id="0"))
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()

    assert Records(engine, KEY).events(source="duo") == []


def test_writers_at_the_same_time_wait_for_each_other(engine: Engine) -> None:
    def read_then_write(_: int) -> None:
        with writing(engine) as connection:
            connection.execute(select(func.count()).select_from(EVENTS)).scalar_one()
            connection.execute(insert(EVENTS).values(time=NOON, source="duo", activity="a", outcome="ok", trace_id="0"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_then_write, range(40)))

    assert len(Records(engine, KEY).events(source="duo")) == 40


def test_what_is_written_in_one_transaction_is_there_wholly_or_not_at_all(engine: Engine) -> None:
    def write(*, fail: bool) -> None:
        with one_transaction(engine):
            add_event(engine)
            issue(engine, "a" * 32)
            assert count(engine, EVENTS) == 1  # by who is in it
            if fail:
                raise ArithmeticError

    with pytest.raises(ArithmeticError):
        write(fail=True)
    assert (count(engine, EVENTS), count(engine, ISSUED_DOCUMENTS)) == (0, 0)
    write(fail=False)
    assert (count(engine, EVENTS), count(engine, ISSUED_DOCUMENTS)) == (1, 1)


def test_another_thread_is_not_in_the_transaction_of_this_one(engine: Engine) -> None:
    with ThreadPoolExecutor(1) as other, one_transaction(engine):
        add_event(engine)
        assert other.submit(count, engine, EVENTS).result(60) == 0


def test_what_must_be_on_the_disk_at_once_is_no_part_of_another_transaction(engine: Engine) -> None:
    with pytest.raises(StorageError, match="durable"), one_transaction(engine), writing(engine, durable=True):
        pass
    add_event(engine)
    assert count(engine, EVENTS) == 1


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(EVENTS).values(time=NOON, source="duo", activity="a", outcome="ok", trace_id="0"))
        seen_by_another = Records(engine, KEY).events(source="duo")

    assert seen_by_another == []


def test_a_made_document_is_known_by_its_id_at_its_own_source_only(engine: Engine) -> None:
    issue(engine, "one")

    records = Records(engine, KEY)

    assert records.was_issued("one", source="duo")
    assert not records.was_issued("one", source="uwv")
    assert not records.was_issued("two", source="duo")


def test_a_document_id_is_used_once(engine: Engine) -> None:
    issue(engine, "one")

    with pytest.raises(StorageError):
        issue(engine, "one")


def test_a_document_id_is_not_stored_itself(engine: Engine) -> None:
    issue(engine, "one")

    with reading(engine) as connection:
        stored = connection.execute(select(ISSUED_DOCUMENTS.c.document_id_hash)).scalar_one()

    assert (len(stored), b"one" in stored) == (32, False)


def test_what_was_made_for_a_person_is_found_by_the_person(engine: Engine) -> None:
    issue(engine, "one", place=PLACES[0], person=ANNA)
    issue(engine, "two", place=PLACES[1], person=BERT)

    two, one = (row.person_tag for row in kept(engine))

    assert one == person_tag(KEY, ANNA, source="duo", dataset_id="duo.studieschuld")
    assert two == person_tag(KEY, BERT, source="duo", dataset_id="duo.studieschuld")
    assert one != two


@pytest.mark.parametrize(
    "other",
    [
        person_tag(RowKey.from_secret(bytes(32)), ANNA, source="duo", dataset_id="duo.studieschuld"),
        person_tag(KEY, BERT, source="duo", dataset_id="duo.studieschuld"),
        person_tag(KEY, ANNA, source="uwv", dataset_id="duo.studieschuld"),
        person_tag(KEY, ANNA, source="duo", dataset_id="duo.studiefinanciering"),
    ],
    ids=["key", "person", "source", "dataset"],
)
def test_a_tag_is_of_one_person_one_source_one_data_set_and_one_secret_key(other: bytes) -> None:
    assert person_tag(KEY, ANNA, source="duo", dataset_id="duo.studieschuld") != other


def test_what_somebody_fetched_for_another_is_found_by_either(engine: Engine) -> None:
    issue(engine, "one", place=PLACES[0], person=ANNA, acting=BERT.digits)
    issue(engine, "two", place=PLACES[1], person=BERT)

    own, represented = kept(engine)

    assert represented.person_tag == person_tag(KEY, ANNA, source="duo", dataset_id="duo.studieschuld")
    assert represented.acting_tag == acting_tag(KEY, BERT.digits, source="duo")
    assert own.acting_tag is None
    assert represented.acting_tag not in (own.person_tag, represented.person_tag, acting_tag(KEY, BERT.digits, source="uwv"))


def test_of_what_cannot_be_withdrawn_nothing_leads_to_the_person(engine: Engine) -> None:
    issue(engine, "one", person=ANNA, acting=BERT.digits)
    issue_batch(engine, [None])

    assert [(row.person_tag, row.acting_tag) for row in kept(engine)] == [(None, None)] * 2


def test_a_document_of_somebody_unknown_has_no_tag(engine: Engine) -> None:
    issue(engine, "one", place=PLACES[0])

    assert [row.person_tag for row in kept(engine)] == [None]


def test_each_copy_of_a_batch_has_a_row_with_its_place_and_nothing_that_is_in_it(engine: Engine) -> None:
    issue_batch(engine)
    issue(engine, "one", place=StatusReference(9999, PLACES[0].uri), person=ANNA)

    *copies, document = kept(engine)

    assert [(row.status_list, row.status_index, row.kind) for row in copies] == [("bcd", index, "credential") for index in (12, 900, 4711)]
    assert {row.person_tag for row in copies} == {document.person_tag}
    assert document.kind == "document"
    assert len({row.document_id_hash for row in copies}) == len(PLACES)
    assert {len(row.document_id_hash) for row in copies} == {32}


def test_a_batch_is_kept_whole_or_not_at_all(engine: Engine) -> None:
    issue_batch(engine, PLACES[:1])

    with pytest.raises(StorageError):
        issue_batch(engine, [PLACES[1], PLACES[0], PLACES[2]])

    assert [row.status_index for row in kept(engine)] == [PLACES[0].index]


def test_an_empty_batch_is_no_row(engine: Engine) -> None:
    issue_batch(engine, [])

    assert kept(engine) == []


def test_a_number_of_a_person_stands_nowhere_in_the_tables(engine: Engine) -> None:
    issue(engine, "one", place=PLACES[0], person=ANNA)
    issue_batch(engine, PLACES[1:])

    assert not [row for row in kept(engine) if ANNA.digits in str(row) or ANNA.digits.encode() in row.person_tag]


def test_old_lines_and_documents_are_swept_and_others_stay(engine: Engine) -> None:
    issue(engine, "old", NOON - timedelta(days=31))
    issue(engine, "new", NOON)
    add_event(engine, NOON - timedelta(days=400))
    add_event(engine, NOON)

    swept = Records(engine, KEY).sweep(NOON, documents_kept=timedelta(days=30), events_kept=timedelta(days=365))

    assert swept == 2
    assert Records(engine, KEY).was_issued("new", source="duo")
    assert len(Records(engine, KEY).events(source="duo")) == 1


def test_the_error_of_a_failed_write_does_not_show_its_values(engine: Engine) -> None:
    with pytest.raises(StorageError) as caught, writing(engine) as connection:
        connection.execute(insert(EVENTS).values(time=NOON, source="secret-value", activity=None, outcome="", trace_id=""))

    assert "secret-value" not in "".join(format_exception(caught.value))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "nonsense", "sqlite:////no/such/folder/x.db"])
def test_a_database_that_cannot_serve_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(StorageError) as caught:
        open_database(url)

    assert caught.value.remedy


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Geachte mevrouw, " * 100)

    with pytest.raises(StorageError, match="cannot be used"):
        pending(open_database(f"sqlite:///{file}"))


def test_a_server_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    engine = open_database(f"postgresql://someone:hush@/x?host={tmp_path}")

    with pytest.raises(StorageError) as caught:
        pending(engine)

    assert "hush" not in str(caught.value)


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    upgrade(engine)

    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
    engine.dispose()


def test_a_new_file_has_pages_that_are_quick_to_read_and_an_older_one_keeps_its_own(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "older.db")) as older:
        older.executescript("PRAGMA page_size = 4096; CREATE TABLE kept (name TEXT)")
    sizes = []
    for name in ("new.db", "older.db"):
        opened = open_database(f"sqlite:///{tmp_path / name}")
        upgrade(opened)
        with reading(opened) as connection:
            sizes.append(connection.execute(text("PRAGMA page_size")).scalar_one())
        opened.dispose()
    assert sizes == [8192, 4096]
