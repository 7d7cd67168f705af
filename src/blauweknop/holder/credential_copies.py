"""The body of a kept credential: copies for one use each. A copy that was used stays as a proof of that, without its private key."""

from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.keys import HolderKey
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = ["MOST_COPIES_BYTES", "Copy", "CredentialCopies", "UsedCopy"]

MOST_COPIES_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that nobody has seen, and the key that it belongs to."""

    credential: str = field(repr=False)
    key: HolderKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class UsedCopy:
    """A copy that was given away. Without its key it can never be presented again."""

    credential: str = field(repr=False)
    receiver: str = field(repr=False)
    used_at: datetime


@dataclass(frozen=True, slots=True)
class CredentialCopies:
    """All copies of one credential; there is at least one."""

    unused: tuple[Copy, ...]
    used: tuple[UsedCopy, ...] = ()

    @property
    def shown(self) -> str:
        """The copy to look at: the next one to be given away, or else the last that was. All say the same of the person."""
        return self.unused[0].credential if self.unused else self.used[-1].credential

    def without_first(self, receiver: str, at: datetime) -> "CredentialCopies":
        """The same after the first unused copy was given to a receiver."""
        return CredentialCopies(self.unused[1:], (*self.used, UsedCopy(self.unused[0].credential, receiver, at)))

    def as_bytes(self) -> bytes:
        unused: list[JsonValue] = [{"credential": copy.credential, "key": copy.key.as_text()} for copy in self.unused]
        used: list[JsonValue] = [
            {"credential": copy.credential, "receiver": copy.receiver, "used_at": copy.used_at.isoformat()} for copy in self.used
        ]
        return canonical_json({"copies": unused, "used": used})

    @classmethod
    def from_bytes(cls, body: bytes) -> "CredentialCopies":
        """What `as_bytes` gave.

        Raises:
            MalformedValue: something else.
        """
        try:
            kept = parse_json_object(body, max_bytes=MOST_COPIES_BYTES)
        except MalformedJson as error:
            raise MalformedValue("expected copies of a credential") from error
        match kept:
            case {"copies": list(unused), "used": list(used)} if unused or used:
                return cls(tuple(_copy(copy) for copy in unused), tuple(_used(copy) for copy in used))
        raise MalformedValue("expected copies of a credential")


def _copy(kept: JsonValue) -> Copy:
    match kept:
        case {"credential": str(credential), "key": str(key)}:
            return Copy(credential, HolderKey.from_text(key))
    raise MalformedValue("expected a copy with its key")


def _used(kept: JsonValue) -> UsedCopy:
    match kept:
        case {"credential": str(credential), "receiver": str(receiver), "used_at": str(used_at)}:
            try:
                moment = datetime.fromisoformat(used_at)
            except ValueError as error:
                raise MalformedValue("expected the moment of a use") from error
            if moment.tzinfo is not None:
                return UsedCopy(credential, receiver, moment)
    raise MalformedValue("expected a copy that was used")
