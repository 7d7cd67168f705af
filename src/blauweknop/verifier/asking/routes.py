"""Everything below the path of a receiver that asks: the pages of the person, and what holders call."""

from litestar import Router
from litestar.di import Provide

from blauweknop.verifier.asking.machines import send_request, send_request_by_get, take_answer
from blauweknop.verifier.asking.page import AskingPages
from blauweknop.verifier.asking.pages import come_back_here, give_receipt, show_end, show_request, show_wallet, to_holder, to_wallet
from blauweknop.verifier.asking.pages_elsewhere import show_elsewhere, show_number, take_number, to_elsewhere
from blauweknop.verifier.asking.pages_household import make_invitation, take_invitation_back
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.web.errors import refuse_trailing_slash
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["asking_routes"]


def asking_routes(services: AskingServices) -> list[Router]:
    """All of one receiver."""
    pages = AskingPages(services)
    calls = rate_limit("calls", limit=services.calls_a_minute, window=60, counter=MemoryCounter())
    return [
        Router(
            services.receiver.path,
            route_handlers=[
                show_request,
                to_holder,
                to_wallet,
                show_wallet,
                to_elsewhere,
                show_elsewhere,
                come_back_here,
                show_number,
                take_number,
                show_end,
                give_receipt,
                make_invitation,
                take_invitation_back,
            ],
            dependencies={"pages": Provide(lambda: pages, sync_to_thread=False)},
        ),
        Router(
            services.receiver.path,
            route_handlers=[send_request, send_request_by_get, take_answer],
            dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
            guards=[refuse_trailing_slash, calls],
        ),
    ]
