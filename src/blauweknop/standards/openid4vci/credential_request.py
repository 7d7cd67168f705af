"""What a wallet asks and tells once it has an access token (OpenID4VCI 1.0 sections 8.2, 9.1, 10 and 11.1; PROTOCOL 2.7 to 2.10).

Reading a credential request, in steps:
1. The body is a JSON object, or one inside a message that was encrypted to a key of this issuer (`invalid_credential_request`,
   `invalid_encryption_parameters`).
2. It names a configuration or an identifier of the token, never both (`invalid_credential_request`).
3. `proofs` is there (`invalid_proof`); `key_proofs` judges it.
4. `credential_response_encryption`, where present, is an encryption that this issuer can do, and the request was encrypted too
   (`invalid_encryption_parameters`).

Members that are not known are not looked at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from blauweknop.standards.json_members import MalformedMember, Members, member_object, member_text
from blauweknop.standards.jwe import CREDENTIAL_MESSAGE, Derive, Encoding, JweProblem, ReceivedJwe, decrypt_jwe, encrypt_jwe, parse_jwe
from blauweknop.standards.jwk import EncryptionKey, UnsuitableJwk, read_encryption_jwk
from blauweknop.standards.oauth import OAuthErrorCode, OAuthProblem
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = [
    "MOST_MESSAGE",
    "CredentialMessage",
    "CredentialRequest",
    "DeferredRequest",
    "Notification",
    "NotificationEvent",
    "ResponseEncryption",
    "read_credential_message",
    "read_credential_request",
    "read_deferred_request",
    "read_notification",
    "read_notification_message",
]

NotificationEvent = Literal["credential_accepted", "credential_failure", "credential_deleted"]

MOST_MESSAGE = 256 * 1024
"""The largest message of a wallet in bytes; room for a batch of proofs, each with an attestation of keys."""

_EVENTS: tuple[NotificationEvent, ...] = ("credential_accepted", "credential_failure", "credential_deleted")
_NAME = re.compile(r"[!-~]{1,256}")
_DESCRIPTION = re.compile(r"[ !#-\[\]-~]{0,1000}")
_JSON, _JWT = "application/json", "application/jwt"


@dataclass(frozen=True, slots=True)
class CredentialMessage:
    """A message that was read; `encrypted` when it came so."""

    members: Members = field(repr=False)
    encrypted: bool


@dataclass(frozen=True, slots=True)
class ResponseEncryption:
    """How the wallet wants its answer."""

    recipient: EncryptionKey
    encoding: Encoding

    def encrypt(self, payload: bytes, *, random_bytes: Callable[[int], bytes]) -> str:
        """The answer as it goes out with `application/jwt`; `random_bytes` gives so many fresh random bytes.

        Raises:
            JweProblem: `size`.
        """
        return encrypt_jwe(payload, self.recipient, CREDENTIAL_MESSAGE, random_bytes=random_bytes, encoding=self.encoding)


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """Either `configuration_id` or `identifier` is there; `proofs` were not yet looked at."""

    configuration_id: str | None
    identifier: str | None
    proofs: Members = field(repr=False)
    encryption: ResponseEncryption | None


@dataclass(frozen=True, slots=True)
class DeferredRequest:
    """Asks for what was not ready before."""

    transaction_id: str = field(repr=False)
    encryption: ResponseEncryption | None


@dataclass(frozen=True, slots=True)
class Notification:
    """What became of a credential at the wallet; what it says more of it is not kept."""

    notification_id: str = field(repr=False)
    event: NotificationEvent


def read_credential_message(body: bytes, content_type: str, key_for: Callable[[str | None], Derive | None]) -> CredentialMessage:
    """Step 1; also of a deferred credential request. `key_for` gives our key of a `kid`, None when we have no such key.

    Raises:
        OAuthProblem: `invalid_credential_request`, `invalid_encryption_parameters`.
    """
    kind = _media_type(content_type)
    if kind not in (_JSON, _JWT):
        raise OAuthProblem("invalid_credential_request", f"expected {_JSON} or {_JWT}")
    content = _opened(body, key_for) if kind == _JWT else body
    return CredentialMessage(_object(content, "invalid_credential_request"), encrypted=kind == _JWT)


def read_notification_message(body: bytes, content_type: str) -> Members:
    """As `read_credential_message`, of what a wallet tells, which is never encrypted.

    Raises:
        OAuthProblem: `invalid_notification_request`.
    """
    if _media_type(content_type) != _JSON:
        raise OAuthProblem("invalid_notification_request", f"expected {_JSON}")
    return _object(body, "invalid_notification_request")


def read_credential_request(members: Members, *, encrypted: bool) -> CredentialRequest:
    """Steps 2 to 4; `encrypted` says whether the request came so.

    Raises:
        OAuthProblem: by the first rule that is broken.
    """
    # Step 2.
    names = [name for name in ("credential_configuration_id", "credential_identifier") if name in members]
    if len(names) != 1:
        raise OAuthProblem("invalid_credential_request", "expected either credential_configuration_id or credential_identifier")
    asked = _text(members, names[0], "invalid_credential_request")
    configuration_id, identifier = (asked, None) if names == ["credential_configuration_id"] else (None, asked)
    # Step 3.
    proofs = members.get("proofs")
    if not isinstance(proofs, dict):
        hint = ", with lists in it; the single proof of older drafts is not taken" if "proof" in members else ""
        raise OAuthProblem("invalid_proof", f"expected proofs as an object{hint}")
    # Step 4.
    return CredentialRequest(configuration_id, identifier, proofs, _encryption(members, encrypted))


def read_deferred_request(members: Members, *, encrypted: bool) -> DeferredRequest:
    """What is asked of the deferred credential endpoint; `encrypted` says whether the request came so.

    Raises:
        OAuthProblem: `invalid_transaction_id`, `invalid_encryption_parameters`.
    """
    return DeferredRequest(_text(members, "transaction_id", "invalid_transaction_id"), _encryption(members, encrypted))


def read_notification(members: Members) -> Notification:
    """What a wallet tells.

    Raises:
        OAuthProblem: `invalid_notification_id`, `invalid_notification_request`.
    """
    notification_id = _text(members, "notification_id", "invalid_notification_id")
    event = next((known for known in _EVENTS if known == members.get("event")), None)
    if event is None:
        raise OAuthProblem("invalid_notification_request", f"expected event as one of {', '.join(_EVENTS)}")
    if "event_description" in members:
        _text(members, "event_description", "invalid_notification_request", _DESCRIPTION)
    return Notification(notification_id, event)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _object(body: bytes, code: OAuthErrorCode) -> Members:
    try:
        return parse_json_object(body, max_bytes=MOST_MESSAGE)
    except MalformedJson as error:
        raise OAuthProblem(code, str(error)) from error


def _opened(body: bytes, key_for: Callable[[str | None], Derive | None]) -> bytes:
    """What is in an encrypted message. That there is no such key, and that it does not open the message, is one refusal."""
    try:
        received = parse_jwe(body.decode("ascii"), CREDENTIAL_MESSAGE)
        return decrypt_jwe(received, _key_of(received, key_for))
    except (JweProblem, UnicodeDecodeError) as error:
        raise OAuthProblem("invalid_encryption_parameters", "expected a message encrypted to a key of this issuer") from error


def _key_of(received: ReceivedJwe, key_for: Callable[[str | None], Derive | None]) -> Derive:
    key = key_for(received.key_id)
    if key is None:
        raise JweProblem("decryption", "expected a kid of a key of this issuer")
    return key


def _encryption(members: Members, encrypted: bool) -> ResponseEncryption | None:
    """Step 4 (section 8.2): `jwk` with `alg` in it, `enc`; no `zip`, for we compress nothing and say so in the metadata."""
    if "credential_response_encryption" not in members:
        return None
    try:
        wanted = member_object(members, "credential_response_encryption")
        jwk = member_object(wanted, "jwk")
        member_text(jwk, "alg")
        recipient = read_encryption_jwk({**jwk})
    except (MalformedMember, UnsuitableJwk) as error:
        raise _not_encryptable(str(error)) from error
    encoding = next((known for known in CREDENTIAL_MESSAGE.encodings if known == wanted.get("enc")), None)
    if encoding is None:
        raise _not_encryptable(f"expected enc as one of {', '.join(CREDENTIAL_MESSAGE.encodings)}")
    if "zip" in wanted:
        raise _not_encryptable("expected no zip")
    if not encrypted:
        raise _not_encryptable("expected a request that is encrypted too")
    return ResponseEncryption(recipient, encoding)


def _text(members: Members, name: str, code: OAuthErrorCode, form: re.Pattern[str] = _NAME) -> str:
    try:
        return member_text(members, name, form)
    except MalformedMember as error:
        raise OAuthProblem(code, str(error)) from error


def _not_encryptable(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_encryption_parameters", description)
