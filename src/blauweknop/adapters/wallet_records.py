"""The tables of issuing to wallets. Both hold hashes and encrypted contents only, for minutes; of what comes later or again for weeks."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table

from blauweknop.adapters.database import METADATA, UtcDateTime

__all__ = ["WALLET_REFERENCES", "WALLET_USES"]

WALLET_REFERENCES = Table(
    "wallet_references",
    METADATA,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("parent_hash", LargeBinary(32), index=True),  # what it came from: the code of a token
    Column("content", LargeBinary, nullable=False),  # encrypted; empty once it is used
    Column("used", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

WALLET_USES = Table(
    "wallet_uses",
    METADATA,
    Column("name_hash", LargeBinary(32), primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)
