"""The desk of a receiver in the exercise: pick a ready-made question, give its link to a person, and open the dossier.

It stands in for the staff of a receiver, knows no login, and is there only in the exercise.

    /                the questions that can be asked, and the last requests
    /vraag           make a request
    /dossiers/{id}   what came of it (`verifier.dossier`)
"""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import SkipValidation

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import Package, ParameterUnit
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.page import asking_page
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.requesting import make_request

__all__ = ["receiver_desk"]

_MOST_REQUESTS = 20
_Request = Request[Any, Any, Any]
_Services = NamedDependency[SkipValidation[AskingServices]]


def receiver_desk(services: AskingServices) -> Router:
    """The pages of one receiver."""
    return Router(
        services.receiver.path,
        route_handlers=[show_desk, make],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        include_in_schema=False,
    )


@get("/", sync_to_thread=True)
def show_desk(request: _Request, services: _Services) -> Response[Any]:
    return _desk(request, services)


@post("/vraag", status_code=200)
async def make(request: _Request, services: _Services) -> Response[Any]:
    form = await request.form()
    given = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    return await sync_to_thread(_make, request, services, given)


def _desk(request: _Request, services: AskingServices, *, link: str = "", problem: str = "", status_code: int = 200) -> Response[Any]:
    return asking_page(
        request,
        services,
        "demo/receiver.html",
        status_code=status_code,
        switch_path=services.receiver.path,
        packages=_packages(services),
        requests=services.requests.newest(most=_MOST_REQUESTS),
        link=link,
        problem=problem,
    )


def _make(request: _Request, services: AskingServices, form: dict[str, str]) -> Response[Any]:
    package = next((known for known in _packages(services) if known.id == form.get("package")), None)
    if package is None:
        raise NotFoundException("no such package")
    try:
        question = question_of(package, services.catalogue, parameters=_parameters(package, form))
        link, _ = make_request(question, services)
    except BlauweKnopError as problem:
        return _desk(request, services, problem=str(problem), status_code=422)
    return _desk(request, services, link=link)


def _parameters(package: Package, form: dict[str, str]) -> dict[str, int]:
    """Numbers as people type them; amounts in whole euros."""
    found = {}
    for parameter in package.parameters:
        typed = form.get(parameter.name, "")
        if not (typed.isascii() and typed.isdigit()) or len(typed) > 9:
            raise BlauweKnopError(f"expected {parameter.name} as a whole number")
        found[parameter.name] = int(typed) * (100 if parameter.unit is ParameterUnit.CENTS else 1)
    return found


def _packages(services: AskingServices) -> tuple[Package, ...]:
    return tuple(package for package in load_life_events().packages if package.id in services.receiver.uses)
