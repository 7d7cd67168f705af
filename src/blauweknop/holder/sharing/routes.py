"""The pages on which a person answers a receiver: who asks and what, with every value as it will be seen; yes or no; and back.

    /delen?client_id=&request_uri=&request_uri_method=post   the link of the receiver
    /delen/verder                                            back to a request that waited until its person was in
    /delen/{key}                                             the question, and the answer to it

A request that is refused leaves nothing behind, and the receiver hears nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.answering import Choice, NotAnswered, send_answer, send_no
from blauweknop.holder.sharing.asking import AskingProblem, Link, fetch_question, judge, read_link
from blauweknop.holder.sharing.checked import checked_view
from blauweknop.holder.sharing.consent import WrongChoice
from blauweknop.holder.sharing.ending import EndProblem, chosen_end
from blauweknop.holder.sharing.holdings import holdings_for
from blauweknop.holder.sharing.pages import Opened, done_page, ended_page, question_page, refused_page, today_of
from blauweknop.holder.sharing.papers import read_papers
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.requests import keep_question, kept_request
from blauweknop.holder.sharing.routes_given import given_router
from blauweknop.holder.sharing.waiting import forget_waiting, let_wait, put_down, take_waiting
from blauweknop.holder.vault import VaultFull
from blauweknop.holder.visit import PageRequest, Services, Visit, current_visit, enter
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["sharing_router"]

Sharing = NamedDependency[SkipValidation[SharingServices]]

_MOST_TICKED = 50
_MOST_NAMES = 100
_WHICH = "which-"


def sharing_router(
    services: HolderServices, sharing: SharingServices, *, links: LinkServices | None = None, links_a_minute: int = 30
) -> Router:
    """The pages below the path of the holder; so many links a minute are followed from one address.

    With `links` the page of what was shared tells of those that the person made, too.
    """
    guard = rate_limit("follow a link of a receiver", limit=links_a_minute, window=60, counter=MemoryCounter())
    follow = get("/", guards=[guard], sync_to_thread=True)(_follow)
    return Router(
        services.path,
        route_handlers=[Router("/delen", route_handlers=[follow, go_on, show_question, answer_question]), given_router()],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False),
            "sharing": Provide(lambda: sharing, sync_to_thread=False),
            "links": Provide(lambda: links, sync_to_thread=False),
        },
    )


def _follow(request: PageRequest, services: Services, sharing: Sharing) -> Response[Any]:
    """From the receiver: look at the question, or open the account first."""
    query = {name: request.query_params.getall(name) for name in request.query_params}
    try:
        link = read_link(query, exercise=sharing.trust(sharing.now()).is_exercise)
    except AskingProblem as problem:
        return refused_page(request, services, None, problem.code)
    visit = current_visit(request, services)
    if visit is not None and visit.state.has_recovery_code:
        return _hear(request, services, sharing, visit, link)
    answer = holder_page(request, services, "holder/share-first.html", None, switch_path=f"{services.path}/openen")
    return answer if let_wait(link, services, answer) else refused_page(request, services, None, "busy")


@get("/verder", sync_to_thread=True)
def go_on(request: PageRequest, services: Services, sharing: Sharing) -> Response[Any]:
    """The person is in now."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    link = take_waiting(request, services)
    answer = refused_page(request, services, visit, "over") if link is None else _hear(request, services, sharing, visit, link)
    forget_waiting(services, answer)
    return answer


