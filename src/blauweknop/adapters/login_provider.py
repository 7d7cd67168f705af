"""Where the endpoints and keys of a login provider are: OpenID Connect Discovery, checked and kept for an hour."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from blauweknop.adapters.login_settings import LoginSettings
from blauweknop.adapters.login_tokens import LoginRefused
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.issuer.login import LoginProblemCode
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["HttpAnswer", "LoginHttp", "Provider", "ProviderMetadata", "post_form"]

_KEPT = timedelta(hours=1)
_KEYS_AGAIN_AFTER = timedelta(minutes=1)
_ASKED_AGAIN_AFTER = timedelta(seconds=5)
_MAX_ANSWER = 512 * 1024
_RSA_2048_LENGTH = 342  # of the modulus in base64url


class HttpAnswer(Protocol):
    """An answer over HTTP, read whole."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


class LoginHttp(Protocol):
    """The way to the provider, with its own time-outs, limits and allowed hosts. Raises a BlauweKnopError when there is no answer."""

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> HttpAnswer: ...


class ProviderMetadata(msgspec.Struct, frozen=True):
    """The members of the provider's metadata that we use (OpenID Connect Discovery 1.0, 3; RFC 9126; RP-Initiated Logout 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    pushed_authorization_request_endpoint: str | None = None
    end_session_endpoint: str | None = None
    code_challenge_methods_supported: list[str] | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False
    claims_parameter_supported: bool = False
    claims_supported: list[str] | None = None
    backchannel_logout_supported: bool = False


@dataclass(slots=True)
class _Kept:
    metadata: ProviderMetadata
    metadata_at: datetime
    keys: tuple[Key, ...] = ()
    keys_at: datetime | None = None


@dataclass(slots=True)
class Provider:
    """One provider and what is remembered of it; shared by all threads."""

    settings: LoginSettings
    http: LoginHttp
    _kept: _Kept | None = None
    _silent_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def metadata(self, now: datetime) -> ProviderMetadata:
        """The provider's metadata, at most an hour old.

        Raises:
            LoginRefused: not to be had, of another issuer, or without what NL GOV demands.
        """
        with self._lock:
            return self._fresh(now).metadata

    def signing_key(self, kid: str | None, kind: type[Key], now: datetime) -> Key:
        """The key of this id and kind. An unknown id is looked for anew once a minute, since providers renew their keys.

        Raises:
            LoginRefused: no key fits, or more than one without an id to choose by.
        """
        with self._lock:
            kept = self._fresh(now)
            if kept.keys_at is None or now - kept.keys_at >= _KEPT:
                self._fetch_keys(kept, now)
            found = _fitting(kept.keys, kid, kind)
            if len(found) != 1 and kept.keys_at is not None and now - kept.keys_at >= _KEYS_AGAIN_AFTER:
                self._fetch_keys(kept, now)
                found = _fitting(kept.keys, kid, kind)
        if len(found) != 1:
            raise LoginRefused(LoginProblemCode.ANSWER_KEY)
        return found[0]

    def encryption_key(self, now: datetime) -> Key | None:
        """A key to send the provider something secret with, when it has published one."""
        with self._lock:
            kept = self._fresh(now)
            if kept.keys_at is None:
                self._fetch_keys(kept, now)
            return next((key for key in kept.keys if key.get("use") == "enc"), None)

    def _fresh(self, now: datetime) -> _Kept:
        if self._kept is None or now - self._kept.metadata_at >= _KEPT:
            # While one waits for a silent provider all wait; after it was silent the next are told at once (PROTOCOL T-40).
            if self._silent_at is not None and timedelta(0) <= now - self._silent_at < _ASKED_AGAIN_AFTER:
                raise LoginRefused(LoginProblemCode.PROVIDER_UNREACHABLE)
            address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                metadata = _read_metadata(_get(self.http, address), self.settings)
            except LoginRefused as refused:
                self._silent_at = now if refused.code is LoginProblemCode.PROVIDER_UNREACHABLE else None
                raise
            self._kept, self._silent_at = _Kept(metadata, now), None
        return self._kept

    def _fetch_keys(self, kept: _Kept, now: datetime) -> None:
        kept.keys = _read_keys(_get(self.http, kept.metadata.jwks_uri))
        kept.keys_at = now


def post_form(http: LoginHttp, url: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, object]]:
    """Post to an endpoint of the provider: its status and its JSON, empty when it is not JSON.

    Raises:
        LoginRefused: no answer.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = http.send("POST", url, headers=headers, content=urlencode(form).encode("ascii"))
    except BlauweKnopError as error:
        raise LoginRefused(LoginProblemCode.PROVIDER_UNREACHABLE) from error
    try:
        return answer.status, parse_json_object(answer.body, max_bytes=_MAX_ANSWER)
    except MalformedJson:
        return answer.status, {}


