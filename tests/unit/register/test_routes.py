"""What the register publishes: schemas that are schemas, with headers that let every site and cache use them."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from litestar import Litestar
from litestar.testing import TestClient

from blauweknop.catalogue import load_catalogue
from blauweknop.checking.verification_report import report_schema
from blauweknop.document.type_metadata import type_integrity, vct_of
from blauweknop.register.bundle_publishing import RenewedBundle, publish_exercise_bundle
from blauweknop.register.exercise_keys import new_exercise_scheme
from blauweknop.register.routes import REGISTER_PORTAL, register_router
from blauweknop.standards.offline_bundle import read_offline_bundle
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings

NOW = datetime(2026, 11, 23, 14, 12, tzinfo=UTC)
_IDS = sorted(load_catalogue().datasets)
_LISTS = iter((b"first.list.signed", b"second.list.signed"))


@pytest.fixture(scope="module")
def register() -> Iterator[TestClient[Litestar]]:
    router = register_router(load_catalogue(), trust_list=lambda: next(_LISTS), trust_anchor=lambda: b"-----BEGIN CERTIFICATE-----")
    application = web_application([router], WebSettings(csrf_secret="0" * 64, secure=False), portals=(REGISTER_PORTAL,))
    with TestClient(application) as client:
        yield client


@pytest.mark.parametrize("dataset_id", _IDS)
def test_each_data_set_has_a_schema_that_is_one(register: TestClient[Litestar], dataset_id: str) -> None:
    answer = register.get(f"/register/schemas/{dataset_id}/{load_catalogue().dataset(dataset_id).version}")
    schema: dict[str, Any] = json.loads(answer.content)
    Draft202012Validator.check_schema(schema)
    assert answer.headers["content-type"] == "application/schema+json"
    assert schema["$id"].endswith(answer.url.path.removeprefix("/register"))


def test_the_report_of_a_check_has_a_schema_beside_the_others(register: TestClient[Litestar]) -> None:
    answer = register.get("/register/schemas/controlerapport/1")
    assert json.loads(answer.content) == report_schema()
    assert 'href="/register/schemas/controlerapport/1"' in register.get("/register/schemas?taal=nl").text


def test_the_page_leads_to_every_schema_and_every_link_works(register: TestClient[Litestar]) -> None:
    html = register.get("/register/schemas?taal=nl").text
    addresses = [part.partition('"')[0] for part in html.split('href="/register/')[1:]]
    assert all(f'"/register/schemas/{dataset_id}/' in html for dataset_id in _IDS)
    assert {register.get(f"/register/{address}").status_code for address in addresses if address != "trust-list"} == {200}


@pytest.mark.parametrize("path", ["duo.studieschuld/2", "duo.onbekend/1", "duo.studieschuld/een", "controlerapport/2", "../trust-list/1"])
def test_a_schema_that_does_not_exist_is_not_found(register: TestClient[Litestar], path: str) -> None:
    assert register.get(f"/register/schemas/{path}").status_code == 404


def test_the_trust_list_is_read_anew_for_each_question(register: TestClient[Litestar]) -> None:
    assert [register.get("/register/trust-list").content for _ in range(2)] == [b"first.list.signed", b"second.list.signed"]


@pytest.mark.parametrize("path", ["trust-anchor", "schemas/duo.studieschuld/1", "vct/duo-studieschuld/1"])
def test_what_is_published_may_be_kept_and_read_by_any_site(register: TestClient[Litestar], path: str) -> None:
    headers = register.get(f"/register/{path}").headers
    assert headers["cache-control"].startswith("public, max-age=")
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"


def test_no_cookie_comes_with_what_is_published(register: TestClient[Litestar]) -> None:
    register.cookies.clear()
    assert "set-cookie" not in register.get("/register/trust-anchor").headers


def test_the_bundle_is_made_again_after_some_minutes() -> None:
    clock = iter((NOW, NOW + timedelta(minutes=4), NOW + timedelta(minutes=5), NOW))
    bundle = RenewedBundle(lambda at: at.isoformat().encode(), now=lambda: next(clock))
    assert [bundle()[14:16] for _ in range(4)] == [b"12", b"12", b"17", b"12"]


def test_the_bundle_is_for_every_site_and_cache() -> None:
    router = register_router(load_catalogue(), trust_list=bytes, trust_anchor=bytes, bundle=lambda: b"{}")
    application = web_application([router], WebSettings(csrf_secret="0" * 64, secure=False), portals=(REGISTER_PORTAL,))
    with TestClient(application) as client:
        answer = client.get("/register/bundle.json")
    assert (answer.content, answer.headers["content-type"]) == (b"{}", "application/jose+json")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_bundle_of_the_exercise_is_read_with_the_anchor_of_its_list(tmp_path: Path) -> None:
    scheme = new_exercise_scheme(tmp_path / "keys", [], now=NOW - timedelta(hours=1))
    lists = {"https://bron.example/1": b"e30.e30.aa"}
    data = publish_exercise_bundle(scheme, trust_list=b"e30.e30.bb\n", catalogue=load_catalogue(), status_lists=lists, at=NOW)
    bundle = read_offline_bundle(data, anchors=[scheme.trust_anchor()], at=NOW)
    assert (bundle.trust_list, dict(bundle.status_lists), bundle.issued_at) == (b"e30.e30.bb", lists, NOW)
    assert [schema.dataset for schema in bundle.schemas] == _IDS
    assert json.loads(bundle.schemas[0].content)["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize("dataset_id", _IDS)
def test_each_data_set_has_a_wallet_type_at_its_own_address_with_the_hash_that_credentials_name(
    register: TestClient[Litestar], dataset_id: str
) -> None:
    summary = load_catalogue().summaries[dataset_id]
    answer = register.get("/register" + vct_of(summary.dataset).removeprefix("https://register.blauweknop.example"))
    metadata: dict[str, Any] = json.loads(answer.content)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert metadata["vct"] == vct_of(summary.dataset)
    assert type_integrity(summary) == f"sha256-{b64encode(sha256(answer.content).digest()).decode()}"


@pytest.mark.parametrize("path", ["duo-studieschuld/2", "duo.studieschuld/1", "duo-onbekend/1"])
def test_a_wallet_type_that_does_not_exist_is_not_found(register: TestClient[Litestar], path: str) -> None:
    assert register.get(f"/register/vct/{path}").status_code == 404


def test_everybody_can_read_which_receivers_are_registered() -> None:
    router = register_router(load_catalogue(), trust_list=bytes, trust_anchor=bytes, receivers=lambda: ("een.twee.drie",))
    application = web_application([router], WebSettings(csrf_secret="0" * 64, secure=False), portals=(REGISTER_PORTAL,))
    with TestClient(application) as client:
        answer = client.get("/register/ontvangers")
    assert (answer.json(), answer.headers["access-control-allow-origin"]) == ({"registrations": ["een.twee.drie"]}, "*")
