"""The login provider of the exercise, without its pages: a small real OpenID provider over made-up people (OIDC NL GOV 1.0.1).

It takes only pushed requests (RFC 9126), PKCE S256 and private_key_jwt, and signs and encrypts every id_token, so that the sources of the
exercise log in exactly as they would in production. Everything lives in memory: it ends with the process, as an exercise should.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.texts import Text
from blauweknop.standards import base64url

__all__ = ["ExerciseClient", "ExercisePerson", "ExerciseProvider", "LoginRequest", "ProtocolError"]

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REQUEST_LIFE = timedelta(minutes=15)
_CODE_LIFE = timedelta(seconds=60)
_SKEW = timedelta(seconds=60)
_TOKEN_SECONDS, _LOGOUT_SECONDS = 300, 120
_MOST_KEPT = 10_000
_ALGORITHMS: Mapping[type[Key], str] = {ECKey: "ES256", RSAKey: "PS256"}


class ProtocolError(BlauweKnopError):
    """A refusal in the words of OAuth 2.0: `error` is `invalid_client`, `invalid_grant`, `invalid_request` and so on."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(f"exercise login: {error}")
        self.error = error
        self.status = status


@dataclass(frozen=True, slots=True)
class ExercisePerson:
    """A made-up person to log in as; staff have no number but `claims`, and only the one client that they work for.

    `for_another`: somebody with a mandate, of which the claims tell.
    """

    id: str
    bsn: Bsn | None = field(repr=False)
    name: str = field(repr=False)
    about: Text
    claims: Mapping[str, object] = field(default_factory=dict, repr=False)
    client_id: str | None = None
    for_another: bool = False


@dataclass(frozen=True, slots=True)
class ExerciseClient:
    """A source that may use the exercise login."""

    client_id: str
    name: str
    signing_key: Key = field(repr=False)
    encryption_key: Key = field(repr=False)
    redirect_uris: frozenset[str]
    post_logout_redirect_uris: frozenset[str]
    logout_uri: str | None = None
    """Where it hears that a session ended (OpenID Connect Back-Channel Logout 1.0)."""

    @classmethod
    def of(
        cls,
        client_id: str,
        name: str,
        *,
        signing_key: Key,
        encryption_key: Key,
        redirect_uris: Sequence[str],
        post_logout_redirect_uris: Sequence[str],
        logout_uri: str | None = None,
    ) -> "ExerciseClient":
        """From the keys of the source; only their public halves are kept."""
        public = (_public(signing_key), _public(encryption_key))
        return cls(client_id, name, *public, frozenset(redirect_uris), frozenset(post_logout_redirect_uris), logout_uri)


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """A pushed request that waits for a person."""

    client: ExerciseClient
    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_challenge: str = field(repr=False)
    level: AssuranceLevel | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Grant:
    request: LoginRequest
    person: ExercisePerson
    level: AssuranceLevel
    at: datetime


