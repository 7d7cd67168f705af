"""What a source tells of itself, read with distrust (OpenID4VCI 1.0 section 12.2, RFC 8414 section 3).

In steps:
1. Both documents are where the name of the issuer says that they are, and of its host (`unreachable`, `silent`, `too_large`).
2. Each is a JSON object that names exactly that issuer, which is its own authorization server (`answer`): else one source could send a
   person to the login of another (RFC 9700 section 4.4).
3. Every address in them is of the same origin as the issuer (`answer`).
4. What we need is there: pushed requests, our way to say who we are, `iss` in answers (`answer`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from blauweknop.holder.collecting.ports import Answer, Send, Source, SourceProblem
from blauweknop.standards.json_members import ANY_TEXT, MalformedMember, Members, member_object, member_text, member_texts
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["Endpoints", "describe", "json_of"]

_MOST_BYTES = 1024 * 1024
_DOCUMENT = "document"  # the endpoint of ADR 0028, which stands in no metadata


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a source does what, and which configurations it has."""

    issuer: str
    par: str
    authorize: str
    token: str
    nonce: str
    credential: str
    deferred: str
    document: str
    notification: str | None
    configurations: frozenset[str]
    batch: int


def describe(source: Source, send: Send) -> Endpoints:
    """What the source says of itself now.

    Raises:
        SourceProblem: see the head of this module.
    """
    issuer = _document(source, "openid-credential-issuer", send)
    server = _document(source, "oauth-authorization-server", send)
    try:
        # Step 2.
        _require_same(issuer, "credential_issuer", source.issuer)
        _require_same(server, "issuer", source.issuer)
        if "authorization_servers" in issuer and member_texts(issuer, "authorization_servers", ANY_TEXT) != (source.issuer,):
            raise MalformedMember("expected no other authorization server")
        # Steps 3 and 4.
        _require_ways(server)
        credential = _own_address(issuer, "credential_endpoint", source)
        return Endpoints(
            source.issuer,
            par=_own_address(server, "pushed_authorization_request_endpoint", source),
            authorize=_own_address(server, "authorization_endpoint", source),
            token=_own_address(server, "token_endpoint", source),
            nonce=_own_address(issuer, "nonce_endpoint", source),
            credential=credential,
            deferred=_own_address(issuer, "deferred_credential_endpoint", source),
            document=f"{credential.rpartition('/')[0]}/{_DOCUMENT}",
            notification=_own_address(issuer, "notification_endpoint", source) if "notification_endpoint" in issuer else None,
            configurations=frozenset(member_object(issuer, "credential_configurations_supported")),
            batch=_batch(issuer),
        )
    except MalformedMember as error:
        raise SourceProblem("answer", f"metadata: {error}") from error


def json_of(answer: Answer, *, most: int = _MOST_BYTES) -> Members:
    """The JSON object in an answer.

    Raises:
        SourceProblem: `answer`.
    """
    try:
        return parse_json_object(answer.body, max_bytes=most)
    except MalformedJson as error:
        raise SourceProblem("answer", f"expected a JSON object: {error}") from error


def _document(source: Source, name: str, send: Send) -> Members:
    """Step 1; the well-known part comes between host and path (section 12.2.2)."""
    parts = urlsplit(source.issuer)
    address = f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path}"
    answer = send("GET", address, headers={"Accept": "application/json"}, content=None)
    if answer.status in (429, 502, 503, 504):
        raise SourceProblem("busy", "the source is too busy to say what it is")
    if answer.status != 200:
        raise SourceProblem("answer", "expected metadata")
    return json_of(answer)


def _require_same(members: Members, name: str, issuer: str) -> None:
    if member_text(members, name) != issuer:
        raise MalformedMember(f"expected in {name} the issuer that was asked")


def _require_ways(server: Mapping[str, object]) -> None:
    methods, challenges = server.get("token_endpoint_auth_methods_supported"), server.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or "private_key_jwt" not in methods:
        raise MalformedMember("expected a source that knows servers by private_key_jwt")
    if not isinstance(challenges, list) or "S256" not in challenges:
        raise MalformedMember("expected a source that does PKCE with S256")
    if server.get("authorization_response_iss_parameter_supported") is not True:
        raise MalformedMember("expected a source that names itself in its answers")


def _own_address(members: Members, name: str, source: Source) -> str:
    """Step 3; without query, so that nothing can hide in it."""
    text = member_text(members, name)
    try:
        found, own = urlsplit(text), urlsplit(source.issuer)
        same = (found.scheme, found.hostname, found.port) == (own.scheme, own.hostname, own.port)
    except ValueError as error:
        raise MalformedMember(f"expected an address in {name}") from error
    if not same or found.username is not None or found.query or found.fragment or not text.isascii() or "\\" in text:
        raise MalformedMember(f"expected in {name} an address of the issuer itself")
    return text


def _batch(issuer: Members) -> int:
    """How many copies at once; one when the source does not say."""
    if "batch_credential_issuance" not in issuer:
        return 1
    size = member_object(issuer, "batch_credential_issuance").get("batch_size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise MalformedMember("expected batch_size as a number")
    return size
