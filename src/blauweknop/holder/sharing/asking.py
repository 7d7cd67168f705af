"""Hear what a receiver wants to know: from the link that a person followed to a question that may be shown (PROTOCOL 6.1, 6.2 and 6.8).

In steps:
1. The link says who asks, and where the question is, to be fetched by POST (`link`).
2. The question is fetched once, with a nonce of ours, in time and of a bounded size; nothing is followed (`silent`, `unreachable`,
   `too_large`; `over` when it is not there, or not any more; `answer` for anything that is no question).
3. It is verified against the trust list and the status list of the registrar (`no_trust`, and the codes of `request_object`).

Only then anything of it is shown. The third step is done again whenever the question is looked at or answered.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.holder.collecting.ports import SourceProblem
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.standards import base64url
from blauweknop.standards.json_members import MalformedMember, member_address
from blauweknop.standards.request_object import RequestProblem, RequestProblemCode, VerifiedRequest, registration_status_of, verify_request
from blauweknop.standards.strict_json import canonical_json

__all__ = ["Asked", "AskingProblem", "AskingProblemCode", "Link", "fetch_question", "judge", "read_link"]

AskingProblemCode = Literal["link", "silent", "unreachable", "too_large", "over", "answer", "no_trust"] | RequestProblemCode

_CLIENT = re.compile(r"x509_hash:[A-Za-z0-9_-]{43}")
_MEDIA_TYPE = "application/oauth-authz-req+jwt"
_GONE = frozenset({400, 403, 404, 410})
_SILENT = frozenset({408, 429, 500, 502, 503, 504})
_METADATA = canonical_json(
    {
        "vp_formats_supported": {"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}},
        "client_id_prefixes_supported": ["x509_hash"],
        "request_object_signing_alg_values_supported": ["ES256"],
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post.jwt"],
    }
).decode("ascii")


class AskingProblem(BlauweKnopError):
    """There is no question that may be shown; `code` names the rule."""

    def __init__(self, code: AskingProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: AskingProblemCode = code


@dataclass(frozen=True, slots=True)
class Link:
    """Who is said to ask, and where the question is. Nothing of it is sure."""

    client_id: str
    request_uri: str = field(repr=False)

    def as_json(self) -> dict[str, JsonValue]:
        return {"client_id": self.client_id, "request_uri": self.request_uri}

    @classmethod
    def from_json(cls, kept: Mapping[str, JsonValue]) -> "Link":
        """Raises: MalformedValue."""
        match kept:
            case {"client_id": str(client_id), "request_uri": str(request_uri)}:
                return cls(client_id, request_uri)
        raise MalformedValue("expected a link as this version keeps it")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came, with what is needed to verify it again."""

    link: Link
    wallet_nonce: str = field(repr=False)
    text: str = field(repr=False)


def read_link(query: Mapping[str, Sequence[str]], *, exercise: bool) -> Link:
    """Step 1.

    Raises:
        AskingProblem: `link`.
    """
    given = {name: values[0] for name, values in query.items() if len(values) == 1}
    client_id = given.get("client_id", "")
    try:
        address = member_address({**given}, "request_uri", exercise=exercise)
    except MalformedMember as error:
        raise AskingProblem("link", f"link: {error}") from error
    if _CLIENT.fullmatch(client_id) is None or given.get("request_uri_method") != "post":
        raise AskingProblem("link", "expected a link with a client_id of a certificate, to a question that is fetched by POST")
    return Link(client_id, address)


def fetch_question(link: Link, services: SharingServices) -> Asked:
    """Step 2.

    Raises:
        AskingProblem: no question.
    """
    nonce = base64url.encode(services.random(32))
    form = urlencode({"wallet_nonce": nonce, "wallet_metadata": _METADATA}).encode("ascii")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _MEDIA_TYPE}
    try:
        answer = services.send("POST", link.request_uri, headers=headers, content=form)
    except SourceProblem as problem:
        code: AskingProblemCode = problem.code if problem.code in ("silent", "unreachable", "too_large") else "answer"
        raise AskingProblem(code, f"question: {problem}") from problem
    if answer.status != 200:
        gone: AskingProblemCode = "over" if answer.status in _GONE else "silent" if answer.status in _SILENT else "answer"
        raise AskingProblem(gone, "the receiver gave no question")
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise AskingProblem("answer", f"expected an answer of type {_MEDIA_TYPE}")
    try:
        return Asked(link, nonce, answer.body.decode("ascii").strip())
    except UnicodeError as error:
        raise AskingProblem("answer", "expected a signed question") from error


def judge(asked: Asked, services: SharingServices, at: datetime) -> VerifiedRequest:
    """Step 3.

    Raises:
        AskingProblem: the question may not be shown.
    """
    address = registration_status_of(asked.text)
    trust = services.trust_with(address, at) if address is not None else services.trust(at)
    if trust.trust_list is None:
        raise AskingProblem("no_trust", "there is no trust list to know receivers by")
    try:
        return verify_request(
            asked.text,
            client_id=asked.link.client_id,
            wallet_nonce=asked.wallet_nonce,
            trust_list=trust.trust_list,
            status_lists=trust.status_lists,
            at=at,
        )
    except RequestProblem as problem:
        # Of all that is asked without a right to it the number of people weighs most.
        asks_bsn = any(excess.kind == "request_bsn" for excess in problem.excess)
        raise AskingProblem("request_bsn" if asks_bsn else problem.code, str(problem)) from problem
