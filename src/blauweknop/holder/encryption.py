"""Keys of a vault: what they encrypt is bound to its place, so that nothing can be moved from one account or item to another.

AES-256-GCM under a fresh nonce. A key encrypts nothing itself for two purposes: each purpose has a key of its own (HKDF-Expand, RFC 5869).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["KEY_BYTES", "CannotOpen", "Random", "VaultKey", "pad", "unpad"]

KEY_BYTES = 32
Random = Callable[[int], bytes]

_NONCE_BYTES = 12
_FORM = b"\x01"
_END = b"\x80"


class CannotOpen(BlauweKnopError):
    """Something was encrypted with another key, for another place, or was changed."""


@dataclass(frozen=True, slots=True)
class VaultKey:
    """256 bits that are nowhere in clear but in the memory of a request."""

    _secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._secret) != KEY_BYTES:
            raise CannotOpen("a key of a vault needs 32 bytes")

    @classmethod
    def new(cls, random: Random) -> "VaultKey":
        return cls(random(KEY_BYTES))

    @classmethod
    def from_secret(cls, secret: bytes, *, salt: bytes, purpose: str) -> "VaultKey":
        """From a secret that is random enough by itself, at least 128 bits (HKDF)."""
        return cls(HKDF(SHA256(), KEY_BYTES, salt, purpose.encode()).derive(secret))

    def for_purpose(self, purpose: str) -> "VaultKey":
        """A key that says nothing about this one."""
        return VaultKey(HKDFExpand(SHA256(), KEY_BYTES, f"blauweknop vault 1 {purpose}".encode()).derive(self._secret))

    def encrypt(self, content: bytes, *, place: str, random: Random) -> bytes:
        nonce = random(_NONCE_BYTES)
        return _FORM + nonce + AESGCM(self._secret).encrypt(nonce, content, place.encode())

    def decrypt(self, encrypted: bytes, *, place: str) -> bytes:
        """What `encrypt` was given.

        Raises:
            CannotOpen: another key, another place, or changed bytes.
        """
        nonce, body = encrypted[1 : 1 + _NONCE_BYTES], memoryview(encrypted)[1 + _NONCE_BYTES :]  # without a copy of a file
        if encrypted[:1] != _FORM or len(nonce) != _NONCE_BYTES:
            raise CannotOpen("something in a vault has an unknown form")
        try:
            return AESGCM(self._secret).decrypt(nonce, body, place.encode())
        except InvalidTag:
            raise CannotOpen("something in a vault was made with another key, or changed") from None

    def wrap(self, key: "VaultKey", *, place: str, random: Random) -> bytes:
        """Another key, encrypted with this one."""
        return self.encrypt(key._secret, place=place, random=random)

    def unwrap(self, wrapped: bytes, *, place: str) -> "VaultKey":
        """What `wrap` was given.

        Raises:
            CannotOpen: another key, another place, or changed bytes.
        """
        return VaultKey(self.decrypt(wrapped, place=place))


def pad(content: bytes, step: int) -> bytes:
    """To a multiple of `step` bytes, so that a size says little (ISO/IEC 7816-4)."""
    filled = content + _END
    return filled + bytes(-len(filled) % step)


def unpad(padded: bytes) -> bytes:
    """What `pad` was given.

    Raises:
        CannotOpen: it was not padded.
    """
    end = padded.rfind(_END)
    if end < 0 or padded.count(b"\x00", end + 1) != len(padded) - end - 1:
        raise CannotOpen("something in a vault was not padded")
    return padded[:end]
