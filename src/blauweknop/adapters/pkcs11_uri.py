"""Where a key in hardware lives, as configuration says it: a PKCS #11 URI (RFC 7512) and what is needed to use it.

Of RFC 7512 section 2.3 the attributes that choose a token and a key on it are understood. Those that would put a PIN or a program
library in the address are refused, because addresses are shown and logged.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["HardwareKey", "KeyAddress", "MalformedKeyAddress", "parse_key_address"]

_TEXTS = ("token", "serial", "manufacturer", "model", "object")
_SECRET = ("pin-value", "pin-source", "module-path", "module-name")
_MOST = 1000


class MalformedKeyAddress(BlauweKnopError):
    """This is not the address of a private key in hardware."""


@dataclass(frozen=True, slots=True)
class KeyAddress:
    """Which key, on which token; what is empty is not asked for."""

    token: str = ""
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    object: str = ""
    id: bytes = b""

    @property
    def name(self) -> str:
        """How people recognise it, in the configuration and in messages."""
        place = self.token or self.serial
        return f"{place}/{self.object or self.id.hex()}"


@dataclass(frozen=True, slots=True)
class HardwareKey:
    """A key that never leaves its token. The PIN is read when it is needed, from one of the two places; `module` is the driver.

    `sessions` is how many signatures the token is asked for at once.
    """

    address: KeyAddress
    module: Path
    pin_file: Path | None = field(default=None, repr=False)
    pin_variable: str = field(default="", repr=False)
    sessions: int = 4

    @property
    def name(self) -> str:
        return self.address.name


def parse_key_address(text: str) -> KeyAddress:
    """The address of one private key, such as `pkcs11:token=duo;object=zegel;type=private`.

    Raises:
        MalformedKeyAddress: something else, or not enough to find one key. The text never repeats what was given.
    """
    if not text.startswith("pkcs11:") or len(text) > _MOST:
        raise MalformedKeyAddress("expected an address that starts with pkcs11:", remedy="write pkcs11:token=...;object=...;type=private")
    path, _, query = text.removeprefix("pkcs11:").partition("?")
    found = _attributes(path)
    if query or found.keys() & set(_SECRET):
        raise MalformedKeyAddress(
            "the address holds more than the place of the key", remedy="name the library in module and the PIN in pin_file or pin_variable"
        )
    if unknown := found.keys() - {*_TEXTS, "id", "type"}:
        raise MalformedKeyAddress(
            f"the address has {len(unknown)} attribute(s) that are not understood",
            remedy="use token, serial, manufacturer, model, object, id, type",
        )
    if found.pop("type", b"private") != b"private":
        raise MalformedKeyAddress("expected the address of a private key", remedy="write type=private")
    if not (found.get("token") or found.get("serial")) or not (found.get("object") or found.get("id")):
        raise MalformedKeyAddress("the address does not say which token and which key", remedy="give token or serial, and object or id")
    identity = found.pop("id", b"")
    return KeyAddress(**{name: _text(value) for name, value in found.items()}, id=identity)


def _attributes(path: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for piece in path.split(";"):
        name, sign, value = piece.partition("=")
        if not sign or name in found or not re.fullmatch(r"(?:[A-Za-z0-9._~:\[\]@!$'()*+,=&-]|%[0-9A-Fa-f]{2})*", value):
            raise MalformedKeyAddress("the address is not written as name=value;name=value", remedy="write other characters as %20")
        found[name] = unquote_to_bytes(value)
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedKeyAddress("the address holds text that is not UTF-8", remedy="write é as %C3%A9") from error
