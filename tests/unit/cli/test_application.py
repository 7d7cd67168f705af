import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Litestar
from litestar.testing import TestClient

from blauweknop.adapters.settings import Settings
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.assembly.issuer_application import CONFIGURATION_VARIABLE, issuer_application, issuer_from_environment
from blauweknop.assembly.readiness import health_routes, signs
from blauweknop.assembly.trust import KeptTrust
from blauweknop.assembly.verifier_application import state_place, verifier_application
from blauweknop.catalogue import json_schema, load_catalogue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.x509 import certificates_from_pem
from tests.unit.checking import credentials
from tests.unit.cli.installation import DATASET, NOW, forget_bundle, install, rewrite, settings_of

Client = TestClient[Litestar]


@contextmanager
def issuer(config: Path) -> Iterator[Client]:
    with TestClient(issuer_application(settings_of(config))) as client:
        yield client


@contextmanager
def verifier(config: Path, state: Path) -> Iterator[Client]:
    with TestClient(verifier_application(load_verifier(config), helpers=1, environment={"STATE_DIRECTORY": str(state)})) as client:
        yield client


def test_a_source_lives_and_is_ready_when_it_can_keep_records_and_sign(tmp_path: Path) -> None:
    with issuer(install(tmp_path)) as client:
        live, ready = client.get("/livez"), client.get("/readyz")

    assert (live.status_code, ready.status_code) == (200, 200)
    assert ready.json() == {"database": "ok", "sign": "ok"}
    assert "set-cookie" not in ready.headers
    assert ready.headers["cache-control"] == "no-store"


def test_a_source_without_its_tables_lives_and_is_not_ready(tmp_path: Path) -> None:
    config = install(tmp_path)
    with issuer(config) as client:
        with sqlite3.connect(config.parent / "blauweknop.db") as database:
            database.execute("UPDATE alembic_version SET version_num = 'later'")
        live, ready = client.get("/livez"), client.get("/readyz")

    assert (live.status_code, ready.status_code) == (200, 503)
    assert ready.json() == {"database": "fail", "sign": "ok"}


def test_schemas_are_published_for_everyone_and_listed(tmp_path: Path) -> None:
    dataset = load_catalogue().dataset(DATASET)
    with issuer(install(tmp_path)) as client:
        listed = client.get("/schemas").json()
        schema = client.get(f"/schemas/{DATASET}/{dataset.version}")
        unknown = client.get(f"/schemas/{DATASET}/99")

    assert {"dataset": DATASET, "version": dataset.version, "path": f"/schemas/{DATASET}/{dataset.version}"} in listed
    assert schema.headers["content-type"].startswith("application/schema+json")
    assert json.loads(schema.content) == json_schema(dataset)
    assert "set-cookie" not in schema.headers
    assert unknown.status_code == 404


def test_a_form_may_come_back_to_another_process(tmp_path: Path) -> None:
    config = install(tmp_path)

    first, second = (issuer_application(settings_of(config)).state["web"].csrf_secret for _ in range(2))

    assert first == second
    assert len(first) == 64


def test_one_source_is_what_the_first_page_leads_to(tmp_path: Path) -> None:
    config = install(tmp_path)
    text = config.read_text("utf-8")
    config.write_text(text[: text.index("[sources.uwv]")], "utf-8")
    with issuer(config) as client:
        answer = client.get("/", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (302, "/duo/")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda config: (config.parent / "secret-key").unlink(),
        lambda config: (config.parent / "keys/sources/duo/seal-key.pem").write_text("x"),
        lambda config: (config.parent / "keys/ca/root.crl").unlink(),
        lambda config: (config.parent / "blauweknop.db").write_bytes(b"no database" * 100),
    ],
    ids=["secret key", "seal key", "revocation list", "database"],
)
def test_a_source_that_cannot_work_does_not_start(spoil: Callable[[Path], Any], tmp_path: Path) -> None:
    config = install(tmp_path)
    settings = settings_of(config)
    spoil(config)

    with pytest.raises(BlauweKnopError):
        issuer_application(settings)


def test_each_of_several_processes_finds_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIGURATION_VARIABLE, str(install(tmp_path)))

    assert issuer_from_environment().state["web"].exercise


