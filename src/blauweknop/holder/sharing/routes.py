"""The pages on which a person answers a receiver: who asks and what, with every value as it will be seen; yes or no; and back.

    /delen?client_id=&request_uri=&request_uri_method=post   the link of the receiver
    /delen/verder                                            back to a request that waited until its person was in
    /delen/{key}                                             the question, and the answer to it

A request that is refused leaves nothing behind, and the receiver hears nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.answering import Choice, NotAnswered, send_answer, send_no
from blauweknop.holder.sharing.asking import AskingProblem, Link, fetch_question, judge, read_link
from blauweknop.holder.sharing.checked import Remark, checked_view
from blauweknop.holder.sharing.consent import View, WrongChoice
from blauweknop.holder.sharing.ending import EndProblem, chosen_end, shorter_ends
from blauweknop.holder.sharing.holdings import holdings_for
from blauweknop.holder.sharing.matrix import had_before
from blauweknop.holder.sharing.papers import read_papers, shown_papers
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.reasons import Reasons, reasons_of
from blauweknop.holder.sharing.requests import KeptRequest, RequestItem, RequestState, keep_question, kept_request
from blauweknop.holder.sharing.routes_given import given_router
from blauweknop.holder.sharing.routes_matrix import answered_of
from blauweknop.holder.sharing.showing import followed_titles, shown_asker, shown_sets
from blauweknop.holder.sharing.waiting import forget_waiting, hold_in_hand, let_wait, put_down, take_waiting
from blauweknop.holder.vault import VaultFull
from blauweknop.holder.visit import PageRequest, Services, Visit, current_visit, enter
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_composing import retention_end
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
        return _refused(request, services, None, problem.code)
    visit = current_visit(request, services)
    if visit is not None and visit.state.has_recovery_code:
        return _hear(request, services, sharing, visit, link)
    answer = holder_page(request, services, "holder/share-first.html", None, switch_path=f"{services.path}/openen")
    return answer if let_wait(link, services, answer) else _refused(request, services, None, "busy")


@get("/verder", sync_to_thread=True)
def go_on(request: PageRequest, services: Services, sharing: Sharing) -> Response[Any]:
    """The person is in now."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    link = take_waiting(request, services)
    answer = _refused(request, services, visit, "over") if link is None else _hear(request, services, sharing, visit, link)
    forget_waiting(services, answer)
    return answer


@get("/{key:str}", sync_to_thread=True)
def show_question(request: PageRequest, services: Services, sharing: Sharing, key: FromPath[str]) -> Response[Any]:
    """Who asks what, and what is here for it."""
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    opened = _opened(request, services, sharing, visit, key)
    return opened if isinstance(opened, Response) else _question_page(request, services, sharing, visit, opened)


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


@dataclass(frozen=True, slots=True)
class _Opened:
    """A request that can be answered now."""

    kept: KeptRequest
    verified: VerifiedRequest
    view: View
    remarks: Mapping[int, Remark]
    """What the check says of things that would go along, by their number, when that is not all well."""


def _hear(request: PageRequest, services: HolderServices, sharing: SharingServices, visit: Visit, link: Link) -> Response[Any]:
    """Fetch the question and keep it, when it may be shown."""
    try:
        asked = fetch_question(link, sharing)
        verified = judge(asked, sharing, sharing.now())
        key = keep_question(asked, verified, visit.vault, sharing.now())
    except AskingProblem as problem:
        return _refused(request, services, visit, problem.code)
    except VaultFull:
        return _refused(request, services, visit, "full")
    return see_other(f"{services.path}/delen/{key}")


def _opened(request: PageRequest, services: HolderServices, sharing: SharingServices, visit: Visit, key: str) -> _Opened | Response[Any]:
    kept = kept_request(visit.vault, key)
    if kept is None:
        return _refused(request, services, visit, "gone", status_code=404)
    if kept.item.state != "open":
        return _ended(request, services, visit, kept)
    now, asked = sharing.now(), kept.asked
    try:
        verified = judge(asked, sharing, now)
    except AskingProblem as problem:
        return _refused(request, services, visit, problem.code, item=kept.item)
    types = {kind for query in verified.query.credentials for kind in query.types}
    holdings = holdings_for(types, visit.vault, sharing.catalogue, now, with_earlier=True)
    found = checked_view(asked, verified, holdings, visit.vault, sharing.catalogue, sharing.check, now)
    return _Opened(kept, verified, found.view, found.remarks)


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
    if said.answer != "yes" or not view.is_the_one_of(said.view) or said.today != _today(sharing).isoformat():
        return _question_page(request, services, sharing, visit, opened, complaint="changed")
    try:
        picked = view.picked(said.which)
    except WrongChoice:
        return _question_page(request, services, sharing, visit, opened, complaint="missing" if view.missing else "which")
    taken = view.taken({int(number) for number in said.extra if number.isascii() and number.isdecimal() and len(number) < 4}, picked)
    if view.missing or not taken:
        return _question_page(request, services, sharing, visit, opened, complaint="missing", picked=picked)
    papers = read_papers(said.papers, visit.vault)
    if papers is None:
        return _question_page(request, services, sharing, visit, opened, complaint="papers", picked=picked)
    try:
        ends_at = chosen_end(said.until, opened.verified.registration, sharing.now())
    except EndProblem as problem:
        return _question_page(request, services, sharing, visit, opened, complaint=problem.code, picked=picked)
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
        return _question_page(request, services, sharing, visit, opened, complaint=problem.code, picked=still)
    put_down(visit, services)
    sharing.copies_used(visit.vault)
    return _done(request, services, visit, opened.kept, answered.state, address=answered.address, site=answered.site)


