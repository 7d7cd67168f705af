"""The living page `/stijl`: every component in every state, so that a change of the look is seen, read aloud and tested in one place."""

from datetime import UTC, date, datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.texts import Text
from blauweknop.web.page import MenuItem, Portal, Visitor, page, see_other

__all__ = ["STYLE_HANDLERS"]

_PORTAL = Portal(
    name=Text(nl="Stijlgids", en="Style guide"),
    path="/stijl",
    colour="#c65d00",
    menu=(MenuItem(Text(nl="Onderdelen", en="Components"), "/stijl"),),
)
_VISITOR = Visitor(name="A. de Vries", sign_out_path="/stijl", stay_path="/stijl")
_PAYMENTS: list[tuple[str, date | None, int]] = [
    ("CAK", date(2026, 10, 11), 2180),
    ("Gemeente Boxtel", date(2026, 11, 30), 8740),
    ("DUO", date(2026, 11, 25), 16331),
    ("UWV", None, -4250),
]


@get("/stijl")
async def show_style_guide(request: Request[Any, Any, Any]) -> Response[str]:
    return page(
        request,
        "web/style-guide.html",
        portal=_PORTAL,
        visitor=_VISITOR,
        payments=_PAYMENTS,
        total=[None, sum(cents for _, _, cents in _PAYMENTS)],
        checked_at=datetime(2026, 11, 23, 14, 12, tzinfo=UTC),
        reference_date="2026-11-20",
        born=PartialDate(1985, 8),
    )


@post("/stijl")
async def take_example() -> Redirect:
    """The forms of the page lead nowhere: what is typed there is not read."""
    return see_other("/stijl")


STYLE_HANDLERS = [show_style_guide, take_example]