@get("/{key:str}", sync_to_thread=True)
def show_question(request: PageRequest, services: Services, sharing: Sharing, key: FromPath[str]) -> Response[Any]:
    """Who asks what, and what is here for it."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    opened = _opened(request, services, sharing, visit, key)
    return opened if isinstance(opened, Response) else question_page(request, services, sharing, visit, opened)


@post("/{key:str}", status_code=200)
async def answer_question(request: PageRequest, services: Services, sharing: Sharing, key: FromPath[str]) -> Response[Any]:
    """Yes, to what was shown; or no."""
    received = await request.form()
    form = {name: value for name in ("answer", "view", "today", "until", "updates") if isinstance(value := received.get(name), str)}
    extra, papers = (
        frozenset(value for value in received.getall(name, [])[:_MOST_TICKED] if isinstance(value, str)) for name in ("extra", "paper")
    )
    which = {
        name.removeprefix(_WHICH): tuple(value if isinstance(value, str) else "" for value in received.getall(name)[:2])
        for name in sorted({*received})[:_MOST_NAMES]
        if name.startswith(_WHICH)
    }
    return await sync_to_thread(
        _answer,
        request,
        services,
        sharing,
        key,
        _Said(
            form.get("answer", ""),
            form.get("view", ""),
            form.get("today", ""),
            extra,
            papers,
            form.get("until", ""),
            form.get("updates") == "yes",
            which,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What the form says: the answer, what it was an answer to, and what was ticked."""

    answer: str
    view: str
    today: str
    """The day on which the page was shown: every end that it names counts from there."""
    extra: frozenset[str]
    papers: frozenset[str]
    until: str = ""
    updates: bool = False
    which: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of each thing of which there is more than one, by its number."""


def _hear(request: PageRequest, services: HolderServices, sharing: SharingServices, visit: Visit, link: Link) -> Response[Any]:
    """Fetch the question and keep it, when it may be shown."""
    try:
        asked = fetch_question(link, sharing)
        verified = judge(asked, sharing, sharing.now())
        key = keep_question(asked, verified, visit.vault, sharing.now())
    except AskingProblem as problem:
        return refused_page(request, services, visit, problem.code)
    except VaultFull:
        return refused_page(request, services, visit, "full")
    return see_other(f"{services.path}/delen/{key}")


def _opened(request: PageRequest, services: HolderServices, sharing: SharingServices, visit: Visit, key: str) -> Opened | Response[Any]:
    kept = kept_request(visit.vault, key)
    if kept is None:
        return refused_page(request, services, visit, "gone", status_code=404)
    if kept.item.state != "open":
        return ended_page(request, services, visit, kept)
    now, asked = sharing.now(), kept.asked
    try:
        verified = judge(asked, sharing, now)
    except AskingProblem as problem:
        return refused_page(request, services, visit, problem.code, item=kept.item)
    types = {kind for query in verified.query.credentials for kind in query.types}
    holdings = holdings_for(types, visit.vault, sharing.catalogue, now, with_earlier=True)
    found = checked_view(asked, verified, holdings, visit.vault, sharing.catalogue, sharing.check, now)
    return Opened(kept, verified, found.view, found.remarks)


def _answer(
    request: PageRequest,
    services: HolderServices,
    sharing: SharingServices,
    key: str,
    said: _Said,
) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if said.answer == "no":
        return _say_no(request, services, sharing, visit, key)
    opened = _opened(request, services, sharing, visit, key)
    if isinstance(opened, Response):
        return opened
    view = opened.view
    if said.answer != "yes" or not view.is_the_one_of(said.view) or said.today != today_of(sharing).isoformat():
        return question_page(request, services, sharing, visit, opened, complaint="changed")
    try:
        picked = view.picked(said.which)
    except WrongChoice:
        return question_page(request, services, sharing, visit, opened, complaint="missing" if view.missing else "which")
    taken = view.taken({int(number) for number in said.extra if number.isascii() and number.isdecimal() and len(number) < 4}, picked)
    if view.missing or not taken:
        return question_page(request, services, sharing, visit, opened, complaint="missing", picked=picked)
    papers = read_papers(said.papers, visit.vault)
    if papers is None:
        return question_page(request, services, sharing, visit, opened, complaint="papers", picked=picked)
    try:
        ends_at = chosen_end(said.until, opened.verified.registration, sharing.now())
    except EndProblem as problem:
        return question_page(request, services, sharing, visit, opened, complaint=problem.code, picked=picked)
    try:
        choice = Choice(taken, view.taken((), picked), ends_at, papers, said.updates)
        answered = send_answer(opened.kept, opened.verified, choice, visit.vault, sharing, language=language_of(request))
    except NotAnswered as problem:
        if problem.code == "again":
            return see_other(f"{services.path}/delen/{key}")
        opened = _opened(request, services, sharing, visit, key)
        if isinstance(opened, Response):
            return opened
        still = picked if opened.view.is_the_one_of(said.view) else None
        return question_page(request, services, sharing, visit, opened, complaint=problem.code, picked=still)
    put_down(visit, services)
    sharing.copies_used(visit.vault)
    return done_page(request, services, visit, opened.kept, answered.state, address=answered.address, site=answered.site)


def _say_no(request: PageRequest, services: HolderServices, sharing: SharingServices, visit: Visit, key: str) -> Response[Any]:
    kept = kept_request(visit.vault, key)
    if kept is None:
        return refused_page(request, services, visit, "gone", status_code=404)
    if kept.item.state != "open":
        return ended_page(request, services, visit, kept)
    try:
        answered = send_no(kept, visit.vault, sharing)
    except AskingProblem as problem:
        visit.vault.remove(kept.head.id)
        return refused_page(request, services, visit, problem.code, item=kept.item)
    except NotAnswered:
        return see_other(f"{services.path}/delen/{key}")
    put_down(visit, services)
    return holder_page(
        request, services, "holder/share-no.html", visit, receiver=kept.item.receiver, address=answered.address, site=answered.site
    )
