"""The web application of a role, from the configuration of an organisation."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.policy_file import load_policy
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.sandbox import Sandbox
from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.adapters.settings import Settings, load_settings
from blauweknop.adapters.status_fetching import fetch_status_list
from blauweknop.adapters.status_store import StatusStore
from blauweknop.adapters.trust_store import state_folder
from blauweknop.adapters.verifier_settings import VerifierSettings
from blauweknop.assembly.issuers import issuer_services, login_origins, open_parts
from blauweknop.assembly.readiness import database_ready, health_routes, signs
from blauweknop.assembly.reporting import ServedReports
from blauweknop.assembly.sealing import signers_of
from blauweknop.assembly.trust import KeptTrust, StatusUpkeep, fetch_trust_list, status_teller
from blauweknop.assembly.upkeep import Upkeep, issuer_sweeps
from blauweknop.assembly.verifier_api import api_parts
from blauweknop.assembly.wallets import wallet_services
from blauweknop.catalogue import json_schema, load_catalogue
from blauweknop.checking.policy import apply_policy
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import Trust
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.verdict import Verdict
from blauweknop.issuer.page import issuer_portal
from blauweknop.issuer.routes import issuer_router
from blauweknop.issuer.wallet.pages import wallet_pages
from blauweknop.issuer.wallet.routes import wallet_routes
from blauweknop.verifier.api.routes import set_api_headers
from blauweknop.verifier.routes import check_portal, check_router
from blauweknop.web.app import web_application
from blauweknop.web.first_page import lead_to
from blauweknop.web.page import WebSettings
from blauweknop.web.request_log import configure_logging

__all__ = [
    "CONFIGURATION_VARIABLE",
    "issuer_application",
    "issuer_from_environment",
    "schema_routes",
    "state_place",
    "verifier_application",
]

CONFIGURATION_VARIABLE = "BLAUWEKNOP_CONFIG"
"""Where a server process finds the path of its configuration file."""

_FOR_MACHINES: dict[str, Any] = {"exclude_from_csrf": True}
_DEFAULT_CHECK_PATH = "/controle"


def issuer_from_environment() -> Litestar:
    """What each of several server processes starts with.

    Raises:
        BlauweKnopError: see `issuer_application`.
    """
    configure_logging()
    return issuer_application(load_settings(Path(os.environ[CONFIGURATION_VARIABLE])))


def issuer_application(settings: Settings) -> Litestar:
    """The pages of all sources of the configuration, the schemas of their data sets, `/livez` and `/readyz`.

    Raises:
        BlauweKnopError: a key, the database or an agreement cannot be used.
    """
    parts = open_parts(settings)
    services = issuer_services(settings, parts)
    upkeep = Upkeep(issuer_sweeps(parts, tuple(settings.sources)))
    signers = signers_of(settings)
    datasets = {dataset.id: dataset for service in services for dataset in service.datasets}
    wallets = [made for service in services if (made := wallet_services(settings, service, parts)) is not None]
    return web_application(
        [
            *(issuer_router(service) for service in services),
            *(route for wallet in wallets for route in (*wallet_routes(wallet), wallet_pages(wallet))),
            *schema_routes(tuple(datasets.values())),
            *health_routes({"database": database_ready(parts.engine), "sign": lambda: signs(signers)}),
            *([lead_to(f"{services[0].path}/")] if len(services) == 1 else []),
        ],
        _web_settings(settings.scheme, _form_secret(parts.row_key), login_origins(settings)),
        portals=tuple(issuer_portal(service) for service in services),
        on_startup=[upkeep.start],
        on_shutdown=[upkeep.stop],
    )


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

    def check(data: bytes, at: datetime) -> CheckedFile:
        judge = trust(at)

        def check_with(given: Trust) -> Verdict:
            nonlocal judge
            judge = given
            return sandbox.check(data, trust=given, at=at)

        verdict = statuses.check(check_with, judge, at)
        return CheckedFile.of(data, apply_policy(verdict, policy, at), judge)

    def trust_with(uri: str, now: datetime) -> Trust:
        trusted = trust(now)
        statuses.renew(uri, trusted, now)
        return statuses.given(trusted)

    report = ServedReports(settings.reports, catalogue, policy=scheme.policy) if settings.reports else None
    api = None
    if settings.api is not None:
        api = api_parts(settings.api, scheme, check=check, status_of=status_teller(trust_with), database=api_database, report=report)
    conditions = {"trust_list": lambda: trust(datetime.now(UTC)).trust_list is not None}
    if api_database is not None:
        conditions["database"] = database_ready(api_database[0])
    return web_application(
        [
            check_router(check=check, now=lambda: datetime.now(UTC), catalogue=catalogue, path=path, report=report),
            *health_routes(conditions),
            lead_to(f"{path}/"),
            *([api.router] if api else []),
        ],
        _web_settings(scheme, secrets.token_hex(32)),
        portals=(check_portal(path),),
        before_send=[set_api_headers],
        on_startup=[upkeep.start, *(api.on_startup if api else ())],
        on_shutdown=[*(api.on_shutdown if api else ()), upkeep.stop, sandbox.close],
    )


def _database(settings: VerifierSettings) -> tuple[Engine, RowKey] | None:
    if settings.storage is None:
        return None
    engine = open_database(settings.storage.url)
    upgrade(engine)
    return engine, RowKey.from_secret(read_secret_key(settings.storage.secret_key_file))


def schema_routes(datasets: Sequence[Dataset]) -> list[HTTPRouteHandler]:
    """The JSON Schema of each data set at `/schemas/<id>/<version>`, and the list of them at `/schemas`; public and without cookies."""
    encoded = {f"{dataset.id}/{dataset.version}": json.dumps(json_schema(dataset), ensure_ascii=False).encode() for dataset in datasets}
    listed = [
        {"dataset": dataset.id, "version": dataset.version, "path": f"/schemas/{dataset.id}/{dataset.version}"} for dataset in datasets
    ]
    headers = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}

    @get("/schemas", sync_to_thread=False, opt=_FOR_MACHINES)
    def list_schemas() -> Response[bytes]:
        return Response(json.dumps(listed).encode(), media_type="application/json", headers=headers)

    @get("/schemas/{dataset:str}/{version:str}", sync_to_thread=False, opt=_FOR_MACHINES)
    def give_schema(dataset: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found = encoded.get(f"{dataset}/{version}")
        if found is None:
            raise NotFoundException("no such schema")
        return Response(found, media_type="application/schema+json", headers=headers)

    return [list_schemas, give_schema]


def state_place(environment: Mapping[str, str]) -> Path:
    """Where a server remembers which trust list it saw: the folder that systemd gives it, else that of its user."""
    given = environment.get("STATE_DIRECTORY")
    return Path(given.split(":")[0]) if given else state_folder(environment)


def _form_secret(row_key: RowKey) -> str:
    """The same in every process, so that a form may come back to another one than it came from."""
    return row_key.tag("web", "forms").hex()


def _web_settings(scheme: SchemeSettings, form_secret: str, logins: tuple[str, ...] = ()) -> WebSettings:
    return WebSettings(
        csrf_secret=form_secret, secure=scheme.base_url.startswith("https://"), exercise=scheme.is_exercise, login_origins=logins
    )
