"""The pages of Mijn Blauwe Knop: make an account, keep its recovery code, open it, see what is in it, who can open it, erase it.

Every page works without script, by a passphrase; a passkey needs one. What a person typed is in no address, and no browser keeps a page.
"""

from litestar import Response, Router, get, post
from litestar.di import Provide

from blauweknop.catalogue import load_catalogue
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.keeping import Check
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.looking_again import Looking
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.removing import forget, removed_of
from blauweknop.holder.routes_access import access_routes
from blauweknop.holder.routes_corrections import corrections_router
from blauweknop.holder.routes_erase import confirm_erasing, erase, erased
from blauweknop.holder.routes_indications import indications_router
from blauweknop.holder.routes_new import new_routes
from blauweknop.holder.routes_open import open_routes
from blauweknop.holder.routes_overview import Looks, overview_router
from blauweknop.holder.routes_passkey import passkey_routes
from blauweknop.holder.routes_recovery import keep_code, make_code, show_code
from blauweknop.holder.routes_removing import removing_router
from blauweknop.holder.routes_rights import rights_router
from blauweknop.holder.sharing.news import waiting_news
from blauweknop.holder.unreadable import unreadable_lines
from blauweknop.holder.visit import PageRequest, Services, current_visit, end_visit, enter
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["holder_router"]


def holder_router(services: HolderServices, *, check: Check | None = None, background: Background | None = None) -> Router:
    """The pages below their path; without the check of files nothing can be read in or checked again.

    With `background` documents are looked at again by themselves.
    """
    catalogue = load_catalogue()
    looking = Looking(check, background, catalogue) if background is not None else None
    return Router(
        services.path,
        route_handlers=[
            start,
            *new_routes(services),
            *open_routes(services),
            show_code,
            make_code,
            keep_code,
            show_data,
            *access_routes(services),
            *passkey_routes(services),
            confirm_erasing,
            erase,
            erased,
            log_out,
            logged_out,
            overview_router(catalogue),
            indications_router(catalogue),
            removing_router(catalogue),
            rights_router(check),
            corrections_router(catalogue, check),
        ],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False),
            "looking": Provide(lambda: looking, sync_to_thread=False),
        },
    )


@get("/", sync_to_thread=True)
def start(request: PageRequest, services: Services) -> Response[str]:
    """What this is, for anybody to read; who is in goes on."""
    if current_visit(request, services) is not None:
        return see_other(f"{services.path}/gegevens")
    return holder_page(request, services, "holder/start.html", None)


@get("/gegevens", sync_to_thread=True)
def show_data(request: PageRequest, services: Services, looking: Looks) -> Response[str]:
    """All that the person keeps here: documents and papers, not what this program writes beside them, as the log."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    items = kept_items(visit.vault)
    if looking is not None:
        looking.begin(visit.vault, items, services.now(), language=language_of(request))
    number = len(items.documents) + len(items.papers)
    return holder_page(
        request,
        services,
        "holder/data.html",
        visit,
        number=number,
        lost=items.lost,
        unreadable=unreadable_lines(visit.vault, items, (), load_catalogue(), language_of(request)),
        news=waiting_news(visit.vault, load_catalogue(), services.now()),
    )


@post("/uitloggen", sync_to_thread=True)
def log_out(request: PageRequest, services: Services) -> Response[str]:
    """Out; what was taken away a moment ago goes for good."""
    visit = current_visit(request, services)
    removed = removed_of(visit.session.notes) if visit else None
    if visit is not None and removed is not None:
        forget(removed, visit.vault)
    return end_visit(request, services, f"{services.path}/uitgelogd")


@get("/uitgelogd", sync_to_thread=False)
def logged_out(request: PageRequest, services: Services) -> Response[str]:
    return holder_page(request, services, "holder/logged-out.html", None)
