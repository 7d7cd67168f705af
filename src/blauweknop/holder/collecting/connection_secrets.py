"""What the body of a connection holds while something is to come, or can be had again: tokens, their key, and keys for late credentials."""

from dataclasses import dataclass, field

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.collecting.calls import Bearer
from blauweknop.holder.keys import HolderKey
from blauweknop.standards.strict_json import canonical_json, parse_json_object

__all__ = ["ConnectionSecrets"]

_MOST_SECRETS = 1024 * 1024


@dataclass(slots=True)
class ConnectionSecrets:
    """`transactions` are of credentials that are still to come: what to come back with, and the keys they are for."""

    bearer: Bearer = field(repr=False)
    transactions: dict[str, tuple[str, tuple[HolderKey, ...]]] = field(default_factory=dict, repr=False)
    refresh: str | None = field(default=None, repr=False)
    """What new copies of the same credentials may be had with."""

    def without_access(self) -> "ConnectionSecrets | None":
        """What is needed when nothing is to come any more."""
        return ConnectionSecrets(Bearer(self.bearer.key), {}, self.refresh) if self.refresh is not None else None

    def as_bytes(self) -> bytes:
        transactions: dict[str, JsonValue] = {
            name: {"id": identifier, "keys": [key.as_text() for key in keys]} for name, (identifier, keys) in self.transactions.items()
        }
        kept: dict[str, JsonValue] = {"token": self.bearer.token, "key": self.bearer.key.as_text(), "transactions": transactions}
        return canonical_json({**kept, "refresh": self.refresh})

    @classmethod
    def from_bytes(cls, body: bytes) -> "ConnectionSecrets":
        kept = parse_json_object(body, max_bytes=_MOST_SECRETS)
        transactions = kept["transactions"]
        token, refresh = kept["token"], kept.get("refresh")
        return cls(
            Bearer(HolderKey.from_text(str(kept["key"])), token if isinstance(token, str) else None),
            {name: _transaction(one) for name, one in transactions.items()} if isinstance(transactions, dict) else {},
            refresh if isinstance(refresh, str) else None,
        )


def _transaction(kept: JsonValue) -> tuple[str, tuple[HolderKey, ...]]:
    match kept:
        case {"id": str(identifier), "keys": list(keys)}:
            return identifier, tuple(HolderKey.from_text(str(key)) for key in keys)
    raise MalformedValue("expected a transaction as this version keeps it")
