"""What every source of the exercise answers on every person, with the population register on a port of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from litestar import Litestar

from blauweknop.adapters.settings import Settings, load_settings
from blauweknop.adapters.sources import open_source
from blauweknop.catalogue import load_catalogue
from blauweknop.demo.brp_service import brp_router
from blauweknop.demo.people import EXERCISE_TODAY, make_people
from blauweknop.demo.people_facts import Person
from blauweknop.demo.sources import DEMO_SOURCES, demo_settings_toml, write_demo_sources
from blauweknop.domain.document import Found, Outcome
from tests.serving import serving

__all__ = ["AT", "CATALOGUE", "Asked", "ask_everyone", "brp_server", "demo_configuration"]

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
CATALOGUE = load_catalogue()
KEY_FILES = ("seal-key.pem", "seal.pem", "credential-key.pem", "credential.pem")


@dataclass(frozen=True)
class Asked:
    """The outcome of every person at every source for every data set."""

    settings: Settings
    people: list[Person]
    outcomes: dict[tuple[str, str, str], Outcome]  # person, source, data set

    def found(self, person_id: str, source: str, dataset: str) -> Any:
        outcome = self.outcomes[person_id, source, dataset]
        assert isinstance(outcome, Found)
        return outcome.snapshot.data


def ask_everyone(folder: Path, today: date = EXERCISE_TODAY) -> Asked:
    """Writes the systems of all sources in `folder` and asks each of them for everybody, as it is on this day."""
    people = make_people(today=today)
    write_demo_sources(folder / "sources", people, today)
    moment = datetime.combine(today, AT.timetz())
    with brp_server(folder / "sources") as base_url:
        settings = load_settings(demo_configuration(folder, base_url))
        outcomes = {
            (person.id, source.identity.id, dataset_id): open_source(dataset).fetch(person.bsn, CATALOGUE.dataset(dataset_id), at=moment)
            for source in settings.sources.values()
            for dataset_id, dataset in source.datasets.items()
            for person in people
        }
    return Asked(settings, people, outcomes)


def demo_configuration(folder: Path, base_url: str) -> Path:
    keys = [folder / "keys" / "ca" / name for name in ("issuing.pem", "root.crl", "issuing.crl")]
    for source in DEMO_SOURCES:
        keys += [folder / "keys" / "sources" / source.id / name for name in KEY_FILES]
        keys += [folder / "keys" / "login" / f"{source.id}-{use}-key.pem" for use in ("sign", "decrypt")]
    keys.append(folder / "keys" / "wallets" / "authority.pem")
    keys.append(folder / "keys" / "mijn" / "jwks.json")
    for path in keys:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    path = folder / "blauweknop.toml"
    path.write_text(demo_settings_toml(folder, base_url, "ab" * 32), "utf-8")
    return path


@contextmanager
def brp_server(folder: Path) -> Iterator[str]:
    """The population register of the exercise on a free port; gives its address."""
    with serving(Litestar([brp_router(folder)])) as address:
        yield address
