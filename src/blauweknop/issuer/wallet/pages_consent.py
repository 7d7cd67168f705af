"""A person comes with a request of a wallet: log in, see what it asks and what it will get, say yes or no (PROTOCOL 2.2 step 3).

Nobody is sent on to a wallet before its request was found: without it there is no address that may be trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import TooManyRequestsException
from litestar.response import Redirect

from blauweknop.catalogue.texts import sentence
from blauweknop.document.letter import Letter
from blauweknop.domain.document import Outcome
from blauweknop.issuer.choose import everything
from blauweknop.issuer.login import Session
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.preview import block_kind, preview_items
from blauweknop.issuer.visit import FRESH_LOGIN, PageRequest, begin_login, kept_outcomes, touched_session, with_outcomes
from blauweknop.issuer.wallet.consent import (
    agree,
    asked_datasets,
    asked_documents,
    form_target,
    is_server,
    level_of,
    refuse,
    wanted_with_bsn,
    was_decided,
)
from blauweknop.issuer.wallet.not_for_others import not_for_others
from blauweknop.issuer.wallet.offers import notes_with, open_offer, withdraw_offer
from blauweknop.issuer.wallet.page_services import PageServices
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.pushing import PushedRequest, begin_visit, visit_of
from blauweknop.issuer.wallet.shown import ShownCredential, shown_credentials
from blauweknop.web.language import language_of
from blauweknop.web.page import WebSettings, see_other
from blauweknop.web.rate_limit import client_address
from blauweknop.web.security_headers import content_security_policy

__all__ = ["authorize", "decide", "show_consent"]

_FIELD = "vraag"


@get("/oid4vci/authorize", sync_to_thread=True)
def authorize(request: PageRequest, wallets: PageServices) -> Response[Any]:
    """Where a wallet sends its person, with `client_id` and `request_uri`, each once; nothing else in the address is read (RFC 9101)."""
    services = wallets.services
    client_id, request_uri = _only(request, "client_id"), _only(request, "request_uri")
    visit = begin_visit(request_uri, client_id, services, services.now)
    asked = visit_of(visit, services, services.now) if visit else None
    if visit is None or asked is None:
        return _over(request, services, "")
    admitted = _admitted(request, wallets, visit, asked)
    return see_other(_address(services, visit)) if isinstance(admitted, Session) else admitted


@get("/wallet/toestemming")
async def show_consent(request: PageRequest, wallets: PageServices) -> Response[Any]:
    """What the wallet asks, and what it will get; asks the systems of the source for what is not there yet."""
    services, visit = wallets.services, _only(request, _FIELD)
    asked = await sync_to_thread(visit_of, visit, services, services.now)
    if asked is None:
        return await sync_to_thread(_over, request, services, visit)
    admitted = await sync_to_thread(_admitted, request, wallets, visit, asked)
    if not isinstance(admitted, Session):
        return admitted
    may_have = [dataset for dataset in asked_datasets(asked, services) if admitted.person.may_have(dataset.id)]
    seen = await with_outcomes(admitted, may_have, services.issuer)
    if seen is None:
        return see_other(_address(services, visit))  # the session ended meanwhile: log in again
    return await sync_to_thread(_consent_page, request, services, visit, asked, seen)


@post("/wallet/toestemming", status_code=200)
async def decide(request: PageRequest, wallets: PageServices) -> Response[Any]:
    """Back to the wallet, with or without."""
    form = await request.form()
    fields = {name: [value for value in form.getall(name) if isinstance(value, str)] for name in form}
    visit, view, answer = ("".join(fields.get(name, [])) for name in (_FIELD, "view", "answer"))
    return await sync_to_thread(_decide, request, wallets, visit, view, answer, fields.get("dataset", []))


def _decide(request: PageRequest, wallets: PageServices, visit: str, view: str, answer: str, ticked: Sequence[str]) -> Response[Any]:
    """What is agreed to is the view whose name the form brings: when it changed in another tab, first look again."""
    services = wallets.services
    now = services.now
    asked = visit_of(visit, services, now)
    if asked is None:
        return _over(request, services, visit)
    if answer != "agree":
        address = refuse(visit, asked, services, now, _known_outcomes(request, services))
        return _to_wallet(request, services, visit, address)
    session = _admitted(request, wallets, visit, asked)
    if not isinstance(session, Session):
        return session
    if view != session.notes.get("view"):
        return see_other(f"{_address(services, visit)}&veranderd")
    chosen = [item.dataset.id for item in _credentials(request, services, asked, session) if item.comes and item.dataset.id in ticked]
    if not chosen:
        return _consent_page(request, services, visit, asked, session, problem="nothing_chosen")
    address = agree(visit, asked, session, kept_outcomes(session), services, now, ticked=chosen)
    if address is not None:
        _close_offer(session, chosen, services)
    return _to_wallet(request, services, visit, address)


def _only(request: PageRequest, name: str) -> str:
    """The one value of a parameter; nothing when it is there more than once: who reads the first and who the last would differ."""
    values = request.query_params.getall(name, [])
    return values[0] if len(values) == 1 else ""


def _address(services: WalletServices, visit: str) -> str:
    return f"{services.issuer.path}/wallet/toestemming?{_FIELD}={visit}"


def _admitted(request: PageRequest, wallets: PageServices, visit: str, asked: PushedRequest) -> Session | Response[Any]:
    """The session of a person who logged in lately, and surely enough for what is asked; else the way to the login and back."""
    services = wallets.services
    session = touched_session(request, services.issuer)
    level = level_of(asked, services)
    if session is None:
        return _log_in(request, wallets, visit, asked, None)
    if session.person.mandate is not None and not is_server(asked, services):
        return not_for_others(request, services, session)
    fresh = session.authenticated_within(FRESH_LOGIN, now=services.now)
    return session if fresh and session.person.level.rank >= level.rank else _log_in(request, wallets, visit, asked, session)


def _log_in(request: PageRequest, wallets: PageServices, visit: str, asked: PushedRequest, session: Session | None) -> Response[Any]:
    """Not at a lower level than before: what was chosen at that level would be lost."""
    services = wallets.services
    wait = wallets.logins.seconds_to_wait(client_address(request), limit=services.issuer.login_starts, window=60)
    if wait > 0:
        raise TooManyRequestsException(headers={"Retry-After": str(int(wait) + 1)})
    level = level_of(asked, services)
    if session is not None and session.person.level.rank > level.rank:
        level = session.person.level
    fresh = session is None or session.authenticated_within(FRESH_LOGIN, now=services.now)
    return begin_login(request, services.issuer, level, _address(services, visit), afresh=not fresh)


def _credentials(request: PageRequest, services: WalletServices, asked: PushedRequest, session: Session) -> tuple[ShownCredential, ...]:
    return shown_credentials(
        [dataset for dataset in asked_datasets(asked, services) if session.person.may_have(dataset.id)],
        kept_outcomes(session),
        services,
        services.now,
        with_bsn=wanted_with_bsn(session),
        language=language_of(request),
    )


def _known_outcomes(request: PageRequest, services: WalletServices) -> Mapping[str, Outcome]:
    """What the systems of the source said in the session of this person; nothing when it ended."""
    session = touched_session(request, services.issuer)
    return kept_outcomes(session) if session is not None else {}


def _letters(request: PageRequest, services: WalletServices, asked: PushedRequest, session: Session) -> dict[str, Letter]:
    """The documents that a server asks for, as they will be, by data set."""
    wanted = [replace(everything(item), with_bsn=item.id in wanted_with_bsn(session)) for item in asked_documents(asked, services)]
    items = preview_items(
        [item for item in wanted if session.person.may_have(item.dataset_id)],
        kept_outcomes(session),
        services.issuer,
        language=language_of(request),
        mandate=session.person.mandate,
    )
    return {item.dataset.id: item.letter for item in items if item.letter is not None}


def _consent_page(
    request: PageRequest, services: WalletServices, visit: str, asked: PushedRequest, session: Session, *, problem: str = ""
) -> Response[Any]:
    wallet = services.wallets.get(asked.client_id)
    if wallet is None:  # taken out of the settings since it asked
        return _over(request, services, visit)
    credentials = _credentials(request, services, asked, session)
    complaint = sentence(f"wallet.consent.{problem}", language_of(request)) if problem else ""
    page = issuer_page(
        request,
        services.issuer,
        "issuer/wallet-consent.html",
        session,
        status_code=422 if problem else 200,
        switch_path=_address(services, visit),
        wallet=wallet.name,
        visit=visit,
        view=session.notes.get("view", ""),
        credentials=[item for item in credentials if item.comes],
        nothing=[item for item in credentials if not item.comes],
        server=is_server(asked, services),
        letters=_letters(request, services, asked, session),
        block_kind=block_kind,
        ticked=() if problem else {item.dataset.id for item in credentials},
        with_bsn=any(item.comes and item.dataset.id in wanted_with_bsn(session) for item in credentials),
        changed="veranderd" in request.query_params,
        complaint=complaint,
        errors=[("datasets", complaint)] if problem else [],
    )
    # Browsers hold the redirect after a form against the policy of the page that the form was on.
    settings: WebSettings = request.app.state.web
    policy = content_security_policy([*settings.login_origins, form_target(asked.redirect_uri)])
    page.headers["Content-Security-Policy"] = policy
    return page


def _close_offer(session: Session, agreed: Sequence[str], services: WalletServices) -> None:
    """What the person put ready for a wallet, and gave this way, need not wait for another wallet any more."""
    offer = open_offer(session)
    if offer is not None and {*offer.dataset_ids} <= {*agreed}:
        withdraw_offer(offer.elsewhere, services)
        services.issuer.sessions.save(session, now=services.now, notes=notes_with(session, replace(offer, fetched=True)))


def _to_wallet(request: PageRequest, services: WalletServices, visit: str, address: str | None) -> Response[Any]:
    return Redirect(address, status_code=303) if address is not None else _over(request, services, visit)


def _over(request: PageRequest, services: WalletServices, visit: str) -> Response[Any]:
    """There is no such request any more, and so nobody to go back to."""
    decided = was_decided(visit, services, services.now)
    return issuer_page(
        request,
        services.issuer,
        "issuer/wallet-over.html",
        None,
        status_code=400,
        switch_path=services.issuer.path if not visit else _address(services, visit),
        decided=decided,
    )
