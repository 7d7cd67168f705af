import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import delete, update

from blauweknop.adapters.database import open_database, upgrade, writing
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.adapters.verifier_staff_log import VERIFIER_STAFF_LOG, StaffLogStore
from blauweknop.assembly.requests import open_receiver
from blauweknop.assembly.requests_application import requests_application
from blauweknop.cli.doctor_findings import Finding, finding_lines
from blauweknop.cli.doctor_requests import examine_requests
from blauweknop.cli.doctor_scheme import read_scheme
from blauweknop.demo.digid_provider import ExerciseProvider
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import TrustList
from blauweknop.verifier.staff.logbook import Deed, Entry
from tests.unit.cli.installation import NOW, install, rewrite, settings_of

ISSUER = "http://127.0.0.1:8000/medewerkers"


@dataclass
class _Answered:
    status: int
    body: bytes


@dataclass
class Provider:
    """The login of three organisations, by its metadata, its keys and whether it takes our request."""

    changes: dict[str, Any] = field(default_factory=dict)
    pushed: int = 201
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> _Answered:
        if self.silent:
            raise BlauweKnopError("no answer within the time")
        own = ExerciseProvider(ISSUER, (), ())
        metadata = {**own.metadata(), "claims_supported": ["sub", "roles"], "backchannel_logout_supported": True}
        match url.removeprefix(ISSUER):
            case "/.well-known/openid-configuration":
                return _Answered(200, json.dumps({**metadata, **self.changes}).encode())
            case "/keys":
                return _Answered(200, json.dumps(own.public_keys()).encode())
            case _:
                self.asked.append((content or b"").decode())
                return _Answered(self.pushed, json.dumps({"request_uri": "urn:x", "expires_in": 60}).encode())


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return install(tmp_path)


def trust_list_of(config: Path) -> TrustList:
    read = read_scheme(settings_of(config).scheme, now=NOW, language="nl")
    assert isinstance(read, TrustList)
    return read


def findings_in(config: Path, provider: Provider | None = None, *, now: Any = NOW) -> list[Finding]:
    used, trust_list = provider or Provider(), trust_list_of(config)
    return list(examine_requests(config, trust_list, now=now, language="nl", with_database=False, reach=lambda _: used))


def found(config: Path, provider: Provider | None = None, *, now: Any = NOW) -> set[str]:
    findings = findings_in(config, provider, now=now)
    assert all([*finding_lines(finding, language)] for finding in findings for language in ("nl", "en"))
    return {f"{finding.state} {finding.code}" for finding in findings}


def log_of(config: Path, receiver: str = "huur") -> StaffLogStore:
    settings = load_verifier(config)
    assert settings.storage is not None
    assert settings.requests is not None
    engine = open_database(settings.storage.url)
    upgrade(engine)
    signer = open_receiver(receiver, settings.requests.receivers[receiver], settings.scheme.base_url).signer
    store = StaffLogStore(engine, RowKey.from_secret(read_secret_key(settings.storage.secret_key_file)), receiver, signer)
    for _ in range(5):
        store.write(Entry(Deed.LOGGED_IN, "aa" * 32), now=NOW)
    return store


def test_a_whole_installation_asks_and_its_staff_can_work(config: Path) -> None:
    log_of(config).sign(now=NOW)
    provider = Provider()
    assert found(config, provider) == {"ok receiver", "ok link_keys", "ok dossier_seal", "ok staff_login", "ok staff_log"}
    assert len(provider.asked) == 3
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fhuur%2Finloggen%2Fterug" in "".join(provider.asked)


def test_without_the_table_there_is_nothing_to_say(config: Path) -> None:
    text = config.read_text("utf-8")
    config.write_text(text.replace("[requests", "[not_requests"), "utf-8")
    assert [*examine_requests(config, None, now=NOW, language="nl", with_database=False)] == []


@pytest.mark.parametrize(
    ("provider", "code"),
    [
        (Provider(silent=True), "fail staff_provider_unreachable"),
        (Provider({"issuer": "https://elders.example"}), "fail staff_provider_metadata"),
        (Provider({"token_endpoint_auth_methods_supported": ["client_secret_basic"]}), "fail staff_provider_metadata"),
        (Provider(pushed=400), "fail staff_request_refused"),
        (Provider(pushed=503), "fail staff_provider_unreachable"),
        (Provider({"claims_supported": ["sub"]}), "warn staff_roles_claim"),
        (Provider({"backchannel_logout_supported": False}), "warn staff_no_logout"),
    ],
)
def test_what_stops_staff_at_their_login_is_told(config: Path, provider: Provider, code: str) -> None:
    assert code in found(config, provider)


@pytest.mark.parametrize(("days", "state"), [(3650, "fail receiver_certificate"), (3650, "fail receiver_registration")])
def test_what_does_not_count_any_more_is_told(config: Path, days: int, state: str) -> None:
    assert state in found(config, now=NOW + timedelta(days=days))


