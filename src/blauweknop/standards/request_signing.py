"""The question of a receiver, as it signs it for a holder (OpenID4VP 1.0 section 5; HAIP; PROTOCOL 6.2); `request_object` checks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.dcql import DcqlQuery, dcql_json
from blauweknop.standards.jwe import PRESENTATION_RESPONSE
from blauweknop.standards.request_object import AUDIENCE, UPDATES_MEMBER
from blauweknop.standards.signing import Signer

__all__ = ["RequestToSign", "sign_request"]

_FORMATS: dict[str, JsonValue] = {
    "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]},
    "mso_mdoc": {"issuerauth_alg_values": [-7, -9], "deviceauth_alg_values": [-7, -9]},
}
"""ES256 in each of its names (RFC 9053 section 2.1, RFC 9864 section 2.1)."""


@dataclass(frozen=True, slots=True)
class RequestToSign:
    """One question to one holder. `key` is a fresh public key with a name, as JSON; `registration` is the registration certificate, as it
    was signed.
    """

    query: DcqlQuery
    response_uri: str
    nonce: str = field(repr=False)
    state: str = field(repr=False)
    key: Mapping[str, JsonValue]
    registration: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    wallet_nonce: str | None = None
    updates: str | None = None
    """For how long the receiver would like to be kept up to date; None when it would not."""


def sign_request(request: RequestToSign, signer: Signer) -> str:
    """The signed request object; `signer` has the access certificate.

    Raises:
        UnsuitableKey: the receiver has no P-256 key.
    """
    encryption: dict[str, JsonValue] = {**request.key, "use": "enc", "alg": "ECDH-ES"}
    members: dict[str, JsonValue] = {
        "client_id": x509_hash(signer.certificate),
        "response_type": "vp_token",
        "response_mode": "direct_post.jwt",
        "response_uri": request.response_uri,
        "aud": AUDIENCE,
        "nonce": request.nonce,
        "state": request.state,
        "iat": int(request.issued_at.timestamp()),
        "exp": int(request.expires_at.timestamp()),
        "client_metadata": {
            "jwks": {"keys": [encryption]},
            "encrypted_response_enc_values_supported": [*PRESENTATION_RESPONSE.encodings],
            "vp_formats_supported": _FORMATS,
        },
        "verifier_info": [{"format": "registration_cert", "data": _encoded(request.registration)}],
        "dcql_query": dcql_json(request.query),
    }
    if request.updates is not None:
        members[UPDATES_MEMBER] = request.updates
    if request.wallet_nonce is not None:
        members["wallet_nonce"] = request.wallet_nonce
    return jose.sign_jws(members, signer, jose.REQUEST_OBJECT)


@lru_cache(maxsize=64)
def _encoded(registration: str) -> str:
    """The same for all that a receiver asks for one use."""
    return base64url.encode(registration.encode("ascii"))
