"""A request that waits: until its person is in, or while what is missing is fetched.

Until somebody is in only the link is kept, encrypted, for some minutes, tied to the browser that brought it.
Nothing is fetched before: who has no account yet, or a locked one, loses nothing by opening it first. Who is fetching something finds the
way back on the pages of that.
"""

from typing import Any

from litestar import Response

from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.asking import Link
from blauweknop.holder.sharing.requests import RequestItem
from blauweknop.holder.visit import PageRequest, Visit, keep_note
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object
from blauweknop.web.cookies import forget_cookie, give_cookie

__all__ = ["forget_waiting", "hold_in_hand", "let_wait", "put_down", "take_waiting"]

_MOST_LINK = 8 * 1024
_NOTE = "sharing"


def let_wait(link: Link, services: HolderServices, answer: Response[Any]) -> bool:
    """Give the browser of this answer a reference to the link; False when too many wait."""
    reference = services.steps.begin(canonical_json(link.as_json()), now=services.now())
    if reference is None:
        return False
    give_cookie(answer, services.request_cookie, reference)
    return True


def take_waiting(request: PageRequest, services: HolderServices) -> Link | None:
    """The link that this browser brought, once; None when there is none, or it waited too long."""
    kept = services.steps.take(request.cookies.get(services.request_cookie.name), now=services.now())
    if kept is None:
        return None
    try:
        return Link.from_json(parse_json_object(kept, max_bytes=_MOST_LINK))
    except (MalformedJson, MalformedValue):
        return None  # what a passkey was asked, under a cookie that somebody moved


def forget_waiting(services: HolderServices, answer: Response[Any]) -> None:
    forget_cookie(answer, services.request_cookie)


def hold_in_hand(key: str, item: RequestItem, visit: Visit, services: HolderServices) -> None:
    """Remember for this visit which request the person was at."""
    keep_note(visit, services, _NOTE, {"key": key, "receiver": item.receiver})


def put_down(visit: Visit, services: HolderServices) -> None:
    """It was answered."""
    keep_note(visit, services, _NOTE, None)
