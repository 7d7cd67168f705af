"""Signing keys, from files or in hardware. Everything else sees only `sign(digest)`."""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from blauweknop.adapters.pkcs11_uri import HardwareKey
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.signing import Signer, key_signer

__all__ = ["KeyPlace", "KeyProblem", "load_certificates", "load_private_key", "load_signer"]

KeyPlace = Path | HardwareKey
"""A PEM file, or a key on a token; both have a `name` to call them by."""


class KeyProblem(BlauweKnopError):
    """A key or certificate is not there, cannot be used, or is not a pair."""


def load_signer(key: KeyPlace, certificate: Path, chain: Sequence[Path] = ()) -> Signer:
    """A signer from a private key, its PEM certificate and the certificates above it.

    Raises:
        KeyProblem: a file or token is missing or broken, or key and certificate do not belong together.
        UnsuitableKey: another kind of key than the scheme allows.
    """
    if isinstance(key, HardwareKey):
        return _hardware_signer(key, load_certificates(certificate)[0], _above(chain))
    private_key = load_private_key(key)
    own = load_certificates(certificate)[0]
    if own.public_key() != private_key.public_key():  # type: ignore[attr-defined] # every key kind has public_key()
        raise KeyProblem(f"{certificate.name} does not belong to {key.name}", remedy="give the certificate that was issued for this key")
    return key_signer(private_key, own.public_bytes(Encoding.DER), _above(chain))


def load_private_key(path: Path) -> object:
    """A PKCS#8 PEM private key without password; the file's rights protect it.

    Raises:
        KeyProblem: missing or broken.
    """
    try:
        return load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyProblem(f"the key file {path.name} cannot be read", remedy="check the path and the rights of the file") from error
    except (ValueError, TypeError) as error:
        raise KeyProblem(f"{path.name} is not a PEM private key without password", remedy="convert it to PKCS#8 PEM") from error


def load_certificates(path: Path) -> list[x509.Certificate]:
    """One or more PEM certificates.

    Raises:
        KeyProblem: missing, broken or empty.
    """
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise KeyProblem(f"the certificate file {path.name} cannot be read", remedy="check the path") from error
    except ValueError as error:
        raise KeyProblem(f"{path.name} holds no PEM certificate", remedy="give the certificate as PEM") from error


def _above(chain: Sequence[Path]) -> tuple[bytes, ...]:
    return tuple(item.public_bytes(Encoding.DER) for path in chain for item in load_certificates(path))


def _hardware_signer(key: HardwareKey, certificate: x509.Certificate, chain: tuple[bytes, ...]) -> Signer:
    try:
        # Only who has a key in hardware needs this package, and it needs this module.
        from blauweknop.adapters.pkcs11_keys import open_hardware_signer
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("pkcs11"):
            raise
        raise KeyProblem(
            f"the key {key.name} is in hardware, which is an extra", remedy="install it: pip install 'blauweknop[hsm]'"
        ) from error
    return open_hardware_signer(key, certificate, chain)
