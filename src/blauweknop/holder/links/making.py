"""Make a link: everything that goes is signed, encrypted to the key of the receiver, closed with the key of the link, and put behind it.

In steps:
1. The files that go: sealed as they are, or smaller where the receiver may not have all of it.
2. The consent and the list, signed with a key made for this one sharing.
3. The package, encrypted to the key in the registration of the receiver; around that closed with a fresh key that only the link has.
4. In the vault first, then behind the link: whatever goes wrong in between, nothing can be fetched that its person does not know of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from blauweknop.document.typesetting import TypesettingFailed
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Language
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.links.choosing import Fitting, Goes, file_of
from blauweknop.holder.links.items import LinkBody, LinkItem, keep_link, made_links
from blauweknop.holder.links.ports import KeptLink, LinkServices
from blauweknop.holder.links.receivers import LinkReceiver
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.papers import OwnPaper
from blauweknop.holder.sharing.reasons import reasons_of
from blauweknop.holder.sharing.records import Sharing, with_acting
from blauweknop.holder.sharing.things import SharedThing
from blauweknop.holder.vault import Vault
from blauweknop.standards import base64url
from blauweknop.standards.delivery import (
    DELIVERY_PACKAGE,
    MOST_DOCUMENTS,
    MOST_FILE_BYTES,
    Delivery,
    GivenDocument,
    GivenPaper,
    Package,
    package_bytes,
    sign_delivery,
)
from blauweknop.standards.jwe import encrypt_jwe
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.share_link import KEY_BYTES, LINK_ID_BYTES, PIN_DIGITS, ShareLink, close_package
from blauweknop.standards.sharing_acting import acted_for
from blauweknop.standards.sharing_composing import BY_LINK, attribute_name, compose_record, retention_end
from blauweknop.standards.sharing_messages import Consent, request_hash, sign_consent
from blauweknop.standards.sharing_records import PiiInformation

__all__ = ["DAYS", "MOST_WAITING", "LinkNotMade", "Wanted", "make_link", "pin_tag"]

DAYS = (1, 7, 14, 30)
"""How long a link may last; the second is what most people want."""
MOST_WAITING = 10
"""Links of one person at a time."""
_RECORD_BYTES = 16


class LinkNotMade(BlauweKnopError):
    """Nothing was made.

    A document is not here any more (`changed`), stands there twice (`twice`) or cannot be made smaller (`smaller`); it is too much
    (`size`, `many`); or too many links wait (`waiting`, of this person; `busy`, of all).
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"no link was made: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person chose: documents, papers, and for how many days the link lasts."""

    documents: tuple[Fitting, ...]
    papers: tuple[OwnPaper, ...]
    days: int


def make_link(
    wanted: Wanted, receiver: LinkReceiver, vault: Vault, services: HolderServices, links: LinkServices, *, language: Language
) -> str:
    """The key under which the link is kept.

    Raises:
        LinkNotMade: nothing was kept.
        VaultFull: the same.
    """
    now = services.now()
    if sum(made.item.state == "waiting" and made.item.ends_at > now for made in made_links(vault)) >= MOST_WAITING:
        raise LinkNotMade("waiting")
    # Step 1.
    files = _files(wanted, vault, links, now)
    # Step 2.
    key = HolderKey.new(services.random)
    ends_at = min(now.replace(microsecond=0) + timedelta(days=wanted.days), retention_end(receiver.registration.retention, now))
    consent = _consent(wanted.documents, receiver, key, record_id=services.random(_RECORD_BYTES), language=language, at=now)
    signed = sign_consent(consent, key.signer, key.public)
    delivery = Delivery(
        consent.audience,
        consent.request_hash,
        consent.record.id,
        consent.issued_at,
        ends_at,
        tuple(GivenDocument(one.sha256, one.fitting.dataset.type_uri, one.fitting.document.item.document_id) for one in files),
        tuple(GivenPaper(sha256(paper.content).hexdigest(), paper.media_type, paper.title) for paper in wanted.papers),
    )
    package = Package(
        sign_delivery(delivery, key.signer, key.public),
        signed,
        receiver.text,
        tuple(one.content for one in files),
        tuple(paper.content for paper in wanted.papers),
    )
    # Step 3.
    message = encrypt_jwe(package_bytes(package), receiver.key, DELIVERY_PACKAGE, random_bytes=services.random)
    link = ShareLink(f"{services.base_url}{services.path}", base64url.encode(services.random(LINK_ID_BYTES)), services.random(KEY_BYTES))
    sealed = close_package(message, link, random_bytes=services.random)
    pin = f"{int.from_bytes(services.random(8)) % 10**PIN_DIGITS:0{PIN_DIGITS}d}"
    # Step 4.
    sharing = _sharing(consent, signed, receiver, wanted, key, links)
    item = LinkItem("waiting", receiver.registration.name, now, ends_at)
    made = keep_link(item, LinkBody(link.as_text(), link.id, pin, sharing), vault)
    kept = KeptLink(consent.audience, receiver.registration.name, pin_tag(link.id, pin, services), consent.request_hash)
    if not links.store.put(link.id, kept, sealed, ends_at=ends_at, now=now):
        vault.remove(bytes.fromhex(made))
        raise LinkNotMade("busy")
    write_log(vault, LogLine(now, Happening.LINK_MADE, receiver.registration.name))
    return made


