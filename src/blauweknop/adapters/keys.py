"""Signing keys from files; the PKCS#11 door stands beside it later. Everything else sees only `sign(digest)`."""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.signing import KeySigner, key_signer

__all__ = ["KeyProblem", "load_certificates", "load_private_key", "load_signer"]


class KeyProblem(BlauweKnopError):
    """A key or certificate file is not there, not readable, or not a pair."""


def load_signer(key: Path, certificate: Path, chain: Sequence[Path] = ()) -> KeySigner:
    """A signer from a PEM private key, its PEM certificate and the certificates above it.

    Raises:
        KeyProblem: a file is missing or broken, or key and certificate do not belong together.
        UnsuitableKey: another kind of key than the scheme allows.
    """
    private_key = load_private_key(key)
    own = load_certificates(certificate)[0]
    above = [item.public_bytes(Encoding.DER) for path in chain for item in load_certificates(path)]
    if own.public_key() != private_key.public_key():  # type: ignore[attr-defined] # every key kind has public_key()
        raise KeyProblem(f"{certificate.name} does not belong to {key.name}", remedy="give the certificate that was issued for this key")
    return key_signer(private_key, own.public_bytes(Encoding.DER), above)


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
