"""The question of a receiver, as a holder checks it before showing anything (OpenID4VP 1.0 section 5; HAIP; PROTOCOL 6.2 and 6.8).

Verifying, in steps:
1. A signed message of the right kind: form, size, `typ`, algorithm, `x5c` (request_malformed).
2. The access certificate of the receiver (the codes of `access_certificate`).
3. The signature is right (request_signature); only then is the content read.
4. `client_id` is that of the certificate, and of the link that led here (request_client).
5. It is an encrypted answer to an https address that is asked for, in an exercise perhaps to this machine, and no more (request_form).
6. It is for us, repeats our nonce (request_nonce), and is of now (request_not_yet, request_expired).
7. The keys to encrypt the answer to (request_keys).
8. The question has one meaning (request_query).
9. One registration certificate, and it counts now (the codes of `registration`).
10. Both certificates are of the same organisation (request_receiver).
11. The question stays within the registration (request_data_set, request_claim, request_bsn); `excess` says where it does not.
12. Who would like to be kept up to date is registered for that, and asks it for no longer (request_updates).

Whether the answer is sent, and to whom, the person decides; nothing here fetches anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from blauweknop.domain.durations import DURATION
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import AccessCertificate, AccessProblem, AccessProblemCode, read_access_certificate
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.dcql import DcqlQuery, MalformedQuery, read_dcql
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.json_members import (
    MalformedMember,
    Members,
    member_address,
    member_moment,
    member_object,
    member_objects,
    member_text,
    member_texts,
)
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, Encoding
from blauweknop.standards.jwk import EncryptionKey, UnsuitableJwk, read_encryption_keys
from blauweknop.standards.lote import TrustList
from blauweknop.standards.registration import Registration, RegistrationProblem, RegistrationProblemCode, verify_registration
from blauweknop.standards.registration_claims import RegisteredUpdates
from blauweknop.standards.request_scope import Excess, ExcessKind, beyond_registration
from blauweknop.standards.sharing_composing import retention_end
from blauweknop.standards.status_list import StatusListProblem, read_reference
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = [
    "AUDIENCE",
    "PAGE_MEMBER",
    "UPDATES_MEMBER",
    "RequestProblem",
    "RequestProblemCode",
    "VerifiedRequest",
    "registration_status_of",
    "verify_request",
]

RequestProblemCode = (
    Literal[
        "request_malformed",
        "request_signature",
        "request_client",
        "request_form",
        "request_nonce",
        "request_not_yet",
        "request_expired",
        "request_keys",
        "request_query",
        "request_receiver",
        "request_updates",
    ]
    | AccessProblemCode
    | RegistrationProblemCode
    | ExcessKind
)

AUDIENCE = "https://self-issued.me/v2"
PAGE_MEMBER = "bk_request_page"
"""A member of this scheme, that other wallets do not look at: the page on which the person chose how to answer."""
UPDATES_MEMBER = "bk_updates"
"""Another: for how long (a duration) the receiver would like to be kept up to date (ADR 0040)."""
_CLOCK_SKEW = timedelta(seconds=60)
_LIFE = timedelta(minutes=10)
_FRESH = re.compile(r"[!-~]{22,512}")  # 128 bits in base64url take 22 characters
_WORD = re.compile(r"[!-~]{1,100}")
_MAX_INFORMATION = 20


class RequestProblem(BlauweKnopError):
    """A question that must not be answered; `code` names the rule, `excess` what is asked without a right to it."""

    def __init__(self, code: RequestProblemCode, message: str, excess: tuple[Excess, ...] = ()) -> None:
        super().__init__(message)
        self.code: RequestProblemCode = code
        self.excess = excess


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """A question that may be shown, by whom, and how to answer it."""

    receiver: AccessCertificate
    registration: Registration
    query: DcqlQuery
    response_uri: str
    nonce: str = field(repr=False)
    state: str = field(repr=False)
    key: EncryptionKey
    encodings: tuple[Encoding, ...]
    """In the order of our own preference."""
    expires_at: datetime
    page: str | None = None
    """Where the person began, at the site that gets the answer; for who must begin again."""
    updates: RegisteredUpdates | None = None
    """For how long the receiver would like to be kept up to date, and with which of its registered types; None when it does not ask."""


def verify_request(
    text: str, *, client_id: str, wallet_nonce: str, trust_list: TrustList, status_lists: Mapping[str, bytes], at: datetime
) -> VerifiedRequest:
    """The question in a signed request object, that was fetched for `client_id` with our `wallet_nonce`.

    Raises:
        RequestProblem: by the first rule that is broken.
    """
    # Step 1.
    try:
        received = jose.parse_jws(text, jose.REQUEST_OBJECT)
    except JwsProblem as error:
        raise RequestProblem("request_malformed", f"request: {error}") from error
    # Step 2.
    try:
        receiver = read_access_certificate(received.certificates, trust_list=trust_list, at=at)
    except AccessProblem as problem:
        raise RequestProblem(problem.code, str(problem)) from problem
    # Step 3.
    try:
        verified = jose.verify_jws(received, receiver.certificate.public_key())
    except JwsProblem as error:
        raise RequestProblem("request_signature", f"request: {error}") from error
    try:
        members = verified.claims()
    except JwsProblem as error:
        raise RequestProblem("request_malformed", f"request: {error}") from error
    # Step 4.
    if not members.get("client_id") == client_id == receiver.client_id:
        raise RequestProblem("request_client", "expected the client_id of the link and of the certificate")
    # Steps 5 and 6.
    response_uri, state, page = _read_form(members, exercise=trust_list.exercise)
    nonce, expires_at = _read_freshness(members, wallet_nonce, at)
    # Step 7.
    key, encodings = _read_encryption(members)
    # Step 8.
    try:
        query = read_dcql(members.get("dcql_query"))
    except MalformedQuery as error:
        raise RequestProblem("request_query", str(error)) from error
    # Step 9.
    registration = _registration(members, trust_list, status_lists, at)
    # Step 10.
    if registration.identifier != receiver.identifier:
        raise RequestProblem("request_receiver", "expected the registration of the organisation that asks")
    # Step 11.
    excess = beyond_registration(query, registration)
    if excess:
        raise RequestProblem(excess[0].kind, "expected a question within the registration of the receiver", excess)
    # Step 12.
    updates = _read_updates(members, registration, at)
    return VerifiedRequest(receiver, registration, query, response_uri, nonce, state, key, encodings, expires_at, page, updates)


def registration_status_of(text: str) -> str | None:
    """The address of the status list that step 9 will look for; None when the message does not say. Nothing of it is verified here."""
    try:
        claims = jose.parse_jws(text, jose.REQUEST_OBJECT)
        registered = jose.parse_jws(_registration_text(_unverified(claims)), jose.REGISTRATION_CERTIFICATE)
        return read_reference(_unverified(registered).get("status")).uri
    except (JwsProblem, MalformedJson, RequestProblem, StatusListProblem):
        return None


def _unverified(received: jose.ReceivedJws) -> Members:
    return parse_json_object(received.payload, max_bytes=jose.MAX_JWS)


def _read_form(members: Members, *, exercise: bool) -> tuple[str, str, str | None]:
    """Step 5."""
    try:
        for name, expected in (("response_type", "vp_token"), ("response_mode", "direct_post.jwt")):
            if members.get(name) != expected:
                raise MalformedMember(f"expected {name} {expected}")
        # What else could lead an answer astray, or ask for more than a query can say.
        for name in ("redirect_uri", "scope", "presentation_definition", "transaction_data"):
            if name in members:
                raise MalformedMember(f"expected no {name}")
        response_uri = member_address(members, "response_uri", exercise=exercise)
        page = member_address(members, PAGE_MEMBER, exercise=exercise) if PAGE_MEMBER in members else None
        if page is not None and urlsplit(page).netloc != urlsplit(response_uri).netloc:
            raise MalformedMember(f"expected {PAGE_MEMBER} at the site that gets the answer")
        return response_uri, member_text(members, "state", _FRESH), page
    except MalformedMember as error:
        raise RequestProblem("request_form", f"request: {error}") from error


def _read_freshness(members: Members, wallet_nonce: str, at: datetime) -> tuple[str, datetime]:
    """Step 6."""
    try:
        nonce = member_text(members, "nonce", _FRESH)
        issued_at, expires_at = member_moment(members, "iat"), member_moment(members, "exp")
        begins = member_moment(members, "nbf") if "nbf" in members else issued_at
    except MalformedMember as error:
        raise RequestProblem("request_form", f"request: {error}") from error
    if members.get("aud") != AUDIENCE or members.get("wallet_nonce") != wallet_nonce:
        raise RequestProblem("request_nonce", "expected a request for us, with the nonce that we gave")
    if max(issued_at, begins) > at + _CLOCK_SKEW:
        raise RequestProblem("request_not_yet", "expected a request of the past, that has begun")
    if at > expires_at + _CLOCK_SKEW or expires_at - issued_at > _LIFE:
        raise RequestProblem("request_expired", "expected a request that has not ended, and lives ten minutes at most")
    return nonce, expires_at


def _read_encryption(members: Members) -> tuple[EncryptionKey, tuple[Encoding, ...]]:
    """Step 7: the first key, and the encryptions that both sides know; A128GCM when nothing is said (OpenID4VP 1.0 section 5.1)."""
    try:
        metadata = member_object(members, "client_metadata")
        name = "encrypted_response_enc_values_supported"
        offered = member_texts(metadata, name, _WORD, most=20) if name in metadata else ("A128GCM",)
        key = read_encryption_keys(metadata.get("jwks"))[0]
    except (MalformedMember, UnsuitableJwk) as error:
        raise RequestProblem("request_keys", f"request: {error}") from error
    encodings = tuple(ours for ours in reversed(PRESENTATION_RESPONSE.encodings) if ours in offered)
    if not encodings:
        raise RequestProblem("request_keys", "expected an encryption that we know")
    return key, encodings


def _registration(members: Members, trust_list: TrustList, status_lists: Mapping[str, bytes], at: datetime) -> Registration:
    """Step 9."""
    text = _registration_text(members)
    try:
        return verify_registration(text, trust_list=trust_list, status_lists=status_lists, at=at)
    except RegistrationProblem as problem:
        raise RequestProblem(problem.code, str(problem)) from problem


def _read_updates(members: Members, registration: Registration, at: datetime) -> RegisteredUpdates | None:
    """Step 12."""
    if UPDATES_MEMBER not in members:
        return None
    try:
        asked = member_text(members, UPDATES_MEMBER, DURATION)
    except MalformedMember as error:
        raise RequestProblem("request_form", f"request: {error}") from error
    allowed = registration.updates
    if allowed is None or retention_end(asked, at) > retention_end(allowed.longest, at):
        raise RequestProblem("request_updates", "expected a receiver that is registered to be kept up to date for so long")
    return replace(allowed, longest=asked)


def _registration_text(members: Members) -> str:
    try:
        information = member_objects(members, "verifier_info", most=_MAX_INFORMATION)
        found = [member_text(item, "data") for item in information if item.get("format") == "registration_cert"]
        if len(found) != 1:
            raise MalformedMember("expected one registration certificate in verifier_info")
        return base64url.decode(found[0]).decode("ascii")
    except (MalformedMember, MalformedBase64, UnicodeError) as error:
        raise RequestProblem("registration_malformed", f"request: {error}") from error
