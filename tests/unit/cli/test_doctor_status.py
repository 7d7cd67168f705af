from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.settings import Settings
from blauweknop.assembly.issuers import status_list_publisher
from blauweknop.assembly.sealing import status_places
from blauweknop.cli.doctor_findings import Finding, finding_lines
from blauweknop.cli.doctor_scheme import read_scheme
from blauweknop.cli.doctor_status import examine_status_lists
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.register.exercise_keys import open_exercise_scheme
from blauweknop.standards.trust_list import TrustList
from tests.unit.cli.installation import NOW, forget_database, install, rewrite, settings_of

HOST = "127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def trusted(settings: Settings, *hosts: str) -> TrustList:
    """The trust list of the installation with DUO alone, and these hosts of its lists."""
    found = read_scheme(settings.scheme, now=NOW, language="nl")
    assert isinstance(found, TrustList)
    duo = next(entity for entity in found.entities if entity.oin == settings.sources["duo"].identity.oin)
    return replace(found, entities=(replace(duo, status_list_hosts=hosts),))


def published(settings: Settings, at: datetime = NOW, signer: str = "duo") -> Callable[[str], bytes]:
    """What DUO publishes at a moment, as whoever asks gets it."""

    def fetch(uri: str) -> bytes:
        engine = open_database(settings.storage.url)
        found = status_list_publisher(engine, "duo", key, now=lambda: at)(uri.rpartition("/")[2])
        engine.dispose()
        assert found is not None
        return found.jwt

    key = open_exercise_scheme(settings.file.parent / "keys").credential_signer(signer)
    return fetch


def silent(_: str) -> bytes:
    raise BlauweKnopError("no answer within the time")


def without_lists(folder: Path) -> Settings:
    settings = settings_of(forget_database(install(folder)))
    engine = open_database(settings.storage.url)
    upgrade(engine)
    engine.dispose()
    return settings


def with_a_list(folder: Path, at: datetime = NOW) -> Settings:
    settings = without_lists(folder)
    engine = open_database(settings.storage.url)
    status_places(settings, settings.sources["duo"], engine, at_once=1)(at)
    engine.dispose()
    return settings


def told(settings: Settings, fetch: Callable[[str], bytes] = silent, hosts: Sequence[str] = (HOST,)) -> list[str]:
    found: list[Finding] = [*examine_status_lists(settings, trusted(settings, *hosts), now=NOW, fetch=fetch)]
    for finding in found:
        assert all(finding_lines(finding, language) for language in ("nl", "en"))
    return [f"{finding.state} {finding.code}" for finding in found]


def test_a_list_that_is_there_and_fresh_is_well(tmp_path: Path) -> None:
    settings = with_a_list(tmp_path)
    assert told(settings, published(settings)) == ["ok status_list"]


def test_a_source_without_documents_has_no_list_yet(tmp_path: Path) -> None:
    assert told(without_lists(tmp_path)) == ["ok status_lists_new"]


def test_a_list_of_last_year_is_not_looked_at(tmp_path: Path) -> None:
    assert told(with_a_list(tmp_path, NOW - timedelta(days=366))) == ["ok status_lists_new"]


def test_a_list_that_does_not_answer_is_a_failure(tmp_path: Path) -> None:
    assert told(with_a_list(tmp_path)) == ["fail status_list"]


def test_a_list_by_a_key_that_is_not_on_the_trust_list_is_a_failure(tmp_path: Path) -> None:
    settings = with_a_list(tmp_path)
    assert told(settings, published(settings, signer="uwv")) == ["fail status_list"]


def test_a_list_that_ended_is_a_failure(tmp_path: Path) -> None:
    settings = with_a_list(tmp_path)
    assert told(settings, published(settings, NOW - timedelta(days=2))) == ["fail status_list"]


def test_a_list_from_a_cache_that_keeps_it_too_long_is_a_warning(tmp_path: Path) -> None:
    settings = with_a_list(tmp_path)
    assert told(settings, published(settings, NOW - timedelta(minutes=17))) == ["warn status_list_old"]


def test_a_host_that_the_trust_list_does_not_name_is_a_failure(tmp_path: Path) -> None:
    assert told(with_a_list(tmp_path), hosts=()) == ["fail status_host"]
    assert told(settings_of(tmp_path / "installation" / "blauweknop.toml"), hosts=("127.0.0.1:8001",)) == ["fail status_host"]


def off(folder: Path) -> Settings:
    config = install(folder)
    rewrite(config, 'path = "/duo"', 'path = "/duo"\nstatus_lists = false')
    return settings_of(config)


def test_no_lists_where_the_trust_list_names_a_host_is_a_failure(tmp_path: Path) -> None:
    assert told(off(tmp_path)) == ["fail status_lists_off"]


def test_no_lists_at_all_is_a_warning(tmp_path: Path) -> None:
    assert told(off(tmp_path), hosts=()) == ["warn status_lists_none"]
