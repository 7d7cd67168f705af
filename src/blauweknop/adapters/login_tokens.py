"""Tokens of the login: what we sign to be known by the provider, and the strict reading of what it says of a person.

`check_id_token` walks these steps; the first that fails is the reason
(OpenID Connect Core 1.0, 3.1.3.7; OIDC NL GOV 1.0.1; PROTOCOL 4.1, 4.2, 8.2):

 1. form: at most 512 KiB, five parts (encrypted) or three (signed), base64url without padding;
 2. encryption, demanded by the settings: RSA-OAEP-256, RSA-OAEP or ECDH-ES with A256GCM, to our own key, never compressed;
 3. signature: an algorithm that was agreed, no `crit`, a key from the provider's own key set;
 4. claims: one JSON object without duplicate members;
 5. `iss` the provider; 6. `aud` us alone; 7. `azp` us, when present;
 8. `exp` not passed; 9. `exp` - `iat` no longer than agreed; 10. `iat` and `nbf` not in the future, 60 seconds allowed;
11. `nonce` of this attempt; 12. `auth_time` of this attempt, when a login afresh was asked;
13. `acr` a known level, at least the asked one; 14. nobody is represented, or by a mandate as was agreed (`login_representation`);
15. the identifier is a BSN, and a right one; of who acts for another it may be a pseudonym.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from blauweknop.adapters.login_representation import BSN_TYPE, MandateRefused, mandate_of
from blauweknop.adapters.login_settings import ClientKeys, LoginSettings
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.login import LoggedIn, LoginProblemCode, Mandate
from blauweknop.standards import base64url
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = [
    "CheckedAnswer",
    "Expected",
    "FindKey",
    "LoginRefused",
    "LogoutNotice",
    "check_answer",
    "check_id_token",
    "check_logout_token",
    "client_assertion",
    "open_token",
    "person_of",
]

_MAX_TOKEN = 512 * 1024
_MAX_HEADER = 16 * 1024
_SKEW = timedelta(seconds=60)
_LOGOUT_LIFE = timedelta(minutes=2)
_KEY_ENCRYPTION = frozenset({"RSA-OAEP-256", "RSA-OAEP", "ECDH-ES"})
_CONTENT_ENCRYPTION = "A256GCM"
_OTHER_WAYS = ("act", "urn:nl-eid-gdi:1.0:LegalSubjectID", "urn:nl-eid-gdi:1.0:ActingSubjectID")
"""How other providers say that somebody acts for another (RFC 8693; brokers of DigiD Machtigen): not to be overlooked."""
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_KEY_KINDS: Mapping[str, type[Key]] = {"ES256": ECKey, "PS256": RSAKey, "RS256": RSAKey}

FindKey = Callable[[str | None, type[Key]], Key]
"""The provider's signing key by `kid` and kind. Raises LoginRefused when there is none, or more than one fits."""


