"""Answer with another device: a QR code that lives two minutes, and two digits to compare (PROTOCOL 6.6, threat T-04).

    /verzoek/{token}/ander-toestel   on the screen that began: the code, the digits, and how far it is
    /getal                           on the device that answered: which digits does the other screen show?

A QR code can be shown to somebody else than who it is of. So the device that answered must say which number stands on the page, and until
then nothing is kept or shown. It stays less sure than answering on one device, and the page says so.
"""

from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from blauweknop.verifier.asking.page import PageRequest, Pages, asking_page, begun, bind, number_cookie, request_of, session_of
from blauweknop.verifier.asking.ports import AskingServices, Phase, RequestState
from blauweknop.verifier.asking.returning import Return, confirm_number
from blauweknop.verifier.asking.transactions import number_of, wallet_link
from blauweknop.web.cookies import forget_cookie, give_cookie
from blauweknop.web.page import see_other
from blauweknop.web.qr_code import qr_code

__all__ = ["ask_number", "show_elsewhere", "show_number", "take_number", "to_elsewhere"]

_LOOK_AGAIN_SECONDS = 10


@post("/verzoek/{token:str}/ander-toestel", status_code=200, sync_to_thread=True)
def to_elsewhere(request: PageRequest, pages: Pages, token: FromPath[str]) -> Response[Any]:
    """Put a QR code ready."""
    services = pages.services
    kept = request_of(token, services)
    where = f"{services.receiver.path}/verzoek/{token}"
    if kept.state is not RequestState.OPEN:
        return see_other(where)
    _, _, session = begun(request, pages, kept, elsewhere=True)
    return bind(see_other(f"{where}/ander-toestel"), services, session)


@get("/verzoek/{token:str}/ander-toestel", sync_to_thread=True)
def show_elsewhere(request: PageRequest, pages: Pages, token: FromPath[str]) -> Response[Any]:
    """The code and the digits; the page looks again by itself, and a code that ended is replaced by a new one, with new digits."""
    services = pages.services
    kept = request_of(token, services)
    session = session_of(request, services)
    transaction = services.transactions.of_session(session, now=services.now) if session else None
    if transaction is not None and transaction.request_id == kept.id and transaction.phase is Phase.DONE:
        return see_other(f"{services.receiver.path}/klaar")
    if session is None or kept.state is not RequestState.OPEN or (transaction is not None and transaction.request_id != kept.id):
        return see_other(f"{services.receiver.path}/verzoek/{token}")
    if transaction is None or not transaction.elsewhere:
        _, transaction, _ = begun(request, pages, kept, elsewhere=True)
    link = ""
    if transaction.phase is Phase.OPEN:
        link = wallet_link(str(transaction.content["state"]), services, services.wallet_link)
    still = "stil" in request.query_params
    answer = asking_page(
        request,
        services,
        "verifier/request-elsewhere.html",
        link=link,
        qr=qr_code(link) if link else "",
        phase=transaction.phase.value,
        number=number_of(transaction),
        ends_at=transaction.ends_at,
        now=services.now,
        still=still,
        token=token,
    )
    if not still:
        answer.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return answer


def ask_number(services: AskingServices, code: str) -> Response[Any]:
    """The device that answered came back: its code goes into a cookie, out of the address."""
    answer = see_other(f"{services.receiver.path}/getal")
    give_cookie(answer, number_cookie(services), code)
    return answer


@get("/getal", sync_to_thread=True)
def show_number(request: PageRequest, pages: Pages) -> Response[Any]:
    """Which digits does the other screen show?"""
    services = pages.services
    code = request.cookies.get(number_cookie(services).name, "")
    waiting = services.transactions.by_code(code, now=services.now)
    if "gelukt" in request.query_params and waiting is None:
        return asking_page(request, services, "verifier/request-number.html", state="done")
    if waiting is None:
        return asking_page(request, services, "verifier/request-stopped.html", status_code=404, why="unknown")
    return asking_page(request, services, "verifier/request-number.html", state="waiting")


@post("/getal", status_code=200)
async def take_number(request: PageRequest, pages: Pages) -> Response[Any]:
    """One try: a wrong number ends it, and the data are gone."""
    form = await request.form()
    return await sync_to_thread(_take, request, pages.services, "".join(str(form.get("getal", "")).split()))


def _take(request: PageRequest, services: AskingServices, digits: str) -> Response[Any]:
    cookie = number_cookie(services)
    answer: Response[Any]
    match confirm_number(request.cookies.get(cookie.name, ""), digits, services):
        case Return.DONE:
            answer = see_other(f"{services.receiver.path}/getal?gelukt")
        case Return.OTHER_BROWSER:
            answer = asking_page(request, services, "verifier/request-stopped.html", status_code=403, why="refused.number")
        case Return.ALREADY:
            answer = asking_page(request, services, "verifier/request-stopped.html", status_code=409, why="already")
        case _:
            answer = asking_page(request, services, "verifier/request-stopped.html", status_code=404, why="unknown")
    forget_cookie(answer, cookie)
    return answer
