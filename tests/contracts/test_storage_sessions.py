from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, open_database, reading, writing
from blauweknop.adapters.records import SESSIONS
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.sessions import SessionLimits, SessionStore
from blauweknop.adapters.wallet_store import WalletReferences
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import Selection
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.issuer.login import LoggedIn, LoginProblem, LoginProblemCode, Mandate, Session, Sessions, StartedSession
from blauweknop.issuer.wallet.ports import Kind
from tests.databases import with_tables

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = RowKey.from_secret(bytes(range(32)))
ANNA = LoggedIn(
    bsn=Bsn.parse("999990019"),
    level=AssuranceLevel.SUBSTANTIAL,
    authenticated_at=NOON,
    subject="999990019",
    provider_session="provider-session-1",
    id_token="header.999990019.signature",
)
BERT = replace(ANNA, bsn=Bsn.parse("999992016"), subject="bert", provider_session="provider-session-2")
MANDATE = Mandate(
    Representative("Bewindvoering Laakhof", Capacity.ADMINISTRATOR, date(2027, 3, 1)),
    "pairwise-7",
    frozenset({"duo.studieschuld"}),
    "Bert Bos",
)
FOR_BERT = replace(BERT, mandate=MANDATE)
CHOICE = Selection("duo.studieschuld", frozenset({"bedrag", "persoon"}), months=12, with_bsn=False)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = with_tables(database_url)
    yield opened
    opened.dispose()


def test_the_store_is_what_a_source_asks_for(engine: Engine) -> None:
    sessions: Sessions = store(engine)

    assert sessions.read(None, now=NOON) is None


def store(engine: Engine, *, source: str = "duo", key: RowKey = KEY, rows: int = 1000) -> SessionStore:
    return SessionStore(engine, key, source=source, limits=SessionLimits(rows=rows))


def start(sessions: SessionStore, person: LoggedIn = ANNA, now: datetime = NOON, replaces: str | None = None) -> StartedSession:
    started = sessions.start(person, language="nl", now=now, replaces=replaces)
    assert isinstance(started, StartedSession)
    return started


def alive(sessions: SessionStore, started: StartedSession, now: datetime = NOON) -> Session:
    session = sessions.read(started.reference, now=now)
    assert session is not None
    return session


def rows(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(SESSIONS)).scalar_one()


def stored_bytes(engine: Engine) -> bytes:
    with reading(engine) as connection:
        cells = [repr(tuple(row)) for table in METADATA.sorted_tables for row in connection.execute(select(table))]
        hexed = [bytes(row.payload) for row in connection.execute(select(SESSIONS))]
    return "".join(cells).encode() + b"".join(hexed)


def test_a_session_comes_back_as_it_was_kept(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions)
    sessions.save(started.session, now=NOON, language="en", selections=(CHOICE,), notes={"step": 2})

    session = alive(sessions, started)

    assert session.person == ANNA
    assert (session.language, session.selections, session.notes) == ("en", (CHOICE,), {"step": 2})


def test_a_session_is_of_both_who_acts_and_the_person_it_is_about(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions, FOR_BERT)

    assert alive(sessions, started).person == FOR_BERT
    assert b"Laakhof" not in stored_bytes(engine)
    assert "Laakhof" not in repr(started)


def test_who_acts_for_another_is_out_when_the_last_day_of_the_mandate_is_over(engine: Engine) -> None:
    late = datetime(2027, 3, 1, 22, 50, tzinfo=UTC)  # ten to twelve in the Netherlands
    sessions = store(engine)
    acting = start(sessions, FOR_BERT, now=late)

    assert sessions.read(acting.reference, now=late + 9 * MINUTE) is not None
    assert sessions.read(acting.reference, now=late + 10 * MINUTE) is None


def test_choices_do_not_move_between_the_person_and_who_acts_for_them(engine: Engine) -> None:
    sessions = store(engine)
    own = start(sessions, BERT)
    sessions.save(own.session, now=NOON, selections=(CHOICE,), notes={"step": 2})

    acting = start(sessions, FOR_BERT, replaces=own.reference)
    sessions.save(acting.session, now=NOON, selections=(CHOICE,), notes={"step": 3})
    again = start(sessions, BERT, replaces=acting.reference)

    assert (acting.session.selections, again.session.selections) == ((), ())


def test_no_bsn_and_no_reference_is_in_the_database(engine: Engine) -> None:
    started = start(store(engine))

    content = stored_bytes(engine)

    assert b"999990019" not in content
    assert started.reference.encode() not in content