class LoginRefused(BlauweKnopError):
    """A check of the login failed; becomes a LoginProblem at the door."""

    def __init__(self, code: LoginProblemCode) -> None:
        super().__init__(f"login refused: {code.value}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Expected:
    """What the answer to this one login attempt must say."""

    nonce: str = field(repr=False)
    level: AssuranceLevel
    authenticated_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An id_token of which steps 1 to 13 hold; who it is of is still to be read from the claims."""

    claims: Mapping[str, object] = field(repr=False)
    level: AssuranceLevel
    authenticated_at: datetime
    subject: str = field(repr=False)
    provider_session: str | None = field(repr=False)
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """The provider says that a session of its own, or everything of a person, has ended."""

    provider_session: str | None = field(repr=False)
    subject: str | None = field(repr=False)
    token_id: str = field(default="", repr=False, compare=False)
    """Of the message that said so: no other has it."""


def client_assertion(settings: LoginSettings, keys: ClientKeys, *, jti: str, now: datetime) -> str:
    """What proves to the provider that it is us (RFC 7523, `private_key_jwt`); good for 60 seconds, once."""
    issued = int(now.timestamp())
    claims = {"iss": settings.client_id, "sub": settings.client_id, "aud": settings.issuer, "jti": jti, "iat": issued, "exp": issued + 60}
    algorithm = keys.signing.alg or "ES256"
    return jwt.encode({"alg": algorithm, "kid": keys.signing.kid}, claims, keys.signing, [algorithm])


def check_id_token(
    received: str, *, settings: LoginSettings, keys: ClientKeys, find_key: FindKey, expected: Expected, now: datetime
) -> LoggedIn:
    """Who the person is, when every step in the module's description holds.

    Raises:
        LoginRefused: with the code of the first step that failed.
    """
    answer = check_answer(received, settings=settings, keys=keys, find_key=find_key, expected=expected, now=now)
    return person_of(answer, settings, at=now)


def check_answer(
    received: str, *, settings: LoginSettings, keys: ClientKeys, find_key: FindKey, expected: Expected, now: datetime
) -> CheckedAnswer:
    """What the provider says, when steps 1 to 13 hold: that somebody logged in for us, now, and well enough.

    Raises:
        LoginRefused: with the code of the first step that failed.
    """
    signed, claims = open_token(received, settings=settings, keys=keys, find_key=find_key)
    _check_parties(claims, settings)
    issued_at = _check_times(claims, longest=settings.longest_id_token_life, now=now)
    # 11
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise LoginRefused(LoginProblemCode.ANSWER_NONCE)
    # 12
    authenticated_at = _moment(claims["auth_time"]) if "auth_time" in claims else None
    after = expected.authenticated_after
    if after is not None and (authenticated_at is None or authenticated_at < after - _SKEW):
        raise LoginRefused(LoginProblemCode.LOGIN_OLD)
    level = _check_level(claims, settings, expected.level)
    return CheckedAnswer(
        claims=claims,
        level=level,
        authenticated_at=min(authenticated_at or issued_at, now),
        subject=_text_or_none(claims, "sub") or "",
        provider_session=_text_or_none(claims, "sid"),
        id_token=signed,
    )


def person_of(answer: CheckedAnswer, settings: LoginSettings, *, at: datetime) -> LoggedIn:
    """Steps 14 and 15: about which person it is, and who acts for them.

    Raises:
        LoginRefused: with the code of the step that failed.
    """
    bsn, mandate = _check_person(answer.claims, settings, at)
    return LoggedIn(
        bsn=bsn,
        level=answer.level,
        authenticated_at=answer.authenticated_at,
        subject=answer.subject,
        provider_session=answer.provider_session,
        id_token=answer.id_token,
        mandate=mandate,
    )


def check_logout_token(received: str, *, settings: LoginSettings, keys: ClientKeys, find_key: FindKey, now: datetime) -> LogoutNotice:
    """Whose session ended at the provider (OpenID Connect Back-Channel Logout 1.0, 2.6).

    Raises:
        LoginRefused: not a logout token of this provider, for us, of the last two minutes.
    """
    _, claims = open_token(received, settings=settings, keys=keys, find_key=find_key, encrypted=None)
    _check_parties(claims, settings)
    _check_times(claims, longest=_LOGOUT_LIFE, now=now)
    events = claims.get("events")
    notice = LogoutNotice(_text_or_none(claims, "sid"), _text_or_none(claims, "sub"), _text_or_none(claims, "jti") or "")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict) or "nonce" in claims or not notice.token_id:
        raise LoginRefused(LoginProblemCode.LOGOUT_NOTICE)
    if notice.provider_session is None and notice.subject is None:
        raise LoginRefused(LoginProblemCode.LOGOUT_NOTICE)
    return notice


def open_token(
    received: str, *, settings: LoginSettings, keys: ClientKeys, find_key: FindKey, encrypted: bool | None = True
) -> tuple[str, Mapping[str, object]]:
    """Steps 1 to 4: the signed token inside, and its claims. `encrypted` None: as the provider likes; True: as the settings say.

    Raises:
        LoginRefused: with the code of the step that failed.
    """
    # 1
    if len(received) > _MAX_TOKEN or not received.isascii() or received.count(".") not in (2, 4):
        raise LoginRefused(LoginProblemCode.ANSWER_MALFORMED)
    _check_form(received)
    # 2
    signed = received
    if received.count(".") == 4:
        signed = _decrypt(received, keys)
    elif encrypted and settings.require_encrypted_id_token:
        raise LoginRefused(LoginProblemCode.ANSWER_NOT_ENCRYPTED)
    if signed.count(".") != 2:
        raise LoginRefused(LoginProblemCode.ANSWER_MALFORMED)
    _check_form(signed)
    # 3
    header = _header(signed)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in settings.id_token_algorithms:
        raise LoginRefused(LoginProblemCode.ANSWER_ALGORITHM)
    key = find_key(_text_or_none(header, "kid"), _KEY_KINDS[algorithm])
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = _MAX_HEADER
    registry.max_payload_length = _MAX_TOKEN
    try:
        payload = jws.deserialize_compact(signed, key, registry=registry).payload
    except (JoseError, ValueError, TypeError) as error:
        raise LoginRefused(LoginProblemCode.ANSWER_SIGNATURE) from error
    # 4
    return signed, _json_object(payload)


def _decrypt(received: str, keys: ClientKeys) -> str:
    header = _header(received)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in _KEY_ENCRYPTION or header.get("enc") != _CONTENT_ENCRYPTION or "zip" in header:
        raise LoginRefused(LoginProblemCode.ANSWER_ENCRYPTION)
    kind = ECKey if algorithm == "ECDH-ES" else RSAKey
    fitting = [key for key in keys.decryption if isinstance(key, kind) and kid in (None, key.kid)]
    registry = jwe.JWERegistry(algorithms=[algorithm, _CONTENT_ENCRYPTION], strict_check_header=False)
    registry.max_protected_header_length = _MAX_HEADER
    registry.max_ciphertext_length = _MAX_TOKEN
    for key in fitting:
        try:
            plaintext = jwe.decrypt_compact(received, key, registry=registry).plaintext
        except (JoseError, InvalidTag, ValueError, TypeError, KeyError):
            continue
        if plaintext is not None and plaintext.isascii():
            return plaintext.decode("ascii")
    raise LoginRefused(LoginProblemCode.ANSWER_ENCRYPTION)


def _header(token: str) -> Mapping[str, object]:
    encoded = token.split(".", 1)[0]
    if len(encoded) > _MAX_HEADER:
        raise LoginRefused(LoginProblemCode.ANSWER_MALFORMED)
    header = _json_object(_decode(encoded))
    if "crit" in header or "b64" in header:
        raise LoginRefused(LoginProblemCode.ANSWER_MALFORMED)
    return header


def _check_form(token: str) -> None:
    for part in token.split("."):
        _decode(part)


def _decode(part: str) -> bytes:
    try:
        return base64url.decode(part)
    except base64url.MalformedBase64 as error:
        raise LoginRefused(LoginProblemCode.ANSWER_MALFORMED) from error


def _json_object(content: bytes) -> Mapping[str, object]:
    try:
        return parse_json_object(content, max_bytes=_MAX_TOKEN)
    except MalformedJson as error:
        raise LoginRefused(LoginProblemCode.ANSWER_MALFORMED) from error


def _check_parties(claims: Mapping[str, object], settings: LoginSettings) -> None:
    # 5
    if claims.get("iss") != settings.issuer:
        raise LoginRefused(LoginProblemCode.ANSWER_ISSUER)
    # 6: another audience beside us is one we do not trust
    if claims.get("aud") not in (settings.client_id, [settings.client_id]):
        raise LoginRefused(LoginProblemCode.ANSWER_AUDIENCE)
    # 7
    if "azp" in claims and claims["azp"] != settings.client_id:
        raise LoginRefused(LoginProblemCode.ANSWER_PARTY)


def _check_times(claims: Mapping[str, object], *, longest: timedelta, now: datetime) -> datetime:
    issued_at, expires_at = _moment(claims.get("iat")), _moment(claims.get("exp"))
    # 8
    if expires_at + _SKEW <= now:
        raise LoginRefused(LoginProblemCode.ANSWER_EXPIRED)
    # 9
    if not timedelta(0) < expires_at - issued_at <= longest:
        raise LoginRefused(LoginProblemCode.ANSWER_LIFETIME)
    # 10
    if issued_at > now + _SKEW or ("nbf" in claims and _moment(claims["nbf"]) > now + _SKEW):
        raise LoginRefused(LoginProblemCode.ANSWER_TIME)
    return issued_at


def _check_level(claims: Mapping[str, object], settings: LoginSettings, asked: AssuranceLevel) -> AssuranceLevel:
    # 13
    level = settings.levels.get(_text_or_none(claims, "acr") or "")
    if level is None:
        raise LoginRefused(LoginProblemCode.LEVEL_UNKNOWN)
    if level.rank < asked.rank:
        raise LoginRefused(LoginProblemCode.LEVEL_TOO_LOW)
    return level


def _check_person(claims: Mapping[str, object], settings: LoginSettings, at: datetime) -> tuple[Bsn, Mandate | None]:
    # 14
    if any(claims.get(name) is not None for name in _OTHER_WAYS):
        raise LoginRefused(LoginProblemCode.REPRESENTATION)
    if claims.get("represents") is not None:
        try:
            return mandate_of(claims, settings.representation, acting=_acting(claims, settings), at=at)
        except MandateRefused as refused:
            raise LoginRefused(refused.code) from refused
    # 15
    return _own_number(claims, settings), None


def _acting(claims: Mapping[str, object], settings: LoginSettings) -> str:
    """Who logged in for another: their number as of anybody, or, of an organisation that has none, what the provider calls it."""
    if settings.bsn_claim is not None and claims.get(settings.bsn_claim) is not None and settings.bsn_claim != "sub":
        return _own_number(claims, settings).digits
    return _text_or_none(claims, "sub") or ""


def _own_number(claims: Mapping[str, object], settings: LoginSettings) -> Bsn:
    if settings.bsn_claim == "sub" and claims.get("sub_id_type") != BSN_TYPE:
        raise LoginRefused(LoginProblemCode.IDENTIFIER_TYPE)
    identifier = claims.get(settings.bsn_claim) if settings.bsn_claim is not None else None
    if identifier is None:
        raise LoginRefused(LoginProblemCode.IDENTIFIER_MISSING)
    if not isinstance(identifier, str):
        raise LoginRefused(LoginProblemCode.IDENTIFIER_MALFORMED)
    try:
        return Bsn.parse(identifier)
    except MalformedValue as error:
        raise LoginRefused(LoginProblemCode.IDENTIFIER_MALFORMED) from error


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 34:
        raise LoginRefused(LoginProblemCode.ANSWER_TIME)
    return datetime.fromtimestamp(value, UTC)


def _text_or_none(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise LoginRefused(LoginProblemCode.ANSWER_MALFORMED)
    return value
