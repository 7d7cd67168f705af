"""What is kept of a sharing: who got what of which, why and until when, with what both sides signed. No value is kept a second time.

The key of the consent is made for this one sharing: whoever has it can take the data back, and nothing links two sharings to one person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.texts import Language, Text
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.sharing.asking import Asked
from blauweknop.holder.sharing.consent import Offered
from blauweknop.holder.sharing.things import SentUpdate, SharedThing, said_at
from blauweknop.standards import base64url
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_acting import acted_for, acting_in
from blauweknop.standards.sharing_composing import attribute_name, compose_record, retention_end
from blauweknop.standards.sharing_messages import Consent, request_hash
from blauweknop.standards.sharing_records import ConsentRecord, PiiInformation

__all__ = ["Sharing", "consent_of", "new_sharing", "with_acting"]

_RECORD_BYTES = 16


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
    update_uri: str = field(default="", repr=False)
    updates_until: datetime | None = None
    """Until when the receiver is kept up to date; None when it is not, or not any more."""
    updates_longest: str = ""
    """How long that may be, from each yes (a duration)."""
    updates: tuple[SentUpdate, ...] = ()
    set_aside: str = field(default="", repr=False)
    """The news that the person did not want to send, by its fingerprint."""
    goes_on: bool = True
    """False when the person was asked whether to go on for longer, and said no."""

    @property
    def latest(self) -> dict[tuple[str, str, bool], SharedThing]:
        """By series what the receiver has now, as far as it said so, of what the person keeps it up to date with."""
        found = {thing.series: thing for thing in self.things if thing.follows}
        for update in self.updates:
            found |= {thing.series: thing for thing in update.things} if update.state == "sent" else {}
        return found

    @property
    def latest_papers(self) -> tuple[tuple[str, datetime], ...]:
        """Of each own paper, by number, the title and since when the receiver has it, as far as it said so."""
        found = {number: (title, self.shared_at) for number, title in enumerate(self.papers, 1)}
        for update in self.updates:
            found |= {paper.number: (paper.title, update.at) for paper in update.papers} if update.state == "sent" else {}
        return tuple(found.values())

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
            "update_uri": self.update_uri,
            "updates_until": self.updates_until.isoformat() if self.updates_until is not None else None,
            "updates_longest": self.updates_longest,
            "updates": [update.as_json() for update in self.updates],
            "set_aside": self.set_aside,
            "goes_on": self.goes_on,
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
                updates_until=_read_moment(kept.get("updates_until")),
                updates=tuple(map(SentUpdate.from_json, _read_list(kept.get("updates")))),
                goes_on=kept.get("goes_on") is not False,
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
    "update_uri",
    "updates_longest",
    "set_aside",
)


def _read_recipients(kept: JsonValue) -> tuple[Text, ...] | None:
    """What was shared before these were kept has none."""
    return tuple(Text(str(pair[0]), str(pair[1])) for pair in kept if isinstance(pair, list)) if isinstance(kept, list) else None


def _read_moment(kept: JsonValue) -> datetime | None:
    return datetime.fromisoformat(kept) if isinstance(kept, str) else None


def _read_list(kept: JsonValue) -> list[JsonValue]:
    return kept if isinstance(kept, list) else []


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
    with_updates: bool = False,
) -> Consent:
    """What the person agrees to, by the registration of who asks, until `ends_at`, and perhaps to updates; `key` is fresh."""
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
    later = verified.updates if with_updates else None
    updates = [each for each in pii if each.type in later.types] if later is not None else []
    updates_until = min(ends_at, retention_end(later.longest, at)) if later is not None and updates else None
    record = compose_record(
        verified.registration,
        pii,
        record_id=base64url.encode(record_id[:_RECORD_BYTES]),
        principal=thumbprint(key.public),
        language=language,
        at=at,
        acting=acted_for(offered.claims for offered in taken),
        updates=updates,
    )
    return Consent(verified.receiver.client_id, request_hash(asked.text), at.replace(microsecond=0), ends_at, record, updates_until)


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
    registration = verified.registration
    followed = verified.updates.types if verified.updates is not None and consent.updates_until is not None else ()
    sharing = Sharing(
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
        things=tuple(_thing(offered, followed) for offered in taken),
        papers=tuple(papers),
        key=key.as_text(),
        consent=signed,
        recipients=recipients,
        privacy_policy=registration.privacy_policy,
        updates_longest=verified.updates.longest if verified.updates is not None and followed else "",
    )
    return with_acting(sharing, consent.record)


def with_acting(sharing: Sharing, record: ConsentRecord) -> Sharing:
    """The sharing with who acted for the person by its record, if anybody did."""
    acting = acting_in(record.parties)
    if acting is None:
        return sharing
    by = acting.representatives[0]
    return replace(sharing, acted_by=by.name, capacity=by.capacity.value, acted_for=acting.person)


def _thing(offered: Offered, followed: Sequence[str]) -> SharedThing:
    holding = offered.chosen.holding
    claims = tuple(attribute_name(path) for path in offered.chosen.paths)
    return SharedThing(
        holding.item.hex(),
        not holding.is_bound,
        holding.dataset.id,
        holding.source_name,
        holding.reference.isoformat() if holding.reference else "",
        claims,
        said_at(holding, claims),
        holding.type in followed,
    )
