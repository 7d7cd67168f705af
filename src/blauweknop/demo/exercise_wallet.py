"""The pages of the exercise wallet: a web page in the place of the app on the phone of a person, only in the exercise.

It is no part of the product, and says so on every page. It speaks with the sources over HTTP as any wallet would.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Request, Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.demo.exercise_wallet_cards import card_of, offered_titles, source_name
from blauweknop.demo.exercise_wallet_kept import Boxes, Held, WalletBox
from blauweknop.demo.exercise_wallet_protocol import Later, Sources, Talk, WalletProblem, offer_address
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Text
from blauweknop.standards.signing import Signer
from blauweknop.web.language import language_of
from blauweknop.web.page import Portal, page, see_other

__all__ = ["EXERCISE_WALLET_PORTAL", "PATH", "exercise_wallet_router", "sources_at"]

PATH = "/oefenwallet"
_COOKIE = "bk-oefenwallet"
_LONGEST_LINK = 4096
_PATIENCE_SECONDS = 30.0  # a source may ask its own systems first
_MEDIA_TYPES = {"sd-jwt": "application/dc+sd-jwt", "mdoc": "application/octet-stream"}
EXERCISE_WALLET_PORTAL = Portal(Text(sentence("oefenwallet.name", "nl"), sentence("oefenwallet.name", "en")), PATH, "#5b3a8c")

_Request = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class _Wallet:
    sources: Sources
    boxes: Boxes = field(repr=False)
    catalogue: Catalogue


Wallet = NamedDependency[SkipValidation[_Wallet]]


def sources_at(base_url: str, provider: Signer, now: Callable[[], datetime]) -> Sources:
    """The sources of the exercise; `provider` is the key of the made-up maker of the wallet, `base_url` the only site that it visits."""
    http = GuardedClient(Reach(frozenset({urlsplit(base_url).netloc}), allow_loopback=True, timeout_seconds=_PATIENCE_SECONDS))
    return Sources(http, provider, f"{base_url}{PATH}/terug", now)


def exercise_wallet_router(sources: Sources, catalogue: Catalogue) -> Router:
    """Everything below `/oefenwallet`."""
    wallet = _Wallet(sources, Boxes(sources.now), catalogue)
    return Router(
        PATH,
        route_handlers=[show_wallet, show_offer, fetch, come_back, look_again, give_copy, forget],
        dependencies={"wallet": Provide(lambda: wallet, sync_to_thread=False)},
        include_in_schema=False,
    )


@get("/", sync_to_thread=True)
def show_wallet(request: _Request, wallet: Wallet) -> Response[Any]:
    """What is in the wallet, and a place for a link."""
    return _page(request, wallet, *wallet.boxes.open(request.cookies.get(_COOKIE)))


@get("/aanbod", sync_to_thread=True)
def show_offer(request: _Request, wallet: Wallet) -> Response[Any]:
    """What a source offers, by the link of its page or by what a person pasted."""
    reference, box = wallet.boxes.open(request.cookies.get(_COOKIE))
    pasted = request.query_params.get("link", "")
    try:
        address = offer_address(pasted[:_LONGEST_LINK]) if pasted else request.query_params.get("credential_offer_uri", "")
        return _offer_page(request, wallet, reference, address)
    except WalletProblem as problem:
        return _page(request, wallet, reference, box, problem=problem)


@post("/ophalen")
async def fetch(request: _Request, wallet: Wallet) -> Response[Any]:
    """Off to the source with the person; or with digits, fetch it here and now."""
    form = await request.form()
    return await sync_to_thread(_fetch, request, wallet, str(form.get("aanbod", "")), "".join(str(form.get("cijfers", "")).split()))


@get("/terug", sync_to_thread=True)
def come_back(request: _Request, wallet: Wallet) -> Response[Any]:
    """The person comes back from the source, with or without a code."""
    reference, box = wallet.boxes.open(request.cookies.get(_COOKIE))
    asked = box.asked.pop(request.query_params.get("state", ""), None)
    if asked is None or request.query_params.get("iss") != asked.offer.issuer:
        return _page(request, wallet, reference, box, problem=WalletProblem("state", "nobody asked for this"))
    if "code" not in request.query_params:
        return _page(request, wallet, reference, box, problem=WalletProblem(request.query_params.get("error", ""), "refused"))
    try:
        asked.talk.take_code(request.query_params["code"], asked)
        return _fetched(wallet, reference, box, asked.talk, asked.offer.configuration_ids)
    except BlauweKnopError as problem:
        return _page(request, wallet, reference, box, problem=problem)


@post("/later", sync_to_thread=True)
def look_again(request: _Request, wallet: Wallet) -> Response[Any]:
    """Whether what was to come is there now."""
    reference, box = wallet.boxes.open(request.cookies.get(_COOKIE))
    try:
        for held in box.held:
            if held.later is not None:
                talk, later = held.later
                _keep(box, held.id, held.configuration_id, wallet, talk, talk.fetch_later(later))
    except BlauweKnopError as problem:
        return _page(request, wallet, reference, box, problem=problem)
    return _see_wallet(reference)


@get("/bewijs/{held_id:str}", sync_to_thread=True)
def give_copy(request: _Request, wallet: Wallet, held_id: FromPath[str]) -> Response[bytes]:
    """One copy as a file, to try it on the check page."""
    _, box = wallet.boxes.open(request.cookies.get(_COOKIE))
    held = box.find(held_id)
    if held is None or not held.copies:
        raise NotFoundException("no such credential")
    card = card_of(held, wallet.catalogue, language_of(request))
    name = f"{held.configuration_id.rpartition('.')[0].replace('.', '-')}.{card.file}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(held.copies[0].encode("ascii"), media_type=_MEDIA_TYPES[card.file], headers=headers)


@post("/leegmaken", sync_to_thread=True)
def forget(request: _Request, wallet: Wallet) -> Response[Any]:
    """Everything of this browser."""
    wallet.boxes.forget(request.cookies.get(_COOKIE))
    return see_other(PATH)


def _fetch(request: _Request, wallet: _Wallet, address: str, digits: str) -> Response[Any]:
    reference, box = wallet.boxes.open(request.cookies.get(_COOKIE))
    try:
        offer = wallet.sources.offer(address)
        talk = Talk(wallet.sources, offer.issuer)
        if offer.code is None:
            place, asked = talk.ask(offer)
            box.remember(asked)
            return _with_cookie(see_other(place), reference)
        if offer.digits and not digits:
            return _offer_page(request, wallet, reference, address, complaint="oefenwallet.digits.none")
        talk.take_offer(offer, digits)
        return _fetched(wallet, reference, box, talk, offer.configuration_ids)
    except WalletProblem as problem:
        if problem.code == "invalid_grant":
            return _offer_page(request, wallet, reference, address, complaint="oefenwallet.digits.wrong")
        return _page(request, wallet, reference, box, problem=problem)
    except BlauweKnopError as problem:
        return _page(request, wallet, reference, box, problem=problem)


def _fetched(wallet: _Wallet, reference: str, box: WalletBox, talk: Talk, names: tuple[str, ...]) -> Response[Any]:
    """The person may have agreed to a part of what was asked; what they did not agree to is no failure."""
    refused: WalletProblem | None = None
    before = len(box.held)
    for name in names:
        try:
            _keep(box, secrets.token_urlsafe(12), name, wallet, talk, talk.fetch(name))
        except WalletProblem as problem:
            refused = problem
    if refused is not None and len(box.held) == before:
        raise refused
    return _see_wallet(reference)


def _keep(box: WalletBox, held_id: str, name: str, wallet: _Wallet, talk: Talk, got: tuple[str, ...] | Later) -> None:
    metadata = wallet.sources.metadata(talk.issuer)
    if isinstance(got, Later):
        box.put(Held(held_id, name, metadata, later=(talk, got)))
    else:
        box.put(Held(held_id, name, metadata, got))


def _see_wallet(reference: str) -> Response[Any]:
    return _with_cookie(see_other(f"{PATH}?gelukt"), reference)


def _offer_page(request: _Request, wallet: _Wallet, reference: str, address: str, *, complaint: str = "") -> Response[Any]:
    offer = wallet.sources.offer(address)
    metadata = wallet.sources.metadata(offer.issuer)
    language = language_of(request)
    words = sentence(complaint, language) if complaint else ""
    answer = page(
        request,
        "demo/exercise-wallet-offer.html",
        portal=EXERCISE_WALLET_PORTAL,
        status_code=422 if complaint else 200,
        switch_path="" if request.method == "GET" else f"{PATH}/aanbod?{urlencode({'credential_offer_uri': address})}",
        here=PATH,
        source=source_name(metadata, language),
        titles=offered_titles(metadata, offer.configuration_ids, language),
        address=address,
        digits=offer.digits,
        complaint=words,
        errors=[("field-cijfers", words)] if words else [],
    )
    return _with_cookie(answer, reference)


def _page(request: _Request, wallet: _Wallet, reference: str, box: WalletBox, *, problem: BlauweKnopError | None = None) -> Response[Any]:
    language = language_of(request)
    cards = [card_of(held, wallet.catalogue, language) for held in box.held]
    answer = page(
        request,
        "demo/exercise-wallet.html",
        portal=EXERCISE_WALLET_PORTAL,
        status_code=400 if problem else 200,
        switch_path=PATH,
        here=PATH,
        cards=cards,
        waits=any(not card.copies for card in cards),
        fetched="gelukt" in request.query_params and problem is None,
        problem=_words(problem, language) if problem else "",
    )
    return _with_cookie(answer, reference)


def _words(problem: BlauweKnopError, language: str) -> str:
    code = problem.code if isinstance(problem, WalletProblem) else ""
    key = f"oefenwallet.problem.{code}"
    return sentence(key if key in all_texts() else "oefenwallet.problem", language)


def _with_cookie(answer: Response[Any], reference: str) -> Response[Any]:
    """Lax: the person comes back to it from the login."""
    answer.set_cookie(Cookie(_COOKIE, value=reference, path=PATH, httponly=True, samesite="lax"))
    return answer
