"""The web application of a source, from the configuration of its organisation."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.settings import Settings, load_settings
from blauweknop.assembly.issuer_sweeps import issuer_sweeps
from blauweknop.assembly.issuers import SharedParts, issuer_services, login_origins, open_parts
from blauweknop.assembly.readiness import database_ready, health_routes, signs
from blauweknop.assembly.sealing import signers_of
from blauweknop.assembly.upkeep import Upkeep
from blauweknop.assembly.wallets import wallet_services
from blauweknop.catalogue import json_schema
from blauweknop.domain.dataset import Dataset
from blauweknop.issuer.page import issuer_portal
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.routes import issuer_router
from blauweknop.issuer.wallet.pages import wallet_pages
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.routes import wallet_routes
from blauweknop.web.app import web_application
from blauweknop.web.first_page import lead_to
from blauweknop.web.page import WebSettings
from blauweknop.web.request_log import configure_logging

__all__ = ["CONFIGURATION_VARIABLE", "issuer_application", "issuer_from_environment", "schema_routes", "try_issuer"]

CONFIGURATION_VARIABLE = "BLAUWEKNOP_CONFIG"
"""Where a server process finds the path of its configuration file."""

_FOR_MACHINES: dict[str, Any] = {"exclude_from_csrf": True}


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
    parts, services, wallets = _parts(settings)
    upkeep = Upkeep(issuer_sweeps(parts, tuple(settings.sources)))
    signers = signers_of(settings)
    datasets = {dataset.id: dataset for service in services for dataset in service.datasets}
    return web_application(
        [
            *(issuer_router(service) for service in services),
            *(route for wallet in wallets for route in (*wallet_routes(wallet), wallet_pages(wallet))),
            *schema_routes(tuple(datasets.values())),
            *health_routes({"database": database_ready(parts.engine), "sign": lambda: signs(signers)}),
            *([lead_to(f"{services[0].path}/")] if len(services) == 1 else []),
        ],
        _web_settings(settings, parts.row_key),
        portals=tuple(issuer_portal(service) for service in services),
        on_startup=[upkeep.start],
        on_shutdown=[upkeep.stop],
    )


def try_issuer(settings: Settings) -> None:
    """Everything of the application that can be wrong, without the application.

    Raises:
        BlauweKnopError: see `issuer_application`.
    """
    parts, _, _ = _parts(settings)
    parts.engine.dispose()


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


def _parts(settings: Settings) -> tuple[SharedParts, tuple[IssuerServices, ...], tuple[WalletServices, ...]]:
    parts = open_parts(settings)
    services = issuer_services(settings, parts)
    made = [wallet_services(settings, service, parts) for service in services]
    return parts, services, tuple(wallet for wallet in made if wallet is not None)


def _web_settings(settings: Settings, row_key: RowKey) -> WebSettings:
    scheme = settings.scheme
    return WebSettings(
        # The same in every process, so that a form may come back to another one than it came from.
        csrf_secret=row_key.tag("web", "forms").hex(),
        secure=scheme.base_url.startswith("https://"),
        exercise=scheme.is_exercise,
        login_origins=login_origins(settings),
    )