def test_no_bsn_is_in_the_files_of_an_embedded_database_before_and_after_the_end(tmp_path: Path) -> None:
    engine = with_tables(f"sqlite:///{tmp_path / 'x.sqlite'}")
    sessions = store(engine)
    started = start(sessions)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    sessions.end(started.reference)
    content += b"".join(file.read_bytes() for file in tmp_path.iterdir())
    engine.dispose()

    assert b"999990019" not in content


def test_a_session_says_nothing_of_the_person_in_its_repr(engine: Engine) -> None:
    started = start(store(engine))

    assert "999990019" not in repr(started)
    assert started.reference not in repr(started)


def test_each_login_gets_a_new_reference_and_the_old_one_is_dead(engine: Engine) -> None:
    sessions = store(engine)
    first = start(sessions)

    second = start(sessions, replaces=first.reference)

    assert second.reference != first.reference
    assert sessions.read(first.reference, now=NOON) is None
    assert rows(engine) == 1


def test_a_reference_that_the_browser_brought_is_never_taken_over(engine: Engine) -> None:
    sessions = store(engine)
    planted = "A" * 43

    started = start(sessions, replaces=planted)

    assert started.reference != planted
    assert sessions.read(planted, now=NOON) is None


def test_choices_move_along_when_the_same_person_logs_in_again(engine: Engine) -> None:
    sessions = store(engine)
    first = start(sessions)
    sessions.save(first.session, now=NOON, selections=(CHOICE,))

    assert start(sessions, replaces=first.reference).session.selections == (CHOICE,)


def test_choices_of_one_person_never_reach_another(engine: Engine) -> None:
    sessions = store(engine)
    first = start(sessions)
    sessions.save(first.session, now=NOON, selections=(CHOICE,), notes={"a": 1})

    second = start(sessions, BERT, replaces=first.reference).session

    assert (second.selections, second.notes) == ((), {})


def test_fifteen_idle_minutes_end_a_session(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions)

    assert sessions.read(started.reference, now=NOON + 14 * MINUTE) is not None
    assert sessions.read(started.reference, now=NOON + 15 * MINUTE) is None
    assert rows(engine) == 0


def test_a_sign_of_life_moves_the_idle_clock_but_reading_does_not(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions)
    session = alive(sessions, started, NOON + 10 * MINUTE)
    assert session.idle_ends_at == NOON + 15 * MINUTE

    touched = sessions.touch(session, now=NOON + 10 * MINUTE)

    assert touched is not None
    assert touched.idle_ends_at == NOON + 25 * MINUTE
    assert alive(sessions, started, NOON + 20 * MINUTE).last_seen_at == NOON + 10 * MINUTE


def test_two_hours_end_a_session_however_busy(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions)
    session: Session | None = started.session
    for minutes in range(10, 120, 10):
        assert session is not None
        session = sessions.touch(session, now=NOON + minutes * MINUTE)

    assert sessions.read(started.reference, now=NOON + 119 * MINUTE) is not None
    assert sessions.read(started.reference, now=NOON + 120 * MINUTE) is None


def test_an_ended_session_cannot_be_kept_alive_by_a_page_that_still_has_it(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions)
    sessions.end(started.reference)

    assert sessions.touch(started.session, now=NOON) is None
    assert sessions.save(started.session, now=NOON, selections=(CHOICE,)) is None
    assert rows(engine) == 0


def test_an_idle_session_cannot_be_kept_alive_too_late(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions)

    assert sessions.touch(started.session, now=NOON + 15 * MINUTE) is None


def test_a_session_of_one_source_is_nothing_at_another(engine: Engine) -> None:
    started = start(store(engine))

    other = store(engine, source="uwv")
    other.end(started.reference)

    assert other.read(started.reference, now=NOON) is None
    assert other.touch(started.session, now=NOON) is None
    assert store(engine).read(started.reference, now=NOON) is not None


@pytest.mark.parametrize("reference", [None, "", "A" * 43, "A" * 42, "é" * 43, "A" * 100_000, "' OR 1=1 --"])
def test_a_reference_that_is_not_ours_is_no_session(engine: Engine, reference: str | None) -> None:
    sessions = store(engine)
    start(sessions)

    assert sessions.read(reference, now=NOON) is None


def test_a_payload_moved_to_another_row_is_no_session(engine: Engine) -> None:
    sessions = store(engine)
    anna, bert = start(sessions), start(sessions, BERT)
    with writing(engine) as connection:
        payload = connection.execute(select(SESSIONS.c.payload).where(SESSIONS.c.id_hash == anna.session.id_hash)).scalar_one()
        connection.execute(update(SESSIONS).where(SESSIONS.c.id_hash == bert.session.id_hash).values(payload=payload))

    assert sessions.read(bert.reference, now=NOON) is None
    assert sessions.read(anna.reference, now=NOON) is not None


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x01" + bytes(40), b"\x02" + bytes(40)])
def test_a_changed_payload_is_no_session(engine: Engine, payload: bytes) -> None:
    sessions = store(engine)
    started = start(sessions)
    with writing(engine) as connection:
        connection.execute(update(SESSIONS).values(payload=payload))

    assert sessions.read(started.reference, now=NOON) is None


