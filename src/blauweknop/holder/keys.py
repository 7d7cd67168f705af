"""Keys that are made here for one person: they live in memory and, encrypted, in the vault, and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.errors import MalformedValue
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.signing import Signer, key_signer

__all__ = ["HolderKey"]

_BYTES = 32
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class HolderKey:
    """A P-256 key."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def new(cls, random: Callable[[int], bytes]) -> "HolderKey":
        """From 48 random bytes, so that no key is likelier than another (FIPS 186-5 A.2.1)."""
        number = int.from_bytes(random(_BYTES + 16)) % (_ORDER - 1) + 1
        return cls(ec.derive_private_key(number, ec.SECP256R1()))

    @classmethod
    def from_text(cls, text: str) -> "HolderKey":
        """What `as_text` gave.

        Raises:
            MalformedValue: something else.
        """
        try:
            return cls(ec.derive_private_key(int.from_bytes(base64url.decode(text)), ec.SECP256R1()))
        except (MalformedBase64, ValueError) as error:
            raise MalformedValue("expected a kept key") from error

    def as_text(self) -> str:
        """The secret itself: only for the vault."""
        return base64url.encode(self.private.private_numbers().private_value.to_bytes(_BYTES))

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        return self.private.public_key()

    @property
    def signer(self) -> Signer:
        return key_signer(self.private, b"")

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.public)
