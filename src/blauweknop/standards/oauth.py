"""What OAuth 2.0 asks of every request to an authorization server, and the words in which it is refused.

RFC 6749 sections 3.1, 3.2 and 5.2; the words of others beside it are those of the flows that give credentials to wallets.
"""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["MOST_FORM", "OAuthErrorCode", "OAuthProblem", "optional_parameter", "read_form", "required_parameter"]

OAuthErrorCode = Literal[
    # RFC 6749 sections 4.1.2.1 and 5.2
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    # RFC 6750 section 3.1, RFC 9449 section 12.2, RFC 9396 section 14.6
    "invalid_token",
    "invalid_dpop_proof",
    "use_dpop_nonce",
    "invalid_authorization_details",
    # draft-ietf-oauth-attestation-based-client-auth
    "invalid_client_attestation",
    "use_attestation_challenge",
    # OpenID4VCI 1.0 sections 8.3.1.2, 9.3 and 11.3
    "credential_request_denied",
    "invalid_credential_request",
    "invalid_encryption_parameters",
    "invalid_nonce",
    "invalid_notification_id",
    "invalid_notification_request",
    "invalid_proof",
    "invalid_transaction_id",
    "unknown_credential_configuration",
    "unknown_credential_identifier",
]

MOST_FORM = 16 * 1024
"""The largest form in bytes."""

_MOST_PARAMETERS = 24
_TEXT = re.compile(r"[\x20-\x7e]{1,512}")  # identifiers and codes of others (RFC 6749 appendix A)
_FORM = "application/x-www-form-urlencoded"
_NOT_IN_DESCRIPTION = re.compile(r"[^ !#-\[\]-~]")


class OAuthProblem(BlauweKnopError):
    """A request that is refused: `code` is the word for the sender, the text says for developers what was expected.

    The text is as section 5.2 wants an `error_description`, printable ASCII without quote and backslash, and never holds what was received.
    """

    def __init__(self, code: OAuthErrorCode, description: str) -> None:
        super().__init__(_NOT_IN_DESCRIPTION.sub("_", description))
        self.code: OAuthErrorCode = code


def read_form(body: bytes, content_type: str, query: bytes, *, most: int = MOST_FORM) -> dict[str, str]:
    """The parameters of a request, each once; one without a value counts as left out (RFC 6749 sections 3.1 and 3.2).

    Raises:
        OAuthProblem: `invalid_request`; another type of content, parameters in the address, more than `most` bytes or 24 parameters,
            a parameter twice, no form.
    """
    if query:
        raise _invalid("expected all parameters in the body, none in the address")
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise _invalid(f"expected {_FORM}")
    if len(body) > most:
        raise _invalid(f"expected at most {most} bytes")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise _invalid(f"expected a form of at most {_MOST_PARAMETERS} parameters in UTF-8") from error
    form = dict(pairs)
    if len(form) < len(pairs):
        raise _invalid("expected each parameter once")
    return {name: value for name, value in form.items() if value}


def required_parameter(form: Mapping[str, str], name: str, shape: re.Pattern[str] = _TEXT) -> str:
    """The parameter of this name, all of it in a shape.

    Raises:
        OAuthProblem: `invalid_request`.
    """
    value = optional_parameter(form, name, shape)
    if value is None:
        raise _invalid(f"expected the parameter {name}")
    return value


def optional_parameter(form: Mapping[str, str], name: str, shape: re.Pattern[str] = _TEXT) -> str | None:
    """As `required_parameter`; None for one that is not there.

    Raises:
        OAuthProblem: `invalid_request`.
    """
    value = form.get(name)
    if value is not None and not shape.fullmatch(value):
        raise _invalid(f"expected the parameter {name} in its form")
    return value


def _invalid(description: str) -> OAuthProblem:
    return OAuthProblem("invalid_request", description)
