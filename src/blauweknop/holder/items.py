"""What a person keeps, by kind. Each item has a head, small and read for lists; some have a body, a file or secrets.

Head and body are JSON and bytes to the vault, which encrypts both; `form` says by which version of this program they were written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.vault import MOST_HEAD_BYTES
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = [
    "ConnectionItem",
    "CredentialItem",
    "DocumentItem",
    "Item",
    "Origin",
    "OwnPaperItem",
    "Part",
    "PartState",
    "Standing",
    "UncheckedItem",
    "facts_in",
    "head_of",
    "joined_document",
    "read_head",
    "split_document",
]

Origin = Literal["fetched", "uploaded"]
Standing = Literal["current", "replaced", "apart"]
"""Of a document: it counts; a newer one took its place; it seems to be of somebody else, so that it counts nowhere."""
PartState = Literal["to_do", "fetched", "waiting", "failed", "nothing", "not_given"]

_FORM = 1
_LENGTH = 4  # bytes before the facts in the body of a document
_ORIGINS: Mapping[str, Origin] = {"fetched": "fetched", "uploaded": "uploaded"}
_STANDINGS: Mapping[str, Standing] = {"current": "current", "replaced": "replaced", "apart": "apart"}
_STATES: Mapping[str, PartState] = {
    "to_do": "to_do",
    "fetched": "fetched",
    "waiting": "waiting",
    "failed": "failed",
    "nothing": "nothing",
    "not_given": "not_given",
}


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """A certified document that passed the check. Its body is `joined_document(facts, pdf)`: what it says, and the file."""

    document_id: str
    dataset: str
    version: int
    source_oin: str
    source_name: str
    reference: datetime  # peildatum
    issued_at: datetime
    valid_until: date
    kept_at: datetime
    origin: Origin
    standing: Standing
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    birth_date: PartialDate = field(repr=False)
    connection: str = ""
    """The connection that it came through (hexadecimal); empty when a person put it here."""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "document_id": self.document_id,
            "dataset": self.dataset,
            "version": self.version,
            "source_oin": self.source_oin,
            "source_name": self.source_name,
            "reference": self.reference.isoformat(),
            "issued_at": self.issued_at.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "kept_at": self.kept_at.isoformat(),
            "origin": self.origin,
            "standing": self.standing,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth_date": {**self.birth_date.as_json()},
            "connection": self.connection,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "DocumentItem":
        version = kept["version"]
        return cls(
            str(kept["document_id"]),
            str(kept["dataset"]),
            version if isinstance(version, int) else 0,
            str(kept["source_oin"]),
            str(kept["source_name"]),
            _moment(kept["reference"]),
            _moment(kept["issued_at"]),
            date.fromisoformat(str(kept["valid_until"])),
            _moment(kept["kept_at"]),
            _ORIGINS[str(kept["origin"])],
            _STANDINGS[str(kept["standing"])],
            str(kept["given_name"]),
            str(kept["family_name"]),
            PartialDate.parse_json(kept["birth_date"]),
            str(kept["connection"]),
        )


@dataclass(frozen=True, slots=True)
class UncheckedItem:
    """A file that could not be checked when it came, because a list that is needed was not there. Its body is the file.

    `dataset` is what it should be; empty when an earlier version of this program kept it.
    """

    source_oin: str
    source_name: str
    dataset: str
    kept_at: datetime
    origin: Origin
    connection: str = ""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "source_oin": self.source_oin,
            "source_name": self.source_name,
            "dataset": self.dataset,
            "kept_at": self.kept_at.isoformat(),
            "origin": self.origin,
            "connection": self.connection,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "UncheckedItem":
        texts = (str(kept["source_oin"]), str(kept["source_name"]), str(kept.get("dataset", "")))
        return cls(*texts, _moment(kept["kept_at"]), _ORIGINS[str(kept["origin"])], str(kept["connection"]))


@dataclass(frozen=True, slots=True)
class CredentialItem:
    """Copies of a credential for one use each. Its body is a JSON object: `copies`, each with `credential` and its private `key`."""

    dataset: str
    format: str
    source_oin: str
    source_name: str
    kept_at: datetime
    unused: int
    standing: Standing = "current"
    connection: str = ""
    needs_login: bool = False
    """Whether its source gives no more copies until the person logs in there again."""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "dataset": self.dataset,
            "format": self.format,
            "source_oin": self.source_oin,
            "source_name": self.source_name,
            "kept_at": self.kept_at.isoformat(),
            "unused": self.unused,
            "standing": self.standing,
            "connection": self.connection,
            "needs_login": self.needs_login,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "CredentialItem":
        unused = kept["unused"]
        return cls(
            str(kept["dataset"]),
            str(kept["format"]),
            str(kept["source_oin"]),
            str(kept["source_name"]),
            _moment(kept["kept_at"]),
            unused if isinstance(unused, int) else 0,
            _STANDINGS[str(kept["standing"])],
            str(kept["connection"]),
            kept.get("needs_login") is True,
        )


@dataclass(frozen=True, slots=True)
class OwnPaperItem:
    """A paper that a person put here without a seal: never a certified document. Its body is the file."""

    title: str = field(repr=False)
    media_type: str
    size: int
    kept_at: datetime

    def as_json(self) -> dict[str, JsonValue]:
        return {"title": self.title, "media_type": self.media_type, "size": self.size, "kept_at": self.kept_at.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "OwnPaperItem":
        size = kept["size"]
        return cls(str(kept["title"]), str(kept["media_type"]), size if isinstance(size, int) else 0, _moment(kept["kept_at"]))


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a person let us fetch: the document or the credential of a data set, and how it stands. `reason` says why not."""

    name: str
    dataset: str
    state: PartState
    reason: str = ""

    @property
    def is_document(self) -> bool:
        return self.name.endswith(".document")


