"""Where holders withdraw what was shared: one address for each receiver, that its receipts name. No cookies, nothing is cached.

200 with `status` erased and the proof; the same again for the same receipt. What is refused names the rule and never what was received.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Request, Response, Router, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.oauth import OAuthProblem, read_form
from blauweknop.standards.sharing_messages import MAX_WITHDRAWAL, SharingProblem
from blauweknop.verifier.afterwards.pages import AfterwardsPages, give_proof, show_withdrawal, withdraw_here
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.updating.routes import updating_routes
from blauweknop.web.errors import new_error_id, refuse_trailing_slash
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["MOST_FORM", "afterwards_routes"]

MOST_FORM = MAX_WITHDRAWAL + 1024
"""The largest form in bytes: a message, and the name before it."""

_MachineRequest = Request[Any, Any, Any]
Afterwards = NamedDependency[SkipValidation[AfterwardsServices]]
_LOG = structlog.get_logger("blauweknop.verifier")


def afterwards_routes(asking: AskingServices, services: AfterwardsServices) -> list[Router]:
    """All of one receiver: what holders call, also with something newer, and the pages behind the links of receipts."""
    pages = AfterwardsPages(asking, services)
    guards = [refuse_trailing_slash, rate_limit("withdrawals", limit=services.calls_a_minute, window=60, counter=MemoryCounter())]
    return [
        Router(
            asking.receiver.path,
            route_handlers=[withdraw],
            dependencies={"afterwards": Provide(lambda: services, sync_to_thread=False)},
            guards=guards,
        ),
        Router(
            asking.receiver.path,
            route_handlers=[show_withdrawal, withdraw_here, give_proof],
            dependencies={"pages": Provide(lambda: pages, sync_to_thread=False)},
            guards=guards,
        ),
        updating_routes(asking),
    ]


@post("/intrekken", status_code=200, exclude_from_csrf=True, request_max_body_size=MOST_FORM)
async def withdraw(request: _MachineRequest, afterwards: Afterwards) -> Response[bytes]:
    """A withdrawal that the key of the consent signed."""
    body = await request.body()

    def work() -> Response[bytes]:
        form = read_form(body, request.headers.get("content-type", ""), request.scope["query_string"], most=MOST_FORM)
        proof = take_withdrawal(form.get("withdrawal", ""), afterwards)
        _LOG.info("sharing_withdrawn")
        return _answer({"status": "erased", "bk_erasure": proof})

    try:
        return await sync_to_thread(work)
    except OAuthProblem as problem:
        return _refusal(problem.code, str(problem), 400)
    except SharingProblem as problem:
        _LOG.info("withdrawal_refused", reason=problem.code)
        return _refusal("invalid_request", f"{problem.code}: {problem}", 400)
    except BlauweKnopError as problem:
        error_id = new_error_id()
        _LOG.error("withdrawal_failed", error_type=type(problem).__name__, error_id=error_id)
        return _refusal("server_error", f"this went wrong here, number {error_id}; nothing was erased, try again later", 503)


def _refusal(error: str, description: str, status: int) -> Response[bytes]:
    return _answer({"error": error, "error_description": description}, status=status)


def _answer(members: Mapping[str, JsonValue], *, status: int = 200) -> Response[bytes]:
    return Response(
        json.dumps(members).encode("utf-8"), status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"}
    )
