"""What waits behind a link stands in the database of Mijn Blauwe Knop, and nobody reads it there, nor in a log (T-36).

With the secret key of the server a thief can read for which receiver a link waits, and what happened to it; nothing of whose it is or what
it holds. With the link as well, but without the key of the receiver, nothing more.
"""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from blauweknop.adapters.database import METADATA, reading
from blauweknop.adapters.holder_records import HOLDER_LINKS
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.holder.encryption import unpad
from blauweknop.standards.delivery import DELIVERY_PACKAGE
from blauweknop.standards.jwe import JweProblem, decrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.share_link import ShareLink, open_package
from blauweknop.web.request_log import configure_logging
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.holder_world import holder_world
from tests.unit.holder.links.link_world import LinkVisitor, LinkWorld
from tests.unit.holder.sharing.sharing_world import SharingWorld
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import p256

_NAMES = ("Schuldhulp Proef", "Gemeente Proef", r.IDENTIFIER, "betalingsregeling", "van der Łukasz", "studieschuld", "Huurcontract")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[LinkWorld]:
    with holder_world(tmp_path) as holder:
        yield LinkWorld(SharingWorld(holder))


def secrets_of(link: ShareLink, pin: str) -> set[bytes]:
    """All that must be found nowhere, in the ways in which it could be written."""
    texts = {link.as_text(), link.address, link.id, link.as_text().partition("#")[2], *_NAMES}
    plain = {text.encode() for text in texts} | {link.key, x.good_document()[:200], pin.encode()}
    return plain | {base64.b64encode(text).rstrip(b"=")[2:-2] for text in plain if len(text) > 12}


def given(site: LinkWorld) -> tuple[LinkVisitor, ShareLink, str]:
    """Somebody whose link waits, whose other link was fetched, and whose third got wrong PINs until it closed."""
    visitor = site.visitor()
    document, paper = visitor.has_document(), visitor.has_paper()
    fetched, its_pin = visitor.made(document, paper=paper)
    site.bring_receipt(fetched, site.opened(fetched, site.fetch(fetched, its_pin).content))
    closed, right = visitor.made(document)
    for _ in range(5):
        site.fetch(closed, "000000" if right != "000000" else "111111")
    return visitor, *visitor.made(document, paper=paper)


def test_nothing_of_a_link_stands_readable_in_the_files(site: LinkWorld, tmp_path: Path) -> None:
    _, link, pin = given(site)
    taken = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(taken) > 200_000
    assert [value for value in secrets_of(link, pin) if value in taken] == []


def test_nothing_of_a_link_stands_in_the_log(site: LinkWorld, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    visitor, link, pin = given(site)
    site.outside().get(f"/mijn/d/{link.id}")
    visitor.person.open("/gedeeld")
    written = "".join(capfd.readouterr()).encode()
    assert b"/mijn/d/{link_id}/ophalen" in written
    assert [value for value in secrets_of(link, pin) - {pin.encode()} if value in written] == []


def test_the_secret_key_of_the_server_tells_for_whom_a_link_is_and_not_whose_or_what(site: LinkWorld) -> None:
    _, link, _ = given(site)
    key = RowKey.from_secret(bytes(range(32)))
    with reading(site.holder.engine) as connection:
        rows = connection.execute(select(HOLDER_LINKS)).all()
        accounts = [row[0] for row in connection.execute(select(METADATA.tables["holder_accounts"].c.id))]
    opened = b"\n".join(unpad(key.decrypt(row.content, table="holder_links", row=row.id_hash)) for row in rows)
    assert opened.count(r.IDENTIFIER.encode()) >= 3
    for never in (
        b"van der",
        b"duo.studieschuld",
        b"Huurcontract",
        link.id.encode(),
        *accounts,
        *(account.hex().encode() for account in accounts),
    ):
        assert never not in opened


def test_a_link_without_the_key_of_the_receiver_opens_no_more_than_a_closed_message(site: LinkWorld) -> None:
    _, link, _ = given(site)
    with reading(site.holder.engine) as connection:
        (package,) = [row.package for row in connection.execute(select(HOLDER_LINKS)) if row.package is not None]
    message = parse_jwe(open_package(package, link), DELIVERY_PACKAGE)
    with pytest.raises(JweProblem):
        decrypt_jwe(message, key_agreement(p256()))


def test_what_was_fetched_closed_or_taken_back_leaves_no_package(site: LinkWorld, tmp_path: Path) -> None:
    visitor, link, _ = given(site)
    with reading(site.holder.engine) as connection:
        (package,) = [row.package for row in connection.execute(select(HOLDER_LINKS)) if row.package is not None]
    path = f"{visitor.page}/intrekken"
    visitor.visitor.post(path, visitor.visitor.fields(path))
    with reading(site.holder.engine) as connection:
        assert [row.package for row in connection.execute(select(HOLDER_LINKS)) if row.package is not None] == []
    left = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert package[1000:1200] not in left
    assert link.id.encode() not in left