def test_after_a_change_of_key_everyone_logs_in_again(engine: Engine) -> None:
    started = start(store(engine))

    changed = store(engine, key=RowKey.from_secret(bytes(32)))

    assert changed.read(started.reference, now=NOON) is None
    assert rows(engine) == 0


def test_the_provider_can_end_one_of_its_sessions(engine: Engine) -> None:
    sessions = store(engine)
    anna, bert = start(sessions), start(sessions, BERT)

    assert sessions.end_by_provider(provider_session="provider-session-1", subject=None) == 1

    assert sessions.read(anna.reference, now=NOON) is None
    assert sessions.read(bert.reference, now=NOON) is not None


def test_the_provider_can_end_all_sessions_of_a_person(engine: Engine) -> None:
    sessions = store(engine)
    start(sessions)
    start(sessions, replace(ANNA, provider_session="another"))
    start(sessions, BERT)

    assert sessions.end_by_provider(provider_session=None, subject="999990019") == 2
    assert sessions.end_by_provider(provider_session=None, subject=None) == 0


def test_ended_sessions_are_swept(engine: Engine) -> None:
    sessions = store(engine)
    start(sessions)
    start(sessions, BERT, now=NOON + 10 * MINUTE)

    assert sessions.sweep(NOON + 16 * MINUTE) == 1
    assert rows(engine) == 1


def test_starting_sweeps_too(engine: Engine) -> None:
    sessions = store(engine)
    start(sessions)
    start(sessions, BERT, now=NOON + 16 * MINUTE)

    assert rows(engine) == 1


@pytest.mark.parametrize(
    "end",
    [
        lambda sessions, reference: sessions.end(reference),
        lambda sessions, _: sessions.end_by_provider(provider_session="provider-session-1", subject=None),
        lambda sessions, _: sessions.end_by_provider(provider_session=None, subject="999990019"),
        lambda sessions, reference: start(sessions, replaces=reference),
        lambda sessions, _: sessions.sweep(NOON + 16 * MINUTE),
        lambda sessions, reference: sessions.read(reference, now=NOON + 16 * MINUTE),
    ],
)
def test_what_is_offered_to_a_wallet_ends_with_the_session(engine: Engine, end: Callable[[SessionStore, str], object]) -> None:
    sessions, offers = store(engine), WalletReferences(engine, KEY, "duo")
    anna, bert = start(sessions), start(sessions, BERT, now=NOON + 10 * MINUTE)
    mine, other = (offers.keep(Kind.PRE_AUTHORIZED, {}, now=NOON, life=60 * MINUTE, parent=one.reference) for one in (anna, bert))

    end(sessions, anna.reference)

    assert offers.read(Kind.PRE_AUTHORIZED, mine, now=NOON) is None
    assert offers.read(Kind.PRE_AUTHORIZED, other, now=NOON) is not None


def test_what_a_wallet_fetched_stays_known_after_the_session(engine: Engine) -> None:
    sessions, offers = store(engine), WalletReferences(engine, KEY, "duo")
    anna = start(sessions)
    code = offers.keep(Kind.PRE_AUTHORIZED, {}, now=NOON, life=5 * MINUTE, parent=anna.reference)
    token = offers.keep(Kind.TOKEN, {}, now=NOON, life=5 * MINUTE, parent=code)
    offers.use(Kind.PRE_AUTHORIZED, code, now=NOON)

    sessions.end(anna.reference)

    used = offers.read(Kind.PRE_AUTHORIZED, code, now=NOON)
    assert used is not None
    assert used.used
    assert offers.read(Kind.TOKEN, token, now=NOON) is not None


def test_a_full_table_refuses_instead_of_growing(engine: Engine) -> None:
    sessions = store(engine, rows=2)
    start(sessions)
    start(sessions)

    assert sessions.start(BERT, language="nl", now=NOON) == LoginProblem(LoginProblemCode.BUSY)
    assert rows(engine) == 2


def test_a_process_that_died_leaves_sessions_that_another_reads(engine: Engine, database_url: str) -> None:
    started = start(store(engine))
    second = open_database(database_url)

    assert store(second).read(started.reference, now=NOON) is not None
    second.dispose()


def test_deleting_the_row_ends_the_session(engine: Engine) -> None:
    sessions = store(engine)
    started = start(sessions)
    with writing(engine) as connection:
        connection.execute(delete(SESSIONS))
        connection.execute(text("SELECT 1"))

    assert sessions.read(started.reference, now=NOON) is None
