"""Ask a source to let a person give us something, and take the answer that the browser brings (RFC 9126, RFC 9207; PROTOCOL 2.2).

What is pushed: everything by `authorization_details`, a challenge of PKCE, the thumbprint of the key that the token will be bound to, a
`state` that only this visit knows. An answer is judged in steps:
1. Its `state` is one of this visit, and comes once (`unknown`).
2. Its `iss` is the source that was asked (`other_issuer`): an answer of another source is never exchanged here (mix-up, RFC 9700 4.4).
3. It is a code, or the word of the source why there is none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.collecting.calls import post_form
from blauweknop.holder.collecting.metadata import Endpoints, json_of
from blauweknop.holder.collecting.ports import CollectingServices, Source, SourceProblem
from blauweknop.holder.credential_forms import MDOC, SD_JWT, configuration_name
from blauweknop.holder.keys import HolderKey
from blauweknop.standards import base64url
from blauweknop.standards.json_members import MalformedMember, member_text
from blauweknop.standards.pkce import code_challenge
from blauweknop.standards.strict_json import canonical_json

__all__ = ["Came", "Pending", "begin", "came_back", "wanted_of"]

_REQUEST_URI = 512  # characters, at most


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that a browser was sent away with; it stays in the notes of the visit."""

    source: str
    issuer: str
    wanted: tuple[str, ...]
    verifier: str = field(repr=False)
    key: str = field(repr=False)
    round: bool
    """Whether the next source follows by itself."""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "source": self.source,
            "issuer": self.issuer,
            "wanted": [*self.wanted],
            "verifier": self.verifier,
            "key": self.key,
            "round": self.round,
        }

    @classmethod
    def from_json(cls, kept: JsonValue) -> "Pending":
        """Raises: MalformedValue."""
        match kept:
            case {
                "source": str(source),
                "issuer": str(issuer),
                "wanted": list(wanted),
                "verifier": str(verifier),
                "key": str(key),
                "round": bool(in_round),
            }:
                names = tuple(str(name) for name in wanted)
                return cls(source, issuer, names, verifier, key, in_round)
        raise MalformedValue("expected a request as this version keeps it")


@dataclass(frozen=True, slots=True)
class Came:
    """What the browser brought back: a code, or why not. `nothing` are data sets of which the source has nothing on this person."""

    code: str | None = field(repr=False)
    error: str
    nothing: tuple[str, ...]


def wanted_of(source: Source, endpoints: Endpoints, *, mobile: Collection[str] = ()) -> tuple[str, ...]:
    """Of each data set that the source may certify and has: the document, and the credential; of `mobile` ones the mdoc too.

    An mdoc takes places in status lists and keys once more, so it is fetched only when somebody asked for it.
    """
    known = [dataset for dataset in source.datasets if configuration_name(dataset, SD_JWT) in endpoints.configurations]
    usual = tuple(name for dataset in known for name in (f"{dataset}.document", configuration_name(dataset, SD_JWT)))
    mdocs = (configuration_name(dataset, MDOC) for dataset in known if dataset in mobile)
    return (*usual, *(name for name in mdocs if name in endpoints.configurations))


def begin(
    source: Source, endpoints: Endpoints, wanted: Sequence[str], services: CollectingServices, *, in_round: bool
) -> tuple[str, str, Pending]:
    """Push a request: the `state`, the address to send the browser to, and what to remember of it.

    Raises:
        SourceProblem: the source did not take it.
    """
    key = HolderKey.new(services.random)
    verifier, state = (base64url.encode(services.random(32)) for _ in range(2))
    details: list[JsonValue] = [{"type": "openid_credential", "credential_configuration_id": name} for name in wanted]
    form = {
        "response_type": "code",
        "client_id": services.client.client_id,
        "redirect_uri": services.client.redirect_uri,
        "authorization_details": canonical_json(details).decode("utf-8"),
        "state": state,
        "code_challenge": code_challenge(verifier),
        "code_challenge_method": "S256",
        "dpop_jkt": key.thumbprint,
    }
    answer = post_form(endpoints.par, form, endpoints, services)
    if answer.status != 201:
        raise SourceProblem("answer", "expected a request_uri")
    try:
        request_uri = member_text(json_of(answer), "request_uri")
    except MalformedMember as error:
        raise SourceProblem("answer", str(error)) from error
    if not 0 < len(request_uri) <= _REQUEST_URI:
        raise SourceProblem("answer", "expected a request_uri")
    address = f"{endpoints.authorize}?{urlencode({'client_id': services.client.client_id, 'request_uri': request_uri})}"
    pending = Pending(source.id, source.issuer, tuple(wanted), verifier, key.as_text(), in_round)
    return state, address, pending


def came_back(query: Mapping[str, Sequence[str]], pending: Pending) -> Came | None:
    """Steps 2 and 3, for the request of this `state`; None when the answer is of another source, or has a parameter twice."""
    if any(len(values) != 1 for values in query.values()):
        return None
    given = {name: values[0] for name, values in query.items()}
    if given.get("iss") != pending.issuer:
        return None
    asked = {name.rpartition(".")[0] for name in pending.wanted}
    nothing = tuple(name for name in given.get("nothing", "").split() if name in asked)
    code = given.get("code")
    if code is not None and "error" not in given:
        return Came(code, "", nothing)
    return Came(None, given.get("error", "invalid_request"), nothing)
