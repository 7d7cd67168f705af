"""Open an account: with a name and a passphrase, with the recovery code."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.accounts import Opened, OpeningProblem, open_with_passphrase, try_to_open
from blauweknop.holder.later import busy
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.recovery_code import read_recovery_code
from blauweknop.holder.removing import forget_old
from blauweknop.holder.unlocking import NameAndPassphrase, recovery_opener
from blauweknop.holder.visit import PageRequest, Services, begin_visit, form_of, place_within, vault_of
from blauweknop.web.language import language_of
from blauweknop.web.rate_limit import MemoryCounter, client_address, rate_limit

__all__ = ["open_routes", "opening_answer"]


def open_routes(services: HolderServices) -> Sequence[HTTPRouteHandler]:
    """So many attempts a minute from one address, beside the waiting time that each failed one brings."""
    guard = rate_limit("open account", limit=services.attempts, window=60, counter=MemoryCounter())
    return [
        show_opening,
        show_locked,
        show_recovery,
        post("/openen", guards=[guard])(_open),
        post("/openen/herstelcode", guards=[guard])(_recover),
    ]


@get("/openen", sync_to_thread=False)
def show_opening(request: PageRequest, services: Services) -> Response[str]:
    return _opening_page(request, services, place=request.query_params.get("naar", ""))


@get("/vergrendeld", sync_to_thread=False)
def show_locked(request: PageRequest, services: Services) -> Response[str]:
    """The same, for who was in: nothing is lost."""
    return _opening_page(request, services, place=request.query_params.get("naar", ""), locked=True)


@get("/openen/herstelcode", sync_to_thread=False)
def show_recovery(request: PageRequest, services: Services) -> Response[str]:
    return _recovery_page(request, services)


async def _open(request: PageRequest, services: Services) -> Response[Any]:
    return await sync_to_thread(_open_with_passphrase, request, services, await form_of(request))


def _open_with_passphrase(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    name, place = form.get("name", ""), form.get("place", "")
    try:
        given = NameAndPassphrase.parse(name, form.get("passphrase", ""))
    except MalformedValue as error:
        complaint = sentence(f"holder.form.{error}.empty", language_of(request))
        return _opening_page(request, services, place=place, name=name, complaints={str(error): complaint})
    opened = open_with_passphrase(given, client_address(request), services)
    if isinstance(opened, Opened):
        return opening_answer(request, services, opened, place)
    if opened.code == "busy":
        return busy(request, services)
    return _opening_page(request, services, place=place, name=name, problem=opened)


def opening_answer(request: PageRequest, services: HolderServices, opened: Opened, place: str) -> Response[Any]:
    """In, and on to where the person wanted to be; the log says when, and in which way."""
    answer = begin_visit(request, services, opened, place_within(services, place))
    if answer is None:
        return busy(request, services)
    line = LogLine(services.now(), Happening.OPENED, sentence(f"holder.way.{opened.kind}", language_of(request)))
    vault = vault_of(opened.account, opened.data_key, services)
    write_log(vault, line)
    forget_old(vault, services.now().date())
    return answer


async def _recover(request: PageRequest, services: Services) -> Response[Any]:
    return await sync_to_thread(_open_with_code, request, services, await form_of(request))


def _open_with_code(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    language = language_of(request)
    try:
        code = read_recovery_code(form.get("code", ""))
    except MalformedValue:
        return _recovery_page(request, services, complaint=sentence("holder.form.code.malformed", language))
    opened = try_to_open(lambda: recovery_opener(code), client_address(request), services)
    if isinstance(opened, Opened):
        return opening_answer(request, services, opened, "/toegang")
    return _recovery_page(request, services, complaint=_words(opened, language, "code"), problem=opened)


def _words(problem: OpeningProblem, language: str, what: str) -> str:
    if problem.code == "wait":
        return sentence("holder.open.wait", language, seconds=ceil(problem.wait.total_seconds()))
    return sentence(f"holder.open.unknown.{what}", language)


def _opening_page(
    request: PageRequest,
    services: HolderServices,
    *,
    place: str,
    name: str = "",
    locked: bool = False,
    problem: OpeningProblem | None = None,
    complaints: Mapping[str, str] | None = None,
) -> Response[str]:
    return holder_page(
        request,
        services,
        "holder/open.html",
        None,
        status_code=422 if complaints else _status(problem),
        switch_path=f"{services.path}/openen" if request.method == "POST" else "",
        headers=_retry_after(problem),
        place=place,
        name=name,
        locked=locked,
        problem=_words(problem, language_of(request), "passphrase") if problem else "",
        complaints=complaints or {},
    )


def _recovery_page(
    request: PageRequest, services: HolderServices, *, complaint: str = "", problem: OpeningProblem | None = None
) -> Response[str]:
    return holder_page(
        request,
        services,
        "holder/recover.html",
        None,
        status_code=_status(problem) if problem or not complaint else 422,
        switch_path=f"{services.path}/openen/herstelcode",
        headers=_retry_after(problem),
        complaint=complaint,
    )


def _status(problem: OpeningProblem | None) -> int:
    if problem is None:
        return 200
    return 429 if problem.code == "wait" else 403


def _retry_after(problem: OpeningProblem | None) -> Mapping[str, str]:
    return {"Retry-After": str(ceil(problem.wait.total_seconds()))} if problem and problem.code == "wait" else {}
