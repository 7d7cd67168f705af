"""What every role must know of the scheme it belongs to: the table [scheme] of the configuration file, and nothing of the web."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from blauweknop.adapters.eu_lists import NO_EU_LISTS, EuListPlaces
from blauweknop.adapters.settings_table import Table, read_toml

__all__ = ["SchemeSettings", "has_sources", "load_scheme", "scheme_of", "web_address", "web_addresses"]

_OF_OTHERS = ("storage", "time_stamp", "documents", "sources", "wallets", "api", "verifier", "holder", "requests")


@dataclass(frozen=True, slots=True)
class SchemeSettings:
    environment: str  # exercise or production
    base_url: str  # what the outside sees, without a slash at the end
    check_url: str  # of the public check page; stands in every QR code
    trust_list: str  # a path or an https address
    trust_anchor: Path  # certificate of the signer of the trust list
    eu_lists: EuListPlaces = NO_EU_LISTS  # for the seals of others
    bundle: str | None = None  # offline bundle: a path or an https address
    policy: Path | None = None  # what the check page accepts beyond that it is real

    @property
    def is_exercise(self) -> bool:
        return self.environment == "exercise"


def load_scheme(path: Path) -> SchemeSettings:
    """All that a receiver needs of a TOML file. One file may serve several roles: the tables of others are left for them.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    root = read_toml(path)
    scheme = scheme_of(root.table("scheme"))
    for key in _OF_OTHERS:
        if key in root:
            root.raw(key)
    root.finish()
    return scheme


def has_sources(path: Path) -> bool:
    """Whether the file is of an organisation that gives data itself.

    Raises:
        SettingsError: the file cannot be read.
    """
    return "sources" in read_toml(path)


def scheme_of(table: Table) -> SchemeSettings:
    """The table [scheme].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    environment = table.choice("environment", ("exercise", "production"))
    exercise = environment == "exercise"
    trust_list = table.text("trust_list")
    if not trust_list.startswith("https://"):
        trust_list = str(table.place("trust_list"))  # a path; the exercise makes it later
    scheme = SchemeSettings(
        environment,
        web_address(table, "base_url", exercise).rstrip("/"),
        web_address(table, "check_url", exercise).rstrip("/"),
        trust_list,
        table.place("trust_anchor"),
        EuListPlaces(table.existing_files("eu_trusted_list"), table.optional_file("eu_trusted_list_signer")),
        _bundle(table) if "bundle" in table else None,
        table.optional_file("policy"),
    )
    table.finish()
    return scheme


def _bundle(table: Table) -> str:
    text = table.text("bundle")
    return text if text.startswith("https://") else str(table.place("bundle"))


def web_address(table: Table, key: str, exercise: bool) -> str:
    """An https address; in the exercise also http of this machine.

    Raises:
        SettingsError: anything else.
    """
    return _checked_address(table, key, table.text(key), exercise)


def web_addresses(table: Table, key: str, exercise: bool) -> tuple[str, ...]:
    """A list of them. Raises: SettingsError."""
    return tuple(_checked_address(table, key, text, exercise) for text in table.texts(key))


def _checked_address(table: Table, key: str, text: str, exercise: bool) -> str:
    parts = urlsplit(text)
    loopback = exercise and parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or parts.username is not None or not (parts.scheme == "https" or loopback):
        raise table.error(key, "must be an https address", "write it as https://host; http only for this machine in the exercise")
    return text
