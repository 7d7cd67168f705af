"""The exercise login for the staff of receivers: the same small provider as for people, with pages of its own."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.response import Redirect

from blauweknop.catalogue.texts import sentence, text
from blauweknop.demo.digid import Provider, exchange_code, form_of, push_request, show_keys, show_metadata
from blauweknop.demo.digid_provider import ExerciseProvider, LoginRequest, ProtocolError
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.web.language import language_of
from blauweknop.web.page import Portal, page, see_other

__all__ = ["Tell", "staff_login_router"]

_PATH = "/medewerkers"
Tell = Callable[[str, str], bool]
"""Posts a logout token to an address; whether it was taken there."""
_Request = Request[Any, Any, Any]
_Page = Response[str] | Redirect


def staff_login_router(provider: ExerciseProvider, tell: Tell) -> Router:
    """Everything under one path; the issuer of the provider is the outside address of it."""
    return Router(
        path=_PATH,
        route_handlers=[show_metadata, show_keys, push_request, exchange_code, show_login, decide, log_out, show_people, end_sessions],
        dependencies={
            "provider": Provide(lambda: provider, sync_to_thread=False, use_cache=True),
            "tell": Provide(lambda: tell, sync_to_thread=False, use_cache=True),
        },
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


@get("/")
async def show_people(request: _Request, provider: Provider) -> Response[str]:
    """Who works where, to end what they have open: as when somebody leaves the organisation."""
    return _people_page(request, provider)


@post("/weg", status_code=200)
async def end_sessions(request: _Request, provider: Provider, tell: NamedDependency[SkipValidation[Tell]]) -> Response[str]:
    """All sessions of somebody end at the receiver, at once."""
    person = (await form_of(request)).get("person", "")
    message = provider.end_all_of(person)
    if message is None:
        return _people_page(request, provider)
    return _people_page(request, provider, gone=person, heard=await sync_to_thread(tell, *message))


def _people_page(request: _Request, provider: ExerciseProvider, *, gone: str = "", heard: bool = False) -> Response[str]:
    name = next((person.name for person in provider.people if person.id == gone), "")
    by_client = {client: [one for one in provider.people if one.client_id == client] for client in _clients(provider)}
    return page(
        request,
        "demo/staff-people.html",
        portal=_portal(),
        switch_path=f"{_PATH}/",
        here=_PATH,
        gone=name,
        heard=heard,
        services=[(provider.name_of(client), people) for client, people in by_client.items()],
    )


def _clients(provider: ExerciseProvider) -> list[str]:
    return list(dict.fromkeys(person.client_id for person in provider.people if person.client_id is not None))


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
