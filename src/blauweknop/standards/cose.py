"""Signed messages in CBOR (COSE_Sign1, RFC 9052 section 4.2) by purpose: it fixes form, type, algorithm and where the key comes from.

What the headers say is never an instruction. Reading, in steps:
1. The four parts of a COSE_Sign1 under a tag of the purpose; the payload is there, or with `detached` it is not (`format`).
2. The protected header is a map in bytes, the unprotected one a map, and no label stands in both (`format`).
3. `alg` is protected and ES256, or ESP256, its name that fixes the curve too (RFC 9864) (`alg`); `typ` is that of the purpose (`typ`).
4. No `crit`: we know no extensions (`crit`).
5. `x5chain` (RFC 9360) is there, where the purpose has it (`x5c`); other headers that name keys are not looked at.
6. The signature is 64 bytes, and right (`signature`).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.es256 import sign_es256, signature_fits
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_cbor import (
    BYTES,
    CborValue,
    MalformedCbor,
    Tagged,
    Writable,
    read_cbor,
    write_cbor,
    write_head,
)

__all__ = [
    "DEVICE_AUTH",
    "ISSUER_AUTH",
    "STATUS_LIST",
    "CoseProblem",
    "CoseProblemCode",
    "Purpose",
    "ReceivedCose",
    "parse_cose",
    "sign_cose",
    "verify_cose",
]

CoseProblemCode = Literal["format", "alg", "typ", "crit", "x5c", "signature"]

_ALG, _CRIT, _TYP, _X5CHAIN = 1, 2, 16, 33
_ES256, _ESP256 = -7, -9
_SIGN1, _CWT = 18, 61
_MAX_HEADER = 64 * 1024
_MAX_CERTIFICATES = 8


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a message is for.

    `chain` is the header that has the certificates, None when the caller has the key; `detached` means that the payload goes another way;
    `tagged` that the tags of COSE_Sign1 and CWT may stand before it.
    """

    chain: Literal["unprotected", "either"] | None
    typ: str | None = None
    detached: bool = False
    tagged: bool = False


ISSUER_AUTH = Purpose("unprotected")
DEVICE_AUTH = Purpose(None, detached=True)
STATUS_LIST = Purpose("either", "application/statuslist+cwt", tagged=True)


class CoseProblem(BlauweKnopError):
    """A message that is refused; `code` names the rule."""

    def __init__(self, code: CoseProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: CoseProblemCode = code


@dataclass(frozen=True, slots=True)
class ReceivedCose:
    """A message that was read and not verified. `certificates` (DER, leaf first) are a claim of the sender."""

    protected: bytes = field(repr=False)
    payload: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)


