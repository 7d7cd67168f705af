"""Whoever takes the database of Mijn Blauwe Knop, its files and its logs, finds nothing of anybody in them (PROTOCOL 9.6, T-29, T-36).

A rich account lives through everything there is. Each thing that a person put in, or that the program made for this person, is then looked
for in every table, in the bytes of the files and in the log. A new part adds its life to `LIVES`: a function that uses the account as a
person would, and gives by kind what must be found nowhere.
"""

import base64
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, open_database, reading, upgrade
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.holder.sharing.requests import kept_request, kept_requests
from blauweknop.standards import base64url
from blauweknop.web.request_log import configure_logging
from tests.security.bsn_scan import bsns_in
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.filled_vaults import keep_paper, vault_of
from tests.unit.holder.holder_world import HolderWorld, Person
from tests.unit.holder.links.link_world import LinkWorld
from tests.unit.holder.sharing.sharing_world import REQUEST_URI, RETURN, WITHDRAWAL_URI, SharingWorld
from tests.unit.holder.soft_passkey import SoftPasskey
from tests.unit.standards import receivers as r

_NAME, _PHRASE, _NEW_PHRASE = "Xantippe Ypenburg", "zeven paarse walvissen fluiten", "negen zilveren lepels rammelen"
_OTHER = "Quinten Zwanenburg"
_DEVICE = "Telefoon van Quirine"
_BSN, _AMOUNT, _SOURCE, _RECEIVER = "999990019", "7345912608", "Dienst Uitvoering Onderwijs", "Woonstichting Zwartjes"
_STREET, _DAY, _FILE = "Kastanjelaan 114-III", "1987-04-23", b"%PDF-1.7 studieschuld van Xantippe"
_TOKEN = "refresh-token-4f5b1c0e9d8a7b6c"


@dataclass
class Taken:
    """All that a thief has."""

    tables: Mapping[str, bytes]
    files: Mapping[str, bytes]
    log: bytes

    def everything(self) -> Iterator[tuple[str, bytes]]:
        yield from self.tables.items()
        yield from self.files.items()
        yield "log", self.log


@dataclass
class Life:
    """What a person did: by kind, what may be found nowhere."""

    world: HolderWorld
    person: Person
    secrets: dict[str, set[bytes]] = field(default_factory=dict)

    def hide(self, kind: str, *values: str | bytes) -> None:
        self.secrets.setdefault(kind, set()).update(value.encode() if isinstance(value, str) else value for value in values)


def open_in_every_way(life: Life) -> None:
    """An account, its code, its passkeys, another passphrase, wrong attempts, the recovery code used, a visit that goes on."""
    person = life.person
    person.settle(_NAME, _PHRASE)
    device = SoftPasskey(number=11, secret=b"prf-secret-of-the-authenticator!")
    asked = person.send("/passkey/vraag", page="/toegang", purpose="add").json()
    assert person.send("/toegang/passkey", page="/toegang", label=_DEVICE, **device.made(asked["challenge"])).status_code == 303
    assert person.send("/toegang/wachtzin", name=_NAME, passphrase=_NEW_PHRASE, again=_NEW_PHRASE).status_code == 303
    assert life.world.person().unlock(_NAME, "een heel verkeerde wachtzin").status_code == 403
    assert life.world.person().recover(person.code).status_code == 303
    person.send("/herstelcode/nieuw", page="/herstelcode")
    waiting = person.open("/herstelcode").text.split('class="code">')[1].split("</p>")[0]
    groups = [piece.split("</span>")[0] for piece in waiting.split("<span>")[1:]]
    unanswered = person.send("/passkey/vraag", page="/openen", purpose="open").json()["challenge"]
    session = life.world.services().sessions.touch(person.cookie, now=life.world.moment)
    assert session is not None
    life.hide("name", _NAME, "xantippe", "Ypenburg", _DEVICE, "Quirine")
    life.hide("passphrase", _PHRASE, _NEW_PHRASE, "een heel verkeerde wachtzin")
    life.hide("recovery code", person.code, person.code.replace(" ", ""), " ".join(groups), "".join(groups))
    life.hide("passkey", device.secret, device.credential_id)
    life.hide("session", person.cookie, base64url.decode(person.cookie), person.client.cookies["bk-holder-step"])
    life.hide("question", unanswered, base64url.decode(unanswered))
    life.hide("key", session.data_key._secret)
    life.hide("address", "testclient")


