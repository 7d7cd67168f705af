"""The pages and endpoints of the exercise login: it says on every page that it is an exercise and not DigiD."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.response import Redirect

from blauweknop.catalogue.texts import sentence
from blauweknop.demo.digid_provider import ExerciseProvider, LoginRequest, ProtocolError
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.texts import Text
from blauweknop.web.language import language_of
from blauweknop.web.page import Portal, page, see_other

__all__ = ["LEVELS", "Provider", "digid_router", "exchange_code", "form_of", "push_request", "show_keys", "show_metadata"]

LEVELS = (AssuranceLevel.LOW, AssuranceLevel.SUBSTANTIAL)
_SHOWN_AT_ONCE = 8
Provider = NamedDependency[SkipValidation[ExerciseProvider]]
_Page = Response[str] | Redirect


def digid_router(provider: ExerciseProvider, path: str = "/digid") -> Router:
    """Everything under one path; the issuer of the provider must be the outside address of that path."""
    return Router(
        path=path,
        route_handlers=[show_start, show_metadata, show_keys, push_request, show_login, decide, exchange_code, log_out, log_out_by_form],
        dependencies={"provider": Provide(lambda: provider, sync_to_thread=False, use_cache=True)},
        include_in_schema=False,
    )


@get("/")
async def show_start(request: Request[Any, Any, Any], provider: Provider) -> Response[str]:
    return _message(request, provider, "about")


@get("/.well-known/openid-configuration")
async def show_metadata(provider: Provider) -> dict[str, object]:
    return provider.metadata()


@get("/keys")
async def show_keys(provider: Provider) -> dict[str, object]:
    return provider.public_keys()


@post("/par", exclude_from_csrf=True)
async def push_request(request: Request[Any, Any, Any], provider: Provider) -> Response[dict[str, object]]:
    try:
        return Response(provider.push(await form_of(request)), status_code=201)
    except ProtocolError as error:
        return Response({"error": error.error}, status_code=error.status)


@get("/inloggen")
async def show_login(request: Request[Any, Any, Any], provider: Provider) -> Response[str]:
    reference = request.query_params.get("request_uri", "")
    waiting = provider.waiting(reference, request.query_params.get("client_id", ""))
    if waiting is None:
        return _message(request, provider, "gone", status_code=400)
    return _login_page(request, provider, reference, waiting)


@post("/inloggen", status_code=200)
async def decide(request: Request[Any, Any, Any], provider: Provider) -> _Page:
    form = await form_of(request)
    reference = form.get("request_uri", "")
    waiting = provider.waiting(reference)
    if waiting is None:
        return _message(request, provider, "gone", status_code=400)
    if form.get("answer") == "cancel":
        address = provider.cancel(reference)
    elif form.get("level") not in LEVELS:
        return _login_page(request, provider, reference, waiting, chosen=form, wrong="level")
    else:
        address = provider.accept(reference, form.get("person", ""), AssuranceLevel(form["level"]))
    if address is None:
        return _login_page(request, provider, reference, waiting, chosen=form, wrong="person")
    return see_other(address)


@post("/token", status_code=200, exclude_from_csrf=True)
async def exchange_code(request: Request[Any, Any, Any], provider: Provider) -> Response[dict[str, object]]:
    try:
        return Response(provider.redeem(await form_of(request)))
    except ProtocolError as error:
        return Response({"error": error.error}, status_code=error.status)


@get("/uitloggen")
async def log_out(request: Request[Any, Any, Any], provider: Provider) -> _Page:
    return _log_out(request, provider, dict(request.query_params))


@post("/uitloggen", status_code=200, exclude_from_csrf=True)
async def log_out_by_form(request: Request[Any, Any, Any], provider: Provider) -> _Page:
    return _log_out(request, provider, await form_of(request))


def _log_out(request: Request[Any, Any, Any], provider: ExerciseProvider, asked: Mapping[str, str]) -> _Page:
    try:
        address = provider.after_logout(asked)
    except ProtocolError:
        return _message(request, provider, "no-logout", status_code=400)
    return _message(request, provider, "out") if address is None else see_other(address)


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _portal(provider: ExerciseProvider) -> Portal:
    """The mark leads to the start of the exercise login, wherever it is mounted."""
    path = "/" + provider.issuer.split("//", 1)[-1].partition("/")[2]
    return Portal(Text(nl=sentence("digid.name", "nl"), en=sentence("digid.name", "en")), path, "#5b3a8c")


def _message(request: Request[Any, Any, Any], provider: ExerciseProvider, name: str, *, status_code: int = 200) -> Response[str]:
    here = _portal(provider)
    return page(request, "demo/digid-message.html", portal=here, status_code=status_code, switch_path=here.path, name=name)


def _login_page(
    request: Request[Any, Any, Any],
    provider: ExerciseProvider,
    reference: str,
    waiting: LoginRequest,
    *,
    chosen: Mapping[str, str] | None = None,
    wrong: str = "",
) -> Response[str]:
    complaint = sentence(f"digid.choose-{wrong}", language_of(request)) if wrong else ""
    asked = waiting.level or AssuranceLevel.LOW
    values = chosen or {}
    people = [person for person in provider.people if not person.for_another]
    return page(
        request,
        "demo/digid.html",
        portal=_portal(provider),
        status_code=422 if wrong else 200,
        errors=[(f"choices-{wrong}", complaint)] if wrong else [],
        here=request.url.path,
        reference=reference,
        service=waiting.client.name,
        asked=asked.value,
        people=people[:_SHOWN_AT_ONCE],
        more_people=people[_SHOWN_AT_ONCE:],
        mandates=[person for person in provider.people if person.for_another],
        levels=[level.value for level in LEVELS],
        person=values.get("person", ""),
        level=values.get("level") or (asked.value if asked in LEVELS else LEVELS[-1].value),
        person_complaint=complaint if wrong == "person" else "",
        level_complaint=complaint if wrong == "level" else "",
    )
