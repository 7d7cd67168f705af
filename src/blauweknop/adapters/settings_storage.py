"""Where a server keeps what must outlive it: a database, and the key of what is encrypted in it.

[storage]
url = "postgresql+psycopg://name@host/database"    # or "sqlite:///file.db", counted from the folder of the configuration file
secret_key_file = "secret-key"
earlier_secret_key_files = ["secret-key-2026"]     # optional: by these is found what was made for a person before the key was changed
"""

from dataclasses import dataclass, field
from pathlib import Path

from blauweknop.adapters.settings_table import Table

__all__ = ["StorageSettings", "storage_settings"]


@dataclass(frozen=True, slots=True)
class StorageSettings:
    url: str = field(repr=False)  # can hold a password
    secret_key_file: Path
    earlier_secret_key_files: tuple[Path, ...] = ()


def storage_settings(table: Table) -> StorageSettings:
    """The table [storage].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    url = table.text("url")
    if "://" not in url:
        raise table.error("url", "must be an address of a database", "write it as sqlite:///file.db or postgresql+psycopg://...")
    earlier = table.existing_files("earlier_secret_key_files")
    storage = StorageSettings(_from_folder(url, table.path.parent), table.place("secret_key_file"), earlier)
    table.finish()
    return storage


def _from_folder(url: str, folder: Path) -> str:
    """A relative SQLite path counts from the folder of the configuration file."""
    prefix = "sqlite:///"
    return f"{prefix}{folder.resolve() / url.removeprefix(prefix)}" if url.startswith(prefix) else url
