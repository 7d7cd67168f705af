"""What is kept of a sharing: who got what of which, why and until when, with what both sides signed. No value is kept a second time.

The key of the consent is made for this one sharing: whoever has it can take the data back, and nothing links two sharings to one person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.texts import Language, Text
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.sharing.asking import Asked
from blauweknop.holder.sharing.consent import Offered
from blauweknop.standards import base64url
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_acting import acted_for, acting_in
from blauweknop.standards.sharing_composing import attribute_name, compose_record
from blauweknop.standards.sharing_messages import Consent, request_hash
from blauweknop.standards.sharing_records import PiiInformation

__all__ = ["SharedThing", "Sharing", "consent_of", "new_sharing"]

_RECORD_BYTES = 16


@dataclass(frozen=True, slots=True)
class SharedThing:
    """One credential that went along: its place in the vault, what it is, and which claims of it. `reference` is its day, if it has one."""

    item: str
    is_document: bool
    dataset: str
    source_name: str
    reference: str
    claims: tuple[str, ...]

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "item": self.item,
            "is_document": self.is_document,
            "dataset": self.dataset,
            "source_name": self.source_name,
            "reference": self.reference,
            "claims": [*self.claims],
        }

    @classmethod
    def from_json(cls, kept: JsonValue) -> Self:
        match kept:
            case {
                "item": str(item),
                "is_document": bool(is_document),
                "dataset": str(dataset),
                "source_name": str(source),
                "reference": str(reference),
                "claims": list(claims),
            }:
                return cls(item, is_document, dataset, source, reference, tuple(map(str, claims)))
        raise MalformedValue("expected what was shared as this version keeps it")


@dataclass(frozen=True, slots=True)
class Sharing:
    """One answer to one receiver. `receipt` and `erasure` are what the receiver signed, empty as long as there is none.

    `outbox` leads to a withdrawal that is on its way.
    """

    receiver: str
    legal_name: str
    identifier: str
    client_id: str
    purpose: Text
    law: str
    letter: str
    authority: str
    contact: str
    shared_at: datetime
    ends_at: datetime
    request_hash: str
    things: tuple[SharedThing, ...]
    papers: tuple[str, ...] = field(repr=False)
    """Titles of own papers that went along."""
    key: str = field(repr=False)
    consent: str = field(repr=False)
    receipt: str = field(default="", repr=False)
    receipt_id: str = ""
    withdrawal_uri: str = ""
    outbox: str = field(default="", repr=False)
    erasure: str = field(default="", repr=False)
    kept_by_law: tuple[tuple[str, str], ...] = ()
    recipients: tuple[Text, ...] | None = None
    """Who else gets it; None when only the privacy statement says so."""
    privacy_policy: str = ""
    acted_by: str = field(default="", repr=False)
    """Who acted for the person, and in which capacity, as what was shared certifies; empty for who acted for themselves."""
    capacity: str = ""
    acted_for: str = field(default="", repr=False)

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "receiver": self.receiver,
            "legal_name": self.legal_name,
            "identifier": self.identifier,
            "client_id": self.client_id,
            "purpose": [self.purpose.nl, self.purpose.en],
            "law": self.law,
            "letter": self.letter,
            "authority": self.authority,
            "contact": self.contact,
            "shared_at": self.shared_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "request_hash": self.request_hash,
            "things": [thing.as_json() for thing in self.things],
            "papers": [*self.papers],
            "key": self.key,
            "consent": self.consent,
            "receipt": self.receipt,
            "receipt_id": self.receipt_id,
            "withdrawal_uri": self.withdrawal_uri,
            "outbox": self.outbox,
            "erasure": self.erasure,
            "kept_by_law": [[what, law] for what, law in self.kept_by_law],
            "recipients": None if self.recipients is None else [[one.nl, one.en] for one in self.recipients],
            "privacy_policy": self.privacy_policy,
            "acted_by": self.acted_by,
            "capacity": self.capacity,
            "acted_for": self.acted_for,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> Self:
        """Raises: MalformedValue."""
        match kept:
            case {"purpose": [str(nl), str(en)], "things": list(things), "papers": list(papers), "kept_by_law": list(by_law)}:
                plain = {name: str(kept[name]) for name in _TEXTS if name in kept}
            case _:
                raise MalformedValue("expected a sharing as this version keeps it")
        try:
            return cls(
                purpose=Text(nl, en),
                shared_at=datetime.fromisoformat(str(kept["shared_at"])),
                ends_at=datetime.fromisoformat(str(kept["ends_at"])),
                things=tuple(map(SharedThing.from_json, things)),
                papers=tuple(map(str, papers)),
                recipients=_read_recipients(kept.get("recipients")),
                kept_by_law=tuple((str(pair[0]), str(pair[1])) for pair in by_law if isinstance(pair, list)),
                **plain,
            )
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise MalformedValue("expected a sharing as this version keeps it") from error


_TEXTS = (
    "receiver",
    "legal_name",
    "identifier",
    "client_id",
    "law",
    "letter",
    "authority",
    "contact",
    "request_hash",
    "key",
    "consent",
    "receipt",
    "receipt_id",
    "withdrawal_uri",
    "outbox",
    "erasure",
    "privacy_policy",
    "acted_by",
    "capacity",
    "acted_for",
)


def _read_recipients(kept: JsonValue) -> tuple[Text, ...] | None:
    """What was shared before these were kept has none."""
    return tuple(Text(str(pair[0]), str(pair[1])) for pair in kept if isinstance(pair, list)) if isinstance(kept, list) else None


def consent_of(
    asked: Asked,
    verified: VerifiedRequest,
    taken: Sequence[Offered],
    required: Sequence[Offered],
    key: HolderKey,
    *,
    record_id: bytes,
    language: Language,
    at: datetime,
    ends_at: datetime,
) -> Consent:
    """What the person agrees to, by the registration of who asks, until `ends_at`; `key` is fresh."""
    asked_of_all = {one.chosen.name for one in required}
    pii = [
        PiiInformation(
            offered.chosen.holding.type,
            attribute_name(path),
            optional=offered.chosen.name not in asked_of_all,
        )
        for offered in taken
        for path in offered.chosen.paths
    ] + [PiiInformation(offered.chosen.holding.type) for offered in taken if not offered.chosen.paths]
    record = compose_record(
        verified.registration,
        pii,
        record_id=base64url.encode(record_id[:_RECORD_BYTES]),
        principal=thumbprint(key.public),
        language=language,
        at=at,
        acting=acted_for(offered.claims for offered in taken),
    )
    return Consent(verified.receiver.client_id, request_hash(asked.text), at.replace(microsecond=0), ends_at, record)


def new_sharing(
    consent: Consent,
    signed: str,
    verified: VerifiedRequest,
    taken: Sequence[Offered],
    key: HolderKey,
    *,
    papers: Sequence[str],
    recipients: tuple[Text, ...] | None,
) -> Sharing:
    """The record as it is kept before anything is sent."""
    registration, acting = verified.registration, acting_in(consent.record.parties)
    by = acting.representatives[0] if acting is not None else None
    return Sharing(
        receiver=registration.name,
        legal_name=registration.legal_name,
        identifier=registration.identifier,
        client_id=verified.receiver.client_id,
        purpose=registration.purpose,
        law=registration.legal_basis.law,
        letter=registration.legal_basis.letter,
        authority=registration.authority.contact,
        contact=registration.support_uri,
        shared_at=consent.issued_at,
        ends_at=consent.ends_at,
        request_hash=consent.request_hash,
        things=tuple(map(_thing, taken)),
        papers=tuple(papers),
        key=key.as_text(),
        consent=signed,
        recipients=recipients,
        privacy_policy=registration.privacy_policy,
        acted_by=by.name if by is not None else "",
        capacity=by.capacity.value if by is not None else "",
        acted_for=acting.person if acting is not None else "",
    )


def _thing(offered: Offered) -> SharedThing:
    holding = offered.chosen.holding
    return SharedThing(
        holding.item.hex(),
        not holding.is_bound,
        holding.dataset.id,
        holding.source_name,
        holding.reference.isoformat() if holding.reference else "",
        tuple(attribute_name(path) for path in offered.chosen.paths),
    )
