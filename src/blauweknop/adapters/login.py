"""Logging in with an OpenID Connect provider, as relying party (OIDC NL GOV 1.0.1; PROTOCOL 8).

`RelyingParty.complete` walks these steps; the first that fails is the reason:

1. the callback has one `state` that is ours, not used and not too old, in the browser that started (cookie);
2. `iss` is the provider we sent the person to (RFC 9207: no answer of another provider is taken);
3. the provider says no error; `access_denied` means that the person cancelled;
4. the code is exchanged with the code verifier (RFC 7636) and our signed assertion (RFC 7523);
5. the id_token passes every step of `login_tokens`.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

import msgspec
from joserfc import jwe
from joserfc.jwk import ECKey

from blauweknop.adapters.login_attempts import LoginAttempts, NewAttempt
from blauweknop.adapters.login_provider import LoginHttp, Provider, ProviderMetadata, post_form
from blauweknop.adapters.login_settings import ClientKeys, LoginSettings
from blauweknop.adapters.login_tokens import (
    CheckedAnswer,
    Expected,
    FindKey,
    LoginRefused,
    LogoutNotice,
    check_answer,
    check_logout_token,
    client_assertion,
    person_of,
)
from blauweknop.adapters.representation_settings import RepresentationSettings
from blauweknop.adapters.sessions import new_reference
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.errors import MalformedValue
from blauweknop.issuer.login import LoggedIn, LoginCompleted, LoginProblem, LoginProblemCode, LoginStarted
from blauweknop.standards.pkce import code_challenge

__all__ = ["RelyingParty", "local_path"]

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MAX_PARAMETER = 4096
_MAX_PATH = 200


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A source at its login provider. Gives what `blauweknop.issuer.login.Login` asks."""

    settings: LoginSettings
    keys: ClientKeys
    provider: Provider
    attempts: LoginAttempts
    random: Callable[[int], bytes] = field(default=secrets.token_bytes, repr=False)

    @classmethod
    def open(cls, settings: LoginSettings, keys: ClientKeys, *, http: LoginHttp, attempts: LoginAttempts) -> "RelyingParty":
        """A relying party that has not spoken to its provider yet."""
        return cls(settings, keys, Provider(settings, http), attempts)

    @property
    def name(self) -> str:
        """What people call the provider."""
        return self.settings.name

    def begin(self, level: AssuranceLevel, *, return_to: str, now: datetime, afresh: bool = False) -> LoginStarted | LoginProblem:
        """Start a login at this level or higher. `return_to` is a local path; `afresh` demands that the person logs in anew.

        Raises:
            MalformedValue: `return_to` is not a path on this site.
            LoginSettingsError: the provider has no such level.
            StorageError: the database does not answer.
        """
        path, acr = local_path(return_to), self.settings.acr_for(level)
        try:
            metadata = self.provider.metadata(now)
            new = self.attempts.begin(level, return_to=path, afresh=afresh, now=now)
            asked = self._asked(new, acr, metadata)
            if metadata.pushed_authorization_request_endpoint is not None:
                asked = self._push(metadata.pushed_authorization_request_endpoint, asked, now)
        except LoginRefused as refused:
            return LoginProblem(refused.code)
        return LoginStarted(_with_query(metadata.authorization_endpoint, asked), new.browser_reference)

    def complete(self, callback: Mapping[str, str], *, browser_reference: str | None, now: datetime) -> LoginCompleted | LoginProblem:
        """Finish a login with the query of the callback and the cookie that `begin` gave.

        Raises:
            StorageError: the database does not answer.
        """
        try:
            answer, return_to = self.receive(callback, browser_reference=browser_reference, now=now)
            return LoginCompleted(person_of(answer, self.settings, at=now), return_to)
        except LoginRefused as refused:
            return LoginProblem(refused.code)

    def receive(self, callback: Mapping[str, str], *, browser_reference: str | None, now: datetime) -> tuple[CheckedAnswer, str]:
        """What the provider says of who came back, whoever that is, and the local path where they wanted to be.

        Raises:
            LoginRefused: with the code of the first step that failed.
            StorageError: the database does not answer.
        """
        # 1
        if any(len(value) > _MAX_PARAMETER for value in callback.values()) or "state" not in callback:
            raise LoginRefused(LoginProblemCode.CALLBACK_MALFORMED)
        attempt = self.attempts.take(callback["state"], browser_reference=browser_reference, now=now)
        # 2
        metadata = self.provider.metadata(now)
        said = callback.get("iss")
        demanded = self.settings.require_callback_issuer or metadata.authorization_response_iss_parameter_supported
        if said != self.settings.issuer and (said is not None or demanded):
            raise LoginRefused(LoginProblemCode.CALLBACK_ISSUER)
        # 3
        if "error" in callback:
            cancelled = callback["error"] == "access_denied"
            raise LoginRefused(LoginProblemCode.CANCELLED if cancelled else LoginProblemCode.PROVIDER_ERROR)
        if not callback.get("code"):
            raise LoginRefused(LoginProblemCode.CALLBACK_MALFORMED)
        # 4
        received = self._exchange(callback["code"], attempt.code_verifier, metadata, now)
        # 5
        expected = Expected(attempt.nonce, attempt.level, attempt.started_at if attempt.afresh else None)
        answer = check_answer(received, settings=self.settings, keys=self.keys, find_key=self._find_key(now), expected=expected, now=now)
        return answer, attempt.return_to

    def logout_address(self, person: LoggedIn, *, now: datetime) -> str | None:
        """Where to send the browser so that the provider ends its session too; None when it does not offer that or does not answer."""
        return self.end_session_address(person.id_token, person.provider_session, now=now)

    def end_session_address(self, id_token: str | None, provider_session: str | None, *, now: datetime) -> str | None:
        """The same for who has no number.

        The id_token says who it is of, so it goes into the address only encrypted to the provider; else the provider's own session id
        goes (OpenID Connect RP-Initiated Logout 1.0, 2).
        """
        try:
            endpoint = self.provider.metadata(now).end_session_endpoint
            key = self.provider.encryption_key(now) if endpoint is not None and id_token else None
        except LoginRefused:
            return None
        if endpoint is None:
            return None
        query = {
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": self.settings.post_logout_redirect_uri,
            "state": new_reference(self.random),
        }
        if key is not None and id_token:
            algorithm = "ECDH-ES" if isinstance(key, ECKey) else "RSA-OAEP-256"
            header = {"alg": algorithm, "enc": "A256GCM", "kid": key.kid, "cty": "JWT"}
            query["id_token_hint"] = jwe.encrypt_compact(header, id_token, key, [algorithm, "A256GCM"])
        elif provider_session is not None:
            query["logout_hint"] = provider_session
        return _with_query(endpoint, query)

    def logout_notice(self, form: Mapping[str, str], *, now: datetime) -> LogoutNotice | LoginProblem:
        """What the provider posted to the back-channel logout address; `SessionStore.end_by_provider` carries it out."""
        try:
            return check_logout_token(
                form.get("logout_token", ""), settings=self.settings, keys=self.keys, find_key=self._find_key(now), now=now
            )
        except LoginRefused as refused:
            return LoginProblem(refused.code)

    def _find_key(self, now: datetime) -> FindKey:
        return lambda kid, kind: self.provider.signing_key(kid, kind, now)

    def _asked(self, new: NewAttempt, acr: str, metadata: ProviderMetadata) -> dict[str, str]:
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "scope": self.settings.scope,
            "state": new.state,
            "nonce": new.attempt.nonce,
            "code_challenge": code_challenge(new.attempt.code_verifier),
            "code_challenge_method": "S256",
            "acr_values": acr,
        }
        if metadata.claims_parameter_supported and self.settings.bsn_claim not in ("sub", None):
            of_person = {self.settings.bsn_claim: {"essential": True}, **_of_mandate(self.settings.representation)}
            asked["claims"] = msgspec.json.encode({"id_token": of_person}).decode()
        if new.attempt.afresh:
            asked |= {"prompt": "login", "max_age": "0"}
        return asked

    def _push(self, endpoint: str, asked: Mapping[str, str], now: datetime) -> dict[str, str]:
        """Hand the request to the provider behind the browser's back (RFC 9126)."""
        status, answer = post_form(self.provider.http, endpoint, {**asked, **self._proof(now)})
        reference = answer.get("request_uri")
        if status >= 500:
            raise LoginRefused(LoginProblemCode.PROVIDER_UNREACHABLE)
        if status not in (200, 201) or not isinstance(reference, str):
            raise LoginRefused(LoginProblemCode.REQUEST_REFUSED)
        return {"client_id": self.settings.client_id, "request_uri": reference}

    def _exchange(self, code: str, code_verifier: str, metadata: ProviderMetadata, now: datetime) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
            "code_verifier": code_verifier,
        }
        status, answer = post_form(self.provider.http, metadata.token_endpoint, {**form, **self._proof(now)})
        if status >= 500:
            raise LoginRefused(LoginProblemCode.PROVIDER_UNREACHABLE)
        if status != 200:
            raise LoginRefused(LoginProblemCode.CODE_REFUSED)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginRefused(LoginProblemCode.CODE_ANSWER)
        return token

    def _proof(self, now: datetime) -> dict[str, str]:
        assertion = client_assertion(self.settings, self.keys, jti=new_reference(self.random), now=now)
        return {"client_id": self.settings.client_id, "client_assertion_type": _ASSERTION_TYPE, "client_assertion": assertion}


def _of_mandate(agreed: RepresentationSettings | None) -> dict[str, None]:
    """The claims to ask of who acts for another; voluntary ones, since most people act for themselves."""
    if agreed is None:
        return {}
    return dict.fromkeys(("represents", agreed.service_claim, agreed.capacity_claim, agreed.until_claim, agreed.name_claim))


def local_path(text: str) -> str:
    """A path on this site, safe to send a browser to after login.

    Raises:
        MalformedValue: an address elsewhere, or one that a browser could take for one.
    """
    safe = text.isascii() and text.isprintable() and not set(text) & set(' \\"<>')
    if not safe or len(text) > _MAX_PATH or not text.startswith("/") or text.startswith("//"):
        raise MalformedValue("expected a path on this site")
    return text


def _with_query(endpoint: str, query: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