def _get(http: LoginHttp, url: str) -> Mapping[str, object]:
    try:
        answer = http.send("GET", url, headers={"Accept": "application/json"})
    except BlauweKnopError as error:
        raise LoginRefused(LoginProblemCode.PROVIDER_UNREACHABLE) from error
    if answer.status >= 500:
        raise LoginRefused(LoginProblemCode.PROVIDER_UNREACHABLE)
    if answer.status != 200:
        raise LoginRefused(LoginProblemCode.PROVIDER_METADATA)
    try:
        return parse_json_object(answer.body, max_bytes=_MAX_ANSWER)
    except MalformedJson as error:
        raise LoginRefused(LoginProblemCode.PROVIDER_METADATA) from error


def _read_metadata(received: Mapping[str, object], settings: LoginSettings) -> ProviderMetadata:
    try:
        metadata = msgspec.convert(received, ProviderMetadata)
    except msgspec.ValidationError as error:
        raise LoginRefused(LoginProblemCode.PROVIDER_METADATA) from error
    methods, challenges = metadata.token_endpoint_auth_methods_supported, metadata.code_challenge_methods_supported
    as_agreed = (
        metadata.issuer == settings.issuer  # OpenID Connect Discovery 1.0, 4.3
        and (methods is None or "private_key_jwt" in methods)
        and (challenges is None or "S256" in challenges)
    )
    scheme = urlsplit(settings.issuer).scheme
    endpoints = (
        metadata.authorization_endpoint,
        metadata.token_endpoint,
        metadata.jwks_uri,
        metadata.pushed_authorization_request_endpoint or f"{scheme}://none",
        metadata.end_session_endpoint or f"{scheme}://none",
    )
    # Only the exercise has a provider over http, and then on the same machine.
    if not as_agreed or not all(_is_address(endpoint, ("https", scheme)) for endpoint in endpoints):
        raise LoginRefused(LoginProblemCode.PROVIDER_METADATA)
    return metadata


def _is_address(text: str, schemes: tuple[str, str]) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc) and text.isascii() and text.isprintable() and " " not in text


def _read_keys(received: Mapping[str, object]) -> tuple[Key, ...]:
    listed = received.get("keys")
    if not isinstance(listed, list):
        raise LoginRefused(LoginProblemCode.PROVIDER_METADATA)
    kinds: Mapping[str, type[ECKey] | type[RSAKey]] = {"EC": ECKey, "RSA": RSAKey}
    keys: list[Key] = []
    for item in listed:
        # RFC 7517, 5: keys of a kind one does not know are passed over; so are those that nothing may be signed with
        named = item.get("kty") if isinstance(item, dict) else None
        kind = kinds.get(named) if isinstance(named, str) else None
        if kind is None or (kind is RSAKey and len(str(item.get("n"))) < _RSA_2048_LENGTH):
            continue
        try:
            keys.append(kind.import_key(item))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise LoginRefused(LoginProblemCode.PROVIDER_METADATA) from error
    return tuple(keys)


def _fitting(keys: tuple[Key, ...], kid: str | None, kind: type[Key]) -> list[Key]:
    return [key for key in keys if isinstance(key, kind) and key.get("use") in (None, "sig") and kid in (None, key.kid) and _strong(key)]


def _strong(key: Key) -> bool:
    if isinstance(key, RSAKey):
        return key.public_key.key_size >= 2048
    return isinstance(key, ECKey) and key.curve_name == "P-256"
