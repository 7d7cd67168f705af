"""Log in at the own organisation, come back, log out."""

from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from blauweknop.catalogue.texts import sentence
from blauweknop.verifier.staff.logbook import Deed, Entry
from blauweknop.verifier.staff.ports import LoginBegun, StaffProblem, StaffServices
from blauweknop.verifier.staff.visit import HOME, PageRequest, Services, place_within, staff_page
from blauweknop.web.cookies import forget_cookie, give_cookie
from blauweknop.web.errors import new_error_id
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["come_back", "ended_by_provider_route", "first_page", "log_in_route", "log_out", "logged_out"]

_NOT_KEPT = {"Cache-Control": "no-store"}
_LOG = structlog.get_logger("blauweknop.verifier")


@get("/", sync_to_thread=False)
def first_page(services: Services) -> Redirect:
    return see_other(f"{services.path}{HOME}")


def log_in_route(services: StaffServices) -> HTTPRouteHandler:
    """The start of a login, so many times a minute from one address: each costs a place in the store and a question to the provider."""
    guard = rate_limit("staff-login", limit=services.login_starts, window=60, counter=MemoryCounter())
    return get("/inloggen", sync_to_thread=True, guards=[guard])(_log_in)


@get("/inloggen/terug", sync_to_thread=True)
def come_back(request: PageRequest, services: Services) -> Response[Any]:
    """Back from the login: a new session under a new reference, whatever the browser had before."""
    browser = request.cookies.get(services.login_cookie.name)
    callback = {name: request.query_params[name] for name in request.query_params}
    result = services.login.complete(callback, browser_reference=browser, now=services.now)
    if isinstance(result, StaffProblem):
        if result.is_of_staff:
            services.write_down(Deed.LOGIN_REFUSED, None, detail=result.code)
        return _problem_page(request, services, result)
    who, place = result
    before = request.cookies.get(services.session_cookie.name)
    with services.asking.together():
        reference = services.sessions.start(who, now=services.now, replaces=before)
        if reference is not None:
            services.write_down(Deed.LOGGED_IN, who.staff)
    if reference is None:
        return _problem_page(request, services, StaffProblem("busy", "login.problem.busy", can_retry=True, unreachable=True))
    services.colleagues.remember(who.staff, now=services.now)
    answer = see_other(place)
    give_cookie(answer, services.session_cookie, reference)
    forget_cookie(answer, services.login_cookie)
    return answer


@post("/uitloggen", sync_to_thread=True)
def log_out(request: PageRequest, services: Services) -> Response[Any]:
    """End the session here and, when the provider offers that, there."""
    reference = request.cookies.get(services.session_cookie.name)
    session = services.sessions.touch(reference, now=services.now)
    address = services.login.end_address(session.who, now=services.now) if session else None
    services.sessions.end(reference)
    if session is not None:
        services.write_down(Deed.LOGGED_OUT, session.who.staff)
    answer = Redirect(address or f"{services.path}/uitgelogd", status_code=303, headers=dict(services.forget_pages))
    forget_cookie(answer, services.session_cookie)
    return answer


def ended_by_provider_route(services: StaffServices) -> HTTPRouteHandler:
    """So many times a minute from one address: each costs the check of a signature."""
    guard = rate_limit("staff-logout", limit=services.logouts, window=60, counter=MemoryCounter())
    return post("/uitloggen-bij-inlogdienst", status_code=200, exclude_from_csrf=True, guards=[guard])(_ended_by_provider)


@get("/uitgelogd", sync_to_thread=False)
def logged_out(request: PageRequest, services: Services) -> Response[str]:
    return staff_page(request, services, None, "verifier/staff-out.html", ended=False, place=HOME)


async def _ended_by_provider(request: PageRequest, services: Services) -> Response[str]:
    """The provider says, without a browser, that a session ended or that somebody left (Back-Channel Logout 1.0, 2.5 to 2.8)."""
    form = await request.form()
    return await sync_to_thread(_end_as_told, services, {name: str(form[name]) for name in form})


def _end_as_told(services: StaffServices, form: Mapping[str, str]) -> Response[str]:
    """Whoever is in no longer is, at once. The same message again is refused: it could end a session of later."""
    told = services.login.ended(form, now=services.now)
    if not isinstance(told, StaffProblem):
        with services.asking.together():
            ended = services.sessions.end_by_provider(told, now=services.now)
            for staff_id in sorted(ended or ()):
                services.log.write(Entry(Deed.ENDED_BY_ORGANISATION, staff_id), now=services.now)
        if ended is not None:
            return Response("", status_code=200, headers=_NOT_KEPT)
    return Response('{"error": "invalid_request"}', status_code=400, media_type="application/json", headers=_NOT_KEPT)


def _log_in(request: PageRequest, services: Services) -> Response[Any]:
    place = place_within(request.query_params.get("naar"))
    begun = services.login.begin(return_to=f"{services.path}{place}", now=services.now)
    if not isinstance(begun, LoginBegun):
        return _problem_page(request, services, begun)
    answer = Redirect(begun.address, status_code=303)
    give_cookie(answer, services.login_cookie, begun.browser_reference)
    return answer


def _problem_page(request: PageRequest, services: StaffServices, problem: StaffProblem) -> Response[str]:
    """What went wrong, what to do, and a number to quote; who cancelled did nothing wrong."""
    error_id = new_error_id()
    if not problem.cancelled:
        _LOG.warning("staff_login_failed", receiver=services.asking.receiver.id, reason=problem.code, error_id=error_id)
    return staff_page(
        request,
        services,
        None,
        "verifier/staff-problem.html",
        status_code=503 if problem.unreachable else 403,
        words=sentence(problem.sentence, language_of(request), login=services.login.name),
        cancelled=problem.cancelled,
        can_retry=problem.can_retry,
        error_id=error_id,
    )
