"""Whoever takes the database of a receiver, its files and its log, reads nothing of anybody in them (PROTOCOL 9.6, T-36).

After withdrawal, and after the time is over, the receiver itself has nothing left of a person but the signed proof (PROTOCOL 9.4).
A person shares as richly as one can, and then it ends. What the receiver had is looked for in every table, opened with the receiver's own
key, in the bytes of its files and in the log. What its rows held is looked for too: ciphertext that stays in a file is data that stay.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, reading
from blauweknop.adapters.row_encryption import Unreadable
from blauweknop.standards import jose
from blauweknop.standards.sharing_messages import Withdrawal, sign_withdrawal
from blauweknop.verifier.afterwards.erasing import erase_what_is_over
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.asking.household import Household, Needed
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.web.request_log import configure_logging
from tests.security.receiver_life import Lived, living
from tests.security.test_vault_dump import written_ways
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, ROW_KEY, SITE, AskingWorld, Browser
from tests.unit.verifier.asking.asking_world import opened as opened_database
from tests.unit.verifier.asking.rich_answer import Sharing, share

_OF_OTHERS = {
    "of an issuer": (
        *("events", "issued_documents", "sessions", "status_lists", "wallet_references", "wallet_uses", "withdrawals"),
        *("used_assertions",),  # of machines, also at a receiver: a hash of the name of a message
    ),
    "of Mijn Blauwe Knop: test_vault_dump": tuple(name for name in METADATA.tables if name.startswith("holder_")),
    "of the check for systems: test_api_storage": ("verifications", "watched_documents", "webhook_events"),
}
"""The tables that a receiver with staff does not write, and whose they are. Each other one must be filled by `living`."""
_OF_A_DOSSIER = (
    *("verifier_dossiers", "verifier_dossier_items", "verifier_dossier_notes", "verifier_dossier_checks"),
    *("verifier_households", "verifier_tasks"),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AskingWorld]:
    engine = opened_database(tmp_path)
    yield AskingWorld(engine)
    engine.dispose()


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(stream)
    return stream


@pytest.fixture
def browser(world: AskingWorld, log: io.StringIO) -> Iterator[Browser]:
    with world.browser() as opened:
        yield opened


def tables(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as connection:
        return {
            table.name: list(connection.execute(select(table))) for table in METADATA.sorted_tables if table.name.startswith("verifier_")
        }


def opened(engine: Engine) -> dict[str, bytes]:
    """All that stands in the tables, in clear where the key of the receiver opens it."""
    return {name: b"\n".join(_clear(name, row, value) for row in rows for value in row) for name, rows in tables(engine).items() if rows}


def _clear(table: str, row: Any, value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode()
    # A row is bound to its first column; that of an item to its place too.
    first = row[0] if isinstance(row[0], bytes) else row[0].encode()
    for bound_to in (first, first + row[1].to_bytes(4) if isinstance(row[1], int) else b""):
        try:
            return ROW_KEY.decrypt(value, table=table, row=bound_to)
        except Unreadable:
            continue
    return value


def blobs(engine: Engine) -> set[bytes]:
    """What is in the encrypted columns, as it stands there."""
    columns = {
        table.name: [
            place for place, column in enumerate(table.columns) if column.name == "content" and isinstance(column.type, LargeBinary)
        ]
        for table in METADATA.sorted_tables
    }
    return {row[place] for name, rows in tables(engine).items() for row in rows for place in columns[name] if row[place]}


def found(sharing: Sharing, place: str, content: bytes) -> list[tuple[str, str]]:
    return [(place, name) for name, secret in sharing.secrets.items() if len(secret) >= 5 and secret in content]


def by_key(sharing: Sharing, world: AskingWorld, browser: Browser) -> str:
    withdrawal = Withdrawal(sharing.client_id, sharing.receipt.receipt_id, "w" * 22, world.now)
    form = {"withdrawal": sign_withdrawal(withdrawal, s.holder())}
    answer = browser.client.post(sharing.receipt.withdrawal_uri.removeprefix(SITE), data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["bk_erasure"])


def by_link(sharing: Sharing, _world: AskingWorld, browser: Browser) -> str:
    assert browser.post(f"{PATH}/intrekken/{sharing.link}").status_code == 303
    return browser.get(f"{PATH}/intrekken/{sharing.link}/bewijs").text


def by_time(sharing: Sharing, world: AskingWorld, _browser: Browser) -> str:
    world.now = sharing.receipt.erase_at
    services = world.services()
    assert erase_what_is_over(AfterwardsServices(services.receiver.signer, services.sharings, services.clock), world.now) == 1
    kept = services.sharings.of_receipt(sharing.receipt.receipt_id)
    assert kept is not None
    return str(kept.proof)


ENDS: dict[str, tuple[Callable[[Sharing, AskingWorld, Browser], str], bool]] = {
    "withdrawn with the key": (by_key, True),
    "withdrawn by the link": (by_link, False),
    "at the end of its time": (by_time, True),
    "at the end of its time, without a key": (by_time, False),
}


@pytest.mark.parametrize(("end", "with_consent"), ENDS.values(), ids=ENDS.keys())
def test_nothing_of_the_person_is_left_but_the_signed_proof(
    end: Callable[[Sharing, AskingWorld, Browser], str],
    with_consent: bool,
    world: AskingWorld,
    browser: Browser,
    log: io.StringIO,
    tmp_path: Path,
) -> None:
    sharing = share(world, browser, with_consent=with_consent)
    before = blobs(world.engine)
    assert {name for place, content in opened(world.engine).items() for _, name in found(sharing, place, content)} >= {
        "title",
        "reference",
        "note",
    }

    proof = end(sharing, world, browser)

    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    left = opened(world.engine)
    assert set(left) == {"verifier_sharings"}
    assert [
        hit
        for place, content in [*left.items(), *files.items(), ("log", log.getvalue().encode())]
        for hit in found(sharing, place, content)
    ] == []
    assert [place for place, content in files.items() for blob in before if blob in content] == []
    assert proof.encode() in left["verifier_sharings"]
    # Years later the access certificate of then has ended: its key is what is looked at.
    signed = jose.verify_jws(jose.parse_jws(proof, jose.SHARING_ERASURE), r.RECEIVER.certificate.public_key()).claims()
    assert signed["receipt_id"] == sharing.receipt.receipt_id
    assert set(signed) == {"iss", "receipt_id", "iat", "reason", "kept"}


def test_the_search_finds_what_is_there(world: AskingWorld, browser: Browser) -> None:
    sharing = share(world, browser, with_consent=True)
    hits = {name for place, content in opened(world.engine).items() for _, name in found(sharing, place, content)}
    assert {"title", "paper", "reference", "receipt", "family_name", "note"} <= hits
    assert len(blobs(world.engine)) >= 4


def test_of_who_took_back_one_of_two_parts_nothing_is_left_beside_the_other(world: AskingWorld, browser: Browser) -> None:
    sharing, services = share(world, browser, with_consent=True), world.services()
    _, other = make_request(QUESTION, services, reference="het andere deel")
    services.households.begin(Household(sharing.secrets["request"].hex(), other.id, Needed("schuld", "saldo", 100)))
    assert found(sharing, "", opened(world.engine)["verifier_households"]) == [("", "request")]
    before = blobs(world.engine) - {row.content for row in tables(world.engine)["verifier_households"]}

    by_key(sharing, world, browser)

    left = opened(world.engine)
    assert {"verifier_households", "verifier_requests"} <= set(left)
    assert [hit for place, content in left.items() for hit in found(sharing, place, content)] == []
    assert len(before & blobs(world.engine)) == 1  # the request of the other
    assert services.households.of_request(other.id) == Household(None, other.id, Needed("schuld", "saldo", 100))


@pytest.fixture
def lived(world: AskingWorld, log: io.StringIO) -> Iterator[Lived]:
    with living(world.engine) as made:
        yield made


def in_clear(engine: Engine, tmp_path: Path, log: io.StringIO) -> dict[str, bytes]:
    """What a thief has who took everything but the keys."""
    with reading(engine) as connection:
        cells = {table.name: [value for row in connection.execute(select(table)) for value in row] for table in METADATA.sorted_tables}
    taken = {
        name: b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values) for name, values in cells.items()
    }
    taken |= {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    return {**taken, "log": log.getvalue().encode()}


def hits(lived: Lived, places: dict[str, bytes]) -> list[tuple[str, str]]:
    """The kind of what was found, and where; a short number may be part of a hash."""
    return [
        (kind, place)
        for (kind, values), (place, content) in product(lived.secrets.items(), places.items())
        if any(form in content for value in values for form in written_ways(value) if len(form) >= (8 if value.isdigit() else 5))
    ]


def test_the_life_left_rows_in_every_table_that_a_receiver_writes(lived: Lived, world: AskingWorld) -> None:
    with reading(world.engine) as connection:
        empty = {table.name for table in METADATA.sorted_tables if connection.execute(select(table).limit(1)).first() is None}
    assert empty == {name for names in _OF_OTHERS.values() for name in names}


def test_nothing_of_a_person_or_of_the_staff_is_in_clear_in_any_table_file_or_log(
    lived: Lived, world: AskingWorld, log: io.StringIO, tmp_path: Path
) -> None:
    taken = in_clear(world.engine, tmp_path, log)
    assert b"/schuldhulp/dossiers/" in taken["log"]
    assert hits(lived, taken) == []


def test_the_key_of_the_receiver_opens_what_was_looked_for(lived: Lived, world: AskingWorld) -> None:
    clear = opened(world.engine)
    assert [name for name, content in clear.items() for blob in blobs(world.engine) if blob in content] == []
    found = {kind for kind, _ in hits(lived, clear)}
    assert found >= {"amount", "person", "note", "mail", "reason", "staff", "reference", "paper by link", "receipt", "title", "family_name"}


@pytest.mark.parametrize("end", [Lived.withdraw_all, Lived.outlast_all], ids=["withdrawn", "at the end of its time"])
def test_of_a_household_and_of_who_came_by_a_link_nothing_is_left_but_the_proofs(
    end: Callable[[Lived], list[str]], lived: Lived, world: AskingWorld, log: io.StringIO, tmp_path: Path
) -> None:
    # One more person is on the way to an answer, and the staff are still at work.
    gone = replace(lived, secrets={kind: values for kind, values in lived.secrets.items() if kind not in ("staff", "on the way")})
    before = {row.content for name in _OF_A_DOSSIER for row in tables(world.engine)[name] if name != "verifier_tasks"}
    assert len(before) > 10
    proofs = end(lived)
    assert len(proofs) == 3
    left = opened(world.engine)
    assert [name for name in _OF_A_DOSSIER if name in left] == []
    assert {row.proof.decode() for row in tables(world.engine)["verifier_sharings"]} == set(proofs)
    assert {row.content for row in tables(world.engine)["verifier_sharings"]} == {b""}
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert [place for place, content in files.items() for blob in before if blob in content] == []
    assert hits(gone, {**left, **files, "log": log.getvalue().encode()}) == []
