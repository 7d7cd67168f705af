"""What the time after sharing needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.signing import Signer

__all__ = ["AfterwardsServices", "KeptSharing", "Sharings"]


@dataclass(frozen=True, slots=True)
class KeptSharing:
    """What a receiver knows of one sharing beside the data. `audience` is who the person shared with, by the client id of then.

    `key` is that of the consent; None when the wallet sent none, and only the link of the receipt withdraws. `proof` is the signed proof of
    erasure: from then on it is all that there is, beside the id.
    """

    receipt_id: str
    audience: str
    key: ec.EllipticCurvePublicKey | None
    proof: str | None
    updates_until: datetime | None = None
    """Until when the person agreed that newer data may follow; None when they may not, or not any more."""


class Sharings(Protocol):
    """The sharings of one receiver. Of receipt ids and links only the SHA-256 is kept; with a proof nothing else is."""

    def keep(self, sharing: KeptSharing, *, link: str, attempt: str, erase_at: datetime) -> None:
        """A sharing of which no data are kept yet: they wait with the attempt (transaction) of this id. `link` withdraws without a key."""
        ...

    def bind(self, receipt_id: str, dossier_id: str) -> bool:
        """These are the data of the sharing. False when it was withdrawn meanwhile, so that they may not be kept."""
        ...

    def follow(self, receipt_id: str, until: datetime | None) -> bool:
        """From now on newer data may follow until then, or not any more: for good.

        False when there is no such sharing, it is over, or newer data might not follow.
        """
        ...

    def of_receipt(self, receipt_id: str) -> KeptSharing | None: ...

    def of_link(self, link: str) -> KeptSharing | None: ...

    def erase(self, receipt_id: str, proof: str) -> str:
        """Everything of the sharing goes, and the proof stays, at once or not at all; gives the proof that stands, the first.

        Everything is what the dossier holds, its request, and every attempt to answer that.
        """
        ...

    def request_of(self, receipt_id: str) -> str | None:
        """The id of the request that was answered; None when nothing of it is kept."""
        ...

    def due(self, now: datetime, *, most: int) -> Sequence[str]:
        """Receipt ids of sharings whose time is over and of which there is no proof yet."""
        ...


@dataclass(frozen=True, slots=True)
class AfterwardsServices:
    """Everything one receiver needs."""

    signer: Signer = field(repr=False)
    """With the access certificate."""
    sharings: Sharings = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    tell_withdrawn: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Tells the system that made a request, by its id, that the answer is taken back; before it goes."""
    calls_a_minute: int = 60
    """How often one address may withdraw."""

    @property
    def now(self) -> datetime:
        return self.clock()

    @property
    def client_id(self) -> str:
        return x509_hash(self.signer.certificate)
