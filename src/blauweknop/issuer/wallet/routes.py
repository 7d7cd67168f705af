"""The endpoints of a source for wallets (PROTOCOL 2): small, without cookies, each answer of JSON and never kept by anybody.

What is refused is told in the error form of OAuth (RFC 6749 section 5.2), with a word for the wallet and a few for its developer.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import structlog
from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.issuer.wallet.asking import Questions
from blauweknop.issuer.wallet.callers import Call, Permit, permit_of
from blauweknop.issuer.wallet.credentials import INTERVAL, Answer, Order, deliver, later, order_of, postpone, transaction_of
from blauweknop.issuer.wallet.delivering_documents import DocumentOrder, document_of, order_document, read_document_request
from blauweknop.issuer.wallet.describing import issuer_document, server_document, signed_document
from blauweknop.issuer.wallet.notifications import take_notification
from blauweknop.issuer.wallet.ports import Kind, WalletServices
from blauweknop.issuer.wallet.pushing import REQUEST_LIFE, push_request
from blauweknop.issuer.wallet.renewing import Renewal, renew, renewal_of
from blauweknop.issuer.wallet.tokens import exchange
from blauweknop.standards.jwe import JweProblem
from blauweknop.standards.oauth import OAuthProblem, read_form
from blauweknop.standards.openid4vci.client_attestation import CHALLENGE_HEADER
from blauweknop.standards.openid4vci.credential_request import (
    CredentialMessage,
    ResponseEncryption,
    read_credential_message,
    read_credential_request,
    read_deferred_request,
    read_notification,
    read_notification_message,
)
from blauweknop.standards.openid4vci.metadata import encryption_jwks
from blauweknop.standards.openid4vci.token_request import REFRESH_TOKEN
from blauweknop.web.errors import new_error_id, refuse_trailing_slash
from blauweknop.web.language import accepted_languages, preferred_language
from blauweknop.web.preferences import weights
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["wallet_routes"]

_MachineRequest = Request[Any, Any, Any]
_Connection = ASGIConnection[Any, Any, Any, Any]
_Handle = Callable[[bytes], Awaitable[Response[bytes]]]
Services = NamedDependency[SkipValidation[WalletServices]]
Asking = NamedDependency[SkipValidation[tuple[WalletServices, Questions]]]  # one: Litestar starts tasks to provide two, for each call

_LOG = structlog.get_logger("blauweknop.issuer")
_FOR_MACHINES = {"exclude_from_csrf": True}
_UNAUTHORIZED = frozenset({"invalid_client", "invalid_token"})
_PROOF_OF_POSSESSION = frozenset({"invalid_token", "invalid_dpop_proof", "use_dpop_nonce"})
_JSON, _JWT, _PDF = "application/json", "application/jwt", "application/pdf"
_PUBLIC = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def wallet_routes(services: WalletServices) -> list[Router]:
    """All endpoints of one source: its metadata at the root of the site (RFC 8615), the rest below its own path."""
    questions = Questions()
    counter, most = MemoryCounter(), services.calls_a_minute
    of_calls, of_metadata = (rate_limit(use, limit=most, window=60, counter=counter) for use in ("calls", "metadata"))

    async def admit_call(connection: _Connection, handler: BaseRouteHandler) -> None:
        """One guard, since each costs a copy of the handler."""
        await refuse_trailing_slash(connection, handler)
        await of_calls(connection, handler)

    dependencies = {
        "services": Provide(lambda: services, sync_to_thread=False),
        "asking": Provide(lambda: (services, questions), sync_to_thread=False),
    }
    path = services.issuer.path
    documents = {"openid-credential-issuer": issuer_metadata, "oauth-authorization-server": server_metadata}
    return [
        *(
            Router(
                f"/.well-known/{name}{path}",
                route_handlers=[document],
                dependencies=dependencies,
                guards=[refuse_trailing_slash, of_metadata],  # to sign it costs as much as a call
            )
            for name, document in documents.items()
        ),
        Router(
            f"{path}/oid4vci",
            route_handlers=[keys, offer, par, token, challenge, nonce, credential, deferred_credential, notification, document],
            dependencies=dependencies,
            guards=[admit_call],
        ),
    ]


@get("/", sync_to_thread=True, opt=_FOR_MACHINES)
def issuer_metadata(request: _MachineRequest, services: Services) -> Response[bytes]:
    """Signed for who asks for a JWT, in the languages that are asked (OpenID4VCI section 12.2)."""
    languages = accepted_languages(request.headers.get("accept-language", ""))
    headers = {"Vary": "Accept, Accept-Language", "Content-Language": ", ".join(languages), **_PUBLIC}
    if weights(request.headers.get("accept", "")).get(_JWT):
        return Response(signed_document(services, languages).encode("ascii"), media_type=_JWT, headers=headers)
    return Response(_encoded(issuer_document(services, languages)), media_type=_JSON, headers=headers)


@get("/", sync_to_thread=False, opt=_FOR_MACHINES)
def server_metadata(services: Services) -> Response[bytes]:
    """How to get a token here (RFC 8414)."""
    return Response(_encoded(server_document(services)), media_type=_JSON, headers=_PUBLIC)


@get("/jwks", sync_to_thread=False, opt=_FOR_MACHINES)
def keys(services: Services) -> Response[bytes]:
    """No token of ours is signed; what is here is the key that requests are encrypted to."""
    found = encryption_jwks({services.request_key.key_id: services.request_key.public})
    return Response(_encoded(found), media_type=_JSON, headers=_PUBLIC)


@get("/offers/{reference:str}", sync_to_thread=True, opt=_FOR_MACHINES)
def offer(reference: FromPath[str], services: Services) -> Response[bytes]:
    """An offer, for who has its reference (section 4.1.3)."""
    kept = services.references.read(Kind.OFFER, reference, now=services.now)
    if kept is None:
        raise NotFoundException("no such offer")
    return _answer(kept.content["offer"])


@post("/par", exclude_from_csrf=True)
async def par(request: _MachineRequest, services: Services) -> Response[bytes]:
    """RFC 9126 section 2."""

    def work(call: Call, body: bytes) -> Response[bytes]:
        request_uri = push_request(call, _form(call, body), services, services.now)
        return _answer({"request_uri": request_uri, "expires_in": int(REQUEST_LIFE.total_seconds())}, status=201)

    return await _handled(request, services, _in_thread("par", request, services, work))


@post("/token", exclude_from_csrf=True)
async def token(request: _MachineRequest, asking: Asking) -> Response[bytes]:
    """OpenID4VCI section 6. For a refresh token the systems of the source are asked again."""
    services, questions = asking

    async def handle(body: bytes) -> Response[bytes]:
        def work() -> dict[str, JsonValue] | Renewal:
            call = _call(request, "token", services)
            form = _form(call, body)
            begin = renewal_of if form.get("grant_type") == REFRESH_TOKEN else exchange
            return begin(call, form, services, services.now)

        done = await sync_to_thread(work)
        if not isinstance(done, Renewal):
            return _answer(done)
        outcomes = await questions.outcomes(done.renewable.entitlement.bsn, done.datasets, services, done.waiting)
        return _answer(await sync_to_thread(renew, done, outcomes, services, services.now))

    return await _handled(request, services, handle)


@post("/challenge", status_code=200, sync_to_thread=False, exclude_from_csrf=True)
def challenge(services: Services) -> Response[bytes]:
    """Something fresh for a client attestation to be about."""
    return _answer({"attestation_challenge": services.challenges.give(services.now)})


@post("/nonce", status_code=200, sync_to_thread=False, exclude_from_csrf=True)
def nonce(services: Services) -> Response[bytes]:
    """Section 7: something fresh for proofs to be about."""
    now = services.now
    return _answer({"c_nonce": services.proof_nonces.give(now)}, headers={"DPoP-Nonce": services.dpop_nonces.give(now)})


@post("/credential", exclude_from_csrf=True)
async def credential(request: _MachineRequest, asking: Asking) -> Response[bytes]:
    """Section 8."""
    services, questions = asking

    async def handle(body: bytes) -> Response[bytes]:
        def work() -> tuple[Permit, Order, Answer | None]:
            call = _call(request, "credential", services)
            permit = _permit(call, services)
            message = _message(call, body, services)
            order = order_of(read_credential_request(message.members, encrypted=message.encrypted), permit, services, services.now)
            done = deliver(order, order.outcome, permit, services, services.now) if order.outcome is not None else None
            return permit, order, done

        permit, order, answer = await sync_to_thread(work)
        if answer is None:
            outcome, question = await questions.outcome(order.entitlement.bsn, order.configuration.dataset, services, None)
            if outcome is not None:
                answer = await sync_to_thread(deliver, order, outcome, permit, services, services.now)
            if answer is None:
                answer = await sync_to_thread(postpone, order, permit, services, services.now)
                questions.keep(str(answer.members["transaction_id"]), question)
        return _delivered(answer, order.encryption, services)

    return await _handled(request, services, handle, at_resource=True)


@post("/deferred-credential", exclude_from_csrf=True)
async def deferred_credential(request: _MachineRequest, asking: Asking) -> Response[bytes]:
    """Section 9."""
    services, questions = asking

    async def handle(body: bytes) -> Response[bytes]:
        def work() -> tuple[Permit, str, Order]:
            call = _call(request, "deferred-credential", services)
            permit = _permit(call, services)
            message = _message(call, body, services)
            asked = read_deferred_request(message.members, encrypted=message.encrypted)
            return permit, asked.transaction_id, transaction_of(asked.transaction_id, asked.encryption, permit, services)

        permit, transaction_id, order = await sync_to_thread(work)
        outcome, question = await questions.outcome(order.entitlement.bsn, order.configuration.dataset, services, transaction_id)
        answer = await sync_to_thread(deliver, order, outcome, permit, services, services.now) if outcome is not None else None
        if answer is None:
            questions.keep(transaction_id, question)
            answer = later(transaction_id)
        return _delivered(answer, order.encryption, services)

    return await _handled(request, services, handle, at_resource=True)


@post("/notification", exclude_from_csrf=True)
async def notification(request: _MachineRequest, services: Services) -> Response[bytes]:
    """Section 11."""

    def work(call: Call, body: bytes) -> Response[bytes]:
        permit = _permit(call, services)
        members = read_notification_message(body, call.header("Content-Type") or "")
        take_notification(read_notification(members), permit, services, services.now)
        return Response(b"", status_code=204, headers={"Cache-Control": "no-store"})

    return await _handled(request, services, _in_thread("notification", request, services, work), at_resource=True)


@post("/document", exclude_from_csrf=True)
async def document(request: _MachineRequest, asking: Asking) -> Response[bytes]:
    """The document itself, for a server that acts for a person (ADR 0028); in the language that it asks for."""
    services, questions = asking

    async def handle(body: bytes) -> Response[bytes]:
        def work() -> DocumentOrder:
            call = _call(request, "document", services)
            permit = _permit(call, services)
            return order_document(read_document_request(body, call.header("Content-Type") or ""), permit, services)

        order, language = await sync_to_thread(work), preferred_language(request.headers.get("accept-language", ""))
        pdf = await sync_to_thread(document_of, order, order.outcome, services, language) if order.outcome is not None else None
        if pdf is None:
            outcome, question = await questions.outcome(order.entitlement.bsn, order.dataset, services, order.waiting)
            pdf = await sync_to_thread(document_of, order, outcome, services, language) if outcome is not None else None
            if pdf is None:
                questions.keep(order.waiting, question)
                return _answer({"interval": int(INTERVAL.total_seconds())}, status=202)
        return Response(pdf, status_code=200, media_type=_PDF, headers={"Cache-Control": "no-store"})

    return await _handled(request, services, handle, at_resource=True)


def _in_thread(
    endpoint: str, request: _MachineRequest, services: WalletServices, work: Callable[[Call, bytes], Response[bytes]]
) -> _Handle:
    async def handle(body: bytes) -> Response[bytes]:
        return await sync_to_thread(lambda: work(_call(request, endpoint, services), body))

    return handle


async def _handled(request: _MachineRequest, services: WalletServices, handle: _Handle, *, at_resource: bool = False) -> Response[bytes]:
    """The answer, or in OAuth's words why there is none; with the DPoP nonce for the next time (RFC 9449 sections 8 and 9)."""
    try:
        answer = await handle(await request.body())
    except OAuthProblem as problem:
        answer = _refusal(problem, services, at_resource=at_resource)
    except BlauweKnopError as problem:
        error_id = new_error_id()
        _LOG.error("wallet_call_failed", source=services.issuer.source.id, error_type=type(problem).__name__, error_id=error_id)
        answer = _answer({"error": "server_error", "error_description": f"this went wrong here, number {error_id}"}, status=500)
    answer.headers["DPoP-Nonce"] = services.dpop_nonces.give(services.now)
    return answer


