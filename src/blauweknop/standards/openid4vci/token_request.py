"""How a wallet changes a code or refresh token into an access token (RFC 6749 4.1.3 and 6, OpenID4VCI 1.0 section 6.1; PROTOCOL 2.2, 2.3).

Reading, in steps:
1. `grant_type` is one that we know (`invalid_request` without, `unsupported_grant_type`).
2. Its parameters are there, each in its form (RFC 7636 section 4.5 for the verifier; `invalid_request`); others are not looked at.

Whether a code or token, its verifier or its transaction code is right is for the caller (`invalid_grant`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from blauweknop.domain.errors import MalformedValue
from blauweknop.standards.oauth import OAuthProblem, optional_parameter, required_parameter
from blauweknop.standards.openid4vci.authorization_request import read_authorization_details
from blauweknop.standards.pkce import code_challenge

__all__ = [
    "AUTHORIZATION_CODE",
    "PRE_AUTHORIZED_CODE",
    "REFRESH_TOKEN",
    "CodeRequest",
    "PreAuthorizedRequest",
    "RefreshRequest",
    "read_refresh_request",
    "read_token_request",
]

AUTHORIZATION_CODE = "authorization_code"
PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant, no secret

_ADDRESS = re.compile(r"[!-~]{1,2000}")
_TRANSACTION_CODE = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,64}")


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """A code that came by way of the browser."""

    code: str = field(repr=False)
    redirect_uri: str
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PreAuthorizedRequest:
    """A code out of an offer, with what the person typed; `configuration_ids` are asked by `authorization_details`, mostly none."""

    code: str = field(repr=False)
    tx_code: str | None = field(repr=False)
    configuration_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """A refresh token; `configuration_ids` are those of it that are asked by `authorization_details`, none for all."""

    refresh_token: str = field(repr=False)
    configuration_ids: tuple[str, ...]


def read_token_request(form: Mapping[str, str], *, issuer: str) -> CodeRequest | PreAuthorizedRequest:
    """Read the parameters of a request with a code that was sent to the token endpoint of this issuer.

    Raises:
        OAuthProblem: by the first rule that is broken.
    """
    # Step 1.
    grant = required_parameter(form, "grant_type")
    if grant not in (AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE):
        raise OAuthProblem("unsupported_grant_type", "expected an authorization code or a pre-authorized code")
    # Step 2.
    if grant == AUTHORIZATION_CODE:
        return CodeRequest(required_parameter(form, "code"), required_parameter(form, "redirect_uri", _ADDRESS), _verifier(form))
    return PreAuthorizedRequest(
        required_parameter(form, "pre-authorized_code"),
        optional_parameter(form, "tx_code", _TRANSACTION_CODE),
        read_authorization_details(form.get("authorization_details"), issuer),
    )


def read_refresh_request(form: Mapping[str, str], *, issuer: str) -> RefreshRequest:
    """Read the parameters of a request with a refresh token (step 2).

    Raises:
        OAuthProblem: by the first rule that is broken.
    """
    token = required_parameter(form, "refresh_token")
    return RefreshRequest(token, read_authorization_details(form.get("authorization_details"), issuer))


def _verifier(form: Mapping[str, str]) -> str:
    verifier = required_parameter(form, "code_verifier")
    try:
        code_challenge(verifier)
    except MalformedValue as error:
        raise OAuthProblem("invalid_request", str(error)) from error
    return verifier