def _say_no(request: PageRequest, services: HolderServices, sharing: SharingServices, visit: Visit, key: str) -> Response[Any]:
    kept = kept_request(visit.vault, key)
    if kept is None:
        return _refused(request, services, visit, "gone", status_code=404)
    if kept.item.state != "open":
        return _ended(request, services, visit, kept)
    try:
        answered = send_no(kept, visit.vault, sharing)
    except AskingProblem as problem:
        visit.vault.remove(kept.head.id)
        return _refused(request, services, visit, problem.code, item=kept.item)
    except NotAnswered:
        return see_other(f"{services.path}/delen/{key}")
    put_down(visit, services)
    return holder_page(
        request, services, "holder/share-no.html", visit, receiver=kept.item.receiver, address=answered.address, site=answered.site
    )


def _done(
    request: PageRequest,
    services: HolderServices,
    visit: Visit,
    kept: KeptRequest,
    state: RequestState,
    *,
    address: str | None = None,
    site: str = "",
    again: bool = False,
) -> Response[Any]:
    """No redirect: browsers hold those after a form against the policy of the page with the form. To another site people go by choice."""
    return holder_page(
        request,
        services,
        "holder/share-done.html",
        visit,
        status_code=409 if again and request.method == "POST" else 200,
        headers={"Refresh": f"0; url={address}"} if address and not site else None,
        receiver=kept.item.receiver,
        key=kept.key,
        state=state,
        address=address,
        site=site,
        again=again,
    )


def _ended(request: PageRequest, services: HolderServices, visit: Visit, kept: KeptRequest) -> Response[Any]:
    """It was answered before, perhaps in another tab."""
    if kept.item.state in ("withdrawn", "erased"):
        return see_other(f"{services.path}/gedeeld/{kept.key}")
    state: RequestState = "unsure" if kept.item.state == "sending" else kept.item.state
    return _done(request, services, visit, kept, state, again=True)


def _question_page(
    request: PageRequest,
    services: HolderServices,
    sharing: SharingServices,
    visit: Visit,
    opened: _Opened,
    *,
    complaint: str = "",
    picked: Mapping[int, int] | None = None,
) -> Response[Any]:
    language = language_of(request)
    hold_in_hand(opened.kept.key, opened.kept.item, visit, services)
    now, registration = sharing.now(), opened.verified.registration
    reasons = reasons_of(registration, sharing.catalogue)
    sets = shown_sets(opened.view, reasons, sharing.sources(now), _today(sharing), language)
    return holder_page(
        request,
        services,
        "holder/share.html",
        visit,
        status_code=409 if complaint else 200,
        switch_path=f"{services.path}/delen/{opened.kept.key}",
        key=opened.kept.key,
        asker=shown_asker(registration, reasons, language),
        papers=shown_papers(visit.vault) if reasons.package is not None else (),
        papers_wanted=[each.title.in_language(language) for each in reasons.package.own_papers] if reasons.package is not None else [],
        required=[each for each in sets if each.required],
        optional=[each for each in sets if not each.required],
        mdocs=" ".join(sorted({dataset for each in sets for dataset in each.mdocs})),
        remarks=opened.remarks,
        before=_had_before(opened, reasons, visit, now),
        picked=picked or {},
        can_answer=not opened.view.missing,
        fingerprint=opened.view.fingerprint,
        today=_today(sharing).isoformat(),
        follows=followed_titles(opened.view, opened.verified.updates, reasons, language),
        follows_until=retention_end(opened.verified.updates.longest, now) if opened.verified.updates is not None else None,
        ends=shorter_ends(registration, now),
        last_end=chosen_end("", registration, now),
        expires_at=opened.verified.expires_at,
        complaint=sentence(f"sharing.complaint.{complaint}", language) if complaint else "",
    )


def _today(sharing: SharingServices) -> date:
    return sharing.now().astimezone(AMSTERDAM).date()


def _had_before(opened: _Opened, reasons: Reasons, visit: Visit, now: datetime) -> dict[int, str]:
    """By the number of what need not be given, which receivers of this life event have the same data set now."""
    if reasons.package is None:
        return {}
    known = had_before(answered_of(visit), reasons.package.event, now)
    found: dict[int, str] = {}
    for matched, offered in zip(opened.view.sets, opened.view.offered, strict=True):
        names = dict.fromkeys(name for one in offered for name in known.get(one.chosen.holding.dataset.id, ()))
        if names and not matched.required:
            found[matched.number] = ", ".join(names)
    return found


def _refused(
    request: PageRequest,
    services: HolderServices,
    visit: Visit | None,
    code: str,
    *,
    item: RequestItem | None = None,
    status_code: int = 403,
) -> Response[Any]:
    """What it means, and what to do; the receiver hears nothing."""
    language = language_of(request)
    own = f"sharing.problem.{code}"
    words = sentence(own if own in all_texts() else f"receiver.problem.{code}", language)
    remedy = f"sharing.remedy.{code}"
    return holder_page(
        request,
        services,
        "holder/share-refused.html",
        visit,
        status_code=status_code,
        switch_path=f"{services.path}/openen" if visit is None else f"{services.path}/gegevens",
        words=words,
        remedy=sentence(remedy if remedy in all_texts() else "sharing.remedy", language),
        item=item if code in _BEGIN_AGAIN else None,
        is_grave=code in _GRAVE,
    )


_BEGIN_AGAIN = ("request_expired", "over", "gone")


_GRAVE = frozenset(
    {
        "request_signature",
        "request_client",
        "request_receiver",
        "request_data_set",
        "request_claim",
        "request_bsn",
        "access_chain",
        "access_use",
        "registrar_unknown",
        "registration_signature",
        "registration_withdrawn",
    }
)
"""Not by accident: somebody asks what they may not, or is not who they say."""