class ExerciseProvider:
    """The provider; its keys are made when it starts. Used from one event loop."""

    def __init__(
        self,
        issuer: str,
        people: Sequence[ExercisePerson],
        clients: Sequence[ExerciseClient],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.issuer = issuer
        self.people = tuple(people)
        self._people = {person.id: person for person in people}
        self._clients = {client.client_id: client for client in clients}
        self._clock = clock
        self._signing = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self._encryption = ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES"}, auto_kid=True)
        self._pairwise = secrets.token_bytes(32)
        self._requests: dict[str, LoginRequest] = {}
        self._grants: dict[str, _Grant] = {}
        self._seen: dict[str, datetime] = {}

    def metadata(self) -> dict[str, object]:
        """OpenID Connect Discovery 1.0."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/inloggen",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "pushed_authorization_request_endpoint": f"{self.issuer}/par",
            "end_session_endpoint": f"{self.issuer}/uitloggen",
            "require_pushed_authorization_requests": True,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "scopes_supported": ["openid"],
            "subject_types_supported": ["pairwise"],
            "acr_values_supported": [level.acr for level in AssuranceLevel],
            "claims_supported": sorted(
                {"acr", "auth_time", "bsn", "sid", "sub"} | {name for person in self.people for name in person.claims}
            ),
            "claims_parameter_supported": True,
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "id_token_encryption_alg_values_supported": ["ECDH-ES", "RSA-OAEP-256"],
            "id_token_encryption_enc_values_supported": ["A256GCM"],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": any(client.logout_uri for client in self._clients.values()),
            "backchannel_logout_session_supported": True,
        }

    def name_of(self, client_id: str) -> str:
        """Of a service; empty when there is no such."""
        client = self._clients.get(client_id)
        return client.name if client is not None else ""

    def public_keys(self) -> dict[str, object]:
        """The JSON Web Key Set."""
        return {"keys": [key.as_dict(private=False) for key in (self._signing, self._encryption)]}

    def push(self, form: Mapping[str, str]) -> dict[str, object]:
        """Take a request from a source: what it gets back for the browser.

        Raises:
            ProtocolError: not a source of ours, or not what it agreed.
        """
        now = self._clock()
        client = self._authenticate(form, now)
        as_agreed = (
            form.get("response_type") == "code"
            and form.get("redirect_uri") in client.redirect_uris
            and "openid" in form.get("scope", "").split()
            and form.get("code_challenge_method") == "S256"
            and len(form.get("code_challenge", "")) == 43
            and form.get("state")
            and form.get("nonce")
        )
        if not as_agreed:
            raise ProtocolError("invalid_request")
        levels = {level.acr: level for level in AssuranceLevel}
        asked = [levels[acr] for acr in form.get("acr_values", "").split() if acr in levels]
        reference = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(32)}"
        self._requests[reference] = LoginRequest(
            client=client,
            redirect_uri=form["redirect_uri"],
            state=form["state"],
            nonce=form["nonce"],
            code_challenge=form["code_challenge"],
            level=min(asked, key=lambda level: level.rank, default=None),
            expires_at=now + _REQUEST_LIFE,
        )
        _keep_newest(self._requests)
        return {"request_uri": reference, "expires_in": int(_REQUEST_LIFE.total_seconds())}

    def waiting(self, reference: str, client_id: str | None = None) -> LoginRequest | None:
        """The request of a reference; None when there is none, it is of another source, or it is too old."""
        request = self._requests.get(reference)
        if request is None or request.expires_at <= self._clock() or client_id not in (None, request.client.client_id):
            return None
        return request

    def people_of(self, request: LoginRequest) -> tuple[ExercisePerson, ...]:
        """Who can log in there."""
        return tuple(person for person in self.people if person.client_id in (None, request.client.client_id))

    def accept(self, reference: str, person_id: str, level: AssuranceLevel) -> str | None:
        """The person chose: where the browser goes now. None when the request is gone or there is no such person."""
        request, person = self.waiting(reference), self._people.get(person_id)
        if request is None or person is None or person not in self.people_of(request):
            return None
        del self._requests[reference]
        code = secrets.token_urlsafe(32)
        self._grants[code] = _Grant(request, person, level, self._clock())
        _keep_newest(self._grants)
        return _callback(request, self.issuer, {"code": code})

    def cancel(self, reference: str) -> str | None:
        """The person does not want to: where the browser goes now. None when the request is gone."""
        request = self.waiting(reference)
        if request is None:
            return None
        del self._requests[reference]
        return _callback(request, self.issuer, {"error": "access_denied"})

    def redeem(self, form: Mapping[str, str]) -> dict[str, object]:
        """Exchange a code for an id_token, once and within a minute.

        Raises:
            ProtocolError: not a source of ours, or not its code.
        """
        now = self._clock()
        client = self._authenticate(form, now)
        if form.get("grant_type") != "authorization_code":
            raise ProtocolError("unsupported_grant_type")
        grant = self._grants.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            grant is None
            or now - grant.at > _CODE_LIFE
            or grant.request.client.client_id != client.client_id
            or grant.request.redirect_uri != form.get("redirect_uri")
            or not hmac.compare_digest(base64url.encode(verifier), grant.request.code_challenge)
        ):
            raise ProtocolError("invalid_grant")
        return {"access_token": secrets.token_urlsafe(32), "token_type": "Bearer", "expires_in": 60, "id_token": self._id_token(grant, now)}

    def after_logout(self, query: Mapping[str, str]) -> str | None:
        """Where the browser goes after logging out; None to stay here (OpenID Connect RP-Initiated Logout 1.0).

        Raises:
            ProtocolError: a hint that is not ours, or an address that the source did not agree.
        """
        client_id = query.get("client_id")
        if "id_token_hint" in query:
            client_id = self._client_of(query["id_token_hint"], client_id)
        address = query.get("post_logout_redirect_uri")
        if address is None:
            return None
        client = self._clients.get(client_id or "")
        if client is None or address not in client.post_logout_redirect_uris:
            raise ProtocolError("invalid_request")
        return f"{address}?{urlencode({'state': query['state']})}" if "state" in query else address

    def end_all_of(self, person_id: str) -> tuple[str, str] | None:
        """Somebody is not there any more: to which address goes which message, about all of their sessions. None when nobody needs to hear.

        OpenID Connect Back-Channel Logout 1.0, 2.4.
        """
        person = self._people.get(person_id)
        client = self._clients.get(person.client_id or "") if person is not None else None
        if person is None or client is None or client.logout_uri is None:
            return None
        issued = int(self._clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": client.client_id,
            "sub": self._subject(client, person),
            "iat": issued,
            "exp": issued + _LOGOUT_SECONDS,
            "jti": secrets.token_urlsafe(16),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        header = {"alg": "ES256", "kid": self._signing.kid, "typ": "logout+jwt"}
        return client.logout_uri, jwt.encode(header, claims, self._signing)

    def _subject(self, client: ExerciseClient, person: ExercisePerson) -> str:
        return base64url.encode(hmac.digest(self._pairwise, f"{client.client_id}|{person.id}".encode(), "sha256"))

    def _authenticate(self, form: Mapping[str, str], now: datetime) -> ExerciseClient:
        """RFC 7523 section 3, and an assertion is good once."""
        client = self._clients.get(form.get("client_id", ""))
        if client is None or form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise ProtocolError("invalid_client", 401)
        try:
            algorithm = _ALGORITHMS[type(client.signing_key)]
            claims = jwt.decode(form.get("client_assertion", ""), client.signing_key, [algorithm]).claims
        except (JoseError, ValueError, TypeError) as error:  # the library trips over headers of another kind than text
            raise ProtocolError("invalid_client", 401) from error
        audience, jti, expires = claims.get("aud"), claims.get("jti"), claims.get("exp")
        ours = {self.issuer, f"{self.issuer}/token", f"{self.issuer}/par"}
        if (
            claims.get("iss") != client.client_id
            or claims.get("sub") != client.client_id
            or not ours & set(audience if isinstance(audience, list) else [audience])
            or not isinstance(jti, str)
            or not isinstance(expires, int)
            or not now - _SKEW < datetime.fromtimestamp(expires, UTC) <= now + 2 * _SKEW
            or jti in self._seen
        ):
            raise ProtocolError("invalid_client", 401)
        self._seen[jti] = now
        _keep_newest(self._seen)
        return client

    def _id_token(self, grant: _Grant, now: datetime) -> str:
        request, issued = grant.request, int(now.timestamp())
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": request.client.client_id,
            "sub": self._subject(request.client, grant.person),
            "sid": secrets.token_urlsafe(16),
            "iat": issued,
            "exp": issued + _TOKEN_SECONDS,
            "auth_time": int(grant.at.timestamp()),
            "nonce": request.nonce,
            "acr": grant.level.acr,
            **grant.person.claims,
        }
        if grant.person.bsn is not None:
            claims["bsn"] = grant.person.bsn.digits
        signed = jwt.encode({"alg": "ES256", "kid": self._signing.kid}, claims, self._signing)
        key = request.client.encryption_key
        algorithm = "ECDH-ES" if isinstance(key, ECKey) else "RSA-OAEP-256"
        header = {"alg": algorithm, "enc": "A256GCM", "cty": "JWT", "kid": key.kid}
        return jwe.encrypt_compact(header, signed, key, [algorithm, "A256GCM"])

    def _client_of(self, hint: str, client_id: str | None) -> str:
        try:
            signed = jwe.decrypt_compact(hint, self._encryption, ["ECDH-ES", "A256GCM"]).plaintext or b""
            audience = jwt.decode(signed, self._signing, ["ES256"]).claims.get("aud")
        except (JoseError, ValueError, TypeError) as error:
            raise ProtocolError("invalid_request") from error
        if not isinstance(audience, str) or client_id not in (None, audience):
            raise ProtocolError("invalid_request")
        return audience


def _public(key: Key) -> Key:
    return (ECKey if isinstance(key, ECKey) else RSAKey).import_key(key.as_dict(private=False))


def _callback(request: LoginRequest, issuer: str, outcome: Mapping[str, str]) -> str:
    return f"{request.redirect_uri}?{urlencode({**outcome, 'state': request.state, 'iss': issuer})}"


def _keep_newest(kept: dict[str, LoginRequest] | dict[str, _Grant] | dict[str, datetime]) -> None:
    while len(kept) > _MOST_KEPT:
        del kept[next(iter(kept))]
