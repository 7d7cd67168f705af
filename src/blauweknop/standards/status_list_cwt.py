"""Status list tokens in CBOR (CWT, RFC 8392; draft-ietf-oauth-status-list section 5.2), by the same steps as `status_list`."""

from collections.abc import Collection
from datetime import datetime, timedelta

from blauweknop.standards import cose
from blauweknop.standards.cose import CoseProblem
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_entries import (
    MAX_TOKEN,
    ReceivedStatusList,
    StatusList,
    StatusListProblem,
    compress,
    named_signer,
    numeric_times,
    read_claims,
)
from blauweknop.standards.strict_cbor import MalformedCbor, Writable, read_cbor, write_cbor

__all__ = ["read_cwt", "sign_status_list_as_cwt"]

_LABELS = {"sub": 2, "iat": 6, "nbf": 5, "exp": 4, "ttl": 65534, "status_list": 65533}
"""The names of claims in JSON, and their labels in CBOR (section 5.2 of the draft, RFC 8392)."""

_TAGS = frozenset({18, 61})  # COSE_Sign1, CWT
_MAX_ITEMS = 1000


def sign_status_list_as_cwt(
    statuses: StatusList,
    *,
    uri: str,
    issued_at: datetime,
    expires_at: datetime,
    ttl: timedelta,
    signer: Signer,
    packed: bytes | None = None,
) -> bytes:
    """The token to publish at `uri`. `packed` is what `compress` made of the list, when it is there.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    entries: dict[str, Writable] = {"bits": statuses.bits, "lst": compress(statuses) if packed is None else packed}
    claims: dict[str, Writable] = {"sub": uri, **numeric_times(issued_at, expires_at, ttl), "status_list": entries}
    return cose.sign_cose(write_cbor({_LABELS[name]: claim for name, claim in claims.items()}), signer, cose.STATUS_LIST)


def read_cwt(token: bytes, uri: str, signers: Collection[bytes]) -> ReceivedStatusList:
    """As `read_status_list`, of a token that is a CWT.

    Raises:
        StatusListProblem: by the first rule that is broken.
    """
    # Step 1.
    try:
        value = read_cbor(token, max_bytes=MAX_TOKEN, tags=_TAGS, max_items=_MAX_ITEMS, any_lengths=True)
        received = cose.parse_cose(value, cose.STATUS_LIST)
    except (MalformedCbor, CoseProblem) as error:
        raise StatusListProblem("malformed", f"status list: {error}") from error
    # Step 2.
    certificate = named_signer(received.certificates, signers)
    try:
        payload = cose.verify_cose(received, certificate.public_key())
    except CoseProblem as error:
        raise StatusListProblem("signature", f"status list: {error}") from error
    try:
        claims = read_cbor(payload, max_bytes=MAX_TOKEN, max_items=_MAX_ITEMS, any_lengths=True)
    except MalformedCbor as error:
        raise StatusListProblem("malformed", f"status list: {error}") from error
    if not isinstance(claims, dict):
        raise StatusListProblem("malformed", "expected a map of claims in the status list")
    # Steps 3 and 4.
    return read_claims({name: claims[label] for name, label in _LABELS.items() if label in claims}, uri=uri, certificate=certificate)
