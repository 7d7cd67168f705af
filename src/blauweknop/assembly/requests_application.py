"""The web application of a receiver that only asks: several processes can serve it, since all that it remembers is in the database."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from litestar import Litestar

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.policy_file import load_policy
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.status_fetching import fetch_status_list
from blauweknop.adapters.status_store import StatusStore
from blauweknop.adapters.verifier_settings import VerifierSettings, load_verifier
from blauweknop.assembly.document_checks import LateSandbox, document_check
from blauweknop.assembly.dossier_seals import dossier_sealers
from blauweknop.assembly.dossiers import dossier_services, dossier_sweeps
from blauweknop.assembly.issuer_application import CONFIGURATION_VARIABLE
from blauweknop.assembly.link_desks import link_desk_routes, link_desks, with_links
from blauweknop.assembly.readiness import database_ready, health_routes
from blauweknop.assembly.requests import afterwards_services, asking_services, clients_told, holder_origin, request_sweeps
from blauweknop.assembly.staff import staff_origins, staff_routes, staff_services, staff_sweeps
from blauweknop.assembly.trust import KeptTrust, StatusUpkeep, fetch_trust_list, state_place
from blauweknop.assembly.upkeep import Upkeep
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.trust import Trust
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.afterwards.routes import afterwards_routes
from blauweknop.verifier.asking.page import asking_portal
from blauweknop.verifier.asking.routes import asking_routes
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings

__all__ = ["requests_application", "requests_from_environment"]

_HELPERS = 1  # in each process, from the first link on


def requests_application(settings: VerifierSettings, *, environment: Mapping[str, str] = os.environ) -> Litestar:
    """The pages and addresses of the receivers of [requests], also those on which staff take links; no check page and no API.

    Raises:
        BlauweKnopError: there is no [requests]; the database, a key or a registration cannot be used.
    """
    if settings.requests is None or settings.storage is None:
        raise BlauweKnopError("the configuration has no [requests]", remedy="docs/roles/verifier.md has an example")
    scheme = settings.scheme
    engine = open_database(settings.storage.url)
    upgrade(engine)
    key = RowKey.from_secret(read_secret_key(settings.storage.secret_key_file))
    catalogue = load_catalogue()
    state = state_place(environment)
    trust = KeptTrust(scheme, state=state, fetch=fetch_trust_list)
    statuses = StatusStore(state=state, fetch=fetch_status_list)
    asking = asking_services(
        settings.requests,
        scheme.base_url,
        engine,
        key,
        judge=lambda look, at: statuses.check(look, trust(at), at),
        catalogue=catalogue,
        told=clients_told(settings.api),
    )
    afterwards = afterwards_services(asking)
    staff = with_links(staff_services(settings.requests, asking, engine, key, exercise=scheme.is_exercise), settings.requests)
    policy = None if scheme.policy is None else load_policy(scheme.policy, catalogue)
    sandbox = LateSandbox(helpers=_HELPERS)
    check = document_check(sandbox, statuses, trust, policy)
    desks = link_desks(staff, settings.requests, check=lambda data, at: check(data, at).verdict, exercise=scheme.is_exercise)

    def trust_with(uri: str, now: datetime) -> Trust:
        trusted = trust(now)
        statuses.renew(uri, trusted, now)
        return statuses.given(trusted)

    dossiers = dossier_services(staff, engine, key, trust_with=trust_with, sealers=dossier_sealers(settings))
    upkeep = StatusUpkeep(statuses, trust)
    sweeps = Upkeep((*request_sweeps(engine, afterwards), *staff_sweeps(staff, engine, key), *dossier_sweeps(dossiers)))
    conditions = {"trust_list": lambda: trust(datetime.now(UTC)).trust_list is not None, "database": database_ready(engine)}
    return web_application(
        [
            *health_routes(conditions),
            *(route for services in asking for route in asking_routes(services)),
            *staff_routes(staff, dossiers),
            *link_desk_routes(desks),
            *(route for services, after in zip(asking, afterwards, strict=True) for route in afterwards_routes(services, after)),
        ],
        WebSettings(
            csrf_secret=key.tag("web", "forms").hex(),  # the same in each process
            secure=scheme.base_url.startswith("https://"),
            exercise=scheme.is_exercise,
            login_origins=(holder_origin(settings.requests), *staff_origins(settings.requests)),
        ),
        portals=tuple(asking_portal(services) for services in asking),
        on_startup=[upkeep.start, sweeps.start],
        on_shutdown=[sweeps.stop, upkeep.stop, sandbox.close],
    )


def requests_from_environment() -> Litestar:
    """What each process starts with where none can be forked."""
    return requests_application(load_verifier(Path(os.environ[CONFIGURATION_VARIABLE])))
