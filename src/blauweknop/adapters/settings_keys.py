"""The keys of a source in its configuration: PEM files, or the address of a key in hardware with what is needed to use it.

[sources.duo.seal]
key = "pkcs11:token=duo;object=zegel;type=private"
module = "/usr/lib/softhsm/libsofthsm2.so"
pin_file = "/run/credentials/pin"       # or pin_variable = "SEAL_PIN"
sessions = 4                            # optional
certificate = "keys/seal.pem"
"""

import re
from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.keys import KeyPlace
from blauweknop.adapters.pkcs11_uri import HardwareKey, MalformedKeyAddress, parse_key_address
from blauweknop.adapters.settings_table import Table

__all__ = ["KeyFiles", "SealSettings", "key_files", "seal_settings"]

_MOST_SESSIONS = 64


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """A private key, and the file of its certificate."""

    key: KeyPlace
    certificate: Path


@dataclass(frozen=True, slots=True)
class SealSettings:
    key: KeyPlace
    certificate: Path
    chain: tuple[Path, ...]
    crls: tuple[Path, ...]


def seal_settings(table: Table) -> SealSettings:
    """The table [sources.<name>.seal].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    seal = SealSettings(_key(table), table.existing_file("certificate"), table.existing_files("chain"), table.existing_files("crls"))
    table.finish()
    return seal


def key_files(table: Table) -> KeyFiles:
    """The table [sources.<name>.credential].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    files = KeyFiles(_key(table), table.existing_file("certificate"))
    table.finish()
    return files


def _key(table: Table) -> KeyPlace:
    address = table.text("key")
    if not address.startswith("pkcs11:"):
        return table.existing_file("key")
    try:
        place = parse_key_address(address)
    except MalformedKeyAddress as error:
        raise table.error("key", f"cannot be used: {error}", error.remedy) from error
    variable = table.text("pin_variable") if "pin_variable" in table else ""
    pin_file = table.optional_file("pin_file")
    if bool(variable) == (pin_file is not None):
        raise table.error("key", "needs one place of its PIN", "give pin_file or pin_variable, not both; never the PIN itself")
    if variable and not re.fullmatch(r"[A-Z][A-Z0-9_]*", variable):
        raise table.error("pin_variable", "must be the name of an environment variable", "write it as SEAL_PIN; never the PIN itself")
    sessions = table.count("sessions", 4, most=_MOST_SESSIONS)
    return HardwareKey(place, table.existing_file("module"), pin_file, variable, sessions)
