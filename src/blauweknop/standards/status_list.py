"""Token status lists (draft-ietf-oauth-status-list): one packed list says of a million documents which were withdrawn.

Whoever asks gets the whole list, so nobody learns which document somebody looks at. A token is a JWT or a CWT, and reading tells them
apart by the first byte. Reading a token, in the steps of PROTOCOL 5.1:
1. A signed message of the right kind: form, size, `typ`, algorithm, certificates (`malformed`).
2. Its certificate is one that the caller names, meant for signing and valid now (`signer`); the signature is right (`signature`).
3. `sub` is the address that the list was asked from (`subject`); `iat`, and `nbf` where it is there, has passed, `exp` has not
   (`not_yet`, `expired`).
4. `bits` is 1, 2, 4 or 8, and `lst` unpacks to one zlib stream of at most 4 MiB (`malformed`); unpacking stops at that size.
"""

from base64 import b64encode
from collections.abc import Collection
from datetime import datetime, timedelta

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_entries import (
    INVALID,
    MAX_TOKEN,
    SUSPENDED,
    VALID,
    ReceivedStatusList,
    StatusList,
    StatusListProblem,
    StatusListProblemCode,
    StatusReference,
    compress,
    decompress,
    is_on_hosts,
    named_signer,
    numeric_times,
    read_claims,
    read_reference,
    shuffled_index,
)
from blauweknop.standards.status_list_cwt import read_cwt, sign_status_list_as_cwt
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = [
    "INVALID",
    "MAX_TOKEN",
    "SUSPENDED",
    "VALID",
    "ReceivedStatusList",
    "StatusList",
    "StatusListProblem",
    "StatusListProblemCode",
    "StatusReference",
    "compress",
    "decompress",
    "is_on_hosts",
    "read_reference",
    "read_status_list",
    "says_to_be_of",
    "shuffled_index",
    "sign_status_list",
    "sign_status_list_as_cwt",
]

_MAX_HEADER = 64 * 1024
_NOT_TEXT = 0x80  # no text begins so, and every COSE_Sign1 does


def sign_status_list(
    statuses: StatusList,
    *,
    uri: str,
    issued_at: datetime,
    expires_at: datetime,
    ttl: timedelta,
    signer: Signer,
    packed: bytes | None = None,
) -> str:
    """The token as JWT to publish at `uri` (section 5.1 of the draft). `packed` is what `compress` made of the list, when it is there.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    text = base64url.encode(compress(statuses) if packed is None else packed)
    claims: dict[str, JsonValue] = {
        "sub": uri,
        **numeric_times(issued_at, expires_at, ttl),
        "status_list": {"bits": statuses.bits, "lst": text},
    }
    return jose.sign_jws(claims, signer, jose.STATUS_LIST)


def says_to_be_of(token: bytes, certificate: bytes) -> bool:
    """Whether a token (JWT) names this certificate (DER) as that of its signer; the signature is not looked at."""
    try:
        header = parse_json_object(base64url.decode(token.partition(b".")[0].decode("ascii")), max_bytes=_MAX_HEADER)
    except (UnicodeError, MalformedBase64, MalformedJson):
        return False
    chain = header.get("x5c")
    return isinstance(chain, list) and chain[:1] == [b64encode(certificate).decode("ascii")]


def read_status_list(token: bytes, *, uri: str, signers: Collection[bytes]) -> ReceivedStatusList:
    """The list of a token (JWT or CWT) that was found at `uri`, by one of the `signers` (certificates in DER) of its issuer.

    Whether it counts at a moment is for `require_current` to say, so that the rest need be done once only.

    Raises:
        StatusListProblem: by the first rule that is broken.
    """
    if len(token) > MAX_TOKEN:
        raise StatusListProblem("malformed", f"expected a status list of at most {MAX_TOKEN} bytes")
    read = read_cwt if token[:1] >= bytes((_NOT_TEXT,)) else _read_jwt
    return read(token, uri, signers)


def _read_jwt(token: bytes, uri: str, signers: Collection[bytes]) -> ReceivedStatusList:
    # Step 1.
    try:
        received = jose.parse_jws(token.decode("ascii"), jose.STATUS_LIST, max_bytes=MAX_TOKEN)
    except (UnicodeError, JwsProblem) as error:
        raise StatusListProblem("malformed", f"status list: {error}") from error
    # Step 2.
    certificate = named_signer(received.certificates, signers)
    try:
        payload = jose.verify_jws(received, certificate.public_key()).payload
    except JwsProblem as error:
        raise StatusListProblem("signature", f"status list: {error}") from error
    try:
        claims: dict[str, object] = {**parse_json_object(payload, max_bytes=MAX_TOKEN)}
        match claims.get("status_list"):
            case {"bits": bits, "lst": str(text)}:
                claims["status_list"] = {"bits": bits, "lst": base64url.decode(text)}
    except (MalformedJson, MalformedBase64) as error:
        raise StatusListProblem("malformed", f"status list: {error}") from error
    # Steps 3 and 4.
    return read_claims(claims, uri=uri, certificate=certificate)
