"""Encrypted messages (JWE compact, RFC 7516) by purpose: ECDH-ES on P-256 straight to the content key, then AES-GCM (RFC 7518 4.6, 5.3).

What the header says is never an instruction: the algorithm is fixed, the purpose says which encryptions and whether compression
(PROTOCOL 2.10 and 4.2). Reading, in steps:
1. At most 256 KiB, or what the purpose allows; exactly five parts, canonical base64url (`size`, `format`).
2. The header is a strict JSON object (`format`).
3. `alg` is ECDH-ES (`alg`), `enc` one of the purpose (`enc`).
4. No `crit`: we know no extensions (`crit`). No `zip`, unless the purpose allows DEF (`zip`).
5. `epk` is a public P-256 key on the curve, without private members (`epk`); `apu`, `apv` and `kid` have their form (`format`).
6. No encrypted key; 12 bytes of initialisation vector, 16 of tag (`format`).
7. The key agreed upon opens the message. Whatever goes wrong here is one and the same problem (`decryption`), so that nobody learns
   about the key from our answers.
8. What was compressed stays within 1 MiB (`size`, `zip`); inflating stops there.

Until step 7 nothing is secret: everybody can do these steps without the key. A message says nothing about who made it, for all may
encrypt to a public key.
"""

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.jwk import EncryptionKey, UnsuitableJwk, public_jwk, read_public_jwk
from blauweknop.standards.signing import UnsuitableKey
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = [
    "CREDENTIAL_MESSAGE",
    "MAX_INFLATED",
    "MAX_JWE",
    "PRESENTATION_RESPONSE",
    "Derive",
    "Encoding",
    "EncryptionPurpose",
    "JweProblem",
    "JweProblemCode",
    "ReceivedJwe",
    "content_key",
    "decrypt_jwe",
    "encrypt_jwe",
    "fresh_key",
    "key_agreement",
    "parse_jwe",
]

JweProblemCode = Literal["size", "format", "alg", "enc", "crit", "zip", "epk", "decryption"]
Encoding = Literal["A128GCM", "A256GCM"]
Derive = Callable[[ec.EllipticCurvePublicKey], bytes]
"""The one door to a key that decrypts: from the other's public key to the shared secret, the x coordinate in 32 bytes.

A file key, a token or a service look alike; whatever it raises for a refusal must be a BlauweKnopError.
"""

MAX_JWE = 256 * 1024
MAX_INFLATED = 1024 * 1024
_ALGORITHM = "ECDH-ES"
_KEY_BYTES: Mapping[str, int] = {"A128GCM": 16, "A256GCM": 32}
_MAX_HEADER = 16 * 1024
_MAX_PARTY = 1024
_IV_BYTES, _TAG_BYTES, _SECRET_BYTES = 12, 16, 32
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class EncryptionPurpose:
    """What a message is for: which encryptions may be used, whether it may be compressed, and how many characters it may have."""

    encodings: tuple[Encoding, ...] = ("A128GCM", "A256GCM")
    compression: bool = False
    most: int = MAX_JWE


CREDENTIAL_MESSAGE = EncryptionPurpose()
"""Requests and answers of the credential endpoint (OpenID4VCI; PROTOCOL 2.10)."""
PRESENTATION_RESPONSE = EncryptionPurpose(most=1024 * 1024)
"""What a holder answers to a receiver (OpenID4VP `direct_post.jwt`; PROTOCOL 6.4): fifteen documents, and some papers."""


