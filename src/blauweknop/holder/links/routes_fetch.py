"""What is at the address of a link: a page for people, and two addresses for the receiver that it is for.

/d/{id}              what this is and for whom; looking at it takes nothing, however often
/d/{id}/ophalen      a receiver fetches, with a signed order in which the PIN stands
/d/{id}/ontvangst    the receiver brings its receipt

No cookies for machines, nothing is cached; what is refused names the rule and never what was received. Nobody who looks at the page comes
from anywhere or goes anywhere: the browser keeps the key behind the # to itself, and no address of ours is told to others.
"""

import json
from collections.abc import Callable
from typing import Any

import structlog
from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.links.fetching import FetchRefused, give_package, take_receipt
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.links.routes import link_pages
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.visit import PageRequest, Services
from blauweknop.standards.oauth import OAuthProblem, read_form
from blauweknop.standards.share_link import MAX_FETCH, is_link_id
from blauweknop.standards.sharing_receipts import MAX_RECEIPT
from blauweknop.web.errors import new_error_id
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["link_routes"]

_MachineRequest = Request[Any, Any, Any]
Links = NamedDependency[SkipValidation[LinkServices]]
_MOST_ORDER, _MOST_RECEIPT = MAX_FETCH + 1024, MAX_RECEIPT + 1024
_GONE = 410
_LOG = structlog.get_logger("blauweknop.holder")


def link_routes(services: HolderServices, links: LinkServices) -> list[Router]:
    """All of links, below the path of Mijn Blauwe Knop."""
    given = {
        "services": Provide(lambda: services, sync_to_thread=False),
        "links": Provide(lambda: links, sync_to_thread=False),
    }
    guards = [rate_limit("links", limit=links.fetches_a_minute, window=60, counter=MemoryCounter())]
    return [
        Router(services.path, route_handlers=link_pages(), dependencies=given),
        Router(f"{services.path}/d", route_handlers=[show_door, fetch, bring_receipt], dependencies=given, guards=guards),
    ]


@get("/{link_id:str}", sync_to_thread=True)
def show_door(request: PageRequest, services: Services, links: Links, link_id: FromPath[str]) -> Response[Any]:
    """For whoever opens the link in a browser. It says no more than for which organisation it is."""
    known = links.store.read(link_id) if is_link_id(link_id) else None
    waits = known is not None and links.store.waits(link_id, now=services.now())
    receiver = known.name if known is not None and waits else ""
    return holder_page(request, services, "holder/link-door.html", None, status_code=200 if waits else _GONE, receiver=receiver)


@post("/{link_id:str}/ophalen", status_code=200, exclude_from_csrf=True, request_max_body_size=_MOST_ORDER)
async def fetch(request: _MachineRequest, services: Services, links: Links, link_id: FromPath[str]) -> Response[bytes]:
    body = await request.body()

    def work() -> Response[bytes]:
        form = read_form(body, request.headers.get("content-type", ""), request.scope["query_string"], most=_MOST_ORDER)
        package = give_package(link_id, form.get("order", ""), services, links)
        return Response(package, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    return await _answered(work)


@post("/{link_id:str}/ontvangst", status_code=200, exclude_from_csrf=True, request_max_body_size=_MOST_RECEIPT)
async def bring_receipt(request: _MachineRequest, services: Services, links: Links, link_id: FromPath[str]) -> Response[bytes]:
    body = await request.body()

    def work() -> Response[bytes]:
        form = read_form(body, request.headers.get("content-type", ""), request.scope["query_string"], most=_MOST_RECEIPT)
        take_receipt(link_id, form.get("receipt", ""), services, links)
        return _json({"status": "received"}, 200)

    return await _answered(work)


async def _answered(work: Callable[[], Response[bytes]]) -> Response[bytes]:
    try:
        return await sync_to_thread(work)
    except OAuthProblem as problem:
        return _json({"error": problem.code, "error_description": str(problem)}, 400)
    except FetchRefused as refused:
        _LOG.info("link_refused", reason=refused.code)
        left: dict[str, JsonValue] = {} if refused.left is None else {"tries_left": refused.left}
        status = _GONE if refused.code in ("link_gone", "link_closed") else 503 if refused.code == "link_no_trust" else 403
        return _json({"error": refused.code, "error_description": str(refused), **left}, status)
    except BlauweKnopError as problem:
        error_id = new_error_id()
        _LOG.error("link_failed", error_type=type(problem).__name__, error_id=error_id)
        return _json({"error": "server_error", "error_description": f"this went wrong here, number {error_id}; try again later"}, 503)


def _json(members: dict[str, JsonValue], status: int) -> Response[bytes]:
    body = json.dumps(members).encode("utf-8")
    return Response(body, status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"})
