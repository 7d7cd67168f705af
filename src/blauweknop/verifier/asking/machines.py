"""What holders call: they fetch the question and send the answer (OpenID4VP 1.0 sections 5.10 and 8.2). No cookies, nothing is cached."""

from functools import partial

import structlog
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.verifier.asking.receiving import MOST_RESPONSE, Outcome, take_response
from blauweknop.verifier.asking.transactions import fetch_request
from blauweknop.verifier.asking.wallets import MOST_METADATA, SILENT, Wallet, read_wallet
from blauweknop.verifier.holder_calls import HolderRequest, answer, form_of, handled, refusal

__all__ = ["send_request", "send_request_by_get", "take_answer"]

Services = NamedDependency[SkipValidation[AskingServices]]

_LOG = structlog.get_logger("blauweknop.verifier")
_REQUEST = "application/oauth-authz-req+jwt"


@post("/oid4vp/requests/{reference:str}", status_code=200, exclude_from_csrf=True)
async def send_request(request: HolderRequest, services: Services, reference: FromPath[str]) -> Response[bytes]:
    """The signed question, for who fetches it first; 410 for anybody later."""
    body = await request.body()

    def work() -> Response[bytes]:
        # A holder that has nothing to say of itself may leave the form empty.
        wallet = read_wallet(form_of(request, body, MOST_METADATA)) if body else SILENT
        return _question(reference, wallet, services)

    return await _handled(work)


@get("/oid4vp/requests/{reference:str}", opt={"exclude_from_csrf": True})
async def send_request_by_get(services: Services, reference: FromPath[str]) -> Response[bytes]:
    """A question is fetched by POST, so that it repeats what the holder said; unless wallets that do not know how are served too."""
    if services.gives_by_get:
        return await _handled(lambda: _question(reference, SILENT, services))
    refused = refusal("invalid_request_uri_method", "expected POST, as request_uri_method says (OpenID4VP 1.0 section 5.10)", 405)
    refused.headers["Allow"] = "POST"
    return refused


@post("/oid4vp/responses/{reference:str}", status_code=200, exclude_from_csrf=True, request_max_body_size=MOST_RESPONSE)
async def take_answer(request: HolderRequest, services: Services, reference: FromPath[str]) -> Response[bytes]:
    """The answer; who sent it leads the person back to the address in ours, whatever it was worth."""
    body = await request.body()

    def work() -> Response[bytes]:
        outcome = take_response(reference, form_of(request, body, MOST_RESPONSE), services)
        problem = outcome.problem
        if problem is None:
            return answer(_back(outcome, services))
        _LOG.info("response_refused", receiver=services.receiver.id, reason=problem.code, reasons=list(problem.reasons))
        because = f" ({', '.join(problem.reasons)})" if problem.reasons else ""
        told = {"error": "invalid_request", "error_description": f"{problem.code}: {problem}{because}"}
        return answer(told | _back(outcome, services), status=400)

    return await _handled(work)


def _question(reference: str, wallet: Wallet, services: AskingServices) -> Response[bytes]:
    signed = fetch_request(reference, wallet, services)
    if signed is not None:
        return Response(signed.encode("ascii"), media_type=_REQUEST, headers={"Cache-Control": "no-store"})
    if services.transactions.is_known(reference):
        return refusal("invalid_request", "this question was fetched before, or has ended: begin again on the page", 410)
    return refusal("invalid_request", "there is no such question", 404)


def _refused(problem: BlauweKnopError) -> Response[bytes] | None:
    match problem:
        case ResponseProblem():
            return refusal("invalid_request", f"{problem.code}: {problem}", 400)
        case QuestionRefused():
            _LOG.warning("question_refused", reason=problem.code)
            return refusal("invalid_request", "this question may not be asked any more", 410)
        case _:
            return None


def _back(outcome: Outcome, services: AskingServices) -> dict[str, JsonValue]:
    back: dict[str, JsonValue] = {"bk_receipt": outcome.receipt} if outcome.receipt else {}
    if outcome.code:
        back["redirect_uri"] = f"{services.receiver.address}/terug?response_code={outcome.code}"
    return back


# To try again is of no use: what a question is answered with counts once.
_handled = partial(handled, refused=_refused, failed="holder_call_failed", status=500, advice="begin again on the page")