class JweProblem(BlauweKnopError):
    """A message that is refused; `code` names the rule."""

    def __init__(self, code: JweProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: JweProblemCode = code


@dataclass(frozen=True, slots=True)
class ReceivedJwe:
    """A message that was read and not opened; `key_id` is what the sender says, to be looked up among our own keys and for nothing else."""

    encoding: Encoding
    key_id: str | None
    compressed: bool
    ephemeral: ec.EllipticCurvePublicKey = field(repr=False)
    parties: tuple[bytes, bytes] = field(repr=False)
    """`apu` and `apv`."""
    authenticated: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    """With the tag after it."""


def fresh_key(random_bytes: Callable[[int], bytes]) -> ec.EllipticCurvePrivateKey:
    """A key for one message. `random_bytes` gives so many fresh random bytes.

    Of them it takes 64 bits more than the order has, so that each number is as likely as the next (FIPS 186-5 appendix A.2.1).
    """
    number = int.from_bytes(random_bytes(40)) % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def key_agreement(private_key: object) -> Derive:
    """The door to a private key of `cryptography`.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    if not isinstance(private_key, ec.EllipticCurvePrivateKey) or not isinstance(private_key.curve, ec.SECP256R1):
        raise UnsuitableKey("expected a P-256 key to decrypt messages with")
    return lambda public: private_key.exchange(ec.ECDH(), public)


def encrypt_jwe(
    content: bytes | Mapping[str, JsonValue],
    recipient: EncryptionKey,
    purpose: EncryptionPurpose,
    *,
    random_bytes: Callable[[int], bytes],
    encoding: Encoding = "A256GCM",
    parties: tuple[bytes, bytes] = (b"", b""),
) -> str:
    """A compact message to `recipient`, whose `kid` it repeats; never compressed.

    `random_bytes` gives so many fresh random bytes; `parties` are `apu` and `apv`, left out where empty.

    Raises:
        JweProblem: `enc`, `size`.
    """
    if encoding not in purpose.encodings:
        raise JweProblem("enc", "expected an encryption of the purpose")
    plaintext = content if isinstance(content, bytes) else canonical_json(dict(content))
    ephemeral = fresh_key(random_bytes)
    header: dict[str, JsonValue] = {"alg": _ALGORITHM, "enc": encoding, "epk": public_jwk(ephemeral.public_key())}
    if recipient.key_id is not None:
        header["kid"] = recipient.key_id
    header |= {name: base64url.encode(party) for name, party in zip(("apu", "apv"), parties, strict=True) if party}
    protected = base64url.encode_ascii(canonical_json(header))
    secret = ephemeral.exchange(ec.ECDH(), recipient.public)
    iv = random_bytes(_IV_BYTES)
    sealed = AESGCM(content_key(secret, encoding, *parties)).encrypt(iv, plaintext, protected)
    parts = (protected.decode("ascii"), "", *map(base64url.encode, (iv, sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:])))
    text = ".".join(parts)
    if len(text) > purpose.most:
        raise JweProblem("size", f"expected a message of at most {purpose.most} characters")
    return text


def parse_jwe(text: str, purpose: EncryptionPurpose) -> ReceivedJwe:
    """Read a compact message for one purpose (steps 1 to 6).

    Raises:
        JweProblem: any code but `decryption`.
    """
    # Step 1.
    if len(text) > purpose.most:
        raise JweProblem("size", f"expected a message of at most {purpose.most} characters")
    parts = text.split(".")
    if len(parts) != 5:
        raise JweProblem("format", "expected a message of five parts")
    protected = parts[0]
    try:
        encoded_header, encrypted_key, iv, ciphertext, tag = base64url.decode_each(parts)
        # Step 2.
        header = parse_json_object(encoded_header, max_bytes=_MAX_HEADER)
    except (MalformedBase64, MalformedJson) as error:
        raise JweProblem("format", f"message: {error}") from error
    encoding = _read_encoding(header, purpose)
    # Step 5.
    try:
        ephemeral = read_public_jwk(_coordinates(header.get("epk")))
    except UnsuitableJwk as error:
        raise JweProblem("epk", f"header: {error}") from error
    parties = _party(header, "apu"), _party(header, "apv")
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise JweProblem("format", "expected kid as text")
    # Step 6.
    if encrypted_key or len(iv) != _IV_BYTES or len(tag) != _TAG_BYTES:
        raise JweProblem("format", "expected no encrypted key, an initialisation vector of 12 bytes and a tag of 16 bytes")
    return ReceivedJwe(
        encoding=encoding,
        key_id=key_id,
        compressed="zip" in header,
        ephemeral=ephemeral,
        parties=parties,
        authenticated=protected.encode("ascii"),
        iv=iv,
        ciphertext=ciphertext + tag,
    )


def decrypt_jwe(received: ReceivedJwe, derive: Derive) -> bytes:
    """Open a message with the key behind `derive` (steps 7 and 8).

    Raises:
        JweProblem: `decryption`, whatever the cause; of a compressed message that did open also `size` and `zip`.
    """
    # Step 7.
    try:
        key = content_key(derive(received.ephemeral), received.encoding, *received.parties)
        plaintext = AESGCM(key).decrypt(received.iv, received.ciphertext, received.authenticated)
    except (InvalidTag, ValueError, BlauweKnopError):
        # Without the cause: what it says could tell one failure from another.
        raise JweProblem("decryption", "expected a message that was encrypted to our key") from None
    # Step 8.
    return _inflate(plaintext) if received.compressed else plaintext


def content_key(secret: bytes, encoding: Encoding, party_u: bytes = b"", party_v: bytes = b"") -> bytes:
    """The content key of a shared secret: Concat KDF with SHA-256 (RFC 7518 section 4.6.2), of which one round is enough.

    Raises:
        JweProblem: `decryption`; the secret is not of P-256.
    """
    if len(secret) != _SECRET_BYTES:
        raise JweProblem("decryption", "expected a shared secret of 32 bytes")
    length = _KEY_BYTES[encoding]
    others = b"".join(len(part).to_bytes(4) + part for part in (encoding.encode("ascii"), party_u, party_v))
    return hashlib.sha256((1).to_bytes(4) + secret + others + (length * 8).to_bytes(4)).digest()[:length]


def _read_encoding(header: Mapping[str, JsonValue], purpose: EncryptionPurpose) -> Encoding:
    """Steps 3 and 4."""
    # Step 3.
    if header.get("alg") != _ALGORITHM:
        raise JweProblem("alg", f"expected the algorithm {_ALGORITHM}")
    encoding = next((known for known in purpose.encodings if known == header.get("enc")), None)
    if encoding is None:
        raise JweProblem("enc", "expected an encryption of the purpose")
    # Step 4.
    if "crit" in header:
        raise JweProblem("crit", "expected no critical extensions")
    if "zip" in header and not (purpose.compression and header["zip"] == "DEF"):
        raise JweProblem("zip", "expected a message that is not compressed, or with DEF where that is allowed")
    return encoding


def _coordinates(epk: JsonValue) -> JsonValue:
    """An ephemeral key without what it says of its use, which counts for nothing here: it is the sender's own and for one message."""
    members = epk if isinstance(epk, dict) else {}
    return {name: value for name, value in members.items() if name not in ("use", "key_ops", "alg")}


def _party(header: Mapping[str, JsonValue], name: str) -> bytes:
    value = header.get(name, "")
    if not isinstance(value, str) or len(value) > _MAX_PARTY:
        raise JweProblem("format", f"expected {name} of at most {_MAX_PARTY} characters")
    try:
        return base64url.decode(value)
    except MalformedBase64 as error:
        raise JweProblem("format", f"{name}: {error}") from error


def _inflate(data: bytes) -> bytes:
    """RFC 7516 section 4.1.3: DEFLATE (RFC 1951) without a zlib header; one whole stream."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(data, MAX_INFLATED + 1)
    except zlib.error as error:
        raise JweProblem("zip", "expected a message compressed with DEFLATE") from error
    if len(content) > MAX_INFLATED:
        raise JweProblem("size", f"expected a compressed message of at most {MAX_INFLATED} bytes")
    if not stream.eof or stream.unused_data:
        raise JweProblem("zip", "expected one whole compressed message")
    return content