@dataclass(frozen=True, slots=True)
class ConnectionItem:
    """What a person let us fetch at one source. Its body holds tokens and keys as long as something is to come, or can be had again."""

    source: str
    source_oin: str
    source_name: str
    begun_at: datetime
    token_ends_at: datetime | None
    parts: tuple[Part, ...]
    worked_at: datetime | None = None
    """When somebody last worked on it; nobody else begins meanwhile."""
    problem: str = ""
    """Why there is nothing at all; empty when the parts say it."""
    renewable: bool = False
    """Whether the source gave a right to new copies of the same credentials."""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "source": self.source,
            "source_oin": self.source_oin,
            "source_name": self.source_name,
            "begun_at": self.begun_at.isoformat(),
            "token_ends_at": self.token_ends_at.isoformat() if self.token_ends_at else None,
            "parts": [{"name": part.name, "dataset": part.dataset, "state": part.state, "reason": part.reason} for part in self.parts],
            "worked_at": self.worked_at.isoformat() if self.worked_at else None,
            "problem": self.problem,
            "renewable": self.renewable,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "ConnectionItem":
        parts, ends, worked = kept["parts"], kept["token_ends_at"], kept["worked_at"]
        return cls(
            str(kept["source"]),
            str(kept["source_oin"]),
            str(kept["source_name"]),
            _moment(kept["begun_at"]),
            _moment(ends) if ends is not None else None,
            tuple(_part(_members(part)) for part in parts) if isinstance(parts, list) else (),
            _moment(worked) if worked is not None else None,
            str(kept["problem"]),
            kept.get("renewable") is True,
        )


Item = DocumentItem | UncheckedItem | CredentialItem | OwnPaperItem | ConnectionItem

_KINDS: Mapping[type[Item], str] = {
    DocumentItem: "document",
    UncheckedItem: "unchecked",
    CredentialItem: "credential",
    OwnPaperItem: "own_paper",
    ConnectionItem: "connection",
}
_READERS: Mapping[str, Callable[[Mapping[str, JsonValue]], Item]] = {
    "document": DocumentItem.from_json,
    "unchecked": UncheckedItem.from_json,
    "credential": CredentialItem.from_json,
    "own_paper": OwnPaperItem.from_json,
    "connection": ConnectionItem.from_json,
}


def head_of(item: Item) -> bytes:
    """The head as it is kept."""
    return canonical_json({"form": _FORM, "kind": _KINDS[type(item)], **item.as_json()})


def read_head(head: bytes) -> Item | None:
    """What `head_of` wrote; None for a kind of item that is read elsewhere, in whatever form.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    try:
        kept = parse_json_object(head, max_bytes=MOST_HEAD_BYTES)
        reader = _READERS.get(str(kept.get("kind")))
        if reader is not None and kept.get("form") != _FORM:
            raise MalformedValue("expected an item as this version keeps it")
        return reader(kept) if reader is not None else None
    except (MalformedJson, KeyError, ValueError) as error:
        raise MalformedValue("expected an item as this version keeps it") from error


def joined_document(facts: Mapping[str, JsonValue], pdf: bytes) -> bytes:
    """The body of a document: one thing, so that there is never the one without the other."""
    encoded = canonical_json({**facts})
    return len(encoded).to_bytes(_LENGTH, "big") + encoded + pdf


def split_document(body: bytes) -> tuple[dict[str, JsonValue], bytes]:
    """The facts (`gegevens.json` as the check gave it) and the file.

    Raises:
        MalformedValue: this is no body of a document.
    """
    return facts_in(body), body[_end_of_facts(body) :]


def facts_in(body: bytes) -> dict[str, JsonValue]:
    """The facts alone.

    Raises:
        MalformedValue: this is no body of a document.
    """
    try:
        return parse_json_object(body[_LENGTH : _end_of_facts(body)], max_bytes=len(body))
    except MalformedJson as error:
        raise MalformedValue("expected the body of a document") from error


def _end_of_facts(body: bytes) -> int:
    return _LENGTH + int.from_bytes(body[:_LENGTH], "big")


def _part(kept: Mapping[str, JsonValue]) -> Part:
    return Part(str(kept["name"]), str(kept["dataset"]), _STATES[str(kept["state"])], str(kept["reason"]))


def _moment(value: JsonValue) -> datetime:
    return datetime.fromisoformat(str(value))


def _members(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise MalformedValue("expected an object in an item")
    return value
