"""The exercise login for the staff of receivers: the same small provider as for people, with pages of its own."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import Provide
from litestar.response import Redirect

from blauweknop.catalogue.texts import sentence, text
from blauweknop.demo.digid import Provider, exchange_code, form_of, push_request, show_keys, show_metadata
from blauweknop.demo.digid_provider import ExerciseProvider, LoginRequest, ProtocolError
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.web.language import language_of
from blauweknop.web.page import Portal, page, see_other

__all__ = ["staff_login_router"]

_PATH = "/medewerkers"
_Request = Request[Any, Any, Any]
_Page = Response[str] | Redirect


def staff_login_router(provider: ExerciseProvider) -> Router:
    """Everything under one path; the issuer of the provider is the outside address of it."""
    return Router(
        path=_PATH,
        route_handlers=[show_metadata, show_keys, push_request, exchange_code, show_login, decide, log_out],
        dependencies={"provider": Provide(lambda: provider, sync_to_thread=False, use_cache=True)},
        include_in_schema=False,
    )


@get("/inloggen")
async def show_login(request: _Request, provider: Provider) -> Response[str]:
    reference = request.query_params.get("request_uri", "")
    waiting = provider.waiting(reference, request.query_params.get("client_id", ""))
    return _gone(request) if waiting is None else _login_page(request, provider, reference, waiting)


@post("/inloggen", status_code=200)
async def decide(request: _Request, provider: Provider) -> _Page:
    form = await form_of(request)
    reference = form.get("request_uri", "")
    waiting = provider.waiting(reference)
    if waiting is None:
        return _gone(request)
    if form.get("answer") == "cancel":
        address = provider.cancel(reference)
    else:
        address = provider.accept(reference, form.get("person", ""), AssuranceLevel.SUBSTANTIAL)
    if address is None:
        return _login_page(request, provider, reference, waiting, wrong=True)
    return see_other(address)


@get("/uitloggen")
async def log_out(request: _Request, provider: Provider) -> _Page:
    try:
        address = provider.after_logout(dict(request.query_params))
    except ProtocolError:
        return _gone(request)
    return _gone(request) if address is None else see_other(address)


def _portal() -> Portal:
    return Portal(text("demo.staff.name"), "/", "#5b3a8c")


def _gone(request: _Request) -> Response[str]:
    return page(request, "demo/staff-login-gone.html", portal=_portal(), status_code=400, switch_path="/")


def _login_page(
    request: _Request, provider: ExerciseProvider, reference: str, waiting: LoginRequest, *, wrong: bool = False
) -> Response[str]:
    complaint = sentence("demo.staff.choose", language_of(request)) if wrong else ""
    return page(
        request,
        "demo/staff-login.html",
        portal=_portal(),
        status_code=422 if wrong else 200,
        errors=[("choices-person", complaint)] if wrong else [],
        complaint=complaint,
        here=request.url.path,
        reference=reference,
        service=waiting.client.name,
        people=provider.people_of(waiting),
    )
