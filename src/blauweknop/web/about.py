"""The three pages every footer leads to: what this is, help, and the accessibility statement."""

from typing import Any

from litestar import Request, Response, get

from blauweknop.web.page import page

__all__ = ["ABOUT_HANDLERS"]


@get("/wat-is-dit")
async def show_what_this_is(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "web/what-is-this.html")


@get("/hulp")
async def show_help(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "web/help.html")


@get("/toegankelijkheid")
async def show_accessibility(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "web/accessibility.html")


ABOUT_HANDLERS = [show_what_this_is, show_help, show_accessibility]
