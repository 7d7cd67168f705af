"""Certified claims that can be made smaller: SD-JWT VC (RFC 9901 and draft-ietf-oauth-sd-jwt-vc), with and without holder key.

The check, in the steps of PROTOCOL 4.3 (each alone is in `sd_jwt_receiving`; 4 to 6 are in `disclosures`):
1. Size and parts; the last part is empty without key binding (`size`, `format`).
2. The issuer's message: form (`alg`, `typ`, `crit`, `x5c`), certificate path to an anchor of the trust list, never to a root that
   came along, key usage and revocation (`chain`, `revocation_unknown`), signature (`signature`), right to issue this type
   (`issuer_not_entitled`).
3. Digest algorithm (`sd_alg`).
7. Type (`vct`), validity (`claim_missing`, `expired`, `not_yet_valid`), status when valid for more than a day (`claim_missing`).
8. Key binding (`cnf`, `kb_...`).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.concealing import conceal
from blauweknop.standards.disclosures import Place, SdJwtProblem, resolve
from blauweknop.standards.issuer_path import IssuerPathProblem, IssuerTrust, issuer_path
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.plain_json import write_checked
from blauweknop.standards.sd_jwt_receiving import (
    NEVER_DISCLOSABLE,
    ReceivedSdJwt,
    hash_of_presented,
    holder_key,
    read_sd_jwt,
    require_binding,
    require_status,
    require_valid,
    resolved_claims,
    signed_payload,
    split_sd_jwt,
    validity_of,
)
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["NEVER_DISCLOSABLE", "IssuerTrust", "VerifiedSdJwt", "bind", "disclose", "issue", "verify_bound", "verify_unbound"]

_OURS = frozenset({"iss", "iat", "nbf", "exp", "cnf", "vct"})


@dataclass(frozen=True, slots=True)
class VerifiedSdJwt:
    """Checked claims with everything disclosed put back; `path` leads from the certificate of the issuer to the anchor."""

    claims: dict[str, JsonValue] = field(repr=False)
    disclosed: tuple[Place, ...]
    vct: str
    path: tuple[x509.Certificate, ...]
    issued_at: datetime | None
    expires_at: datetime


def issue(
    claims: Mapping[str, JsonValue],
    *,
    disclosable: Callable[[Place], bool],
    signer: Signer,
    vct: str,
    issuer: str,
    issued_at: datetime,
    expires_at: datetime,
    random_bytes: Callable[[int], bytes],
    holder_key: ec.EllipticCurvePublicKey | None = None,
    decoys: bool = False,
    text: bytes | None = None,
) -> str:
    """An SD-JWT VC over `claims` (with `status` among them), ending in `~`.

    `disclosable` says of each place whether it is a disclosure of its own; inner places are asked too, and what is always visible
    stays so whatever it says. A `Concealment` made once for a data set is the quick form. `random_bytes` gives so many fresh
    random bytes. `text` is what `canonical_json` made of the claims, perhaps with more beside them, when the
    caller has it: it spares a second look at every value. The caller floors `issued_at` as its linkability demands (PROTOCOL 2.11).

    Raises:
        SdJwtProblem: `claim_name`; a claim that this function or the format sets itself.
        MalformedJson: a value that can not be written in one way.
        UnsuitableKey: the signer has no P-256 key.
    """
    if _OURS & claims.keys():
        raise SdJwtProblem("claim_name", "expected claims without the registered ones that are given apart")
    payload, texts = conceal(
        dict(claims), disclosable=disclosable, random_bytes=random_bytes, decoys=decoys, never=NEVER_DISCLOSABLE, text=text
    )
    moment = int(issued_at.timestamp())
    payload |= {"vct": vct, "iss": issuer, "iat": moment, "nbf": moment, "exp": int(expires_at.timestamp()), "_sd_alg": "sha-256"}
    if holder_key is not None:
        payload["cnf"] = {"jwk": public_jwk(holder_key)}
    return "~".join((jose.sign_jws(write_checked(payload), signer, jose.SD_JWT_VC), *texts, ""))


def disclose(sd_jwt: str, keep: Callable[[Place], bool]) -> str:
    """The same SD-JWT with fewer disclosures: those for which `keep` holds, and the ones that hold them.

    Places count list elements as in the original, left-out ones included. The signature is not looked at here.

    Raises:
        SdJwtProblem: not an SD-JWT without key binding.
    """
    message, texts, binding = split_sd_jwt(sd_jwt)
    if binding:
        raise SdJwtProblem("format", "expected an SD-JWT without key binding")
    try:
        received = jose.parse_jws(message, jose.SD_JWT_VC)
        payload = parse_json_object(received.payload, max_bytes=jose.MAX_JWS, fractions=True)
    except (JwsProblem, MalformedJson) as error:
        raise SdJwtProblem("format", str(error)) from error
    wanted: set[int] = set()
    for placed in resolve(payload, texts, NEVER_DISCLOSABLE).places:
        if keep(placed.place):
            wanted |= {placed.number, *placed.within}
    return "~".join((message, *(text for number, text in enumerate(texts) if number in wanted), ""))


def verify_unbound(sd_jwt: str, *, trust: IssuerTrust, vct_values: Collection[str], at: datetime) -> VerifiedSdJwt:
    """Check an SD-JWT VC that travels without holder key, as the one inside a document (steps 1 to 7).

    Raises:
        SdJwtProblem: by the first rule that is broken.
    """
    received = read_sd_jwt(sd_jwt)
    if received.binding:
        raise SdJwtProblem("format", "expected an SD-JWT without key binding")
    verified = _verify(received, trust, vct_values, at)
    if "cnf" in verified.claims:
        raise SdJwtProblem("kb_required", "expected a key binding, for this credential belongs to the holder of a key")
    return verified


def verify_bound(
    presentation: str, *, trust: IssuerTrust, vct_values: Collection[str], at: datetime, audience: str, nonce: str
) -> VerifiedSdJwt:
    """Check a presentation with key binding for us (`audience`) and this transaction (`nonce`) (steps 1 to 8).

    That a nonce is used once is for the caller to remember.

    Raises:
        SdJwtProblem: by the first rule that is broken.
    """
    received = read_sd_jwt(presentation)
    verified = _verify(received, trust, vct_values, at)
    require_binding(received, holder_key(verified.claims), at=at, audience=audience, nonce=nonce)
    return verified


def bind(sd_jwt: str, holder: Signer, *, audience: str, nonce: str, at: datetime) -> str:
    """The presentation of an SD-JWT (ending in `~`) by its holder to one receiver.

    Raises:
        UnsuitableKey: the holder has no P-256 key.
    """
    claims: dict[str, JsonValue] = {"iat": int(at.timestamp()), "aud": audience, "nonce": nonce, "sd_hash": hash_of_presented(sd_jwt)}
    return sd_jwt + jose.sign_jws(claims, holder, jose.KEY_BINDING)


def _verify(received: ReceivedSdJwt, trust: IssuerTrust, vct_values: Collection[str], at: datetime) -> VerifiedSdJwt:
    # Step 2.
    try:
        path = issuer_path(received.certificates, trust, at)
    except IssuerPathProblem as error:
        raise SdJwtProblem(error.code, str(error)) from error
    payload = signed_payload(received)
    vct = payload.get("vct")
    if not isinstance(vct, str):
        raise SdJwtProblem("vct", "expected a type")
    if not trust.entitled(path[0], vct):
        raise SdJwtProblem("issuer_not_entitled", "expected an issuer that may issue this type")
    # Steps 3 to 6.
    resolved = resolved_claims(payload, received)
    # Step 7.
    if vct not in vct_values:
        raise SdJwtProblem("vct", "expected a type that was asked for")
    validity = validity_of(payload)
    require_valid(validity, at)
    require_status(payload, validity)
    places = tuple(placed.place for placed in resolved.places)
    return VerifiedSdJwt(resolved.claims, places, vct, path, validity.issued, validity.ends)