def keep_things(life: Life) -> None:
    """Items with everything that an item may hold."""
    vault = vault_of(life.person)
    for kind in ("document", "connection", "paper", "log"):
        head = f'{{"kind": "{kind}-kind", "source": "{_SOURCE}", "title": "Uw studieschuld", "at": "2026-11-30T11:58:07"}}'
        body = (
            f'{{"bsn": "{_BSN}", "amount": {_AMOUNT}, "street": "{_STREET}", "born": "{_DAY}", "to": "{_RECEIVER}", "token": "{_TOKEN}"}}'
        )
        item = vault.add(head.encode(), body.encode() + _FILE)
        assert vault.replace(item, head.encode(), body.encode()) is not None
    gone = vault.add(b"head of what was removed", b"body of what was removed")
    vault.remove(gone.id)
    life.hide("kind of item", "document-kind", "connection-kind", "paper-kind", "log-kind", "studieschuld")
    life.hide("number", _BSN)
    life.hide("amount", _AMOUNT)
    life.hide("source", _SOURCE)
    life.hide("receiver", _RECEIVER)
    life.hide("person", _STREET, _DAY)
    life.hide("moment", "11:58:07")
    life.hide("token", _TOKEN)
    life.hide("file", _FILE)
    life.hide("removed", "what was removed")


def take_something_away(life: Life) -> None:
    """A paper that can still be put back."""
    key = keep_paper(vault_of(life.person), "Huurcontract Kwikstaartweg", life.world.moment)
    assert life.person.send(f"/papieren/{key}/weghalen").status_code == 303
    assert "Kwikstaartweg" in life.person.open("/gegevens").text
    life.hide("taken away", "Kwikstaartweg", "Huurcontract")


def share_with_receivers(life: Life) -> None:
    """Another person: a withdrawal that was not brought yet, a question that waits at a locked door, a link that waits with its package."""
    site = LinkWorld(SharingWorld(life.world))
    site.sharing.receiver.erases = False
    somebody = site.visitor(_OTHER)
    somebody.visitor.has_credential(3)
    somebody.visitor.answer(somebody.visitor.look())
    (answered,) = kept_requests(somebody.visitor.vault)
    path = f"/gedeeld/{answered.key}/intrekken"
    assert somebody.visitor.post(path, somebody.visitor.fields(path)).status_code == 303
    kept = kept_request(somebody.visitor.vault, answered.key)
    assert kept is not None
    assert kept.sharing is not None
    site.sharing.stranger().follow()
    link, pin = somebody.made(somebody.has_document(), paper=somebody.has_paper())
    life.hide("name", _OTHER)
    life.hide("receiver", "Schuldhulp Proef", "Gemeente Proef", r.IDENTIFIER, site.sharing.receiver.client_id)
    life.hide("session", somebody.person.cookie)
    life.hide("recovery code", somebody.person.code)
    life.hide("shared", "1234567", "betalingsregeling", "van der Łukasz", x.good_document()[:200])
    life.hide("sharing", kept.sharing.key, kept.sharing.receipt_id, kept.sharing.consent, kept.sharing.receipt, kept.sharing.outbox)
    life.hide("place", REQUEST_URI, RETURN, WITHDRAWAL_URI)
    life.hide("link", link.as_text(), link.address, link.id, link.key)
    assert len(pin) == 6  # too short to look for among hashes: test_links_in_the_vault looks for it in the files of one link


