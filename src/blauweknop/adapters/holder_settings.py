"""Mijn Blauwe Knop in the configuration: the scheme, the database, and the table [holder].

[holder]
path = "/mijn"              # where its pages are, below base_url of [scheme]
colour = "#0b4a8f"
new_accounts = 20           # an hour from one address
attempts = 30               # to open an account, a minute from one address
receivers = "https://register.example/register/ontvangers"   # where the register says who may be given documents by a link

With [holder.collect] it fetches at sources: see `collecting_settings`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.collecting_settings import CollectSettings, collect_settings
from blauweknop.adapters.scheme_settings import SchemeSettings, load_scheme
from blauweknop.adapters.settings_storage import StorageSettings, storage_settings
from blauweknop.adapters.settings_table import Table, read_toml

__all__ = ["HolderSettings", "holder_settings", "load_holder", "load_own_holder"]


@dataclass(frozen=True, slots=True)
class HolderSettings:
    path: str = "/mijn"
    colour: str = "#0b4a8f"
    new_accounts: int = 20
    attempts: int = 30
    collect: CollectSettings | None = None
    receivers: str = ""
    """Empty: no links are made here."""


def load_holder(path: Path) -> tuple[SchemeSettings, StorageSettings, HolderSettings]:
    """What `serve holder` needs of a TOML file, which may be that of others too.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    scheme = load_scheme(path)
    root = read_toml(path)
    for key in ("storage", "holder"):
        if key not in root:
            remedy = f"Mijn Blauwe Knop needs [{key}]: docs/roles/holder.md has an example; on your own computer: serve holder --local"
            raise root.error(key, "is missing", remedy)
    return scheme, storage_settings(root.table("storage")), holder_settings(root.table("holder"))


def load_own_holder(path: Path) -> tuple[SchemeSettings, HolderSettings]:
    """What `serve holder --local` needs of a TOML file: the scheme, and perhaps [holder]; what is kept has its place already.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    scheme, root = load_scheme(path), read_toml(path)
    return scheme, holder_settings(root.table("holder")) if "holder" in root else HolderSettings()


def holder_settings(table: Table) -> HolderSettings:
    """The table [holder].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    usual = HolderSettings()
    settings = HolderSettings(
        table.text("path", usual.path),
        table.text("colour", usual.colour),
        table.count("new_accounts", usual.new_accounts, most=100_000),
        table.count("attempts", usual.attempts, most=100_000),
        collect_settings(table.table("collect")) if "collect" in table else None,
        table.text("receivers", usual.receivers),
    )
    if not re.fullmatch(r"(/[a-z0-9-]+)+", settings.path):
        raise table.error("path", "must be a path such as /mijn", "start with a slash; small letters, digits and hyphens")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", settings.colour):
        raise table.error("colour", "must be a colour such as #0b4a8f", "write # and six hexadecimal digits")
    if settings.receivers and not re.fullmatch(r"https?://[!-~]+", settings.receivers):
        raise table.error("receivers", "is no address", "write the https address at which the register names its receivers")
    table.finish()
    return settings
