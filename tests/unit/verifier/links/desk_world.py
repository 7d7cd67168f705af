"""A receiver whose staff take links, and a Mijn Blauwe Knop that gives what a test put behind one; every part of it can be broken."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from blauweknop.checking.check_received import check_received
from blauweknop.domain.verdict import Verdict
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS, exercise_registration, packages_of
from blauweknop.standards.delivery import DELIVERY_PACKAGE, Delivery, GivenDocument, GivenPaper, Package, package_bytes, sign_delivery
from blauweknop.standards.jwe import encrypt_jwe, key_agreement
from blauweknop.standards.jwk import EncryptionKey, thumbprint
from blauweknop.standards.registration import RegisteredCredential, Registration, sign_registration
from blauweknop.standards.share_link import ShareLink, VerifiedFetch, close_package, verify_fetch
from blauweknop.standards.sharing_acting import ActedFor
from blauweknop.standards.sharing_composing import BY_LINK, compose_record, retention_end
from blauweknop.standards.sharing_messages import Consent, request_hash, sign_consent
from blauweknop.standards.sharing_records import PiiInformation
from blauweknop.verifier.asking.ports import Use
from blauweknop.verifier.links.ports import CallFailed, LinkDesk, Replied
from blauweknop.verifier.staff.ports import Staff
from tests.unit.checking import exercise_documents as x
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import p256
from tests.unit.verifier.staff.staff_world import StaffWorld

__all__ = ["ALL", "DUO", "LINK", "PIN", "PLACE", "SANNE", "Behind", "DeskWorld"]

PLACE, PIN = "https://mijn.example/mijn", "012345"
LINK = ShareLink(PLACE, "i" * 21 + "A", bytes(range(32)))
DUO = x.dataset().type_uri
ALL = tuple(
    PiiInformation(DUO, attribute, optional=True)
    for attribute in ("data", "subject/given_name", "subject/family_name", "subject/birth_date")
)
SANNE = Staff("ab" * 32, "Sanne", frozenset())
RECEIVER, USE = "hypotheek", "hypotheek.aanvraag"
LINK_KEY, OLD_KEY, STRANGE_KEY = p256(), p256(), p256()
PAPER = b"%PDF-1.7 van mijzelf"


def registration(**changes: Any) -> Registration:
    """Of a mortgage adviser that may have the whole document of DUO."""
    known = next(each for each in EXERCISE_RECEIVERS if each.id == RECEIVER)
    package = next(each for each in packages_of(known) if each.id == USE)
    made = exercise_registration(known, package, x.catalogue(), status_uri=r.STATUS_URI, now=x.NOW - r.DAY)
    whole = RegisteredCredential(
        "dc+sd-jwt", (DUO,), (("data",), ("subject", "given_name"), ("subject", "family_name"), ("subject", "birth_date"))
    )
    key = EncryptionKey(LINK_KEY.public_key(), "link-1")
    return replace(made, identifier=r.IDENTIFIER, credentials=(*made.credentials, whole), link_key=key, **changes)


@dataclass
class Behind:
    """What is behind the link, and what Mijn Blauwe Knop says."""

    documents: tuple[bytes, ...] = field(default_factory=lambda: (x.good_document(),))
    papers: tuple[tuple[str, str, bytes], ...] = (("Huurcontract", "application/pdf", PAPER),)
    shared: tuple[PiiInformation, ...] = ALL
    given: Registration = field(default_factory=registration)
    record_of: Registration | None = None
    method: str = BY_LINK
    acting: ActedFor | None = None
    updates_until: datetime | None = None
    type: str = DUO
    document_id: str = "0f" * 16
    audience: str = r.IDENTIFIER
    key: Any = field(default_factory=lambda: LINK_KEY)
    expires_in: timedelta = timedelta(days=7)
    link: ShareLink = LINK
    reply: Replied | CallFailed | None = None
    """Instead of what is behind the link."""
    receipt_reply: Replied | CallFailed = field(default_factory=lambda: Replied(200, b'{"status":"received"}'))

    def package(self) -> bytes:
        now, text = x.NOW, sign_registration(self.given, r.REGISTRAR.signer())
        record = compose_record(
            self.record_of or self.given,
            self.shared,
            record_id=s.RECORD_ID,
            principal=thumbprint(s.KEY.public_key()),
            language="nl",
            at=now,
            method=self.method,
            acting=self.acting,
            updates=self.shared if self.updates_until is not None else (),
        )
        consent = Consent(self.audience, request_hash(text), now, retention_end(self.given.retention, now), record, self.updates_until)
        delivery = Delivery(
            self.audience,
            request_hash(text),
            s.RECORD_ID,
            now,
            now + self.expires_in,
            tuple(GivenDocument(hashlib.sha256(one).hexdigest(), self.type, self.document_id) for one in self.documents),
            tuple(GivenPaper(hashlib.sha256(one).hexdigest(), kind, title) for title, kind, one in self.papers),
        )
        signed = sign_delivery(delivery, s.holder(), s.KEY.public_key())
        agreed = sign_consent(consent, s.holder(), s.KEY.public_key())
        return package_bytes(Package(signed, agreed, text, self.documents, tuple(one for _, _, one in self.papers)))

    def sealed(self) -> bytes:
        recipient = EncryptionKey(self.key.public_key(), "link-1")
        message = encrypt_jwe(self.package(), recipient, DELIVERY_PACKAGE, random_bytes=Random(1).randbytes)
        return close_package(message, self.link, random_bytes=Random(2).randbytes)


@dataclass
class DeskWorld:
    """The desk, what is behind the link, and what was asked of Mijn Blauwe Knop."""

    staff: StaffWorld
    behind: Behind = field(default_factory=Behind)
    asked: list[str] = field(default_factory=list)
    orders: list[VerifiedFetch] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    ours: Registration = field(default_factory=registration)

    def desk(self) -> LinkDesk:
        services = self.staff.services[RECEIVER]
        receiver = replace(services.asking.receiver, uses={USE: Use(self.ours, "")})
        asking = replace(services.asking, receiver=receiver)
        keys = (key_agreement(LINK_KEY), key_agreement(OLD_KEY))
        return LinkDesk(replace(services, asking=asking, takes_links=True), self.check, keys, (PLACE,), self.post)

    def check(self, data: bytes, at: Any) -> Verdict:
        return check_received(data, trust=x.trust(), at=at, catalogue=x.catalogue())

    def post(self, address: str, form: Mapping[str, str]) -> Replied:
        self.asked.append(address)
        if address.endswith("/ontvangst"):
            self.receipts.append(form["receipt"])
            return self._said(self.behind.receipt_reply)
        self.orders.append(verify_fetch(form["order"], address=LINK.address, trust_list=r.trust_list(), at=self.staff.now))
        return self._said(self.behind.reply) if self.behind.reply is not None else Replied(200, self.behind.sealed())

    def _said(self, reply: Replied | CallFailed) -> Replied:
        if isinstance(reply, CallFailed):
            raise reply
        return reply