def pin_tag(link_id: str, pin: str, services: HolderServices) -> bytes:
    """What is kept of a PIN: who has only the database can not try them all."""
    return services.keyed_hash("link pin", f"{link_id} {pin}")


def _files(wanted: Wanted, vault: Vault, links: LinkServices, now: datetime) -> tuple[Goes, ...]:
    if not 1 <= len(wanted.documents) <= MOST_DOCUMENTS:
        raise LinkNotMade("many")
    found = []
    for fitting in wanted.documents:
        try:
            content = file_of(fitting, vault, links, now)
        except TypesettingFailed as error:
            raise LinkNotMade("smaller") from error
        if content is None:
            raise LinkNotMade("changed")
        found.append(Goes(fitting, content))
    papers = [sha256(paper.content).hexdigest() for paper in wanted.papers]
    if sum(len(one.content) for one in found) + sum(len(paper.content) for paper in wanted.papers) > MOST_FILE_BYTES:
        raise LinkNotMade("size")
    if len({*(one.sha256 for one in found), *papers}) != len(found) + len(papers):
        raise LinkNotMade("twice")
    return tuple(found)


def _consent(
    documents: Sequence[Fitting], receiver: LinkReceiver, key: HolderKey, *, record_id: bytes, language: Language, at: datetime
) -> Consent:
    """What the person agrees to, by the registration of who gets it."""
    shared = [PiiInformation(one.dataset.type_uri, attribute_name(path), optional=True) for one in documents for path in one.paths]
    record = compose_record(
        receiver.registration,
        shared,
        record_id=base64url.encode(record_id),
        principal=thumbprint(key.public),
        language=language,
        at=at,
        method=BY_LINK,
        acting=acted_for(one.claims for one in documents),
    )
    ends_at = retention_end(receiver.registration.retention, at)
    return Consent(receiver.registration.identifier, request_hash(receiver.text), at.replace(microsecond=0), ends_at, record)


def _sharing(consent: Consent, signed: str, receiver: LinkReceiver, wanted: Wanted, key: HolderKey, links: LinkServices) -> Sharing:
    """As it is kept when the receiver has it; by its identifier, for which certificate it will have then nobody knows yet."""
    of = receiver.registration
    sharing = Sharing(
        receiver=of.name,
        legal_name=of.legal_name,
        identifier=of.identifier,
        client_id=of.identifier,
        purpose=of.purpose,
        law=of.legal_basis.law,
        letter=of.legal_basis.letter,
        authority=of.authority.contact,
        contact=of.support_uri,
        shared_at=consent.issued_at,
        ends_at=consent.ends_at,
        request_hash=consent.request_hash,
        things=tuple(map(_thing, wanted.documents)),
        papers=tuple(paper.title for paper in wanted.papers),
        key=key.as_text(),
        consent=signed,
        recipients=reasons_of(of, links.catalogue).recipients_of(of),
        privacy_policy=of.privacy_policy,
    )
    return with_acting(sharing, consent.record)


def _thing(fitting: Fitting) -> SharedThing:
    item = fitting.document.item
    return SharedThing(
        fitting.key,
        True,
        fitting.dataset.id,
        item.source_name,
        item.reference.date().isoformat(),
        tuple(attribute_name(path) for path in fitting.paths),
    )
