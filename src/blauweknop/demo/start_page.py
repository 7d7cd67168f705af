"""The first page of the exercise: tells the story and puts the button of every source under your hand."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from blauweknop.domain.texts import Text
from blauweknop.issuer.ports import IssuerServices
from blauweknop.web.page import MenuItem, Portal, page

__all__ = ["DEMO_PORTAL", "start_page"]

DEMO_PORTAL = Portal(
    Text("Oefenomgeving", "Exercise"),
    "/",
    menu=(MenuItem(Text("Document controleren", "Check a document"), "/controle"),),
)
_Sources = NamedDependency[SkipValidation[tuple[IssuerServices, ...]]]


@get("/", sync_to_thread=False)
def show_start(request: Request[Any, Any, Any], sources: _Sources) -> Response[str]:
    return page(request, "demo/start.html", portal=DEMO_PORTAL, sources=sources)


def start_page(sources: tuple[IssuerServices, ...]) -> Any:
    """The route handler, for these sources."""
    from litestar import Router

    return Router("/", route_handlers=[show_start], dependencies={"sources": Provide(lambda: sources, sync_to_thread=False)})
