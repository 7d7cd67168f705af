"""Where Mijn Blauwe Knop fetches, in the configuration: the table [holder.collect], and one for each source.

[holder.collect]
client_id = "https://mijn.example"          # the name by which sources know us
key = "keys/mijn-key.pem"                   # P-256; sources have its public half
copies = 10                                 # of each credential

[holder.collect.sources.duo]
oin = "00000001234567890000"                # which source of the trust list this is
issuer = "https://bron.example/duo"         # its credential issuer identifier
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from blauweknop.adapters.settings_table import Table
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Oin

__all__ = ["CollectSettings", "SourceAddress", "collect_settings"]

_MOST_COPIES = 100


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """Where a source of the trust list issues."""

    oin: Oin
    issuer: str


@dataclass(frozen=True, slots=True)
class CollectSettings:
    client_id: str
    key: Path
    copies: int
    sources: Mapping[str, SourceAddress]


def collect_settings(table: Table) -> CollectSettings:
    """The table [holder.collect].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    settings = CollectSettings(
        table.text("client_id"),
        table.existing_file("key"),
        table.count("copies", 10, most=_MOST_COPIES),
        {name: _source(child) for name, child in table.table("sources").tables()} if "sources" in table else {},
    )
    table.finish()
    return settings


def _source(table: Table) -> SourceAddress:
    issuer = table.text("issuer")
    try:
        oin = Oin.parse(table.text("oin"))
    except MalformedValue as error:
        raise table.error("oin", "is no OIN", "write the twenty digits of the register") from error
    parts = urlsplit(issuer)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or issuer.endswith("/"):
        raise table.error("issuer", "is no credential issuer identifier", "write its https address, without a slash at the end")
    table.finish()
    return SourceAddress(oin, issuer)
