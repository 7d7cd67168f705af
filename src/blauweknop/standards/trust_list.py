"""The scheme's trust list: who certifies what, with which certificates, since when (PROTOCOL 5.2; TS 119 602 in JSON).

Written as compact JAdES baseline B-B (TS 119 182-1). Reading, in steps, of which the first three are those of `pinned_message`:
1. Compact or flattened JWS with `iat`, `x5c` and `x5t#S256` (trust_list_malformed).
2. The certificate is one of the pinned ones, valid, meant for signing, and of the operator (trust_list_signer_unknown).
3. The signature is right (trust_list_signature); only then is the content read (trust_list_malformed).
4. The sequence number is not lower than one seen before (trust_list_rollback).

A list that is too old is not refused here: `stale_at` says so, and the verdict becomes undecided instead of wrong.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import NameOID

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import jose
from blauweknop.standards.lote import (
    MalformedLote,
    ServiceKind,
    ServiceStatus,
    StatusPeriod,
    TrustedEntity,
    TrustList,
    TrustService,
    lote_from_json,
    lote_to_json,
)
from blauweknop.standards.pinned_message import PinnedProblem, PinnedProblemCode, read_pinned, sign_pinned
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.x509 import name_value

__all__ = [
    "ServiceKind",
    "ServiceStatus",
    "StatusPeriod",
    "TrustList",
    "TrustListProblemCode",
    "TrustListRefused",
    "TrustService",
    "TrustedEntity",
    "read_trust_list",
    "write_trust_list",
]

TrustListProblemCode = Literal["trust_list_malformed", "trust_list_signature", "trust_list_signer_unknown", "trust_list_rollback"]

_MAX_BYTES = 16 * 1024 * 1024
_CLOCK_SKEW = timedelta(seconds=60)
_CODES: Mapping[PinnedProblemCode, TrustListProblemCode] = {
    "malformed": "trust_list_malformed",
    "signer_unknown": "trust_list_signer_unknown",
    "signature": "trust_list_signature",
}


class TrustListRefused(BlauweKnopError):
    """A trust list that must not be used; `code` says why."""

    def __init__(self, code: TrustListProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: TrustListProblemCode = code


def write_trust_list(trust_list: TrustList, *, signer: Signer, at: datetime) -> str:
    """The signed list, compact; the subject of the signer's certificate names the operator.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    return sign_pinned(lote_to_json(trust_list), jose.TRUST_LIST, signer=signer, at=at)


def read_trust_list(data: bytes, *, anchors: Sequence[x509.Certificate], at: datetime, minimum_sequence: int = 0) -> TrustList:
    """The list, when one of the pinned `anchors` (certificates of its signer, old and new) signed it.

    `at` is now; `minimum_sequence` is the highest sequence number seen before.

    Raises:
        TrustListRefused: by the first rule that is broken.
    """
    # Steps 1 to 3.
    try:
        message = read_pinned(data, jose.TRUST_LIST, anchors=anchors, at=at, max_bytes=_MAX_BYTES)
        trust_list = lote_from_json(parse_json_object(message.payload, max_bytes=_MAX_BYTES))
    except PinnedProblem as problem:
        raise TrustListRefused(_CODES[problem.code], f"trust list: {problem}") from problem
    except (MalformedJson, MalformedLote) as error:
        raise TrustListRefused("trust_list_malformed", f"trust list: {error}") from error
    if name_value(message.certificate.subject, NameOID.ORGANIZATION_NAME) != trust_list.operator:
        raise TrustListRefused("trust_list_signer_unknown", "expected the signer of the trust list to be its operator")
    if trust_list.issued - at > _CLOCK_SKEW:
        raise TrustListRefused("trust_list_malformed", "expected a trust list that was not issued in the future")
    # Step 4.
    if trust_list.sequence < minimum_sequence:
        raise TrustListRefused("trust_list_rollback", "expected a trust list that is not older than the one seen before")
    return trust_list
