"""What the register publishes for everyone: schema and wallet type of data sets, schema of reports, the signed trust list, its certificate.

Public, without login and without personal data, so it may be kept by any cache and read by a script of any site.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import text
from blauweknop.checking.verification_report import REPORT_ID, REPORT_VERSION, report_schema
from blauweknop.document.type_metadata import published_type, type_name
from blauweknop.domain.dataset import Dataset
from blauweknop.register.bundle_publishing import published_schema
from blauweknop.web.page import Portal, page

__all__ = ["REGISTER_PATH", "REGISTER_PORTAL", "register_router"]

REGISTER_PATH = "/register"
REGISTER_PORTAL = Portal(text("register.name"), f"{REGISTER_PATH}/schemas")

_A_DAY = 24 * 3600
_AN_HOUR = 3600
_FIVE_MINUTES = 300
_NO_COOKIE = {"exclude_from_csrf": True}  # a cache must not keep the cookie of one person for the next
_SCHEMA = "application/schema+json"
_TYPE = "application/json"
_TRUST_LIST = "application/jose"
_BUNDLE = "application/jose+json"
_STATUS_LIST = "application/statuslist+jwt"
_CERTIFICATE = "application/x-pem-file"


def register_router(
    catalogue: Catalogue,
    *,
    trust_list: Callable[[], bytes],
    trust_anchor: Callable[[], bytes],
    bundle: Callable[[], bytes] | None = None,
    registrations: Callable[[], bytes] | None = None,
    receivers: Callable[[], Sequence[str]] | None = None,
) -> Router:
    """The public addresses under `/register`.

    `trust_list` gives the signed list, `trust_anchor` the certificate in PEM, `bundle` the offline bundle, `registrations` the status
    list of the registrations of receivers, `receivers` those registrations themselves, all as of now.
    """
    more = [
        *([] if bundle is None else [_bundle(bundle)]),
        *([] if registrations is None else [_registrations(registrations)]),
        *([] if receivers is None else [_receivers(receivers)]),
    ]
    return Router(REGISTER_PATH, route_handlers=[*_schemas(catalogue), _types(catalogue), *_trust(trust_list, trust_anchor), *more])


def _schemas(catalogue: Catalogue) -> list[HTTPRouteHandler]:
    encoded = {(dataset.id, dataset.version): published_schema(dataset) for dataset in _sorted(catalogue)}
    encoded[REPORT_ID, REPORT_VERSION] = json.dumps(report_schema(), ensure_ascii=False, indent=2).encode()

    @get("/schemas", sync_to_thread=False)
    def show_schemas(request: Request[Any, Any, Any]) -> Response[str]:
        return page(
            request,
            "register/schemas.html",
            portal=REGISTER_PORTAL,
            datasets=_sorted(catalogue),
            report=f"{REPORT_ID}/{REPORT_VERSION}",
            here=REGISTER_PATH,
        )

    @get("/schemas/{dataset:str}/{version:int}", sync_to_thread=False, opt=_NO_COOKIE)
    def give_schema(dataset: FromPath[str], version: FromPath[int]) -> Response[bytes]:
        if (dataset, version) not in encoded:
            raise NotFoundException("no such schema")
        return _public(encoded[dataset, version], _SCHEMA, _A_DAY)

    return [show_schemas, give_schema]


def _types(catalogue: Catalogue) -> HTTPRouteHandler:
    encoded = {(type_name(summary.dataset), summary.dataset.version): published_type(summary) for summary in catalogue.summaries.values()}

    @get("/vct/{name:str}/{version:int}", sync_to_thread=False, opt=_NO_COOKIE)
    def give_type(name: FromPath[str], version: FromPath[int]) -> Response[bytes]:
        if (name, version) not in encoded:
            raise NotFoundException("no such type")
        return _public(encoded[name, version], _TYPE, _A_DAY)

    return give_type


def _trust(trust_list: Callable[[], bytes], trust_anchor: Callable[[], bytes]) -> list[HTTPRouteHandler]:
    @get("/trust-list", sync_to_thread=True, opt=_NO_COOKIE)
    def give_trust_list() -> Response[bytes]:
        return _public(trust_list(), _TRUST_LIST, _AN_HOUR)

    @get("/trust-anchor", sync_to_thread=True, opt=_NO_COOKIE)
    def give_trust_anchor() -> Response[bytes]:
        return _public(trust_anchor(), _CERTIFICATE, _AN_HOUR)

    return [give_trust_list, give_trust_anchor]


def _bundle(bundle: Callable[[], bytes]) -> HTTPRouteHandler:
    @get("/bundle.json", sync_to_thread=True, opt=_NO_COOKIE)
    def give_bundle() -> Response[bytes]:
        return _public(bundle(), _BUNDLE, _FIVE_MINUTES)

    return give_bundle


def _registrations(registrations: Callable[[], bytes]) -> HTTPRouteHandler:
    @get("/statuslists/ontvangers", sync_to_thread=True, opt=_NO_COOKIE)
    def give_registrations() -> Response[bytes]:
        return _public(registrations(), _STATUS_LIST, _FIVE_MINUTES)

    return give_registrations


def _receivers(receivers: Callable[[], Sequence[str]]) -> HTTPRouteHandler:
    @get("/ontvangers", sync_to_thread=True, opt=_NO_COOKIE)
    def give_receivers() -> Response[bytes]:
        return _public(json.dumps({"registrations": [*receivers()]}).encode(), "application/json", _FIVE_MINUTES)

    return give_receivers


def _sorted(catalogue: Catalogue) -> list[Dataset]:
    return sorted(catalogue.datasets.values(), key=lambda dataset: dataset.id)


def _public(content: bytes, media_type: str, seconds: int) -> Response[bytes]:
    headers = {
        "Cache-Control": f"public, max-age={seconds}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(content, media_type=media_type, headers=headers)
