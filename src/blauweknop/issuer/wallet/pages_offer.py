"""What a person chose goes to their wallet: on this device, or on another one by a QR code and six digits (PROTOCOL 2.2 and 2.3)."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import TooManyRequestsException

from blauweknop.catalogue.texts import sentence
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.issuer.login import Session
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.visit import (
    FRESH_LOGIN,
    PageRequest,
    begin_login,
    chosen,
    current_session,
    kept_outcomes,
    session_gone,
    touched_session,
)
from blauweknop.issuer.wallet.configurations import FORMATS
from blauweknop.issuer.wallet.consent import wanted_with_bsn
from blauweknop.issuer.wallet.not_for_others import not_for_others
from blauweknop.issuer.wallet.offers import (
    OpenOffer,
    here,
    notes_with,
    offer_state,
    offered,
    open_offer,
    other_device,
    withdraw_offer,
)
from blauweknop.issuer.wallet.page_services import PageServices, WalletPages
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.shown import ShownCredential, shown_credentials
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.qr_code import qr_code

__all__ = ["make_offer", "show_offer", "stop_offer"]

_OFFERS, _AN_HOUR = 20, 3600  # for one session (PROTOCOL 11)


@post("/wallet", status_code=200)
async def make_offer(request: PageRequest, wallets: PageServices) -> Response[Any]:
    """Put what was chosen ready for a wallet; one that was put ready before ends."""
    form = await request.form()
    return await sync_to_thread(_make, request, wallets, str(form.get("view", "")), str(form.get("format", "")))


@get("/wallet", sync_to_thread=True)
def show_offer(request: PageRequest, wallets: PageServices) -> Response[Any]:
    """The two ways to a wallet, or what became of it."""
    services = wallets.services
    session = touched_session(request, services.issuer)
    if session is None:
        return session_gone(request, services.issuer)
    offer = open_offer(session)
    if offer is None:
        return _offer_page(request, services, session, None, "none")
    state = "fetched" if offer.fetched else offer_state(offer.elsewhere, session, services, services.now)
    if state == "waiting" and offer.view != session.notes.get("view"):  # it stands for what the person no longer sees
        withdraw_offer(offer.elsewhere, services)
        _kept(session, services, None)
        return _offer_page(request, services, session, None, "changed")
    if state == "fetched" and not offer.fetched:
        _kept(session, services, replace(offer, fetched=True))
    return _offer_page(request, services, session, offer, state)


@post("/wallet/stop", sync_to_thread=True)
def stop_offer(request: PageRequest, wallets: PageServices) -> Response[Any]:
    """Nobody can fetch it any more."""
    services = wallets.services
    session = current_session(request, services.issuer)
    if session is None:
        return session_gone(request, services.issuer)
    offer = open_offer(session)
    if offer is not None:
        withdraw_offer(offer.elsewhere, services)
        _kept(session, services, None)
    return see_other(f"{services.issuer.path}/wallet?gestopt")


def _make(request: PageRequest, wallets: WalletPages, view: str, asked_format: str) -> Response[Any]:
    """As with a download: of the view whose name the form brings, and after a login of lately."""
    services = wallets.services
    issuer, now = services.issuer, services.now
    session = touched_session(request, issuer)
    if session is None:
        return session_gone(request, issuer)
    if session.person.mandate is not None:
        return not_for_others(request, services, session)
    if not session.authenticated_within(FRESH_LOGIN, now=now):
        return begin_login(request, issuer, session.person.level, f"{issuer.path}/bekijken?ingelogd", afresh=True)
    if view != session.notes.get("view"):
        return see_other(f"{issuer.path}/bekijken?veranderd")
    outcomes = kept_outcomes(session)
    credentials = _credentials(request, services, session, [item.dataset_id for item in chosen(session, issuer)])
    names = tuple(item.dataset.id for item in credentials if item.comes and item.dataset.id in outcomes)
    if not names:
        return see_other(f"{issuer.path}/bekijken")
    wait = wallets.offers.seconds_to_wait(session.id_hash.hex(), limit=_OFFERS, window=_AN_HOUR)
    if wait > 0:
        raise TooManyRequestsException(headers={"Retry-After": str(math.ceil(wait))})
    if before := open_offer(session):
        withdraw_offer(before.elsewhere, services)
    form: CredentialFormat = FORMATS.get(asked_format, "dc+sd-jwt")
    configurations = offered(names, form, services)
    description = sentence("wallet.offer.digits.where", language_of(request), source=issuer.source.name)
    reference = request.cookies[issuer.session_cookie.name]
    elsewhere = other_device(configurations, session, outcomes, services, now, description=description, session_reference=reference)
    made = OpenOffer(here(configurations, services, now), elsewhere, form, names, view)
    if _kept(session, services, made) is None:
        withdraw_offer(elsewhere, services)
        return session_gone(request, issuer)
    return see_other(f"{issuer.path}/wallet")


def _kept(session: Session, services: WalletServices, offer: OpenOffer | None) -> Session | None:
    return services.issuer.sessions.save(session, now=services.now, notes=notes_with(session, offer))


def _offer_page(request: PageRequest, services: WalletServices, session: Session, offer: OpenOffer | None, state: str) -> Response[Any]:
    issuer = services.issuer
    credentials = _credentials(request, services, session, offer.dataset_ids if offer else ())
    return issuer_page(
        request,
        issuer,
        "issuer/wallet-offer.html",
        session,
        offer=offer,
        state=state,
        now=services.now,
        offer_format=next((word for word, form in FORMATS.items() if offer is not None and form == offer.format), ""),
        view=session.notes.get("view", ""),
        credentials=credentials,
        with_bsn=any(item.dataset.id in wanted_with_bsn(session) for item in credentials),
        qr=qr_code(offer.elsewhere.link) if offer is not None and state == "waiting" else "",
        stopped="gestopt" in request.query_params,
    )


def _credentials(
    request: PageRequest, services: WalletServices, session: Session, dataset_ids: Sequence[str]
) -> tuple[ShownCredential, ...]:
    known = {item.dataset.id: item.dataset for item in services.configurations.values()}
    return shown_credentials(
        [known[name] for name in dataset_ids if name in known],
        kept_outcomes(session),
        services,
        services.now,
        with_bsn=wanted_with_bsn(session),
        language=language_of(request),
    )
