"""Offer a person's own choice to their wallet: on the same device by a link, on another by a QR code and six digits (PROTOCOL 2.2, 2.3).

A link leads to the login of the source and its consent page: whoever follows it must be the person. A QR code stands for the choice of
somebody who is logged in now, so whoever has it needs the digits too, which are never in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import randbelow
from typing import Literal

from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.document import JsonValue, Outcome
from blauweknop.issuer.login import Session
from blauweknop.issuer.wallet.configurations import FORMATS, Configuration
from blauweknop.issuer.wallet.consent import wanted_with_bsn
from blauweknop.issuer.wallet.entitlement import Entitlement
from blauweknop.issuer.wallet.ports import Kind, WalletServices
from blauweknop.standards.openid4vci.offers import Offer, PreAuthorized, offer_link, offer_members

__all__ = [
    "OFFER_LIFE",
    "MadeOffer",
    "OfferState",
    "OpenOffer",
    "here",
    "notes_with",
    "offer_state",
    "offered",
    "open_offer",
    "other_device",
    "withdraw_offer",
]

OFFER_LIFE = timedelta(minutes=5)
_DIGITS = 6
_NOTE = "wallet"  # in the notes of a session

OfferState = Literal["waiting", "fetched", "over", "spoiled"]
"""`spoiled`: it ended before its time, after three wrong tries."""


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """What the page shows: `link` opens a wallet, which fetches the offer by `reference`; with `tx_code` it is for a QR code, and `code`
    tells what became of it.
    """

    link: str = field(repr=False)
    ends_at: datetime
    tx_code: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)

    def as_json(self) -> JsonValue:
        return {
            "link": self.link,
            "reference": self.reference,
            "ends_at": self.ends_at.isoformat(),
            "tx_code": self.tx_code,
            "code": self.code,
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> "MadeOffer | None":
        """What `as_json` gave; None for anything else."""
        match value:
            case {"link": str(link), "reference": str(reference), "ends_at": str(ends_at), "tx_code": str(tx_code), "code": str(code)}:
                return cls(link, datetime.fromisoformat(ends_at), tx_code, code, reference)
        return None


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """What a person put ready, both ways, in the notes of the session; `view` names what they saw when they did."""

    here: MadeOffer
    elsewhere: MadeOffer
    format: CredentialFormat
    dataset_ids: tuple[str, ...]
    view: str
    fetched: bool = False

    def as_json(self) -> JsonValue:
        return {
            "here": self.here.as_json(),
            "elsewhere": self.elsewhere.as_json(),
            "format": self.format,
            "dataset_ids": list(self.dataset_ids),
            "view": self.view,
            "fetched": self.fetched,
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> "OpenOffer | None":
        """What `as_json` gave; None for anything else."""
        match value:
            case {
                "here": here,
                "elsewhere": elsewhere,
                "format": str(form),
                "dataset_ids": list(names),
                "view": str(view),
                "fetched": bool(fetched),
            }:
                first, second = MadeOffer.from_json(here), MadeOffer.from_json(elsewhere)
                format_ = next((known for known in FORMATS.values() if known == form), None)
                if first and second and format_:
                    return cls(first, second, format_, tuple(str(name) for name in names), view, fetched)
        return None


def open_offer(session: Session) -> OpenOffer | None:
    """What this person put ready last, whatever became of it."""
    return OpenOffer.from_json(session.notes.get(_NOTE))


def notes_with(session: Session, offer: OpenOffer | None) -> dict[str, JsonValue]:
    """The notes of a session in which this was put ready; None: nothing."""
    return {**session.notes, _NOTE: offer.as_json() if offer else None}


def offered(dataset_ids: Sequence[str], form: CredentialFormat, services: WalletServices) -> tuple[Configuration, ...]:
    """The configurations of these data sets in one format: a wallet that gets both would show everything twice."""
    return tuple(item for item in services.configurations.values() if item.dataset.id in dataset_ids and item.format == form)


def here(configurations: Sequence[Configuration], services: WalletServices, now: datetime) -> MadeOffer:
    """An offer for a wallet on this device: it holds no right to anything."""
    offer = Offer(services.identifier, tuple(item.id for item in configurations))
    reference = _kept(offer, services, now, OFFER_LIFE, None)
    return MadeOffer(
        _link(services.wallet_link or services.rules.offer_schemes[0], reference, services), now + OFFER_LIFE, reference=reference
    )


def other_device(
    configurations: Sequence[Configuration],
    session: Session,
    outcomes: Mapping[str, Outcome],
    services: WalletServices,
    now: datetime,
    *,
    description: str,
    session_reference: str,
) -> MadeOffer:
    """An offer for a wallet elsewhere, with the digits that its user must type. `description` is shown by the wallet beside the field.

    It ends with the session whose reference this is.
    """
    names = {item.dataset.id for item in configurations}
    entitlement = Entitlement(
        session.person.bsn,
        tuple(item.id for item in configurations),
        wanted_with_bsn(session) & names,
        {name: outcome for name, outcome in outcomes.items() if name in names},
    )
    tx_code = f"{randbelow(10**_DIGITS):0{_DIGITS}}"
    content: dict[str, JsonValue] = {"entitlement": entitlement.as_json(), "tx_code": tx_code}
    life = min(OFFER_LIFE, session.ends_at - now)
    code = services.references.keep(Kind.PRE_AUTHORIZED, content, now=now, life=life, parent=session_reference)
    asked = PreAuthorized(code, _DIGITS, description)
    offer = Offer(services.identifier, tuple(item.id for item in configurations), pre_authorized=asked)
    reference = _kept(offer, services, now, life, session_reference)
    return MadeOffer(_link(services.rules.offer_schemes[0], reference, services), now + life, tx_code, code, reference)


def offer_state(offer: MadeOffer, session: Session, services: WalletServices, now: datetime) -> OfferState:
    """What became of an offer for another device. One that is over tells no more whether it was fetched: see `OpenOffer.fetched`."""
    kept = services.references.read(Kind.PRE_AUTHORIZED, offer.code, now=now)
    if kept is not None:
        return "fetched" if kept.used else "waiting"
    of_an_earlier_session = session.created_at > offer.ends_at - OFFER_LIFE
    return "over" if offer.ends_at <= now or of_an_earlier_session else "spoiled"


def withdraw_offer(offer: MadeOffer, services: WalletServices) -> None:
    """Nobody can use it any more. What was fetched with it stays; so does its code, to be recognised when it comes again."""
    services.references.end(Kind.OFFER, offer.reference)
    kept = services.references.read(Kind.PRE_AUTHORIZED, offer.code, now=services.now)
    if kept is not None and not kept.used:
        services.references.end(Kind.PRE_AUTHORIZED, offer.code)


def _kept(offer: Offer, services: WalletServices, now: datetime, life: timedelta, session_reference: str | None) -> str:
    """The offer itself is fetched from us (section 4.1.3): a QR code stays small, and nothing of it is in an address."""
    return services.references.keep(Kind.OFFER, {"offer": offer_members(offer)}, now=now, life=life, parent=session_reference)


def _link(opens: str, reference: str, services: WalletServices) -> str:
    return offer_link(opens, f"{services.address}/offers/{reference}")
