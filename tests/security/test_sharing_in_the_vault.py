"""What was asked and answered stands in the database of Mijn Blauwe Knop, and nobody reads it there, nor in a log (T-36).

With the secret key of the server a thief can read links that wait and withdrawals that were not told yet; nothing more.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select

from blauweknop.adapters.database import METADATA, reading
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.holder.encryption import unpad
from blauweknop.holder.sharing.requests import kept_request, kept_requests
from blauweknop.holder.sharing.withdrawing import deliver_due
from blauweknop.web.request_log import configure_logging
from tests.unit.holder.holder_world import HolderWorld, holder_world
from tests.unit.holder.sharing.sharing_world import REQUEST_URI, RETURN, WITHDRAWAL_URI, SharingWorld, Visitor

_SECRET = bytes(range(32))
_NAMES = ("Schuldhulp Proef", "Gemeente Proef", "proef.example", "betalingsregeling", "schuldsaldo", "1234567", "NTRNL-90001001")


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[HolderWorld]:
    with holder_world(tmp_path) as made:
        yield made


@pytest.fixture
def site(holder: HolderWorld) -> SharingWorld:
    made = SharingWorld(holder)
    made.receiver.erases = False
    return made


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    """Somebody who answered, took it back, looks at another request, and left a third waiting at a locked door."""
    found = site.visitor()
    found.has_credential(3)
    found.answer(found.look())
    (answered,) = kept_requests(found.vault)
    path = f"/gedeeld/{answered.key}/intrekken"
    found.post(path, found.fields(path))
    found.person.open(found.look())
    site.stranger().follow()
    return found


def hidden(visitor: Visitor, site: SharingWorld) -> set[bytes]:
    """All that must be found nowhere, in the ways in which it could be written."""
    kept = [kept_request(visitor.vault, each.key) for each in kept_requests(visitor.vault)]
    (sharing,) = [each.sharing for each in kept if each is not None and each.item.state == "withdrawn"]
    texts = {*_NAMES, REQUEST_URI, RETURN, WITHDRAWAL_URI, sharing.key, sharing.receipt_id, sharing.consent, sharing.receipt}
    texts |= {site.receiver.client_id, site.receiver.given, sharing.outbox, site.receiver.question.members()["nonce"]}
    plain = {text.encode() for text in texts}
    return plain | {base64.b64encode(text).rstrip(b"=")[2:-2] for text in plain if len(text) > 12}


def test_nothing_of_a_sharing_stands_readable_in_the_files(visitor: Visitor, site: SharingWorld, tmp_path: Path) -> None:
    secrets = hidden(visitor, site)
    taken = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(taken) > 50_000
    assert [value for value in secrets if value in taken] == []


def test_nothing_of_a_sharing_stands_in_the_log(site: SharingWorld, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    found = site.visitor()
    found.has_credential(3)
    found.answer(found.look())
    site.receiver.changes = {"wallet_nonce": "w" * 43}
    found.follow()
    (answered,) = kept_requests(found.vault)
    path = f"/gedeeld/{answered.key}/intrekken"
    found.post(path, found.fields(path))
    written = "".join(capfd.readouterr())
    assert "/delen" in written
    assert [value for value in _NAMES if value in written] == []
    assert answered.key not in written


def test_with_the_secret_key_of_the_server_only_what_is_on_its_way_can_be_read(visitor: Visitor, site: SharingWorld) -> None:
    opened = opened_rows(site, _SECRET)
    assert sorted(opened) == ["holder_outbox", "holder_steps"]
    (errand,), (link,) = opened["holder_outbox"], opened["holder_steps"]
    assert WITHDRAWAL_URI.encode() in errand
    assert REQUEST_URI.encode() in link
    values = (b"1234567", b"schuldsaldo", b"Samira", b"betalingsregeling")
    assert [value for value in values if value in errand + link] == []


def test_when_the_proof_came_nothing_is_left_to_ask_with(visitor: Visitor, site: SharingWorld) -> None:

    (before,) = opened_rows(site, _SECRET)["holder_outbox"]
    key = json.loads(unpad(before))["key"].encode()
    site.receiver.erases = True
    site.holder.wait(hours=1)
    assert deliver_due(site.sharing())(site.holder.moment) == 1
    (row,) = opened_rows(site, _SECRET)["holder_outbox"]
    assert WITHDRAWAL_URI.encode() not in row
    assert key in before
    assert key not in row


def opened_rows(site: SharingWorld, secret: bytes) -> dict[str, list[bytes]]:
    """What this key opens, by table."""
    key, found = RowKey.from_secret(secret), dict[str, list[bytes]]()
    with reading(site.holder.engine) as connection:
        for table in METADATA.sorted_tables:
            if not table.name.startswith("holder_"):
                continue
            for row in connection.execute(select(table)):
                names = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
                for name in names:
                    for place in names:
                        try:
                            opened = key.decrypt(getattr(row, name), table=table.name, row=getattr(row, place))
                        except Unreadable:
                            continue
                        found.setdefault(table.name, []).append(opened)
    return found
