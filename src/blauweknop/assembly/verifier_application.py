"""The web application of a receiver, from its configuration."""

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from litestar import Litestar
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.policy_file import load_policy
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.sandbox import Sandbox
from blauweknop.adapters.status_fetching import fetch_status_list
from blauweknop.adapters.status_store import StatusStore
from blauweknop.adapters.verifier_settings import VerifierSettings
from blauweknop.assembly.document_checks import document_check
from blauweknop.assembly.dossier_seals import dossier_sealers
from blauweknop.assembly.dossiers import dossier_services, dossier_sweeps
from blauweknop.assembly.link_desks import link_desk_routes, link_desks, with_links
from blauweknop.assembly.readiness import database_ready, health_routes
from blauweknop.assembly.reporting import ServedReports
from blauweknop.assembly.requests import afterwards_services, asking_services, clients_told, holder_origin, request_sweeps
from blauweknop.assembly.staff import staff_origins, staff_routes, staff_services, staff_sweeps
from blauweknop.assembly.trust import KeptTrust, StatusUpkeep, fetch_trust_list, state_place, status_teller
from blauweknop.assembly.upkeep import Upkeep
from blauweknop.assembly.verifier_api import api_parts
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.trust import Trust
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.afterwards.routes import afterwards_routes
from blauweknop.verifier.api.routes import set_api_headers
from blauweknop.verifier.asking.page import asking_portal
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.routes import asking_routes
from blauweknop.verifier.dossier.ports import DossierServices
from blauweknop.verifier.links.ports import LinkDesk
from blauweknop.verifier.routes import check_portal, check_router
from blauweknop.verifier.staff.ports import StaffServices
from blauweknop.web.app import web_application
from blauweknop.web.first_page import lead_to
from blauweknop.web.page import WebSettings

__all__ = ["state_place", "verifier_application"]

_DEFAULT_CHECK_PATH = "/controle"


def verifier_application(settings: VerifierSettings, *, helpers: int = 2, environment: Mapping[str, str] = os.environ) -> Litestar:
    """The public check page, at the path of `scheme.check_url`, and the API when it is set up; files are checked in `helpers` processes.

    One process serves the pages, since what can be saved after a check waits in its memory and never on a disk.

    With [verifier] it gives signed reports.

    Raises:
        BlauweKnopError: the database, or a key, cannot be used.
    """
    scheme = settings.scheme
    catalogue = load_catalogue()
    policy = None if scheme.policy is None else load_policy(scheme.policy, catalogue)
    state = state_place(environment)
    trust = KeptTrust(scheme, state=state, fetch=fetch_trust_list)
    statuses = StatusStore(state=state, fetch=fetch_status_list)
    upkeep = StatusUpkeep(statuses, trust)
    api_database = _database(settings)
    sandbox = Sandbox(helpers=helpers)
    path = urlsplit(scheme.check_url).path.rstrip("/") or _DEFAULT_CHECK_PATH

    check = document_check(sandbox, statuses, trust, policy)

    def trust_with(uri: str, now: datetime) -> Trust:
        trusted = trust(now)
        statuses.renew(uri, trusted, now)
        return statuses.given(trusted)

    asking: tuple[AskingServices, ...] = ()
    afterwards: tuple[AfterwardsServices, ...] = ()
    staff: tuple[StaffServices, ...] = ()
    dossiers: tuple[DossierServices, ...] = ()
    desks: tuple[LinkDesk, ...] = ()
    sweeps: list[Upkeep] = []
    if settings.requests is not None and api_database is not None:
        asking = asking_services(
            settings.requests,
            scheme.base_url,
            *api_database,
            judge=lambda look, at: statuses.check(look, trust(at), at),
            catalogue=catalogue,
            told=clients_told(settings.api),
        )
        afterwards = afterwards_services(asking)
        staff = with_links(staff_services(settings.requests, asking, *api_database, exercise=scheme.is_exercise), settings.requests)
        desks = link_desks(staff, settings.requests, check=lambda data, at: check(data, at).verdict, exercise=scheme.is_exercise)
        dossiers = dossier_services(staff, *api_database, trust_with=trust_with, sealers=dossier_sealers(settings))
        sweeps.append(
            Upkeep((*request_sweeps(api_database[0], afterwards), *staff_sweeps(staff, *api_database), *dossier_sweeps(dossiers)))
        )
    report = ServedReports(settings.reports, catalogue, policy=scheme.policy) if settings.reports else None
    api = None
    if settings.api is not None:
        api = api_parts(
            settings.api,
            scheme,
            check=check,
            status_of=status_teller(trust_with),
            database=api_database,
            report=report,
            asking={each.receiver.id: each for each in asking},
        )
    conditions = {"trust_list": lambda: trust(datetime.now(UTC)).trust_list is not None}
    if api_database is not None:
        conditions["database"] = database_ready(api_database[0])
    return web_application(
        [
            check_router(check=check, now=lambda: datetime.now(UTC), catalogue=catalogue, path=path, report=report),
            *health_routes(conditions),
            lead_to(f"{path}/"),
            *([api.router] if api else []),
            *(route for services in asking for route in asking_routes(services)),
            *staff_routes(staff, dossiers),
            *link_desk_routes(desks),
            *(route for services, after in zip(asking, afterwards, strict=True) for route in afterwards_routes(services, after)),
        ],
        WebSettings(
            csrf_secret=api_database[1].tag("web", "forms").hex() if api_database else secrets.token_hex(32),
            secure=scheme.base_url.startswith("https://"),
            exercise=scheme.is_exercise,
            login_origins=(holder_origin(settings.requests), *staff_origins(settings.requests)) if settings.requests else (),
        ),
        portals=(check_portal(path), *(asking_portal(services) for services in asking)),
        before_send=[set_api_headers],
        on_startup=[upkeep.start, *(sweep.start for sweep in sweeps), *(api.on_startup if api else ())],
        on_shutdown=[*(api.on_shutdown if api else ()), *(sweep.stop for sweep in sweeps), upkeep.stop, sandbox.close],
    )


def _database(settings: VerifierSettings) -> tuple[Engine, RowKey] | None:
    if settings.storage is None:
        return None
    engine = open_database(settings.storage.url)
    upgrade(engine)
    return engine, RowKey.from_secret(read_secret_key(settings.storage.secret_key_file))