def _refusal(problem: OAuthProblem, services: WalletServices, *, at_resource: bool) -> Response[bytes]:
    headers, status = {}, 400
    if problem.code in _UNAUTHORIZED or (at_resource and problem.code in _PROOF_OF_POSSESSION):
        status = 401
        # RFC 9110 section 15.5.2 asks for a method of HTTP, of which there is one here; which wallet it is, is proved without HTTP's.
        headers["WWW-Authenticate"] = f'DPoP error="{problem.code}", algs="ES256"'
    if problem.code == "temporarily_unavailable":
        status = 503
    if problem.code == "use_attestation_challenge":
        headers[CHALLENGE_HEADER] = services.challenges.give(services.now)
    return _answer({"error": problem.code, "error_description": str(problem)}, status=status, headers=headers)


def _call(request: _MachineRequest, endpoint: str, services: WalletServices) -> Call:
    headers = {name.lower(): tuple(request.headers.getall(name)) for name in request.headers}
    return Call(request.method, f"{services.address}/{endpoint}", request.scope["query_string"], headers)


def _form(call: Call, body: bytes) -> dict[str, str]:
    return read_form(body, call.header("Content-Type") or "", call.query)


def _permit(call: Call, services: WalletServices) -> Permit:
    if call.query:
        raise OAuthProblem("invalid_request", "expected nothing in the address, least of all an access token")
    return permit_of(call, services, services.now)


def _message(call: Call, body: bytes, services: WalletServices) -> CredentialMessage:
    key = services.request_key
    return read_credential_message(
        body, call.header("Content-Type") or "", lambda key_id: key.derive if key_id in (None, key.key_id) else None
    )


def _delivered(answer: Answer, encryption: ResponseEncryption | None, services: WalletServices) -> Response[bytes]:
    """Encrypted when that was asked; an answer that the wallet must come back is encrypted too (section 9.2)."""
    if encryption is None:
        return _answer(answer.members, status=answer.status)
    try:
        sealed = encryption.encrypt(_encoded(answer.members), random_bytes=services.wallet_issuer.random_bytes)
    except JweProblem as problem:
        raise OAuthProblem("invalid_encryption_parameters", str(problem)) from problem
    return Response(sealed.encode("ascii"), status_code=answer.status, media_type=_JWT, headers={"Cache-Control": "no-store"})


def _answer(
    members: JsonValue | Mapping[str, JsonValue], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    return Response(_encoded(members), status_code=status, media_type=_JSON, headers={"Cache-Control": "no-store", **(headers or {})})


def _encoded(members: JsonValue | Mapping[str, JsonValue]) -> bytes:
    return msgspec.json.encode(members)
