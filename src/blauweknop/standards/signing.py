"""The one door to a signing key: `sign(digest)`, so that a file, a token or a signing service look alike to the standards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["KeySigner", "Signer", "UnsuitableKey", "key_signer"]


class UnsuitableKey(BlauweKnopError):
    """A key of another kind or strength than the scheme allows (PROTOCOL 12: P-256, or RSA of 3072 bits and more)."""


class Signer(Protocol):
    """Whoever signs: its certificate, the certificates above it (the anchor may be left out), and the signing itself."""

    @property
    def certificate(self) -> bytes:
        """DER."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER, from the issuer of `certificate` upwards."""
        ...

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest of 32 bytes: ECDSA as DER, RSA as PKCS #1 v1.5."""
        ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A signer whose private key is in this process."""

    certificate: bytes
    chain: tuple[bytes, ...]
    _sign: Callable[[bytes], bytes] = field(repr=False)

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest; see `Signer.sign`."""
        return self._sign(digest)


def key_signer(private_key: object, certificate: bytes, chain: Sequence[bytes] = ()) -> KeySigner:
    """A signer from a private key of `cryptography` and its certificate (DER).

    Raises:
        UnsuitableKey: neither P-256 nor RSA of at least 3072 bits.
    """
    prehashed = utils.Prehashed(hashes.SHA256())
    match private_key:
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()) as elliptic:
            algorithm = ec.ECDSA(prehashed)
            return KeySigner(certificate, tuple(chain), lambda digest: elliptic.sign(digest, algorithm))
        case rsa.RSAPrivateKey(key_size=size) as modular if size >= 3072:
            scheme = padding.PKCS1v15()
            return KeySigner(certificate, tuple(chain), lambda digest: modular.sign(digest, scheme, prehashed))
    raise UnsuitableKey("expected a P-256 key or an RSA key of at least 3072 bits")
