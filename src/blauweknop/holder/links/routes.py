"""The pages on which a person gives documents to a receiver without a wallet, and sees what became of it.

/delen/link                       to whom: the registered receivers, and what each uses documents for
/delen/link/{name}                what goes, as the receiver will see it, and until when; and make the link
/gedeeld/link/{key}               the link, its PIN and what to write with it; later what happened
/gedeeld/link/{key}/intrekken     are you sure; and yes
"""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue.texts import sentence
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.links.choosing import Fitting, fingerprint_of, fitting_documents
from blauweknop.holder.links.following import look_at_link, take_back
from blauweknop.holder.links.items import MadeLink, made_link
from blauweknop.holder.links.making import DAYS, LinkNotMade, Wanted, make_link
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.links.receivers import LinkReceiver, link_receivers, receiver_of
from blauweknop.holder.links.showing import shown_fitting, shown_uses
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.given import shown_things
from blauweknop.holder.sharing.papers import read_papers, shown_papers
from blauweknop.holder.sharing.reasons import reasons_of
from blauweknop.holder.sharing.showing import shown_asker
from blauweknop.holder.vault import VaultFull
from blauweknop.holder.visit import PageRequest, Services, Visit, enter
from blauweknop.standards.delivery import MOST_FILE_BYTES
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.qr_code import qr_code

__all__ = ["link_pages"]

Links = NamedDependency[SkipValidation[LinkServices]]

_MOST_TICKED = 50
_USUAL_DAYS = DAYS[1]


def link_pages() -> list[HTTPRouteHandler]:
    """Below the path of Mijn Blauwe Knop, which gives them what they need."""
    return [show_receivers, show_choice, make, show_link, confirm, take_link_back]


@get("/delen/link", sync_to_thread=True)
def show_receivers(request: PageRequest, services: Services, links: Links) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    uses = shown_uses(link_receivers(links, services.now()), language_of(request))
    return holder_page(request, services, "holder/link-receivers.html", visit, uses=uses)