def test_the_check_page_is_where_letters_say_it_is(tmp_path: Path) -> None:
    config = install(tmp_path)
    rewrite(config, 'check_url = "http://127.0.0.1:8000/controle"', 'check_url = "http://127.0.0.1:8000/echt-of-niet"')
    with verifier(config, tmp_path / "state") as client:
        first, form = client.get("/", follow_redirects=False), client.get("/echt-of-niet/")

    assert first.headers["location"] == "/echt-of-niet/"
    assert form.status_code == 200


def test_a_check_page_needs_the_scheme_and_nothing_of_a_source(tmp_path: Path) -> None:
    config = install(tmp_path)
    text = config.read_text("utf-8")
    config.write_text(text[: text.index("[storage]")], "utf-8")
    with verifier(config, tmp_path / "state") as client:
        form = client.get("/controle/")

    assert form.status_code == 200


def test_a_check_page_without_a_trust_list_is_not_ready(tmp_path: Path) -> None:
    config = forget_bundle(install(tmp_path))
    with verifier(config, tmp_path / "state") as client:
        ready = client.get("/readyz")
    (config.parent / "trust-list.json").write_text("x")
    with verifier(config, tmp_path / "other") as client:
        unready = client.get("/readyz")

    assert (ready.status_code, unready.status_code) == (200, 503)


def test_a_check_page_keeps_the_policy_of_its_receiver(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "policy.toml").write_text('kinds = ["document"]')
    rewrite(config, "[scheme]\n", '[scheme]\npolicy = "policy.toml"\n')
    with verifier(config, tmp_path / "state") as client:
        page = client.post("/controle?taal=nl", files={"bestand": ("a", credentials.of_document().encode(), "text/plain")}).text

    assert "Dit soort bestand neemt u volgens uw eigen eisen niet aan." in page


def test_a_check_page_with_a_policy_that_cannot_be_kept_does_not_start(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "policy.toml").write_text("maximum_ages = 3")
    rewrite(config, "[scheme]\n", '[scheme]\npolicy = "policy.toml"\n')
    with pytest.raises(BlauweKnopError, match=r"policy\.toml, line 1"):
        verifier_application(load_verifier(config), helpers=1, environment={"STATE_DIRECTORY": str(tmp_path / "state")})


def test_a_condition_that_fails_is_named_and_nothing_more() -> None:
    app = Litestar(health_routes({"left": lambda: True, "right": lambda: False}))
    with TestClient(app) as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"left": "ok", "right": "fail"})


def kept_trust(settings: Settings, tmp_path: Path) -> KeptTrust:
    return KeptTrust(settings.scheme, state=tmp_path / "state", fetch=None)


def test_the_trust_list_is_read_anew_after_five_minutes(tmp_path: Path) -> None:
    config = install(tmp_path)
    trust = kept_trust(settings_of(config), tmp_path)
    first = trust(NOW)
    (config.parent / "trust-list.json").touch()

    assert trust(NOW + timedelta(minutes=4)) is first
    assert trust(NOW + timedelta(minutes=6)) is not first


@pytest.mark.parametrize("content", [None, b"x"], ids=["away", "refused"])
def test_the_last_good_trust_list_is_kept_when_its_place_fails(content: bytes | None, tmp_path: Path) -> None:
    config = forget_bundle(install(tmp_path))
    trust = kept_trust(settings_of(config), tmp_path)
    first = trust(NOW)
    place = config.parent / "trust-list.json"
    place.unlink() if content is None else place.write_bytes(content)

    assert trust(NOW + timedelta(hours=1)) is first


def test_without_a_list_ever_nobody_is_trusted(tmp_path: Path) -> None:
    config = install(tmp_path)
    (config.parent / "trust-list.json").unlink()

    assert kept_trust(settings_of(config), tmp_path)(NOW).problem == "trust_list_unreachable"


def test_a_server_remembers_in_the_folder_it_was_given() -> None:
    assert state_place({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "HOME": "/x"}) == Path("/var/lib/a")
    assert state_place({"HOME": "/x"}) == Path("/x/.local/state/blauweknop")


def test_a_key_that_signs_something_else_is_noticed(tmp_path: Path) -> None:
    certificate = (install(tmp_path).parent / "keys/sources/duo/seal.pem").read_bytes()
    encoded = certificates_from_pem(certificate)[0].public_bytes(Encoding.DER)

    assert not signs([KeySigner(encoded, (), lambda _digest: b"\x30\x06\x02\x01\x01\x02\x01\x01")])
