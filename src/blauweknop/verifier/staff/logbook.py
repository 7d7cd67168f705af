"""The log of the staff of a receiver: who did or saw what of which request, and when; never anything of the person (T-22, T-41).

Each line covers the one before it by its hash, so that a line that was changed, left out or moved no longer fits (`log_checking`).
`about` is the id of a request, which says nothing of whose it is, and stays when the request is erased.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from blauweknop.domain.document import JsonValue
from blauweknop.standards.strict_json import canonical_json

__all__ = ["NO_HASH", "Checkpoint", "Deed", "Entry", "Head", "Line", "Logbook", "line_after", "line_hash", "line_json"]

NO_HASH = "0" * 64
"""What the first line of all has before it."""
_FORM = "bk-staff-log-1"


class Deed(StrEnum):
    LOGGED_IN = "logged_in"
    LOGIN_REFUSED = "login_refused"
    LOGGED_OUT = "logged_out"
    ENDED_BY_ORGANISATION = "ended_by_organisation"
    REQUEST_MADE = "request_made"
    REQUEST_SEEN = "request_seen"
    REQUEST_TAKEN_BACK = "request_taken_back"
    LINK_TAKEN = "link_taken"  # documents that somebody gave by a link
    DOSSIER_SEEN = "dossier_seen"
    DOSSIER_CHECKED = "dossier_checked"
    PAPER_TAKEN = "paper_taken"
    NOTE_WRITTEN = "note_written"
    NOTE_ERASED = "note_erased"
    UPDATES_STOPPED = "updates_stopped"
    TASK_GIVEN = "task_given"
    TASK_ENDED = "task_ended"
    YES_ASKED = "yes_asked"
    YES_GIVEN = "yes_given"
    YES_REFUSED = "yes_refused"
    YES_TAKEN_BACK = "yes_taken_back"
    EXPORTED = "exported"
    PAGE_REFUSED = "page_refused"
    LOG_SEEN = "log_seen"
    LOG_TAKEN = "log_taken"
    LOG_RESUMED = "log_resumed"  # what was known of its end was lost
    LOG_SHORTENED = "log_shortened"  # `detail` is the number of the last line that was old enough to go


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written. `staff` is the id of who did it, None for the system; `detail` is a word of ours or an id, never typed."""

    deed: Deed
    staff: str | None = None
    about: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What was written. `previous` and `hash` are hexadecimal; `deed` is a text, since a later version may know other words."""

    number: int
    at: datetime
    staff: str | None
    deed: str
    about: str | None
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last line, as it is kept apart from the lines and closed with the key of the storage."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log was up to a line, signed with the access key of the receiver (a JWS)."""

    number: int
    signed: str
    at: datetime


class Logbook(Protocol):
    """The log of one receiver. Each method raises StorageError: then what was to be logged does not happen."""

    def write(self, entry: Entry, *, now: datetime) -> int:
        """Put it at the end; its number. Inside a transaction it is written with all of it, or not at all."""
        ...

    def newest(self, *, about: str = "", before: int | None = None, most: int) -> Sequence[Line]:
        """The newest first; `about` is the beginning of the id of a request, `before` a number."""
        ...

    def lines(self) -> Iterator[Line]:
        """All of it, the oldest first."""
        ...

    def head(self) -> Head | None:
        """None when nothing was ever written, or when it was tampered with."""
        ...

    def checkpoints(self) -> Sequence[Checkpoint]:
        """The oldest first."""
        ...

    def sign(self, *, now: datetime) -> None:
        """Make a checkpoint of all that was written, when there is none of it yet."""
        ...

    def keep_up(self, *, now: datetime) -> int:
        """Sign what was written in the last hour, and let go what is old enough; how many lines went."""
        ...


def line_after(receiver: str, before: Head | None, entry: Entry, at: datetime) -> Line:
    """The line of an entry, behind what is there."""
    number, previous = (before.number + 1, before.hash) if before is not None else (1, NO_HASH)
    line = Line(number, at, entry.staff, entry.deed.value, entry.about, entry.detail, previous, "")
    return Line(number, at, entry.staff, entry.deed.value, entry.about, entry.detail, previous, line_hash(receiver, line))


def line_hash(receiver: str, line: Line) -> str:
    """SHA-256 of all that a line says and of the hash before it, as canonical JSON (RFC 8785)."""
    content: list[JsonValue] = [
        _FORM,
        receiver,
        line.number,
        _moment(line.at),
        line.staff,
        line.deed,
        line.about,
        line.detail,
        line.previous,
    ]
    return hashlib.sha256(canonical_json(content)).hexdigest()


def line_json(receiver: str, line: Line) -> dict[str, JsonValue]:
    """A line for other programs: what its hash is of, and the hash."""
    return {
        "form": _FORM,
        "receiver": receiver,
        "number": line.number,
        "at": _moment(line.at),
        "staff": line.staff,
        "deed": line.deed,
        "about": line.about,
        "detail": line.detail,
        "previous": line.previous,
        "hash": line.hash,
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
