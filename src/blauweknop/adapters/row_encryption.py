"""Encryption of what the database keeps about a person: a stolen database gives no BSN, no choice and no usable reference."""

import base64
import binascii
import hmac
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["RowKey", "SecretKeyError", "Unreadable", "new_secret_key", "read_secret_key"]

_KEY_BYTES = 32
_NONCE_BYTES = 12
_FORM = b"\x01"


class SecretKeyError(BlauweKnopError):
    """The file with the secret key of the storage cannot be used."""


class Unreadable(BlauweKnopError):
    """An encrypted payload was made with another key, for another row, or was changed."""


@dataclass(frozen=True, slots=True)
class RowKey:
    """Encrypts the payload of one row of one table, and makes keyed hashes to find rows by."""

    _cipher: AESGCM = field(repr=False)
    _tag_key: bytes = field(repr=False)
    _random: Callable[[int], bytes] = field(repr=False)

    @classmethod
    def from_secret(cls, secret: bytes, *, random: Callable[[int], bytes] = token_bytes) -> "RowKey":
        """From 32 secret bytes; each use gets a key of its own (HKDF-Expand).

        Raises:
            SecretKeyError: not 32 bytes.
        """
        if len(secret) != _KEY_BYTES:
            raise SecretKeyError(f"the secret key of the storage needs {_KEY_BYTES} bytes", remedy="make one: blauweknop keys new")
        return cls(AESGCM(_derive(secret, b"blauweknop rows 1")), _derive(secret, b"blauweknop tags 1"), random)

    def encrypt(self, payload: bytes, *, table: str, row: bytes) -> bytes:
        """AES-256-GCM under a fresh nonce, bound to the table and the row."""
        nonce = self._random(_NONCE_BYTES)
        return _FORM + nonce + self._cipher.encrypt(nonce, payload, _bound_to(table, row))

    def decrypt(self, stored: bytes, *, table: str, row: bytes) -> bytes:
        """What `encrypt` was given.

        Raises:
            Unreadable: another key, another row, or changed bytes.
        """
        nonce, body = stored[1 : 1 + _NONCE_BYTES], stored[1 + _NONCE_BYTES :]
        if stored[:1] != _FORM or len(nonce) != _NONCE_BYTES:
            raise Unreadable(f"a payload in {table} has an unknown form")
        try:
            return self._cipher.decrypt(nonce, body, _bound_to(table, row))
        except InvalidTag as error:
            raise Unreadable(f"a payload in {table} was made with another key, or changed") from error

    def with_reference(self, reference: str) -> "RowKey":
        """For rows that only this key and a random reference together open; of the reference itself no more than a hash may be kept."""
        return RowKey(AESGCM(self.tag("rows of a reference", reference)), self._tag_key, self._random)

    def tag(self, purpose: str, value: str) -> bytes:
        """A keyed hash of a value that is not random enough for a plain one, such as a BSN."""
        return hmac.digest(self._tag_key, f"{purpose}\x00{value}".encode(), "sha256")


def read_secret_key(path: Path) -> bytes:
    """The 32 bytes of a secret key file: one line of base64.

    Raises:
        SecretKeyError: no such file, readable for everyone, or another form.
    """
    remedy = "make one: blauweknop keys new"
    try:
        with path.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(1024)
    except OSError as error:
        raise SecretKeyError(f"{path}: the secret key of the storage cannot be read", remedy=remedy) from error
    if mode & stat.S_IROTH:
        raise SecretKeyError(f"{path}: everyone on this machine can read the secret key", remedy=f"chmod 600 {path}")
    try:
        secret = base64.b64decode(content.strip(), validate=True)
    except binascii.Error as error:
        raise SecretKeyError(f"{path}: expected one line of base64", remedy=remedy) from error
    if len(secret) != _KEY_BYTES:
        raise SecretKeyError(f"{path}: expected {_KEY_BYTES} bytes in base64", remedy=remedy)
    return secret


def new_secret_key(path: Path, *, random: Callable[[int], bytes] = token_bytes) -> None:
    """Write a new secret key that only the owner can read.

    Raises:
        SecretKeyError: the file exists already, or cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(base64.b64encode(random(_KEY_BYTES)) + b"\n")
    except OSError as error:
        raise SecretKeyError(f"{path}: the secret key cannot be written", remedy="name a new file in a folder that exists") from error


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(SHA256(), _KEY_BYTES, purpose).derive(secret)


def _bound_to(table: str, row: bytes) -> bytes:
    return f"{table}|{row.hex()}".encode()
