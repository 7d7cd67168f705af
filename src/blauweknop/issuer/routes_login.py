"""Log in at the provider of the source, come back, log out."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.issuer.choose import needed_level
from blauweknop.issuer.login import LoginProblem
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.visit import (
    PageRequest,
    Services,
    begin_login,
    current_session,
    login_problem_page,
)
from blauweknop.web.cookies import forget_cookie, give_cookie
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.rate_limit import MemoryCounter, rate_limit

__all__ = ["come_back", "log_in_route", "log_out", "log_out_by_provider", "logged_out"]


def log_in_route(services: IssuerServices) -> HTTPRouteHandler:
    """The start of a login, so many times a minute from one address: each costs a place in the store and a question to the provider."""
    guard = rate_limit("login", limit=services.login_starts, window=60, counter=MemoryCounter())
    return get("/inloggen", sync_to_thread=True, guards=[guard])(_log_in)


@get("/terug", sync_to_thread=True)
def come_back(request: PageRequest, services: Services) -> Response[Any]:
    """Back from the login provider: a new session under a new reference, whatever the browser had before."""
    browser = request.cookies.get(services.login_cookie.name)
    callback = {name: request.query_params[name] for name in request.query_params}
    result = services.login.complete(callback, browser_reference=browser, now=services.now())
    if isinstance(result, LoginProblem):
        return login_problem_page(request, services, result)
    started = services.sessions.start(
        result.person,
        language=language_of(request),
        now=services.now(),
        replaces=request.cookies.get(services.session_cookie.name),
    )
    if isinstance(started, LoginProblem):
        return login_problem_page(request, services, started)
    answer = see_other(result.return_to)
    give_cookie(answer, services.session_cookie, started.reference)
    forget_cookie(answer, services.login_cookie)
    return answer


@post("/uitloggen", sync_to_thread=True)
def log_out(request: PageRequest, services: Services) -> Response[Any]:
    """End the session here and, when the provider offers that, there."""
    session = current_session(request, services)
    address = services.login.logout_address(session.person, now=services.now()) if session else None
    services.sessions.end(request.cookies.get(services.session_cookie.name))
    answer = Redirect(address or f"{services.path}/uitgelogd", status_code=303, headers=dict(services.forget_pages))
    forget_cookie(answer, services.session_cookie)
    return answer


@post("/uitloggen-bij-inlogdienst", status_code=200, exclude_from_csrf=True)
async def log_out_by_provider(request: PageRequest, services: Services) -> Response[str]:
    """The provider, without the browser of the person, says that a session ended (OpenID Connect Back-Channel Logout 1.0, 2.8)."""
    form = await request.form()
    return await asyncio.to_thread(_end_as_told, services, {name: str(form[name]) for name in form})


@get("/uitgelogd", sync_to_thread=False)
def logged_out(request: PageRequest, services: Services) -> Response[str]:
    return issuer_page(request, services, "issuer/logged-out.html", None)


def _end_as_told(services: Services, form: Mapping[str, str]) -> Response[str]:
    notice = services.login.logout_notice(form, now=services.now())
    headers = {"Cache-Control": "no-store"}
    if isinstance(notice, LoginProblem):
        return Response('{"error": "invalid_request"}', status_code=400, media_type="application/json", headers=headers)
    services.sessions.end_by_provider(provider_session=notice.provider_session, subject=notice.subject)
    return Response("", status_code=200, headers=headers)


def _log_in(request: PageRequest, services: Services) -> Response[Any]:
    """Off to the login provider, at the level that opens everything, or at the lowest when the person asks for that."""
    lower = request.query_params.get("niveau") == AssuranceLevel.LOW.value
    level = AssuranceLevel.LOW if lower else needed_level(services.datasets, with_bsn="bsn" in request.query_params)
    return begin_login(request, services, level, f"{services.path}/kiezen")
