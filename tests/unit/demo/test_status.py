"""The lists of the exercise over several runs, each on another port."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from blauweknop.adapters.database import open_database
from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.assembly.sealing import status_places
from blauweknop.checking.trust import Trust
from blauweknop.demo.scheme import DemoScheme, prepare_scheme
from blauweknop.demo.status import published_lists, status_hosts
from tests.unit.cli.installation import NOW, install

EARLIER, LATER = "127.0.0.1:8000", "127.0.0.1:8123"


@pytest.fixture
def second_run(tmp_path: Path) -> DemoScheme:
    """A folder that was prepared on one port, and now on another."""
    return prepare_scheme(install(tmp_path).parent, f"http://{LATER}", 36, now=NOW + timedelta(minutes=1))


def trust(scheme: DemoScheme, state: Path) -> Trust:
    places = TrustPlaces(str(scheme.folder / "trust-list.json"), scheme.folder / "trust-anchor.pem")
    return load_trust(places, now=NOW + timedelta(minutes=2), state=state, fetch=None)


def hosts_of(addresses: Mapping[str, bytes] | Sequence[str]) -> set[str]:
    return {urlsplit(address).netloc for address in addresses}


def test_the_trust_list_names_the_hosts_of_documents_of_earlier_runs(second_run: DemoScheme, tmp_path: Path) -> None:
    listed = trust(second_run, tmp_path / "state").trust_list
    assert listed is not None
    sources = [entity for entity in listed.entities if entity.datasets]
    assert {entity.status_list_hosts for entity in sources} == {(EARLIER, LATER)}


def test_the_bundle_has_the_lists_of_all_runs(second_run: DemoScheme, tmp_path: Path) -> None:
    lists = trust(second_run, tmp_path / "state").status_lists
    assert (len(lists), hosts_of(lists)) == (10, {EARLIER, LATER})


def test_after_many_runs_the_lists_of_this_one_are_there(second_run: DemoScheme) -> None:
    engine = open_database(second_run.settings.storage.url)
    for years in range(70):
        status_places(second_run.settings, second_run.settings.sources["duo"], engine, at_once=1).open_list(
            NOW - timedelta(days=years * 365)
        )
    earlier = {source: hosts for source, hosts in status_hosts(engine).items() if EARLIER in hosts}
    published = published_lists(second_run.settings, engine)(NOW)
    engine.dispose()
    assert len(earlier) == 5
    assert (len(published), hosts_of(published)) == (64, {LATER})
