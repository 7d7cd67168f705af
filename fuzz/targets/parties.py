"""Who signs the messages of the attacks: an issuer below an authority, and a holder; with keys of this run."""

import functools

from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.standards.pki import MESSAGES, Issued, certify, p256

__all__ = ["STATUS_URI", "holder_key", "issuer", "root"]

STATUS_URI = "https://bron.example/statuslists/1"


@functools.cache
def root() -> Issued:
    return certify("wortel")


@functools.cache
def issuer() -> Issued:
    return certify("bron", root(), MESSAGES)


@functools.cache
def holder_key() -> ec.EllipticCurvePrivateKey:
    return p256()
