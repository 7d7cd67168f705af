"""Mijn Blauwe Knop with a register of receivers, and one receiver that fetches; every part of what it does can be set."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from blauweknop.adapters.holder_links import HolderLinks
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.assembly.links import link_pages_of, with_links
from blauweknop.holder.links.following import forget_links
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.page import holder_portal
from blauweknop.holder.routes import holder_router
from blauweknop.holder.sharing.routes import sharing_router
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.delivery import DELIVERY_PACKAGE, VerifiedDelivery, verify_package
from blauweknop.standards.jwe import decrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.jwk import EncryptionKey
from blauweknop.standards.registration import RegisteredCredential
from blauweknop.standards.share_link import FetchOrder, ShareLink, open_package, read_share_link, sign_fetch
from blauweknop.standards.sharing_receipts import Receipt, sign_receipt
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.filled_vaults import keep, keep_paper
from tests.unit.holder.holder_world import BASE_URL, HolderWorld, Person
from tests.unit.holder.sharing.sharing_world import DOCUMENT, SharingWorld, Visitor
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import Issued, p256

__all__ = ["PLACE", "LinkVisitor", "LinkWorld", "allowed", "registered"]

PLACE = f"{BASE_URL}/mijn"
LINK_KEY = p256()


def allowed(*paths: tuple[str, ...]) -> RegisteredCredential:
    """What the receiver may have of a document."""
    return RegisteredCredential("dc+sd-jwt", (DOCUMENT,), paths)


ALL = allowed(("data",), ("subject", "given_name"), ("subject", "family_name"), ("subject", "birth_date"))


def registered(signer: Issued = r.REGISTRAR, **changes: Any) -> str:
    usual = {"credentials": (ALL,), "link_key": EncryptionKey(LINK_KEY.public_key(), "link-1")}
    return r.registered(signer, **(usual | changes))


@dataclass
class LinkWorld:
    """People, a register, and the receiver of its registration."""

    sharing: SharingWorld
    registrations: list[str] = field(default_factory=lambda: [registered()])
    built: Litestar | None = None

    def reset(self) -> None:
        self.registrations = [registered()]

    @property
    def holder(self) -> HolderWorld:
        return self.sharing.holder

    @property
    def store(self) -> HolderLinks:
        return HolderLinks(self.holder.engine, RowKey.from_secret(bytes(range(32))))

    def links(self) -> LinkServices:
        return LinkServices(self.sharing.sharing(), self.store, lambda _: self.registrations, x.typeset_at, fetches_a_minute=10_000)

    def application(self) -> Litestar:
        if self.built is None:
            links = self.links()
            services = replace(self.holder.services(), before_erasing=lambda vault: forget_links(vault, self.store))
            services = with_links(services, links)
            pages = [
                holder_router(services, check=lambda data, at: self.sharing.check(data, at)),
                sharing_router(services, self.sharing.sharing(), links=links, links_a_minute=10_000),
                *link_pages_of(services, links),
            ]
            self.built = web_application(pages, WebSettings(csrf_secret="x" * 32, secure=False), portals=(holder_portal(services),))
        return self.built

    def visitor(self, name: str = "Samira") -> "LinkVisitor":
        person = Person(self.holder, TestClient(self.application(), base_url=BASE_URL))
        person.settle(name)
        return LinkVisitor(self, Visitor(self.sharing, person))

    def outside(self) -> TestClient[Litestar]:
        """A browser or a machine that has no account here."""
        return TestClient(self.application(), base_url=BASE_URL)

    def fetch(self, link: ShareLink, pin: str, *, by: Issued = r.RECEIVER, **changes: Any) -> Response:
        order = replace(FetchOrder(link.address, pin, self.holder.moment), **changes)
        return self.outside().post(f"/mijn/d/{link.id}/ophalen", data={"order": sign_fetch(order, by.signer())})

    def opened(self, link: ShareLink, sealed: bytes) -> VerifiedDelivery:
        """What the receiver finds in what it fetched."""
        message = parse_jwe(open_package(sealed, link), DELIVERY_PACKAGE)
        content = decrypt_jwe(message, key_agreement(LINK_KEY))
        return verify_package(content, receiver=r.IDENTIFIER, at=self.holder.moment)

    def bring_receipt(self, link: ShareLink, found: VerifiedDelivery, *, by: Issued = r.RECEIVER, **changes: Any) -> Response:
        receipt = Receipt(
            x509_hash(by.der),
            "q" * 43,
            found.delivery.request_hash,
            self.holder.moment,
            found.consent.consent.ends_at - timedelta(days=1),
            "https://proef.example/verder/intrekken",
            found.consent.consent.record,
        )
        signed = sign_receipt(replace(receipt, **changes), by.signer())
        return self.outside().post(f"/mijn/d/{link.id}/ontvangst", data={"receipt": signed})


@dataclass
class LinkVisitor:
    """A person with a browser, and the link that they made last."""

    world: LinkWorld
    visitor: Visitor
    page: str = ""

    @property
    def person(self) -> Person:
        return self.visitor.person

    def has_document(self) -> str:
        return self.visitor.has_document()

    def has_document_with_number(self) -> str:
        said = x.content(with_bsn=True)
        return keep(self.visitor.vault, said, x.NOW, pdf=x.document_saying(said))

    def has_paper(self) -> str:
        return keep_paper(self.visitor.vault, "Huurcontract", x.NOW)

    def choice(self, number: int = 0) -> str:
        """The page on which it is chosen what goes."""
        found = re.findall(r'href="/mijn(/delen/link/[0-9a-f]{32})"', self.person.open("/delen/link").text)
        return str(found[number])

    def make(self, *documents: str, **form: Any) -> Response:
        path = self.choice()
        fields = self.visitor.fields(path)
        return self.visitor.post(path, {**fields, "document": [*documents], "days": "7", **form})

    def made(self, *documents: str, **form: Any) -> tuple[ShareLink, str]:
        """The link and its PIN, as the page shows them."""
        answer = self.make(*documents, **form)
        assert answer.status_code == 303, answer.text
        self.page = answer.headers["location"].removeprefix("/mijn")
        html = unescape(self.person.open(self.page).text)
        link = re.search(rf"{re.escape(PLACE)}/d/\S+", html)
        pin = re.search(r'id="pincode">([0-9]{3}) ([0-9]{3})<', html)
        assert link is not None
        assert pin is not None
        return read_share_link(link[0], places=(PLACE,)), pin[1] + pin[2]
