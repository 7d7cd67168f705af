"""What happened in an account, for its owner alone: kept as one encrypted item, whose head says nothing but that it is the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.holder.lone_item import change_lone_item, lone_items
from blauweknop.holder.vault import Vault
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = ["LOG_KIND", "Happening", "LogLine", "read_log", "read_log_as_far", "write_log"]

LOG_KIND = "log"
_FORM = 1
_HEAD = canonical_json({"form": _FORM, "kind": LOG_KIND})
_MOST_LINES = 5000
_MOST_ABOUT = 200
_MOST_BYTES = 4 * 1024 * 1024


class Happening(StrEnum):
    """What is written down; its words are the texts `holder.log.<id>`."""

    OPENED = "opened"
    FETCHED = "fetched"
    ADDED = "added"  # a certified document that the person had already
    PAPER_ADDED = "paper_added"
    REMOVED = "removed"
    PAPER_REMOVED = "paper_removed"
    UNREADABLE_REMOVED = "unreadable_removed"  # what was damaged
    PUT_BACK = "put_back"
    EXPORTED = "exported"
    IMPORTED = "imported"
    CORRECTION_ASKED = "correction_asked"
    CORRECTION_ANSWERED = "correction_answered"
    CHECKED_AGAIN = "checked_again"
    SHARED = "shared"
    LINK_MADE = "link_made"
    LINK_WITHDRAWN = "link_withdrawn"  # before anybody fetched it
    LINK_FETCHED = "link_fetched"
    SHARING_WITHDRAWN = "sharing_withdrawn"
    SHARING_ERASED = "sharing_erased"
    SHARING_UPDATED = "sharing_updated"
    SHARING_UPDATES_RENEWED = "sharing_updates_renewed"
    SHARING_UPDATES_STOPPED = "sharing_updates_stopped"
    WITHDRAWN = "withdrawn"  # a source took a document back


@dataclass(frozen=True, slots=True)
class LogLine:
    """`about` is the name of a document, an organisation or a way to open, as it was then."""

    at: datetime
    happening: Happening
    about: str = field(default="", repr=False)

    def as_json(self) -> dict[str, JsonValue]:
        return {"at": self.at.isoformat(), "happening": self.happening, "about": self.about}

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "LogLine":
        """Raises: MalformedValue."""
        match kept:
            case {"at": str(at), "happening": str(happening), "about": str(about)} if len(about) <= _MOST_ABOUT:
                try:
                    moment = datetime.fromisoformat(at)
                    known = Happening(happening)
                except ValueError as error:
                    raise _wrong() from error
                if moment.tzinfo is not None:
                    return cls(moment, known, about)
        raise _wrong()


def write_log(vault: Vault, *lines: LogLine) -> bool:
    """Add to the log; of a long log the oldest lines go. Two pages that write at once both get their line in.

    Whether they were added: where there is no room, or a log that cannot be read, what happened has happened, and no page fails for it.
    """
    shortened = [LogLine(line.at.replace(microsecond=0), line.happening, line.about[:_MOST_ABOUT]) for line in lines]
    try:
        change_lone_item(vault, _HEAD, lambda body: encode_log([*(decode_log(body) if body else ()), *shortened]))
    except BlauweKnopError:
        return False
    return True


def read_log(vault: Vault) -> tuple[LogLine, ...]:
    """All lines that can be read, the oldest first."""
    return read_log_as_far(vault)[0]


def read_log_as_far(vault: Vault) -> tuple[tuple[LogLine, ...], bool]:
    """The same, and whether a part of it cannot be opened any more."""
    opened = [vault.read_if_possible(item.id) for item in lone_items(vault, _HEAD)]
    lines = (line for kept in opened if kept is not None for line in decode_log(kept[1]))
    return tuple(sorted(lines, key=lambda line: line.at)), None in opened


def encode_log(lines: Sequence[LogLine]) -> bytes:
    """The body of the item."""
    return canonical_json({"lines": [line.as_json() for line in lines[-_MOST_LINES:]]})


def decode_log(body: bytes) -> tuple[LogLine, ...]:
    """Raises: MalformedValue, when `encode_log` did not write it."""
    try:
        lines = parse_json_object(body, max_bytes=_MOST_BYTES).get("lines")
    except MalformedJson as error:
        raise _wrong() from error
    if not isinstance(lines, list) or len(lines) > _MOST_LINES or not all(isinstance(line, dict) for line in lines):
        raise _wrong()
    return tuple(LogLine.from_json(line) for line in lines if isinstance(line, dict))


def _wrong() -> MalformedValue:
    return MalformedValue("expected a log of an account")
