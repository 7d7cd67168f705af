"""An application with one role has nothing at `/`: lead to its pages."""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

__all__ = ["lead_to"]


def lead_to(path: str) -> HTTPRouteHandler:
    """A route at `/` that sends everybody there."""

    @get("/", sync_to_thread=False)
    def lead_there() -> Redirect:
        return Redirect(path, status_code=302)

    return lead_there