def test_what_ends_soon_is_told(config: Path) -> None:
    settings = load_verifier(config)
    assert settings.requests is not None
    receiver = open_receiver("huur", settings.requests.receivers["huur"], settings.scheme.base_url)
    ends = min(use.registration.expires_at for use in receiver.uses.values())
    assert "warn receiver_registration_ends" in found(config, now=ends - timedelta(days=3))


def test_a_receiver_whose_key_is_not_that_of_its_certificate_is_told(config: Path) -> None:
    settings = load_verifier(config)
    assert settings.requests is not None
    own, other = (settings.requests.receivers[name].access.key for name in ("huur", "hypotheek"))
    assert isinstance(own, Path)
    assert isinstance(other, Path)
    own.write_bytes(other.read_bytes())
    assert "fail receiver" in found(config)


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (delete(VERIFIER_STAFF_LOG).where(VERIFIER_STAFF_LOG.c.number == 3), "fail staff_log_gap"),
        (delete(VERIFIER_STAFF_LOG).where(VERIFIER_STAFF_LOG.c.number > 3), "fail staff_log_tail"),
        (update(VERIFIER_STAFF_LOG).where(VERIFIER_STAFF_LOG.c.number == 3).values(detail="x"), "fail staff_log_line"),
    ],
)
def test_a_log_that_somebody_changed_is_told(config: Path, tamper: Any, code: str) -> None:
    store = log_of(config)
    store.sign(now=NOW)
    with writing(store.engine) as connection:
        connection.execute(tamper)
    assert code in found(config)


def test_a_receiver_without_pages_for_staff_is_told(config: Path) -> None:
    tables = re.split(r"(?m)^(?=\[)", config.read_text("utf-8"))
    config.write_text("".join(table for table in tables if not table.startswith("[requests.receivers.huur.staff")), "utf-8")
    assert "warn staff_none" in found(config)


LINK_KEYS = 'link_keys = ["keys/receivers/huur/link-key.pem"]'


def overwrite(config: Path, file: str, with_file: str) -> None:
    """A file of the receiver `huur` becomes that of another."""
    keys = config.parent / "keys" / "receivers"
    (keys / "huur" / file).write_bytes((keys / with_file).read_bytes())


def test_a_key_for_links_that_no_registration_names_is_told_and_stops_the_server(config: Path) -> None:
    overwrite(config, "link-key.pem", "hypotheek/link-key.pem")
    assert "fail link_keys" in found(config)
    with pytest.raises(BlauweKnopError, match="link_keys of huur") as refused:
        requests_application(load_verifier(config), environment={})
    assert refused.value.remedy


def test_a_key_for_links_of_before_may_stay_beside_the_one_of_the_registration(config: Path) -> None:
    rewrite(config, LINK_KEYS, 'link_keys = ["keys/receivers/hypotheek/link-key.pem", "keys/receivers/huur/link-key.pem"]')
    assert "fail link_keys" not in found(config)


def test_a_registration_with_a_key_for_links_that_the_settings_do_not_have_is_told(config: Path) -> None:
    rewrite(config, LINK_KEYS, "")
    assert "fail link_keys" in found(config)


def test_a_key_for_links_that_cannot_be_read_is_told(config: Path) -> None:
    (config.parent / "keys" / "receivers" / "huur" / "link-key.pem").write_text("x")
    assert "fail link_keys" in found(config)


def test_a_key_that_does_not_seal_dossiers_is_told(config: Path) -> None:
    overwrite(config, "seal-key.pem", "huur/access-key.pem")
    assert "fail key" in found(config)


def test_keys_of_a_receiver_are_not_told_as_those_of_a_source(config: Path) -> None:
    overwrite(config, "seal-key.pem", "huur/access-key.pem")
    told = [line for finding in findings_in(config) if finding.code == "key" for line in finding_lines(finding, "nl")]
    assert told[0].startswith("fout    ontvanger huur, zegel voor dossiers: sleutel van seal.pem is niet te gebruiken")


def test_a_certificate_for_dossiers_of_another_organisation_is_told(config: Path) -> None:
    overwrite(config, "seal-key.pem", "hypotheek/seal-key.pem")
    overwrite(config, "seal.pem", "hypotheek/seal.pem")
    assert "fail certificate_oin" in found(config)


def test_a_certificate_for_dossiers_that_ended_is_told(config: Path) -> None:
    assert "fail certificate_expired" in found(config, now=NOW + timedelta(days=3650))


def test_a_server_for_requests_alone_takes_links_too(config: Path) -> None:
    client = TestClient(requests_application(load_verifier(config), environment={}), base_url="http://127.0.0.1:8000")
    answer = client.get("/huur/link-ontvangen", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/huur/inloggen")
