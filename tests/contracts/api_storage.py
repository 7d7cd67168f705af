"""Verifications and databases for tests of what the API keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import reading
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verification_store import VerificationStore
from blauweknop.domain.verdict import CheckResult, CheckStep, VerdictFacts, Verified
from blauweknop.verifier.api.events import Event, verification_ended
from blauweknop.verifier.api.verifications import State, Verification, Watch, without_data
from tests.databases import with_tables

NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
KEY = RowKey.from_secret(b"k" * 32)
URI = "https://duo.example/statuslists/7"
TABLES = ("verifications", "watched_documents", "webhook_events", "used_assertions")


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = with_tables(url)
    yield engine
    engine.dispose()


def store(engine: Engine, *receivers: str) -> VerificationStore:
    return VerificationStore(engine, KEY, frozenset(receivers or ("one",)))


def verdict() -> Verified:
    facts = VerdictFacts(
        (CheckStep("container", CheckResult.OK, "ok"),),
        issuer_oin="00000099000000001000",
        issuer_name="DUO",
        dataset="duo.studieschuld",
        status="valid",
        status_uri=URI,
        status_index=4711,
        seal_time=NOON,
    )
    return Verified(facts, {"subject": {"family_name": "van der Łukasz"}})


def verification(name: str, *, client: str = "one", state: State = "completed", at: datetime = NOON) -> Verification:
    ended = state == "completed"
    return Verification(
        name,
        client,
        state,
        "ab" * 32,
        at,
        at + timedelta(hours=24),
        at if ended else None,
        without_data(verdict()) if ended else None,
        date(2027, 1, 1) if ended else None,
    )


def ending(event_id: str, name: str, *, client: str = "one", at: datetime = NOON) -> Event:
    return verification_ended(event_id, client, name, completed=True, at=at)


def watch(name: str, *, client: str = "one", status: str = "valid", until: date = date(2027, 1, 1)) -> Watch:
    return Watch(name, client, "00000099000000001000", "duo.studieschuld", URI, 4711, status, until)


def all_that_is_stored(engine: Engine) -> bytes:
    """Every value in every table of the API, as a thief of the database finds it."""
    found = bytearray()
    with reading(engine) as connection:
        for table in TABLES:
            for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608 # a name of the list above
                found += repr(tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)).encode()
                found += b"".join(bytes(value) for value in row if isinstance(value, (bytes, memoryview)))
    return bytes(found)
