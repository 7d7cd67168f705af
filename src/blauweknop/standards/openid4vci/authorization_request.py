"""What a wallet asks before a person is asked: a pushed authorization request (RFC 9126, OpenID4VCI 1.0 section 5; PROTOCOL 2.2).

Reading, in steps:
1. No request in or behind the request: `request`, `request_uri` (RFC 9126 section 2.1; `invalid_request`).
2. A code is asked (`unsupported_response_type`), to be sent in the query of an address that may be one of a wallet (`invalid_request`).
3. The challenge of PKCE, with S256 in so many words: without a method it would be `plain` (RFC 7636 section 4.3; `invalid_request`).
4. What is wanted: by `scope`, by `authorization_details`, or by both (sections 5.1.1 and 5.1.2; `invalid_scope`,
   `invalid_authorization_details`).
5. The rest in its form (`invalid_request`).

Parameters that are not known are not looked at. Who the client is, and that address and wishes are ones of it, is for the caller.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from blauweknop.standards.json_members import MalformedMember, as_members, member_text, member_texts
from blauweknop.standards.oauth import OAuthProblem, optional_parameter, required_parameter
from blauweknop.standards.redirect_address import may_be_redirect_address
from blauweknop.standards.strict_json import MalformedJson, parse_json

__all__ = ["AuthorizationRequest", "read_authorization_details", "read_authorization_request"]

_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_SCOPES = re.compile(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*")
_CONFIGURATION = re.compile(r"[!-~]{1,256}")
_LOCATION = re.compile(r"[!-~]{1,2000}")
_STATE = re.compile(r"[\x20-\x7e]{1,2048}")
_MOST_DETAILS = 16 * 1024
_MOST_WISHES = 50


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request in the right form, of somebody who says to be `client_id`.

    `scopes` and `configuration_ids` are what is wanted, in the order of the request, each once: by `scope` and by `authorization_details`.
    `dpop_thumbprint` is that of the key that the code will be bound to (RFC 9449 section 10).
    """

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    configuration_ids: tuple[str, ...]
    code_challenge: str
    state: str | None = field(repr=False)
    issuer_state: str | None = field(repr=False)
    dpop_thumbprint: str | None

    @property
    def configuration_ids_or_scopes(self) -> tuple[str, ...]:
        """All that is wanted, each once, for an issuer whose scopes are named as its configurations."""
        return _each_once(self.configuration_ids + self.scopes)


def read_authorization_request(form: Mapping[str, str], *, issuer: str) -> AuthorizationRequest:
    """Read the parameters that were pushed to this issuer.

    Raises:
        OAuthProblem: by the first rule that is broken.
    """
    # Step 1.
    if form.keys() & {"request", "request_uri"}:
        raise _invalid("expected the parameters themselves, no request or request_uri")
    # Step 2.
    if required_parameter(form, "response_type") != "code":
        raise OAuthProblem("unsupported_response_type", "expected response_type code")
    if form.get("response_mode", "query") != "query":
        raise _invalid("expected response_mode query, or none")
    redirect_uri = form.get("redirect_uri", "")
    if not may_be_redirect_address(redirect_uri):
        raise _invalid("expected in redirect_uri an address that a wallet may have")
    # Step 3.
    code_challenge = required_parameter(form, "code_challenge", _DIGEST)
    if form.get("code_challenge_method") != "S256":
        raise _invalid("expected code_challenge_method S256")
    # Step 4.
    scopes = _scopes(form.get("scope"))
    configuration_ids = read_authorization_details(form.get("authorization_details"), issuer)
    if not scopes and not configuration_ids:
        raise OAuthProblem("invalid_scope", "expected a scope or authorization_details")
    # Step 5.
    return AuthorizationRequest(
        client_id=required_parameter(form, "client_id"),
        redirect_uri=redirect_uri,
        scopes=scopes,
        configuration_ids=configuration_ids,
        code_challenge=code_challenge,
        state=optional_parameter(form, "state", _STATE),
        issuer_state=optional_parameter(form, "issuer_state"),
        dpop_thumbprint=optional_parameter(form, "dpop_jkt", _DIGEST),
    )


def read_authorization_details(text: str | None, issuer: str) -> tuple[str, ...]:
    """The credential configurations that `authorization_details` asks of this issuer, each once; none when it is not there (section 5.1.1).

    Raises:
        OAuthProblem: `invalid_authorization_details`; no list of such objects, another type, another place.
    """
    if text is None:
        return ()
    found: list[str] = []
    try:
        wishes = parse_json(text.encode("utf-8"), max_bytes=_MOST_DETAILS)
        if not isinstance(wishes, list) or not 1 <= len(wishes) <= _MOST_WISHES:
            raise MalformedMember(f"expected authorization_details as a list of 1 to {_MOST_WISHES} items")
        for wish in wishes:
            members = as_members(wish, "authorization_details")
            if member_text(members, "type") != "openid_credential":
                raise MalformedMember("expected authorization_details of type openid_credential")
            if "locations" in members and issuer not in member_texts(members, "locations", _LOCATION):
                raise MalformedMember("expected this issuer among the locations")
            found.append(member_text(members, "credential_configuration_id", _CONFIGURATION))
    except (MalformedJson, MalformedMember, UnicodeEncodeError) as error:
        raise OAuthProblem("invalid_authorization_details", str(error)) from error
    return _each_once(found)


def _scopes(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    if not _SCOPES.fullmatch(text):
        raise OAuthProblem("invalid_scope", "expected scopes with one space between them")
    return _each_once(text.split(" "))


def _each_once(names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _invalid(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_request", description)
