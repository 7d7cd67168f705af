"""Requests to a source with proof of who calls: our assertion in forms, a DPoP proof with tokens (RFC 7523, RFC 9449).

A source may ask for a nonce: the request is then sent once more with it, and no third time. Words of refusal become `SourceProblem`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from blauweknop.domain.document import JsonValue
from blauweknop.holder.collecting.metadata import Endpoints, json_of
from blauweknop.holder.collecting.ports import Answer, CollectingServices, ProblemCode, SourceProblem
from blauweknop.holder.keys import HolderKey
from blauweknop.standards import base64url
from blauweknop.standards.client_assertion import ASSERTION_TYPE, sign_client_assertion
from blauweknop.standards.dpop import DpopProof, sign_dpop
from blauweknop.standards.strict_json import canonical_json

__all__ = ["Bearer", "ask", "ask_nonce", "post_form"]

_ASSERTION_LIFE = timedelta(seconds=60)
_MOST_ERROR = 64 * 1024
_NEW_NONCE = "use_dpop_nonce"
_PROBLEMS: Mapping[str, ProblemCode] = {
    "invalid_token": "over",
    "invalid_grant": "over",
    "invalid_transaction_id": "over",
    "credential_request_denied": "denied",
    "access_denied": "denied",
    "invalid_client": "refused",
    "unauthorized_client": "refused",
    "temporarily_unavailable": "busy",
    "server_error": "busy",
}
_BUSY = frozenset({429, 500, 502, 503, 504})


@dataclass(slots=True)
class Bearer:
    """A token with the key that it is bound to, and the last nonce that the source gave."""

    key: HolderKey = field(repr=False)
    token: str | None = field(default=None, repr=False)
    nonce: str | None = None


def post_form(
    address: str, form: Mapping[str, str], endpoints: Endpoints, services: CollectingServices, *, bearer: Bearer | None = None
) -> Answer:
    """Send a form with our assertion, and with a proof by the key of `bearer` when a token is asked.

    Raises:
        SourceProblem: refused, or no answer.
    """

    def attempt() -> Answer:
        client = services.client
        assertion = sign_client_assertion(
            client.client_id,
            endpoints.issuer,
            client.signer,
            proof_id=base64url.encode(services.random(16)),
            at=services.now(),
            life=_ASSERTION_LIFE,
            key_id=client.key_id,
        )
        body = urlencode({**form, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}).encode("ascii")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **_proof(address, bearer, services)}
        return _seen(services.send("POST", address, headers=headers, content=body), bearer)

    return _good(_twice(attempt, bearer))


def ask(address: str, members: Mapping[str, JsonValue], bearer: Bearer, services: CollectingServices, *, language: str = "nl") -> Answer:
    """Ask with the token.

    Raises:
        SourceProblem: refused, or no answer.
    """

    def attempt() -> Answer:
        headers = {
            "Content-Type": "application/json",
            "Accept-Language": language,
            "Authorization": f"DPoP {bearer.token}",
            **_proof(address, bearer, services),
        }
        return _seen(services.send("POST", address, headers=headers, content=canonical_json({**members})), bearer)

    return _good(_twice(attempt, bearer))


def ask_nonce(endpoints: Endpoints, bearer: Bearer, services: CollectingServices) -> str:
    """Something fresh for proofs of keys (OpenID4VCI section 7).

    Raises:
        SourceProblem: no nonce.
    """
    answer = _good(_seen(services.send("POST", endpoints.nonce, headers={"Accept": "application/json"}, content=b""), bearer))
    nonce = json_of(answer, most=_MOST_ERROR).get("c_nonce")
    if not isinstance(nonce, str):
        raise SourceProblem("answer", "expected a nonce")
    return nonce


def _proof(address: str, bearer: Bearer | None, services: CollectingServices) -> dict[str, str]:
    if bearer is None:
        return {}
    proof = DpopProof("POST", address, base64url.encode(services.random(16)), bearer.nonce, bearer.token)
    return {"DPoP": sign_dpop(proof, bearer.key.signer, bearer.key.public, services.now())}


def _seen(answer: Answer, bearer: Bearer | None) -> Answer:
    if bearer is not None:
        bearer.nonce = answer.headers.get("dpop-nonce", bearer.nonce)
    return answer


def _twice(attempt: Callable[[], Answer], bearer: Bearer | None) -> Answer:
    first = attempt()
    if bearer is not None and first.status in (400, 401) and _word(first) == _NEW_NONCE:
        return attempt()
    return first


def _word(answer: Answer) -> str:
    """The word of a refusal; nothing when it is not in the form of OAuth."""
    try:
        word = json_of(answer, most=_MOST_ERROR).get("error")
    except SourceProblem:
        return ""
    return word if isinstance(word, str) else ""


def _good(answer: Answer) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    code = _PROBLEMS.get(_word(answer))
    if code is None:
        code = "busy" if answer.status in _BUSY else "answer"
    raise SourceProblem(code, "the source refused")
