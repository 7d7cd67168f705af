"""The tables of Mijn Blauwe Knop. Whoever has all of them has hashes, ciphertext, days and sizes in steps, and no key (PROTOCOL 9.6)."""

from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, String, Table

from blauweknop.adapters.database import METADATA, UtcDateTime

__all__ = ["HOLDER_ACCOUNTS", "HOLDER_ITEMS", "HOLDER_OUTBOX", "HOLDER_SESSIONS", "HOLDER_STEPS", "HOLDER_TRIES", "HOLDER_UNLOCKS"]


def _account() -> Column[bytes]:
    return Column("account", LargeBinary(16), ForeignKey("holder_accounts.id", ondelete="CASCADE"), nullable=False, index=True)


HOLDER_ACCOUNTS = Table(
    "holder_accounts",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),  # random
    Column("created_day", Date, nullable=False),
    Column("state", LargeBinary, nullable=False),  # encrypted
)

HOLDER_UNLOCKS = Table(
    "holder_unlocks",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    _account(),
    Column("kind", String(16), nullable=False),
    Column("tag", LargeBinary(32), nullable=False, unique=True),  # see `holder.unlocking`
    Column("wrapped_key", LargeBinary, nullable=False),  # the data key, encrypted with what the person has or knows
    Column("label", LargeBinary, nullable=False),  # encrypted: its name and since when
    Column("public", LargeBinary, nullable=False),  # of a passkey: its public key and how often it was used
)

HOLDER_ITEMS = Table(
    "holder_items",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),  # random
    _account(),
    Column("version", Integer, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),  # the key of this item, encrypted with the data key
    Column("head", LargeBinary, nullable=False),  # encrypted, in steps of 1 KiB
    Column("body", LargeBinary, nullable=False),  # encrypted, in steps of 16 KiB
    Column("day", Date, nullable=False),
)

HOLDER_SESSIONS = Table(
    "holder_sessions",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),
    _account(),
    Column("wrapped_key", LargeBinary, nullable=False),  # the data key, encrypted with what only the cookie of the browser gives
    Column("notes", LargeBinary, nullable=False),  # encrypted in the same way
    Column("started_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

HOLDER_STEPS = Table(
    "holder_steps",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),  # of a reference in a cookie
    Column("content", LargeBinary, nullable=False),  # encrypted, once: what was asked of a passkey, or a link of a receiver that waits
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

HOLDER_OUTBOX = Table(
    "holder_outbox",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),  # of a reference that only a vault has
    Column("content", LargeBinary, nullable=False),  # encrypted, in steps of 16 KiB: what to tell a receiver, or what it answered
    Column("due_at", UtcDateTime, index=True),  # when to tell it; none when it was answered
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

HOLDER_LINKS = Table(
    "holder_links",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),  # of the id in the link
    Column("content", LargeBinary, nullable=False),  # encrypted, in steps of 4 KiB: for whom, and what happened
    Column("package", LargeBinary),  # encrypted to the receiver, and with the key in the link; none when it was fetched or is over
    Column("tries", Integer, nullable=False),  # of the PIN, left
    Column("ends_at", UtcDateTime, nullable=False, index=True),
    Column("told_until", UtcDateTime, index=True),  # of one with a receipt that its person did not see in time: while data may be kept
)

HOLDER_TRIES = Table(
    "holder_tries",
    METADATA,
    Column("tag", LargeBinary(32), primary_key=True),  # keyed hash of a name that was tried, or of an address
    Column("failed", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)
