"""Ask a login provider what a login would ask, and go no further: what it says of itself, or what would stop people."""

import secrets
from collections.abc import Callable
from datetime import datetime

from blauweknop.adapters.login_provider import LoginHttp, Provider, ProviderMetadata, post_form
from blauweknop.adapters.login_settings import ClientKeys, LoginSettings
from blauweknop.adapters.login_tokens import LoginRefused, client_assertion
from blauweknop.adapters.sessions import new_reference
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.issuer.login import LoginProblemCode
from blauweknop.standards.pkce import code_challenge

__all__ = ["try_login"]

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def try_login(
    settings: LoginSettings,
    keys: ClientKeys,
    http: LoginHttp,
    level: AssuranceLevel,
    *,
    now: datetime,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> ProviderMetadata:
    """Its metadata and keys can be had, and, where it takes pushed requests, it takes ours: with our keys and our address.

    Raises:
        LoginRefused: with the code of what does not fit.
    """
    provider = Provider(settings, http)
    metadata = provider.metadata(now)
    provider.encryption_key(now)  # reads all keys
    if metadata.pushed_authorization_request_endpoint is None:
        return metadata
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": settings.redirect_uri,
        "scope": settings.scope,
        "state": new_reference(random),
        "nonce": new_reference(random),
        "code_challenge": code_challenge(new_reference(random)),
        "code_challenge_method": "S256",
        "acr_values": settings.acr_for(level),
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": client_assertion(settings, keys, jti=new_reference(random), now=now),
    }
    status, _ = post_form(http, metadata.pushed_authorization_request_endpoint, asked)
    if status >= 500:
        raise LoginRefused(LoginProblemCode.PROVIDER_UNREACHABLE)
    if status not in (200, 201):
        raise LoginRefused(LoginProblemCode.REQUEST_REFUSED)
    return metadata
