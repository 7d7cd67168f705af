"""The pages for the person who is asked: who asks what and why, three ways to answer, and how it ended (PRODUCT J3).

/verzoek/{token}                 the question, and the ways to answer it
/verzoek/{token}/mijn            off to Mijn Blauwe Knop
/verzoek/{token}/wallet          a wallet on this device
/terug?response_code=            back from it; leads on at once, so that the code stays in no address that one sees
/klaar                           how it ended, for the browser that began
"""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from blauweknop.verifier.asking.page import PageRequest, Pages, asking_page, begun, bind, request_of, session_of
from blauweknop.verifier.asking.pages_elsewhere import ask_number
from blauweknop.verifier.asking.pages_household import shown_together
from blauweknop.verifier.asking.ports import Phase, RequestState
from blauweknop.verifier.asking.returning import Return, come_back
from blauweknop.verifier.asking.showing import shown_question
from blauweknop.verifier.asking.transactions import wallet_link
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["come_back_here", "give_receipt", "show_end", "show_request", "show_wallet", "to_holder", "to_wallet"]


@get("/verzoek/{token:str}", sync_to_thread=True)
def show_request(request: PageRequest, pages: Pages, token: FromPath[str]) -> Response[Any]:
    """The question; looking at it changes nothing."""
    services = pages.services
    kept = request_of(token, services)
    if kept.state is not RequestState.OPEN:
        return asking_page(request, services, "verifier/request-over.html", state=kept.state.value, together=shown_together(kept, services))
    shown = shown_question(kept.question, services, language_of(request))
    together = shown_together(kept, services)
    return asking_page(request, services, "verifier/request.html", shown=shown, ends_at=kept.ends_at, token=token, together=together)


@post("/verzoek/{token:str}/mijn", status_code=200, sync_to_thread=True)
def to_holder(request: PageRequest, pages: Pages, token: FromPath[str]) -> Response[Any]:
    """Off to Mijn Blauwe Knop, with a question that only this browser can come back for."""
    services = pages.services
    kept = request_of(token, services)
    if kept.state is not RequestState.OPEN:
        return see_other(f"{services.receiver.path}/verzoek/{token}")
    state, _, session = begun(request, pages, kept, elsewhere=False)
    return bind(see_other(wallet_link(state, services, services.holder_address)), services, session)


@post("/verzoek/{token:str}/wallet", status_code=200, sync_to_thread=True)
def to_wallet(request: PageRequest, pages: Pages, token: FromPath[str]) -> Response[Any]:
    """Put a question ready for a wallet on this device."""
    services = pages.services
    kept = request_of(token, services)
    where = f"{services.receiver.path}/verzoek/{token}"
    if kept.state is not RequestState.OPEN:
        return see_other(where)
    _, _, session = begun(request, pages, kept, elsewhere=False)
    return bind(see_other(f"{where}/wallet"), services, session)


@get("/verzoek/{token:str}/wallet", sync_to_thread=True)
def show_wallet(request: PageRequest, pages: Pages, token: FromPath[str]) -> Response[Any]:
    """The link that opens a wallet, while nobody followed it."""
    services = pages.services
    kept = request_of(token, services)
    session = session_of(request, services)
    transaction = services.transactions.of_session(session, now=services.now) if session else None
    if transaction is None or transaction.request_id != kept.id or transaction.elsewhere:
        return see_other(f"{services.receiver.path}/verzoek/{token}")
    if transaction.phase is Phase.DONE:
        return see_other(f"{services.receiver.path}/klaar")
    link = ""
    if transaction.phase is Phase.OPEN:
        link = wallet_link(str(transaction.content["state"]), services, services.wallet_link)
    return asking_page(request, services, "verifier/request-wallet.html", link=link, ends_at=transaction.ends_at, token=token)


@get("/terug", sync_to_thread=True)
def come_back_here(request: PageRequest, pages: Pages) -> Response[Any]:
    """A browser that a holder led back; which one it is decides what becomes of the answer."""
    services = pages.services
    code = request.query_params.get("response_code", "")
    match come_back(code, session_of(request, services), services):
        case Return.ELSEWHERE:
            return ask_number(services, code)
        case Return.OTHER_BROWSER:
            return asking_page(request, services, "verifier/request-stopped.html", status_code=403, why="other_browser")
        case Return.ALREADY:
            return asking_page(request, services, "verifier/request-stopped.html", status_code=409, why="already")
    # Unknown: perhaps the browser asked twice, and the page tells how it ended.
    return see_other(f"{services.receiver.path}/klaar")


@get("/klaar", sync_to_thread=True)
def show_end(request: PageRequest, pages: Pages) -> Response[Any]:
    """How it ended, for the browser that began; names of things, and nothing of what they say."""
    services = pages.services
    session = session_of(request, services)
    transaction = services.transactions.of_session(session, now=services.now) if session else None
    if transaction is None or transaction.phase is not Phase.DONE:
        return asking_page(request, services, "verifier/request-stopped.html", status_code=404, why="unknown")
    content, language = transaction.content, language_of(request)
    if "declined" in content:
        return asking_page(request, services, "verifier/request-stopped.html", why=f"declined.{content['declined']}")
    if "refused" in content:
        return asking_page(request, services, "verifier/request-stopped.html", why=_why(str(content["refused"])))
    kept = services.requests.by_id(transaction.request_id)
    if kept is None:
        return asking_page(request, services, "verifier/request-stopped.html", status_code=404, why="unknown")
    received = content.get("received")
    named = received if isinstance(received, list) else []
    shown = shown_question(kept.question, services, language)
    items = [item.title for item in shown.items if item.id in named]
    has_receipt = isinstance(content.get("receipt"), str)
    return asking_page(
        request,
        services,
        "verifier/request-done.html",
        shown=shown,
        items=items,
        has_receipt=has_receipt,
        link=content.get("withdraw"),
        together=shown_together(kept, services),
    )


@get("/klaar/bewijs", sync_to_thread=True)
def give_receipt(request: PageRequest, pages: Pages) -> Response[Any]:
    """The signed receipt as a file, for who answered with a wallet that keeps none."""
    services = pages.services
    session = session_of(request, services)
    transaction = services.transactions.of_session(session, now=services.now) if session else None
    receipt = transaction.content.get("receipt") if transaction is not None and transaction.phase is Phase.DONE else None
    if not isinstance(receipt, str):
        raise NotFoundException("no receipt here")
    headers = {"Content-Disposition": 'attachment; filename="bewijs-van-ontvangst.jwt"'}
    return Response(receipt.encode("ascii"), media_type="application/jwt", headers=headers)


def _why(code: str) -> str:
    """What a person can do with it: four of the codes have words of their own."""
    return f"refused.{code}" if code in ("response_incomplete", "response_unbound", "response_same_person", "number") else "refused"
