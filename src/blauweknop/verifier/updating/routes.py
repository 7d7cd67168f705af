"""Where holders bring newer data: the address that a receipt names, and where the update itself goes. No cookies, nothing is cached.

/bijwerken              what the holder wants, signed with the key of the consent; who sends gets a question
/bijwerken/{reference}  the update, encrypted to that question
"""

from functools import partial

import structlog
from litestar import Response, Router, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.sharing_messages import SharingProblem
from blauweknop.standards.sharing_updates import MAX_UPDATE
from blauweknop.verifier.asking.judging import ResponseProblem
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.verifier.asking.receiving import MOST_RESPONSE
from blauweknop.verifier.holder_calls import HolderRequest, answer, form_of, handled, refusal
from blauweknop.verifier.updating.receiving import take_update
from blauweknop.verifier.updating.wishes import take_wish
from blauweknop.web.errors import refuse_trailing_slash
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["updating_routes"]

_Services = NamedDependency[SkipValidation[AskingServices]]
_MOST_FORM = MAX_UPDATE + 1024
_OVER = frozenset({"update_over", "response_over"})
_LOG = structlog.get_logger("blauweknop.verifier")


def updating_routes(services: AskingServices) -> Router:
    """All of one receiver."""
    calls = rate_limit("updates", limit=services.calls_a_minute, window=60, counter=MemoryCounter())
    return Router(
        services.receiver.path,
        route_handlers=[hear_wish, receive_update],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        guards=[refuse_trailing_slash, calls],
    )


@post("/bijwerken", status_code=200, exclude_from_csrf=True, request_max_body_size=_MOST_FORM)
async def hear_wish(request: HolderRequest, services: _Services) -> Response[bytes]:
    """Something newer, longer, or no more."""
    body = await request.body()
    return await _handled(lambda: answer(take_wish(form_of(request, body, _MOST_FORM).get("update", ""), services)))


@post("/bijwerken/{reference:str}", status_code=200, exclude_from_csrf=True, request_max_body_size=MOST_RESPONSE)
async def receive_update(request: HolderRequest, services: _Services, reference: FromPath[str]) -> Response[bytes]:
    """The update."""
    body = await request.body()
    return await _handled(lambda: answer(take_update(reference, form_of(request, body, MOST_RESPONSE), services)))


def _refused(problem: BlauweKnopError) -> Response[bytes] | None:
    match problem:
        case SharingProblem() | ResponseProblem():
            _LOG.info("update_refused", reason=problem.code)
            return refusal("invalid_request", f"{problem.code}: {problem}", 410 if problem.code in _OVER else 400)
        case QuestionRefused():
            _LOG.warning("question_refused", reason=problem.code)
            return refusal("invalid_request", "update_over: this may not be asked any more", 410)
        case _:
            return None


_handled = partial(handled, refused=_refused, failed="update_failed")