# The first sets the clock of the world.
LIVES: tuple[Callable[[Life], None], ...] = (share_with_receivers, open_in_every_way, take_something_away, keep_things)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_database(database_url)
    upgrade(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def lived(engine: Engine, tmp_path: Path) -> tuple[Life, Taken]:
    stream = io.StringIO()
    configure_logging(stream)
    world = HolderWorld(engine)
    life = Life(world, world.person())
    for live in LIVES:
        live(life)
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    return life, Taken(_tables(engine), files, stream.getvalue().encode())


def _tables(engine: Engine) -> dict[str, bytes]:
    with reading(engine) as connection:
        return {
            table.name: b"\n".join(_cell(value) for row in connection.execute(select(table)) for value in row)
            for table in METADATA.sorted_tables
        }


def _cell(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def written_ways(secret: bytes) -> set[bytes]:
    """The same in the ways in which programs write bytes down."""
    return {
        secret,
        secret.lower(),
        secret.upper(),
        secret.hex().encode(),
        secret.hex().upper().encode(),
        base64.b64encode(secret).rstrip(b"="),
    } | {base64url.encode(secret).encode()}


def test_nothing_of_a_person_is_in_any_table_file_or_log(lived: tuple[Life, Taken]) -> None:
    life, taken = lived
    found = [
        (kind, place)
        for (kind, secrets), (place, content) in product(life.secrets.items(), taken.everything())
        if any(form in content for secret in secrets for form in written_ways(secret) if len(form) >= 6)
    ]
    assert found == []


def test_the_life_left_rows_in_every_table_of_the_holder(lived: tuple[Life, Taken]) -> None:
    _, taken = lived
    assert [name for name, content in taken.tables.items() if name.startswith("holder_") and not content] == []
    assert b"/mijn/toegang/passkey" in taken.log


def test_no_burgerservicenummer_is_in_the_log_or_the_words_of_the_tables(lived: tuple[Life, Taken], engine: Engine) -> None:
    _, taken = lived
    with reading(engine) as connection:
        cells = [value for table in METADATA.sorted_tables for row in connection.execute(select(table)) for value in row]
    words = [value for value in cells if isinstance(value, str)]
    assert "passphrase" in words
    assert list(bsns_in(taken.log)) == []
    assert list(bsns_in("\n".join(words).encode())) == []


def test_the_search_finds_what_is_there(lived: tuple[Life, Taken]) -> None:
    life, taken = lived
    assert any(form in b"x " + _BSN.encode() for form in written_ways(_BSN.encode()))
    assert any(form in b"x " + life.person.code.lower().encode() for form in written_ways(life.person.code.encode()))
    assert any(b"passphrase" in content for content in taken.tables.values())


def test_the_secret_key_of_the_server_opens_no_more_than_what_waits_and_what_is_on_its_way(
    lived: tuple[Life, Taken], engine: Engine
) -> None:
    key = RowKey.from_secret(bytes(range(32)))
    opened = set()
    with reading(engine) as connection:
        for table in (table for table in METADATA.sorted_tables if table.name.startswith("holder_")):
            primary = next(iter(table.primary_key.columns))
            for row in connection.execute(select(table)):
                for column in (column for column in table.columns if isinstance(column.type, LargeBinary)):
                    try:
                        key.decrypt(getattr(row, column.name), table=table.name, row=getattr(row, primary.name))
                    except Unreadable:
                        continue
                    opened.add((table.name, column.name))
    # What each of the two others holds when it is open: test_links_in_the_vault and test_sharing_in_the_vault.
    assert opened == {("holder_steps", "content"), ("holder_links", "content"), ("holder_outbox", "content")}


def test_an_erased_account_leaves_no_byte_of_its_rows_in_any_table(lived: tuple[Life, Taken], engine: Engine) -> None:
    life, _ = lived
    account = vault_of(life.person).account
    assert [name for name, content in _tables(engine).items() if account in content] != []
    assert life.person.send("/wissen", sure="yes").headers["location"] == "/mijn/gewist"
    assert [name for name, content in _tables(engine).items() if account in content] == []


def test_sizes_and_days_do_not_tell_two_items_apart(engine: Engine) -> None:
    world = HolderWorld(engine)
    vault = vault_of(world.person().settle())
    vault.add(b"short", b"")
    vault.add(b"a longer head of an item" * 20, b"a body" * 1500)
    items = world.services().items
    rows = [items.read(vault.account, head.id) for head in items.heads(vault.account)]
    assert len({(len(row.head), len(row.body), len(row.wrapped_key), row.day, row.version) for row in rows if row is not None}) == 1
