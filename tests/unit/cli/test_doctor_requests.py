import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from blauweknop.adapters.database import open_database, upgrade, writing
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.adapters.verifier_staff_log import VERIFIER_STAFF_LOG, StaffLogStore
from blauweknop.assembly.requests import open_receiver
from blauweknop.cli.doctor_findings import Finding, finding_lines
from blauweknop.cli.doctor_requests import examine_requests
from blauweknop.demo.digid_provider import ExerciseProvider
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.staff.logbook import Deed, Entry
from tests.unit.cli.installation import NOW, install

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


def found(config: Path, provider: Provider | None = None, *, now: Any = NOW) -> set[str]:
    used = provider or Provider()
    findings: list[Finding] = list(examine_requests(config, now=now, language="nl", with_database=False, reach=lambda _: used))
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
    assert found(config, provider) == {"ok receiver", "ok staff_login", "ok staff_log"}
    assert len(provider.asked) == 3
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fhuur%2Finloggen%2Fterug" in "".join(provider.asked)


def test_without_the_table_there_is_nothing_to_say(config: Path) -> None:
    text = config.read_text("utf-8")
    config.write_text(text.replace("[requests", "[not_requests"), "utf-8")
    assert found(config) == set()


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
