"""Prepare the exercise scheme in a folder, so that everything works at once: people, systems of sources, keys, trust list, examples.

    trust-list.json  trust-anchor.pem     what a receiver needs
    bundle.json                           the same, with the status lists of now, for who has no network
    blauweknop.toml                       the configuration of the five sources
    examples/<data set>.json              one input for `blauweknop seal` per data set
    api-key                               of a system that may use the API of the check
    keys/  sources/  blauweknop.db  secret-key

A folder that was prepared before keeps its keys, so its documents stay valid; the people and systems follow from the seed and the day.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.row_encryption import new_secret_key
from blauweknop.adapters.settings import Settings, SourceSettings, load_settings
from blauweknop.adapters.sources.open import open_source
from blauweknop.adapters.state_files import write_in_one_step
from blauweknop.adapters.trust_store import BUNDLE_NAME
from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.cli.configuration import FILE_NAME
from blauweknop.cli.seal_input import example_input
from blauweknop.demo.people import make_people
from blauweknop.demo.people_facts import Person
from blauweknop.demo.sources import DEMO_SOURCES, demo_settings_toml, write_demo_sources
from blauweknop.demo.status import open_lists, published_lists, status_hosts
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Found
from blauweknop.register import exercise_keys
from blauweknop.register.bundle_publishing import publish_exercise_bundle
from blauweknop.register.exercise_holder import add_holder_server
from blauweknop.register.exercise_keys import ExerciseScheme, add_check_service, new_exercise_scheme, open_exercise_scheme, renew_crls
from blauweknop.register.exercise_receiver_keys import add_receivers, write_registrations
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS
from blauweknop.register.exercise_wallets import add_wallets
from blauweknop.register.trust_publishing import exercise_trust_list, publish_exercise_trust_list
from blauweknop.verifier.api.clients import API_KEY_PREFIX, secret_digest

__all__ = ["DemoScheme", "bundle_of", "prepare_scheme", "renew_bundle", "write_examples"]

_SEED = 2026
_EARLIER = timedelta(hours=1)  # keys are a little older than the first document


@dataclass(frozen=True, slots=True)
class DemoScheme:
    """A prepared folder."""

    folder: Path
    settings: Settings
    people: tuple[Person, ...] = field(repr=False)
    catalogue: Catalogue

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    @property
    def state(self) -> Path:
        """Where it is remembered which trust list was seen last."""
        return self.folder / "state"


def prepare_scheme(folder: Path, base_url: str, people_count: int, *, now: datetime) -> DemoScheme:
    """Write all that is missing, and what follows from the address and the day anew.

    Raises:
        BlauweKnopError: the folder cannot be used.
    """
    folder = folder.resolve()
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    keys = _keys(folder / "keys", base_url, now)
    add_wallets(keys.folder, now=now - _EARLIER)
    add_holder_server(keys.folder)
    _login_keys(folder / "keys" / "login")
    if not (folder / "secret-key").exists():
        new_secret_key(folder / "secret-key")
    today = now.astimezone(AMSTERDAM).date()
    people = tuple(make_people(people_count, _SEED, today))
    write_demo_sources(folder / "sources", people, today)
    api_key = _api_key(folder / "api-key")
    (folder / FILE_NAME).write_text(demo_settings_toml(folder, base_url, secret_digest(api_key).hex()), "utf-8")
    settings = load_settings(folder / FILE_NAME)
    scheme = DemoScheme(folder, settings, people, load_catalogue())
    write_registrations(add_receivers(keys.folder, now=now), scheme.catalogue, register_url=base_url, now=now)
    engine = open_database(settings.storage.url)
    upgrade(engine)
    open_lists(settings, engine, now=now)
    (folder / "trust-list.json").write_text(_trust_list(keys, settings, status_hosts(engine), base_url, now), "ascii")
    (folder / "trust-anchor.pem").write_bytes(keys.trust_anchor().public_bytes(Encoding.PEM))
    engine.dispose()
    renew_bundle(scheme, now=now)
    return scheme


def bundle_of(scheme: DemoScheme, status_lists: Mapping[str, bytes], *, now: datetime) -> bytes:
    """The offline bundle with these status lists, signed by the operator."""
    return publish_exercise_bundle(
        open_exercise_scheme(scheme.folder / "keys"),
        trust_list=(scheme.folder / "trust-list.json").read_bytes(),
        catalogue=scheme.catalogue,
        status_lists=status_lists,
        at=now,
    )


def renew_bundle(scheme: DemoScheme, *, now: datetime) -> None:
    """Write the bundle with what the sources publish now, for who checks when they are gone."""
    engine = open_database(scheme.settings.storage.url)
    lists = published_lists(scheme.settings, engine)(now)
    engine.dispose()
    write_in_one_step(scheme.folder / BUNDLE_NAME, bundle_of(scheme, lists, now=now))


def write_examples(scheme: DemoScheme, *, now: datetime) -> None:
    """One example input per data set; of the first person who has it. Needs the service behind the population register to be up."""
    folder = scheme.folder / "examples"
    folder.mkdir(exist_ok=True)
    wanted = set(scheme.catalogue.datasets)
    for source in scheme.settings.sources.values():
        for dataset_id in sorted(wanted & set(source.datasets)):
            example = next(_examples(scheme, source, dataset_id, now), None)
            if example is not None:
                text = json.dumps(example, ensure_ascii=False, indent=2)
                (folder / f"{dataset_id}.json").write_text(text + "\n", "utf-8")
                wanted.discard(dataset_id)


def _examples(scheme: DemoScheme, source: SourceSettings, dataset_id: str, now: datetime) -> Iterator[Mapping[str, object]]:
    dataset = scheme.catalogue.dataset(dataset_id)
    system = open_source(source.datasets[dataset_id])
    for person in scheme.people:
        outcome = system.fetch(person.bsn, dataset, at=now)
        if isinstance(outcome, Found):
            yield example_input(outcome.snapshot, source.identity.id)


def _keys(folder: Path, base_url: str, now: datetime) -> ExerciseScheme:
    if (folder / "ca").exists():
        scheme = open_exercise_scheme(folder)
        add_check_service(folder, now=now - _EARLIER)
        renew_crls(folder, now=now)
        return scheme
    holders = [
        exercise_keys.KeyHolder(
            oin=source.oin,
            name=source.legal_name,
            organization_identifier=f"NTRNL-9{number:07d}",
            id=source.id,
            address=f"{base_url}/{source.id}",
        )
        for number, source in enumerate(DEMO_SOURCES, start=1)
    ]
    return new_exercise_scheme(folder, holders, now=now - _EARLIER)


def _login_keys(folder: Path) -> None:
    """Each source, and each receiver for its staff, has a key to be known by at its login provider, and one that this encrypts to."""
    folder.mkdir(exist_ok=True)
    for name in (*(source.id for source in DEMO_SOURCES), *(f"staff-{receiver.id}" for receiver in EXERCISE_RECEIVERS)):
        for use in ("sign", "decrypt"):
            path = folder / f"{name}-{use}-key.pem"
            if not path.exists():
                key = ec.generate_private_key(ec.SECP256R1())
                path.touch(mode=0o600)
                path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _api_key(path: Path) -> str:
    """The key of a made-up system that uses the API of the check; in the exercise it is kept, so that everybody can try it."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"{API_KEY_PREFIX}{token_urlsafe(32)}\n", "ascii")
    return path.read_text("ascii").strip()


def _trust_list(keys: ExerciseScheme, settings: Settings, hosts: Mapping[str, Sequence[str]], base_url: str, now: datetime) -> str:
    """A list with a higher number than any before it in this folder: seconds since 1970."""
    identities = [source.identity for source in settings.sources.values()]
    datasets: dict[str, Sequence[str]] = {source.identity.id: tuple(source.datasets) for source in settings.sources.values()}
    since = keys.authorities()[0].not_valid_before_utc
    trust_list = exercise_trust_list(
        keys,
        identities,
        datasets,
        sequence=int(now.timestamp()),
        check_url=settings.scheme.check_url,
        since=since,
        at=now,
        status_hosts=hosts,
        register_url=base_url,
    )
    return publish_exercise_trust_list(keys, trust_list)
