"""The pages of what was shared (J7): who has what, the receipt, taking it back, the proof that it was erased, and where to complain.

/gedeeld                                 everything that was shared
/gedeeld/{key}                           one answer to one receiver
/gedeeld/{key}/ontvangstbewijs           the receipt, as the receiver signed it
/gedeeld/{key}/bewijs-van-wissen         the proof of erasure
/gedeeld/{key}/intrekken                 are you sure; and yes
"""

from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.later import busy
from blauweknop.holder.links.following import look_at_links
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.page import holder_page, saved
from blauweknop.holder.sharing.given import shown_sharing, shown_things, shown_updates
from blauweknop.holder.sharing.lasting import asks_to_go_on, last_day
from blauweknop.holder.sharing.news import waiting_news
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.requests import KeptRequest, answered_requests, kept_request
from blauweknop.holder.sharing.routes_matrix import MATRIX_HANDLERS
from blauweknop.holder.sharing.routes_updates import UPDATE_HANDLERS
from blauweknop.holder.sharing.withdrawing import can_withdraw, look_for_proof, withdraw
from blauweknop.holder.unreadable import unreadable_lines
from blauweknop.holder.visit import PageRequest, Services, Visit, enter
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["given_router"]

Sharing = NamedDependency[SkipValidation[SharingServices]]
Links = NamedDependency[SkipValidation[LinkServices | None]]
"""None where there is no register to know receivers by."""

_JWT = "application/jwt"


def given_router() -> Router:
    """The pages below the path of the holder, which gives them what they need."""
    return Router(
        "/gedeeld", route_handlers=[show_all, show_one, give_receipt, give_erasure, confirm, take_back, *UPDATE_HANDLERS, *MATRIX_HANDLERS]
    )


@get("/", sync_to_thread=True)
def show_all(request: PageRequest, services: Services, sharing: Sharing, links: Links) -> Response[Any]:
    """The newest first; what receivers answered or fetched meanwhile is looked at."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    vault, now = visit.vault, services.now()
    made = look_at_links(vault, links, now) if links is not None else ()
    looked = [look_for_proof(kept, vault, sharing) for kept in answered_requests(vault)]
    shown = [shown_sharing(kept, sharing.now()) for kept in looked]
    return holder_page(
        request,
        services,
        "holder/given.html",
        visit,
        news=waiting_news(vault, sharing.catalogue, sharing.now()),
        unreadable=unreadable_lines(vault, kept_items(vault), (), sharing.catalogue, language_of(request)),
        sharings=sorted(shown, key=lambda one: (one.shared_at, one.key), reverse=True),
        links=sorted((one for one in made if one.item.state != "received"), key=lambda one: (one.item.made_at, one.key), reverse=True),
        has_links=links is not None,
    )


@get("/{key:str}", sync_to_thread=True)
def show_one(request: PageRequest, services: Services, sharing: Sharing, key: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    kept = look_for_proof(_answered(visit, key), visit.vault, sharing)
    given, language = kept.sharing, language_of(request)
    here = frozenset(document.key for document in kept_items(visit.vault).documents)
    return holder_page(
        request,
        services,
        "holder/given-one.html",
        visit,
        one=shown_sharing(kept, sharing.now()),
        sharing=given,
        things=list(shown_things(given.things, here, sharing.catalogue, language)),
        can_withdraw=can_withdraw(kept),
        updates=shown_updates(kept, visit.vault, sharing.catalogue, sharing.now()),
        asks_end=last_day(given, sharing.now()) if asks_to_go_on(kept, sharing.now()) else None,
    )


@get("/{key:str}/ontvangstbewijs", sync_to_thread=True)
def give_receipt(request: PageRequest, services: Services, key: FromPath[str]) -> Response[Any]:
    """As the receiver signed it."""
    visit = enter(request, services)
    return visit if isinstance(visit, Response) else _file(_answered(visit, key).sharing.receipt, "ontvangstbewijs.jwt")


@get("/{key:str}/bewijs-van-wissen", sync_to_thread=True)
def give_erasure(request: PageRequest, services: Services, key: FromPath[str]) -> Response[Any]:
    """As the receiver signed it."""
    visit = enter(request, services)
    return visit if isinstance(visit, Response) else _file(_answered(visit, key).sharing.erasure, "bewijs-van-wissen.jwt")


@get("/{key:str}/intrekken", sync_to_thread=True)
def confirm(request: PageRequest, services: Services, sharing: Sharing, key: FromPath[str]) -> Response[Any]:
    """Are you sure."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    kept = _answered(visit, key)
    if not can_withdraw(kept):
        return see_other(f"{services.path}/gedeeld/{key}")
    one = shown_sharing(kept, sharing.now())
    return holder_page(request, services, "holder/given-withdraw.html", visit, one=one, sharing=kept.sharing)


@post("/{key:str}/intrekken", sync_to_thread=True)
def take_back(request: PageRequest, services: Services, sharing: Sharing, key: FromPath[str]) -> Response[Any]:
    """Yes."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    try:
        withdraw(_answered(visit, key), visit.vault, sharing)
    except BlauweKnopError:
        return busy(request, services)
    return see_other(f"{services.path}/gedeeld/{key}")


def _answered(visit: Visit, key: str) -> KeptRequest:
    kept = kept_request(visit.vault, key)
    if kept is None or kept.item.state == "open":
        raise NotFoundException("no such sharing")
    return kept


def _file(text: str, name: str) -> Response[Any]:
    if not text:
        raise NotFoundException("there is none")
    return saved(text.encode("ascii"), _JWT, name)