@get("/delen/link/{name:str}", sync_to_thread=True)
def show_choice(request: PageRequest, services: Services, links: Links, name: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    receiver = receiver_of(name, links, services.now())
    return _gone(request, services, visit) if receiver is None else _choice_page(request, services, links, visit, receiver, _Said())


@post("/delen/link/{name:str}", status_code=200)
async def make(request: PageRequest, services: Services, links: Links, name: FromPath[str]) -> Response[Any]:
    """Yes, to what was shown."""
    received = await request.form()
    texts = {key: value for key in ("view", "days") if isinstance(value := received.get(key), str)}
    documents, papers = (
        frozenset(value for value in received.getall(key, [])[:_MOST_TICKED] if isinstance(value, str)) for key in ("document", "paper")
    )
    days = next((number for number in DAYS if texts.get("days") == str(number)), _USUAL_DAYS)
    return await sync_to_thread(_make, request, services, links, name, _Said(texts.get("view", ""), days, documents, papers))


@get("/gedeeld/link/{key:str}", sync_to_thread=True)
def show_link(request: PageRequest, services: Services, links: Links, key: FromPath[str]) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    made = look_at_link(_made(visit, key), visit.vault, links, services.now())
    language, here = language_of(request), frozenset(document.key for document in kept_items(visit.vault).documents)
    receiver, link = made.item.receiver, made.body.link
    words = {"receiver": receiver, "purpose": made.body.sharing.purpose.in_language(language), "link": link}
    return holder_page(
        request,
        services,
        "holder/link-made.html",
        visit,
        made=made,
        pin=f"{made.body.pin[:3]} {made.body.pin[3:]}",
        things=list(shown_things(made.body.sharing.things, here, links.catalogue, language)),
        qr=qr_code(link, quiet_zone=2) if link else "",
        mail=sentence("link.mail", language, **words) if link else "",
    )


@get("/gedeeld/link/{key:str}/intrekken", sync_to_thread=True)
def confirm(request: PageRequest, services: Services, links: Links, key: FromPath[str]) -> Response[Any]:
    """Are you sure."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    made = look_at_link(_made(visit, key), visit.vault, links, services.now())
    if made.item.state != "waiting" or not made.body.link:
        return see_other(f"{services.path}/gedeeld/link/{key}")
    return holder_page(request, services, "holder/link-withdraw.html", visit, made=made)


@post("/gedeeld/link/{key:str}/intrekken", sync_to_thread=True)
def take_link_back(request: PageRequest, services: Services, links: Links, key: FromPath[str]) -> Response[Any]:
    """Yes."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    take_back(_made(visit, key), visit.vault, links, services.now())
    return see_other(f"{services.path}/gedeeld/link/{key}")


@dataclass(frozen=True, slots=True)
class _Said:
    """What the form says: what it was an answer to, for how long, and what was ticked."""

    view: str = ""
    days: int = _USUAL_DAYS
    documents: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()


def _make(request: PageRequest, services: HolderServices, links: LinkServices, name: str, said: _Said) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    receiver = receiver_of(name, links, services.now())
    if receiver is None:
        return _gone(request, services, visit)
    fitting = fitting_documents(receiver, visit.vault, links, services.now())
    complaint = ""
    if _fingerprint(receiver, fitting, visit) != said.view:
        complaint = "changed"
    elif not said.documents:
        complaint = "nothing"
    papers = read_papers(said.papers, visit.vault, most_bytes=MOST_FILE_BYTES)
    if papers is None:
        complaint = complaint or "papers"
    if complaint or papers is None:
        return _choice_page(request, services, links, visit, receiver, said, complaint=complaint)
    chosen = tuple(each for each in fitting if each.key in said.documents)
    try:
        made = make_link(Wanted(chosen, papers, said.days), receiver, visit.vault, services, links, language=language_of(request))
    except LinkNotMade as problem:
        return _choice_page(request, services, links, visit, receiver, said, complaint=problem.code)
    except VaultFull:
        return _choice_page(request, services, links, visit, receiver, said, complaint="full")
    return see_other(f"{services.path}/gedeeld/link/{made}")


def _choice_page(
    request: PageRequest,
    services: HolderServices,
    links: LinkServices,
    visit: Visit,
    receiver: LinkReceiver,
    said: _Said,
    *,
    complaint: str = "",
) -> Response[Any]:
    language, registration = language_of(request), receiver.registration
    fitting = fitting_documents(receiver, visit.vault, links, services.now())
    return holder_page(
        request,
        services,
        "holder/link-choose.html",
        visit,
        status_code=409 if complaint else 200,
        switch_path=f"{services.path}/delen/link/{receiver.name}",
        name=receiver.name,
        asker=shown_asker(registration, reasons_of(registration, links.catalogue), language),
        documents=[shown_fitting(each, links.catalogue, language) for each in fitting],
        papers=shown_papers(visit.vault, most_bytes=MOST_FILE_BYTES),
        days=DAYS,
        chosen=said,
        fingerprint=_fingerprint(receiver, fitting, visit),
        complaint=sentence(f"link.complaint.{complaint}", language) if complaint else "",
    )


def _fingerprint(receiver: LinkReceiver, fitting: tuple[Fitting, ...], visit: Visit) -> str:
    return fingerprint_of(receiver, fitting, [key for key, _ in kept_items(visit.vault).papers])


def _gone(request: PageRequest, services: HolderServices, visit: Visit) -> Response[Any]:
    """The register does not know this receiver, or not any more."""
    return holder_page(request, services, "holder/link-nobody.html", visit, status_code=404, switch_path=f"{services.path}/delen/link")


def _made(visit: Visit, key: str) -> MadeLink:
    made = made_link(visit.vault, key)
    if made is None:
        raise NotFoundException("no such link")
    return made
