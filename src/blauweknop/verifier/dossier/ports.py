"""What the dossier needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from blauweknop.document.lay_out import LayOut
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.dossier.pieces import StatusCheck
from blauweknop.verifier.staff.ports import StaffServices

__all__ = ["MOST_NOTES", "DossierRecords", "DossierSealer", "DossierServices", "Note", "TellStatus"]

MOST_NOTES = 100
"""In one dossier."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody of the receiver wrote down."""

    number: int
    text: str = field(repr=False)
    written_at: datetime


class DossierRecords(Protocol):
    """What is kept beside an answer, by the id of its dossier, encrypted. All of it goes with the answer."""

    def write_note(self, dossier_id: str, text: str, *, now: datetime) -> bool:
        """False when the dossier is gone, or has as many notes as it may have."""
        ...

    def erase_note(self, dossier_id: str, number: int) -> None: ...

    def notes(self, dossier_id: str) -> Sequence[Note]:
        """Oldest first."""
        ...

    def keep_check(self, dossier_id: str, check: StatusCheck) -> bool:
        """What is known after this look and the ones before (`StatusCheck.with_other`); False when the dossier is gone."""
        ...

    def last_check(self, dossier_id: str) -> StatusCheck | None: ...

    def not_checked_since(self, moment: datetime, *, most: int) -> Sequence[str]:
        """Ids of the requests whose answers came and were checked last before this."""
        ...


class TellStatus(Protocol):
    """What the source says now of something that it issued, in a word of `checking.status`; None when that cannot be told."""

    def __call__(self, issuer_oin: str, uri: str, index: int, now: datetime) -> str | None: ...


@dataclass(frozen=True, slots=True)
class DossierSealer:
    """What a receiver needs to seal its dossiers. `seal` turns the SHA-256 of a letter into CMS (DER) of at most `seal_size` bytes.

    `printable` writes a text with the characters of our letters.
    """

    lay_out: LayOut = field(repr=False)
    printable: Callable[[str], str] = field(repr=False)
    seal: Callable[[bytes], bytes] = field(repr=False)
    seal_size: int
    legal_name: str
    check_url: str
    exercise: bool


@dataclass(frozen=True, slots=True)
class DossierServices:
    """Everything for the dossiers of one receiver: they are pages of its staff."""

    staff: StaffServices
    records: DossierRecords = field(repr=False)
    tell_status: TellStatus = field(repr=False)
    sealer: DossierSealer | None = field(default=None, repr=False)
    """Without it dossiers are not taken along as a sealed file."""

    @property
    def asking(self) -> AskingServices:
        return self.staff.asking
