"""The pages of keeping a receiver up to date: what is new, send it or not, go on for longer, stop.

/gedeeld/{key}/bijwerken         what is new, as the receiver will see it, and own papers to pick; and "Nu sturen"
/gedeeld/{key}/niet-sturen       this news stays here
/gedeeld/{key}/doorgaan          for longer, or let it end
/gedeeld/{key}/stoppen           nothing newer goes any more
"""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.lasting import go_on, let_end, stop
from blauweknop.holder.sharing.newer_papers import replaceable_papers
from blauweknop.holder.sharing.news import fingerprint_of, is_followed, news_of
from blauweknop.holder.sharing.papers import MOST_PAPERS
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.requests import KeptRequest, kept_request
from blauweknop.holder.sharing.showing import shown_news
from blauweknop.holder.sharing.telling import NotUpdated
from blauweknop.holder.sharing.updating import doubtful_update, send_update, set_aside
from blauweknop.holder.visit import PageRequest, Services, Visit, enter, form_of
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["UPDATE_HANDLERS"]

_SHOWN_AGAIN = frozenset({"changed", "nothing", "papers"})
_Sharing = NamedDependency[SkipValidation[SharingServices]]


@get("/{key:str}/bijwerken", sync_to_thread=True)
def show_news(request: PageRequest, services: Services, sharing: _Sharing, key: FromPath[str]) -> Response[Any]:
    """What is new; looking at it sends nothing."""
    visit = enter(request, services)
    return visit if isinstance(visit, Response) else _news_page(request, services, sharing, visit, _followed(visit, key))


@post("/{key:str}/bijwerken", status_code=200)
async def send_news(request: PageRequest, services: Services, sharing: _Sharing, key: FromPath[str]) -> Response[Any]:
    """Send it now."""
    form = await form_of(request)
    picked = {number: paper for number in range(1, MOST_PAPERS + 1) if (paper := form.get(f"paper-{number}"))}
    return await sync_to_thread(_send, request, services, sharing, key, form.get("news", ""), picked)


@post("/{key:str}/niet-sturen", status_code=200)
async def keep_news(request: PageRequest, services: Services, key: FromPath[str]) -> Response[Any]:
    """Do not send this."""
    seen = (await form_of(request)).get("news", "")

    def work() -> Response[Any]:
        visit = enter(request, services)
        if isinstance(visit, Response):
            return visit
        set_aside(_followed(visit, key), seen, visit.vault)
        return see_other(f"{services.path}/gedeeld/{key}")

    return await sync_to_thread(work)


@post("/{key:str}/stoppen", status_code=200, sync_to_thread=True)
def stop_updates(request: PageRequest, services: Services, sharing: _Sharing, key: FromPath[str]) -> Response[Any]:
    """Nothing newer goes any more."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    try:
        stop(_followed(visit, key), visit.vault, sharing)
    except NotUpdated as problem:
        return _problem(request, services, visit, _followed(visit, key), problem.code)
    return see_other(f"{services.path}/gedeeld/{key}#op-de-hoogte")


@post("/{key:str}/doorgaan", status_code=200)
async def answer_end(request: PageRequest, services: Services, sharing: _Sharing, key: FromPath[str]) -> Response[Any]:
    """For longer: a new yes; or let it end."""
    form = await form_of(request)
    goes_on, until = form.get("answer") == "yes", form.get("until", "")

    def work() -> Response[Any]:
        visit = enter(request, services)
        if isinstance(visit, Response):
            return visit
        kept = _followed(visit, key)
        try:
            if goes_on:
                go_on(kept, until, visit.vault, sharing)
            else:
                let_end(kept, visit.vault)
        except NotUpdated as problem:
            return _problem(request, services, visit, kept, problem.code)
        return see_other(f"{services.path}/gedeeld/{key}#op-de-hoogte")

    return await sync_to_thread(work)


UPDATE_HANDLERS = [show_news, send_news, keep_news, stop_updates, answer_end]


def _send(
    request: PageRequest, services: HolderServices, sharing: SharingServices, key: str, seen: str, picked: Mapping[int, str]
) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    kept = _followed(visit, key)
    try:
        send_update(kept, seen, visit.vault, sharing, picked=picked)
    except NotUpdated as problem:
        if problem.code in _SHOWN_AGAIN:
            return _news_page(request, services, sharing, visit, _followed(visit, key), complaint=problem.code)
        return _problem(request, services, visit, kept, problem.code)
    sharing.copies_used(visit.vault)
    return see_other(f"{services.path}/gedeeld/{key}#op-de-hoogte")


def _news_page(
    request: PageRequest, services: HolderServices, sharing: SharingServices, visit: Visit, kept: KeptRequest, *, complaint: str = ""
) -> Response[Any]:
    language = language_of(request)
    news = news_of(kept.sharing, visit.vault, sharing.catalogue, sharing.now())
    papers = replaceable_papers(kept.sharing, visit.vault) if is_followed(kept, sharing.now()) else ()
    return holder_page(
        request,
        services,
        "holder/update.html",
        visit,
        status_code=409 if complaint else 200,
        switch_path=f"{services.path}/gedeeld/{kept.key}/bijwerken",
        key=kept.key,
        receiver=kept.item.receiver,
        until=kept.item.updates_until,
        news=[shown_news(one.thing, one.holding, one.claims, sharing.catalogue, language) for one in news],
        fingerprint=fingerprint_of(news),
        papers=papers,
        is_doubtful=doubtful_update(kept.sharing, sharing.now()) is not None,
        complaint=sentence(f"updates.problem.{complaint}", language) if complaint and (news or papers) else "",
    )


def _problem(request: PageRequest, services: HolderServices, visit: Visit, kept: KeptRequest, code: str) -> Response[Any]:
    """What it means; what was shared before is as it was."""
    words = f"updates.problem.{code}"
    return holder_page(
        request,
        services,
        "holder/update-problem.html",
        visit,
        status_code=409,
        switch_path=f"{services.path}/gedeeld/{kept.key}",
        key=kept.key,
        receiver=kept.item.receiver,
        words=sentence(words if words in all_texts() else "updates.problem.refused", language_of(request), receiver=kept.item.receiver),
    )


def _followed(visit: Visit, key: str) -> KeptRequest:
    """One that is kept up to date, or was."""
    kept = kept_request(visit.vault, key)
    if kept is None or kept.item.state != "sent" or not kept.sharing.update_uri:
        raise NotFoundException("no such sharing")
    return kept
