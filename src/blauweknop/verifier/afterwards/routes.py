"""Where holders withdraw what was shared: one address for each receiver, that its receipts name. No cookies, nothing is cached.

200 with `status` erased and the proof; the same again for the same receipt. What is refused names the rule and never what was received.
"""

import structlog
from litestar import Response, Router, post
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.sharing_messages import MAX_WITHDRAWAL, SharingProblem
from blauweknop.verifier.afterwards.pages import AfterwardsPages, give_proof, show_withdrawal, withdraw_here
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.holder_calls import HolderRequest, answer, form_of, handled, refusal
from blauweknop.verifier.updating.routes import updating_routes
from blauweknop.web.errors import refuse_trailing_slash
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["MOST_FORM", "afterwards_routes"]

MOST_FORM = MAX_WITHDRAWAL + 1024
"""The largest form in bytes: a message, and the name before it."""

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
async def withdraw(request: HolderRequest, afterwards: Afterwards) -> Response[bytes]:
    """A withdrawal that the key of the consent signed."""
    body = await request.body()

    def work() -> Response[bytes]:
        proof = take_withdrawal(form_of(request, body, MOST_FORM).get("withdrawal", ""), afterwards)
        _LOG.info("sharing_withdrawn")
        return answer({"status": "erased", "bk_erasure": proof})

    return await handled(work, refused=_refused, failed="withdrawal_failed", advice="nothing was erased, try again later")


def _refused(problem: BlauweKnopError) -> Response[bytes] | None:
    if not isinstance(problem, SharingProblem):
        return None
    _LOG.info("withdrawal_refused", reason=problem.code)
    return refusal("invalid_request", f"{problem.code}: {problem}", 400)