def sign_cose(payload: bytes, signer: Signer, purpose: Purpose) -> bytes:
    """A COSE_Sign1, signed with ES256; a purpose with a chain gets the certificates of the signer, unprotected.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    certificates = (signer.certificate, *signer.chain) if purpose.chain else ()
    protected, before = _headers(purpose, certificates)
    content = write_head(BYTES, len(payload)) + payload
    signature = sign_es256(_to_be_signed(protected, content), signer)
    return b"".join((before, b"\xf6" if purpose.detached else content, b"\x58\x40", signature))


def parse_cose(value: CborValue, purpose: Purpose) -> ReceivedCose:
    """Look at a message for one purpose (steps 1 to 5).

    Raises:
        CoseProblem: any code but `signature`.
    """
    # Step 1.
    if purpose.tagged:
        value = _untagged(_untagged(value, _CWT), _SIGN1)
    match value:
        case [bytes(protected), dict(unprotected), bytes() | None as payload, bytes(signature)] if (payload is None) == purpose.detached:
            pass
        case _:
            raise CoseProblem("format", "expected the four parts of a COSE_Sign1")
    # Steps 2 to 4.
    known = _read_protected(protected, purpose)
    if known.labels & unprotected.keys():
        raise CoseProblem("format", "expected each label in one of the headers only")
    if _CRIT in unprotected:
        raise CoseProblem("crit", "expected no critical extensions")
    # Step 5.
    certificates = known.certificates
    if purpose.chain and not certificates:
        certificates = _certificates(unprotected.get(_X5CHAIN))
    return ReceivedCose(protected, payload, signature, certificates)


def verify_cose(received: ReceivedCose, key: object, detached: bytes = b"") -> bytes:
    """The payload of a message, or `detached`, when the signature over it is right (step 6); the key must be a P-256 key.

    Raises:
        CoseProblem: `signature`.
    """
    payload = detached if received.payload is None else received.payload
    content = write_head(BYTES, len(payload)) + payload
    if not signature_fits(received.signature, _to_be_signed(received.protected, content), key):
        raise CoseProblem("signature", "expected a signature of 64 bytes that fits a P-256 key")
    return payload


def _to_be_signed(protected: bytes, content: bytes) -> bytes:
    """The Sig_structure (RFC 9052 section 4.4), with no external data; `content` is the payload as a byte string."""
    return b"".join((b"\x84\x6aSignature1", write_head(BYTES, len(protected)), protected, b"\x40", content))


@lru_cache(maxsize=64)
def _headers(purpose: Purpose, certificates: tuple[bytes, ...]) -> tuple[bytes, bytes]:
    """The protected header of all messages of one signer for one purpose, and all that stands before the payload."""
    members: dict[int, Writable] = {_ALG: _ES256} if purpose.typ is None else {_ALG: _ES256, _TYP: purpose.typ}
    protected = write_cbor(members)
    chain: dict[int, Writable] = {_X5CHAIN: certificates if len(certificates) > 1 else certificates[0]} if certificates else {}
    tag = write_cbor(Tagged(_SIGN1, None))[:-1] if purpose.tagged else b""
    return protected, b"".join((tag, b"\x84", write_cbor(protected), write_cbor(chain)))


@dataclass(frozen=True, slots=True)
class _ReadHeader:
    """A protected header that keeps the rules of a purpose."""

    labels: frozenset[int | str]
    certificates: tuple[bytes, ...] = field(repr=False)


@lru_cache(maxsize=32)
def _read_protected(encoded: bytes, purpose: Purpose) -> _ReadHeader:
    """Steps 2 to 5. The messages of one issuer have one header, so it is kept; only a header without problems is."""
    # Step 2.
    try:
        header = read_cbor(encoded, max_bytes=_MAX_HEADER, any_lengths=purpose.tagged) if encoded else {}
    except MalformedCbor as error:
        raise CoseProblem("format", f"protected header: {error}") from error
    if not isinstance(header, dict):
        raise CoseProblem("format", "expected a protected header that is a map")
    # Step 3.
    algorithm = header.get(_ALG)
    if type(algorithm) is not int or algorithm not in (_ES256, _ESP256):
        raise CoseProblem("alg", "expected the algorithm ES256")
    if purpose.typ is not None and header.get(_TYP) != purpose.typ:
        raise CoseProblem("typ", f"expected the type {purpose.typ}")
    # Step 4.
    if _CRIT in header:
        raise CoseProblem("crit", "expected no critical extensions")
    # Step 5.
    chain = header.get(_X5CHAIN) if purpose.chain == "either" else None
    return _ReadHeader(frozenset(header), () if chain is None else _certificates(chain))


def _certificates(value: CborValue) -> tuple[bytes, ...]:
    """One certificate, or a list of at least two (RFC 9360 section 2)."""
    listed = value if isinstance(value, list) else [value]
    certificates = [item for item in listed if isinstance(item, bytes)]
    if len(certificates) != len(listed) or not 1 <= len(listed) <= _MAX_CERTIFICATES:
        raise CoseProblem("x5c", f"expected one to {_MAX_CERTIFICATES} certificates in x5chain")
    return tuple(certificates)


def _untagged(value: CborValue, number: int) -> CborValue:
    return value.value if isinstance(value, Tagged) and value.number == number else value
