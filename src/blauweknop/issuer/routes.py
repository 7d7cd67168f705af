"""The pages of a source, journey J1: what we have of you, log in, choose, look, download, log out.

Every page works without script. What a person chose and what the systems answered stays in the encrypted session, so that the
document says exactly what the preview showed; nothing of it is in an address.
"""

from litestar import Response, Router, get
from litestar.di import Provide

from blauweknop.issuer.choose import needed_level
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.routes_choose import choose, show_choices
from blauweknop.issuer.routes_document import download, retry, show_done, show_preview
from blauweknop.issuer.routes_login import come_back, log_in_route, log_out, log_out_by_provider, logged_out
from blauweknop.issuer.routes_status import give_status_list
from blauweknop.issuer.visit import PageRequest, Services, current_session

__all__ = ["issuer_router"]


def issuer_router(services: IssuerServices) -> Router:
    """The pages of one source below its path."""
    return Router(
        services.path,
        route_handlers=[
            offer,
            log_in_route(services),
            come_back,
            show_choices,
            choose,
            show_preview,
            retry,
            download,
            show_done,
            log_out,
            log_out_by_provider,
            logged_out,
            what_if_wrong,
            give_status_list,
        ],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
    )


@get("/", sync_to_thread=True)
def offer(request: PageRequest, services: Services) -> Response[str]:
    """What this source has, for anybody to read."""
    levels = {dataset.level for dataset in services.datasets}
    return issuer_page(
        request,
        services,
        "issuer/offer.html",
        current_session(request, services),
        datasets=services.datasets,
        needed=needed_level(services.datasets),
        mixed=len(levels) > 1,
    )


@get("/klopt-niet", sync_to_thread=True)
def what_if_wrong(request: PageRequest, services: Services) -> Response[str]:
    """Where to report an error and where to object; the address stands in every document."""
    return issuer_page(request, services, "issuer/what-if-wrong.html", current_session(request, services), datasets=services.datasets)
