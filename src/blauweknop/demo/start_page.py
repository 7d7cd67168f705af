"""The first page of the exercise: tells the story and puts the button of every source under your hand."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from blauweknop.domain.texts import Text
from blauweknop.holder.ports import HolderServices
from blauweknop.issuer.ports import IssuerServices
from blauweknop.web.page import MenuItem, Portal, page

__all__ = ["DEMO_PORTAL", "start_page"]

DEMO_PORTAL = Portal(
    Text("Oefenomgeving", "Exercise"),
    "/",
    menu=(
        MenuItem(Text("Document controleren", "Check a document"), "/controle"),
        MenuItem(Text("Oefenwallet", "Exercise wallet"), "/oefenwallet"),
    ),
)
_Sources = NamedDependency[SkipValidation[tuple[IssuerServices, ...]]]
_Holder = NamedDependency[SkipValidation[HolderServices]]


@get("/", sync_to_thread=False)
def show_start(request: Request[Any, Any, Any], sources: _Sources, holder: _Holder) -> Response[str]:
    return page(request, "demo/start.html", portal=DEMO_PORTAL, sources=sources, mine=holder.base_url + holder.path)


def start_page(sources: tuple[IssuerServices, ...], holder: HolderServices) -> Any:
    """The route handler, for these sources and this Mijn Blauwe Knop."""
    from litestar import Router

    known = {
        "sources": Provide(lambda: sources, sync_to_thread=False),
        "holder": Provide(lambda: holder, sync_to_thread=False),
    }
    return Router("/", route_handlers=[show_start], dependencies=known)
