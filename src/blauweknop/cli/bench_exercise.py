"""What the benchmarks work on: an exercise scheme in a passing folder, and made-up people of whom no two are alike."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.engine import Engine

from blauweknop.adapters.certifying import new_certifier, random_id, time_stamper
from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.status_lists import list_addresses
from blauweknop.adapters.status_places import ListHolder, StatusPlaces
from blauweknop.assembly.issuers import status_list_publisher
from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.checking.trust import Trust
from blauweknop.cli.bench_authority import CountedAuthority
from blauweknop.document.certified import CertifiedDocument, Certifier, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, SourceIdentity, Subject
from blauweknop.domain.identifiers import Oin
from blauweknop.domain.periods import Month
from blauweknop.register import exercise_keys
from blauweknop.register.exercise_keys import Algorithm
from blauweknop.register.trust_publishing import exercise_trust_list
from blauweknop.standards.signing import Signer

__all__ = ["FEWER_MONTHS", "MONTHS", "BenchExercise", "Order", "bench_exercise"]

DATASET = "uwv.verzekeringsbericht"
MONTHS = 34
"""Of pay in a document: each is one disclosure, and with the others there are 40."""
FEWER_MONTHS = 24
"""In the smaller letter."""
_HOST = "blauweknop.example"
_PLACES_AT_ONCE = 256  # of a status list, as `seal --ndjson` takes them
_SOURCE = SourceIdentity("uwv", "uwv", Oin("00000099000000002000"), "UWV", "UWV (oefening)")


@dataclass(frozen=True, slots=True)
class Order:
    """One document to make: the data of one made-up person, and fresh numbers."""

    snapshot: Snapshot = field(repr=False)
    selection: Selection
    facts: DocumentFacts


@dataclass(frozen=True, slots=True)
class BenchExercise:
    """Keys, catalogue and trust of the exercise, and its time stamp authority."""

    dataset: Dataset
    certifier: Certifier = field(repr=False)
    seal_signer: Signer = field(repr=False)
    roots: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    authority: CountedAuthority = field(repr=False)
    trust: Trust
    catalogue: Catalogue = field(repr=False)
    _numbers: Iterator[int] = field(repr=False)

    def order(self, months: int = MONTHS, language: str = "nl") -> Order:
        """The next person, never seen before, with so many months of pay."""
        number = next(self._numbers)
        now = datetime.now(UTC).replace(microsecond=0)
        return Order(
            Snapshot(self.dataset.id, _person(number), _data(number, now, months), now),
            Selection(self.dataset.id, frozenset({"dienstverbanden"})),
            DocumentFacts(random_id(), random_id(), random_id(), now, language, "https://www.uwv.nl"),
        )

    def make(self, order: Order) -> CertifiedDocument:
        """As a source does, by a compiled shape from the third letter of a kind on."""
        return certify(order.snapshot, order.selection, self.dataset, self.certifier, order.facts)

    def typesetting_each(self) -> "BenchExercise":
        """The same without compiled shapes."""
        return replace(self, certifier=replace(self.certifier, shapes=None))


@contextmanager
def bench_exercise(seal_algorithm: Algorithm = "P-256") -> Iterator[BenchExercise]:
    """An exercise scheme that is gone afterwards."""
    with TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        holder = exercise_keys.KeyHolder(_SOURCE.oin, _SOURCE.legal_name, "NTRNL-90000002", _SOURCE.id, seal_algorithm)
        scheme = exercise_keys.new_exercise_scheme(keys, [holder], now=datetime.now(UTC) - timedelta(hours=1))
        engine = open_database(f"sqlite:///{folder}/records.db")
        upgrade(engine)
        yield _prepare(scheme, engine)
        engine.dispose()


def _prepare(scheme: exercise_keys.ExerciseScheme, engine: Engine) -> BenchExercise:
    authority = CountedAuthority(scheme.time_stamp_signer())
    crls, signer = scheme.crls(), scheme.seal_signer(_SOURCE.id)
    check_url = f"https://{_HOST}/controle"
    holder = ListHolder(_SOURCE.id, f"https://{_HOST}/uwv/statuslists", sha256(signer.certificate).digest(), bytes(32))
    places = StatusPlaces(engine, RowKey.from_secret(token_bytes(32)), holder, at_once=_PLACES_AT_ONCE)
    certifier = new_certifier(
        _SOURCE,
        seal_signer=signer,
        credential_signer=scheme.credential_signer(_SOURCE.id),
        revocation=lambda: crls,
        time_stamp=time_stamper(authority.respond),
        issuer_url=f"https://{_HOST}/uwv",
        accent="#0b4a8f",
        check_url=check_url,
        exercise=True,
        typesetter=Typesetter(),
        status_place=places,
    )
    authorities = scheme.authorities()
    trust_list = exercise_trust_list(
        scheme,
        [_SOURCE],
        {_SOURCE.id: (DATASET,)},
        sequence=1,
        check_url=check_url,
        since=authorities[0].not_valid_before_utc,
        at=datetime.now(UTC),
        status_hosts={_SOURCE.id: (_HOST,)},
    )
    catalogue = load_catalogue()
    return BenchExercise(
        dataset=catalogue.dataset(DATASET),
        certifier=certifier,
        seal_signer=signer,
        roots=tuple(certificate.public_bytes(Encoding.DER) for certificate in authorities),
        crls=crls,
        authority=authority,
        trust=Trust(trust_list, status_lists=_published(places, engine, certifier)),
        catalogue=catalogue,
        _numbers=itertools.count(),
    )


def _published(places: StatusPlaces, engine: Engine, certifier: Certifier) -> dict[str, bytes]:
    """The list of this year, as every receiver has it."""
    now = datetime.now(UTC)
    places.open_list(now)
    publish = status_list_publisher(engine, _SOURCE.id, certifier.credential_signer)
    tokens = {address.uri: publish(address.list_id) for address in list_addresses(engine)}
    return {uri: token.jwt for uri, token in tokens.items() if token is not None}


def _person(number: int) -> Subject:
    return Subject(f"Jóhanna {number}", f"van der Ploeg-{number * 7919 % 100_003}", PartialDate(1950 + number % 55, 1 + number % 12))


def _data(number: int, now: datetime, count: int) -> dict[str, JsonValue]:
    months = [Month.of(now.date()).plus(-back) for back in range(1, count + 1)]
    wages: list[JsonValue] = [
        {
            "periode_start": month.period.first.isoformat(),
            "periode_einde": month.period.last.isoformat(),
            "aantal_uren": f"{120 + (number + place) % 50}.{number % 100:02d}",
            "sv_loon": 200_000 + (number * 37 + place * 1013) % 300_000,
        }
        for place, month in enumerate(months)
    ]
    job: JsonValue = {
        "werkgever_naam": f"Bakkerij {number}",
        "loonheffingennummer": f"{number % 10**9:09d}L01",
        "is_uitkering": False,
        "verzekerde_wetten": "WW, ZW, WIA",
        "loonitems": wages,
    }
    return {"aanmaakdatum": now.date().isoformat(), "vzb_versie": "VZB-006", "inkomstenverhoudingen": [job]}
