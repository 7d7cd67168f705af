"""What issuing to wallets needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.document.wallet_credentials import WalletIssuer
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.wallet.configurations import Configuration, dataset_of_document
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.jwe import Derive
from blauweknop.standards.openid4vci.profiles import Profile, ProfileRules
from blauweknop.standards.status_list import StatusReference

__all__ = ["Kept", "Kind", "Nonces", "References", "RequestKey", "UsedOnce", "Wallet", "WalletServices"]


class Kind(StrEnum):
    """What a reference that we gave away stands for."""

    OFFER = "offer"  # a credential offer, to be fetched by a wallet
    REQUEST = "request"  # a pushed authorization request
    VISIT = "visit"  # the person who came with one, until they decide
    CODE = "code"
    PRE_AUTHORIZED = "pre_authorized"
    TOKEN = "token"  # noqa: S105 - the word for it, no secret
    REFRESH = "refresh"  # what new copies of the same may be had with
    TRANSACTION = "transaction"  # a credential that is still to come
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under a reference. `used` ones are kept until they end, to be recognised; their contents are gone."""

    kind: Kind
    content: Mapping[str, JsonValue] = field(repr=False)
    used: bool
    tries: int
    version: int
    ends_at: datetime


class References(Protocol):
    """Random references of 256 bits that a source gave away, of which only the SHA-256 is kept, with contents that it opens."""

    def keep(self, kind: Kind, content: Mapping[str, JsonValue], *, now: datetime, life: timedelta, parent: str | None = None) -> str:
        """A new reference; `parent` is the one it came from."""
        ...

    def read(self, kind: Kind, reference: str, *, now: datetime) -> Kept | None:
        """None when there is no such reference, or it ended."""
        ...

    def use(self, kind: Kind, reference: str, *, now: datetime) -> Kept | None:
        """Use it up. Whoever is second finds `used`."""
        ...

    def change(self, kind: Kind, reference: str, content: Mapping[str, JsonValue], *, seen: Kept, ends_at: datetime | None = None) -> bool:
        """Other contents; False when it changed or went since it was seen."""
        ...

    def count_try(self, kind: Kind, reference: str) -> int:
        """One wrong try more; how many there were."""
        ...

    def end(self, kind: Kind, reference: str) -> None: ...

    def end_children(self, reference: str) -> None:
        """End all that came from a reference, and what came from that."""
        ...


class UsedOnce(Protocol):
    """Remembers what may be used once; shared by all processes of a source."""

    def first_use(self, name: str, *, until: datetime, now: datetime) -> bool:
        """Whether this is the first time; after `until` it may be forgotten."""
        ...


class Nonces(Protocol):
    """Nonces for one purpose; nothing is kept of them."""

    def give(self, now: datetime) -> str: ...

    def counts(self, nonce: str, now: datetime) -> bool:
        """Whether we gave it, and not too long ago."""
        ...


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet solution, or a server, that this source knows. `client_id` is its name in requests.

    One of the two: `providers` vouch for its instances (`attest_jwt_client_auth`), or `keys` are its own (`private_key_jwt`).
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    providers: IssuerTrust | None = field(default=None, repr=False)
    keys: tuple[ec.EllipticCurvePublicKey, ...] = field(default=(), repr=False)
    challenges: bool = True
    """Whether its instances must answer a challenge; wallets after older drafts cannot."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The key to which wallets encrypt their requests: its public half, its name, and the door to the secret half."""

    public: ec.EllipticCurvePublicKey
    key_id: str
    derive: Derive = field(repr=False)


@dataclass(frozen=True, slots=True)
class WalletServices:
    """Everything a source needs to issue to wallets, beside what it needs to serve people."""

    issuer: IssuerServices
    identifier: str
    """The credential issuer identifier, which is the name of the authorization server too."""
    configurations: Mapping[str, Configuration]
    wallets: Mapping[str, Wallet]  # by client_id
    profile: Profile
    rules: ProfileRules
    wallet_issuer: WalletIssuer = field(repr=False)
    status_place: Callable[[datetime], StatusReference] = field(repr=False)
    references: References = field(repr=False)
    used: UsedOnce = field(repr=False)
    together: Callable[[], AbstractContextManager[object]] = field(repr=False)
    """What this thread has `references` and the records of the issuer keep in the block is kept wholly, or not at all."""
    proof_nonces: Nonces = field(repr=False)
    dpop_nonces: Nonces = field(repr=False)
    challenges: Nonces = field(repr=False)
    request_key: RequestKey = field(repr=False)
    wallet_link: str | None = None
    """What opens a wallet on this device: a scheme with `//`, or the https address of a wallet. None: the scheme of the profile."""
    registry: str = ""
    """Where it is registered who the issuer is (profile `etsi`)."""
    batch_size: int = 10
    key_level: str | None = None
    """The least that is asked of an attestation of keys (`key_attestation.ATTACK_POTENTIALS`); None: none is asked."""
    unknown_wallets: bool = False
    """Whether a wallet that nobody vouches for may fetch what a person offers it with a code."""
    encrypted_only: bool = False
    calls_a_minute: int = 600
    """How often one address may call; wallets of many people may share one."""

    @property
    def address(self) -> str:
        """Before the name of each endpoint."""
        return f"{self.identifier}/oid4vci"

    @property
    def now(self) -> datetime:
        return self.issuer.now()

    def dataset_of(self, name: str) -> Dataset | None:
        """The data set that somebody asks for by the name of a configuration or of a document; None when there is none."""
        if name in self.configurations:
            return self.configurations[name].dataset
        dataset_id = dataset_of_document(name)
        return next((known.dataset for known in self.configurations.values() if known.dataset.id == dataset_id), None)
