"""The exercise scheme as one web application: five sources, the check, the register's public files, the login, the systems behind."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from litestar import Litestar

from blauweknop.adapters.api_settings import ApiSettings
from blauweknop.adapters.holder_outbox import HolderOutbox
from blauweknop.adapters.holder_settings import HolderSettings, load_holder
from blauweknop.adapters.requests_settings import RequestsSettings
from blauweknop.adapters.sandbox import Sandbox
from blauweknop.adapters.settings import Settings
from blauweknop.adapters.verifier_settings import VerifierSettings, load_verifier
from blauweknop.assembly.collecting import collecting_services
from blauweknop.assembly.dossiers import dossier_services, dossier_sweeps
from blauweknop.assembly.holder import holder_services, holder_sweeps
from blauweknop.assembly.issuer_sweeps import issuer_sweeps
from blauweknop.assembly.issuers import client_keys, issuer_services, login_origins, open_parts
from blauweknop.assembly.readiness import database_ready, health_routes, signs
from blauweknop.assembly.reporting import ServedReports
from blauweknop.assembly.requests import afterwards_services, asking_services, clients_told, holder_origin, request_sweeps
from blauweknop.assembly.sealing import signers_of
from blauweknop.assembly.sharing import sharing_services
from blauweknop.assembly.staff import staff_keys, staff_origins, staff_routes, staff_services, staff_sweeps
from blauweknop.assembly.trust import KeptTrust, status_teller
from blauweknop.assembly.upkeep import Upkeep
from blauweknop.assembly.verifier_api import api_parts
from blauweknop.assembly.wallets import wallet_services
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import Trust
from blauweknop.cli.configuration import FILE_NAME
from blauweknop.demo.brp_service import brp_router
from blauweknop.demo.digid import digid_router
from blauweknop.demo.digid_provider import ExerciseClient, ExercisePerson, ExerciseProvider
from blauweknop.demo.exercise_wallet import EXERCISE_WALLET_PORTAL, exercise_wallet_router, sources_at
from blauweknop.demo.people_facts import Person
from blauweknop.demo.scheme import DemoScheme, bundle_of
from blauweknop.demo.sources import holder_base
from blauweknop.demo.staff_login import staff_login_router
from blauweknop.demo.staff_people import client_of, exercise_staff
from blauweknop.demo.start_page import DEMO_PORTAL, start_page
from blauweknop.demo.status import published_lists, registrations_list
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.ports import CollectingServices
from blauweknop.holder.collecting.routes import collecting_router
from blauweknop.holder.keeping import Check
from blauweknop.holder.page import holder_portal
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes import holder_router
from blauweknop.holder.sharing.routes import sharing_router
from blauweknop.holder.sharing.withdrawing import deliver_due
from blauweknop.issuer.page import issuer_portal
from blauweknop.issuer.routes import issuer_router
from blauweknop.issuer.wallet.pages import wallet_pages
from blauweknop.issuer.wallet.routes import wallet_routes
from blauweknop.register.bundle_publishing import RenewedBundle
from blauweknop.register.exercise_wallets import ExerciseWallets
from blauweknop.register.routes import register_router
from blauweknop.verifier.afterwards.routes import afterwards_routes
from blauweknop.verifier.api.routes import set_api_headers
from blauweknop.verifier.asking.page import asking_portal
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.routes import asking_routes
from blauweknop.verifier.routes import check_portal, check_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings

__all__ = ["demo_application"]

_DIGID = "/digid"


def demo_application(scheme: DemoScheme) -> Litestar:
    """Everything of the exercise on one port.

    Raises:
        BlauweKnopError: the prepared folder is broken.
    """
    settings = scheme.settings
    parts = open_parts(settings)
    services = issuer_services(settings, parts)
    wallets = [made for service in services if (made := wallet_services(settings, service, parts)) is not None]
    _, _, mine = load_holder(scheme.folder / FILE_NAME)
    holder = holder_services(parts.engine, parts.row_key, mine, base_url=holder_base(settings.scheme.base_url))
    sandbox = Sandbox()
    trust = KeptTrust(settings.scheme, state=scheme.state, fetch=None)
    signers = signers_of(settings)

    lists = published_lists(settings, parts.engine)
    receivers_at, receivers_list = registrations_list(scheme.folder / "keys", settings.scheme.base_url)

    def trust_now(now: datetime) -> Trust:
        return replace(trust(now), status_lists={**lists(now), receivers_at: receivers_list()})

    def check(data: bytes, at: datetime) -> CheckedFile:
        judge = trust_now(at)
        return CheckedFile.of(data, sandbox.check(data, trust=judge, at=at), judge)

    background, looking = Background(), Background(threads=1)
    collecting = _collecting(mine, holder, trust_now, lambda data, at: check(data, at).verdict, scheme)
    sharing = sharing_services(
        collecting,
        trust=trust_now,
        trust_with=lambda _, now: trust_now(now),
        outbox=HolderOutbox(parts.engine, parts.row_key),
        exercise=True,
        background=background,
    )
    verifier = load_verifier(scheme.folder / FILE_NAME)
    asked = _requests_settings(verifier)
    asking = asking_services(
        asked,
        settings.scheme.base_url,
        parts.engine,
        parts.row_key,
        judge=lambda look, at: look(trust_now(at)),
        catalogue=scheme.catalogue,
        told=clients_told(verifier.api),
    )
    afterwards = afterwards_services(asking)
    staff = staff_services(asked, asking, parts.engine, parts.row_key, exercise=True)
    dossiers = dossier_services(staff, parts.engine, parts.row_key, trust_with=lambda _uri, now: trust_now(now))
    upkeep = Upkeep(
        (
            *staff_sweeps(parts.engine, parts.row_key),
            *issuer_sweeps(parts, tuple(settings.sources)),
            *holder_sweeps(parts.engine, parts.row_key, holder),
            *request_sweeps(parts.engine, afterwards),
            *dossier_sweeps(dossiers),
            deliver_due(sharing),
        )
    )
    report = ServedReports(verifier.reports, scheme.catalogue) if verifier.reports else None
    api = api_parts(
        _api_settings(verifier),
        settings.scheme,
        check=check,
        status_of=status_teller(lambda _uri, now: trust_now(now)),
        database=(parts.engine, parts.row_key),
        report=report,
        asking={each.receiver.id: each for each in asking},
    )
    return web_application(
        [
            start_page(services, holder),
            holder_router(holder, check=lambda data, at: check(data, at).verdict, background=looking),
            collecting_router(holder, collecting, background),
            sharing_router(holder, sharing),
            *(issuer_router(service) for service in services),
            *(route for wallet in wallets for route in (*wallet_routes(wallet), wallet_pages(wallet))),
            register_router(
                scheme.catalogue,
                trust_list=(scheme.folder / "trust-list.json").read_bytes,
                trust_anchor=(scheme.folder / "trust-anchor.pem").read_bytes,
                bundle=RenewedBundle(lambda now: bundle_of(scheme, lists(now), now=now), now=lambda: datetime.now(UTC)),
                registrations=receivers_list,
            ),
            check_router(
                check=check,
                now=lambda: datetime.now(UTC),
                catalogue=scheme.catalogue,
                report=report,
            ),
            api.router,
            *(route for service in asking for route in asking_routes(service)),
            *staff_routes(staff, dossiers),
            staff_login_router(_staff_provider(asked, asking, settings.scheme.base_url)),
            *(route for service, after in zip(asking, afterwards, strict=True) for route in afterwards_routes(service, after)),
            exercise_wallet_router(
                sources_at(
                    settings.scheme.base_url, ExerciseWallets(scheme.folder / "keys" / "wallets").provider(), lambda: datetime.now(UTC)
                ),
                scheme.catalogue,
            ),
            digid_router(_provider(settings, scheme.people), _DIGID),
            brp_router(scheme.folder / "sources"),
            *health_routes(
                {
                    "database": database_ready(parts.engine),
                    "sign": lambda: signs(signers),
                    "trust_list": lambda: trust(datetime.now(UTC)).trust_list is not None,
                }
            ),
        ],
        WebSettings(
            csrf_secret=secrets.token_hex(32),
            secure=False,
            exercise=True,
            login_origins=tuple(dict.fromkeys((*login_origins(settings), holder_origin(asked), *staff_origins(asked)))),
        ),
        portals=(
            DEMO_PORTAL,
            EXERCISE_WALLET_PORTAL,
            check_portal(),
            holder_portal(holder),
            *(issuer_portal(service) for service in services),
            *(asking_portal(service) for service in asking),
        ),
        before_send=[set_api_headers],
        on_startup=[upkeep.start, *api.on_startup],
        on_shutdown=[*api.on_shutdown, upkeep.stop, background.stop, sandbox.close],
    )


def _collecting(
    mine: HolderSettings, holder: HolderServices, trust: Callable[[datetime], Trust], check: Check, scheme: DemoScheme
) -> CollectingServices:
    if mine.collect is None:
        raise BlauweKnopError("the configuration of the exercise has no [holder.collect]", remedy="choose another folder with --data-dir")
    back = f"{holder.base_url}{holder.path}/ophalen/terug"
    return collecting_services(mine.collect, redirect_uri=back, trust=trust, check=check, catalogue=scheme.catalogue)


def _api_settings(verifier: VerifierSettings) -> ApiSettings:
    if verifier.api is None:
        raise BlauweKnopError("the configuration of the exercise has no [api]", remedy="choose another folder with --data-dir")
    return verifier.api


def _requests_settings(verifier: VerifierSettings) -> RequestsSettings:
    if verifier.requests is None:
        raise BlauweKnopError("the configuration of the exercise has no [requests]", remedy="choose another folder with --data-dir")
    return verifier.requests


def _provider(settings: Settings, people: Sequence[Person]) -> ExerciseProvider:
    """The exercise login knows every person and every source."""
    clients = []
    for source in settings.sources.values():
        keys = client_keys(source)
        own = f"{settings.scheme.base_url}{source.path}"
        clients.append(
            ExerciseClient.of(
                source.login.client_id,
                source.identity.name,
                signing_key=keys.signing,
                encryption_key=keys.decryption[0],
                redirect_uris=[f"{own}/terug"],
                post_logout_redirect_uris=[f"{own}/uitgelogd"],
            )
        )
    known = [ExercisePerson(person.id, person.bsn, person.name, person.description) for person in people]
    return ExerciseProvider(f"{settings.scheme.base_url}{_DIGID}", known, clients)


def _staff_provider(asked: RequestsSettings, asking: Sequence[AskingServices], base_url: str) -> ExerciseProvider:
    """The exercise login for staff knows every receiver, and who works there."""
    clients = []
    for service in asking:
        agreement = asked.receivers[service.receiver.id].staff
        if agreement is None:
            continue
        keys, login = staff_keys(agreement), agreement.login(service.receiver.address)
        clients.append(
            ExerciseClient.of(
                client_of(service.receiver.id),
                service.receiver.name,
                signing_key=keys.signing,
                encryption_key=keys.decryption[0],
                redirect_uris=[login.redirect_uri],
                post_logout_redirect_uris=[login.post_logout_redirect_uri],
            )
        )
    return ExerciseProvider(f"{base_url}/medewerkers", exercise_staff(), clients)
