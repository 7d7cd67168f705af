"""A document of every data set, made on both paths of a source of the demo: for judges that are not ours it makes no difference which."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Browser

from blauweknop.adapters.database import open_database
from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.sources import open_source
from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.assembly.sealing import certifier_for, time_stamping
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.check_document import check_document
from blauweknop.cli.seal_input import read_seal_input
from blauweknop.demo.people import EXERCISE_TODAY, make_people
from blauweknop.demo.sources import write_demo_sources
from blauweknop.document.certified import Certifier, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.document.shapes.cache import Shapes
from blauweknop.domain.document import Found, Snapshot, SourceIdentity
from blauweknop.domain.verdict import CheckResult, Verified
from blauweknop.register.exercise_keys import open_exercise_scheme
from tests.contracts.demo_answers import AT, brp_server, demo_configuration
from tests.demo_scheme import PlayedDemo
from tests.interop.dss_judge import DssJudge
from tests.interop.pdf_validators import pdfsig, qpdf_check, verapdf_findings
from tests.interop.signature_validators import pyhanko_verdict
from tests.interop.viewers import Viewer, codes_on, render
from tests.unit.document.shapes.two_paths import EXHAUSTIVE, by_shape, looks_different, twins, typesetter

CATALOGUE = load_catalogue()
IN_ENGLISH_TOO = ("duo.studieschuld", "uwv.verzekeringsbericht", "gem.brp")
LEAST_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Made:
    """The same letter on both paths, in files; `name` is its data set and language."""

    name: str
    fast: Path
    true: Path


@pytest.fixture(scope="module")
def made(demo: PlayedDemo, tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, ...]:
    return tuple(specimens(demo, tmp_path_factory.mktemp("two-paths")))


def specimens(demo: PlayedDemo, folder: Path) -> Iterator[Made]:
    """One of each data set in Dutch, and some in English, of people of the demo and sealed with its keys."""
    settings = load_settings(demo.folder / "blauweknop.toml")
    now = datetime.now(UTC).replace(microsecond=0)
    for example in sorted((demo.folder / "examples").glob("*.json")):
        dataset = CATALOGUE.dataset(example.stem)
        read = json.loads(example.read_text("utf-8"))
        source = settings.sources[read["source"]]
        engine = open_database(settings.storage.url)
        certifier = certifier_for(
            settings, source, typesetter=typesetter(), time_stamp=time_stamping(settings), places_in=engine, places_at_once=1
        )
        for language in ("nl", "en") if dataset.id in IN_ENGLISH_TOO else ("nl",):
            wanted = read_seal_input(json.dumps({**read, "language": language}).encode(), dataset, now=now)
            facts = DocumentFacts("3f2a90c1" * 4, "1" * 32, "2" * 32, now, language, f"{settings.scheme.base_url}{source.path}/klopt-niet")
            paths = folder / f"{dataset.id}-{language}-fast.pdf", folder / f"{dataset.id}-{language}-true.pdf"
            for path, shapes in zip(paths, (Shapes(typesetter(), seen_before=0), None), strict=True):
                path.write_bytes(certify(wanted.snapshot, wanted.selection, dataset, with_shapes(certifier, shapes), facts).pdf)
            yield Made(f"{dataset.id}-{language}", *paths)


def with_shapes(certifier: Certifier, shapes: Shapes | None) -> Certifier:
    return replace(certifier, shapes=shapes)


def both_paths(made: tuple[Made, ...]) -> tuple[Path, ...]:
    return tuple(path for pair in made for path in (pair.fast, pair.true))


def fast_paths(made: tuple[Made, ...]) -> tuple[Path, ...]:
    return tuple(pair.fast for pair in made)


@pytest.fixture(scope="module")
def root(demo: PlayedDemo) -> bytes:
    return open_exercise_scheme(demo.folder / "keys").authorities()[0].public_bytes(Encoding.DER)


def test_each_data_set_has_a_document_of_a_shape_and_one_that_was_typeset(made: tuple[Made, ...]) -> None:
    assert len(made) == len(CATALOGUE.datasets) + len(IN_ENGLISH_TOO)
    assert [(by_shape(pair.fast.read_bytes()), by_shape(pair.true.read_bytes())) for pair in made] == [(True, False)] * len(made)


@pytest.mark.suite("verapdf")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_passes_documents_of_shapes(made: tuple[Made, ...], flavour: str) -> None:
    assert {path.name: found for path, found in verapdf_findings(fast_paths(made), flavour).items() if found} == {}


@pytest.mark.suite("poppler")
def test_pdfsig_finds_one_valid_signature_over_the_whole_document_of_a_shape(made: tuple[Made, ...]) -> None:
    judged = {path.name: [(seal.valid, seal.total_document_signed) for seal in pdfsig(path)] for path in fast_paths(made)}
    assert {name: seals for name, seals in judged.items() if seals != [(True, True)]} == {}


@pytest.mark.suite("qpdf")
def test_qpdf_finds_documents_of_shapes_clean(made: tuple[Made, ...]) -> None:
    assert {path.name: found for path in fast_paths(made) if (found := qpdf_check(path))} == {}


def test_pyhanko_trusts_documents_of_shapes_with_their_time_stamp(made: tuple[Made, ...], root: bytes) -> None:
    opinions = {path.name: pyhanko_verdict(path.read_bytes(), roots=[root]) for path in fast_paths(made)}
    assert {name: opinion.summary for name, opinion in opinions.items() if not (opinion.good and opinion.time_stamp)} == {}


@pytest.mark.suite("dss")
def test_dss_passes_documents_of_shapes(made: tuple[Made, ...], dss_judge: DssJudge, root: bytes) -> None:
    judged = dss_judge.judge(fast_paths(made), [root])
    assert {path.name: judgement for path, judgement in judged.items() if not judgement.passed_as("T")} == {}


def test_our_own_check_calls_documents_of_both_paths_green_in_every_step(made: tuple[Made, ...], demo: PlayedDemo) -> None:
    now = datetime.now(UTC)
    places = TrustPlaces(str(demo.folder / "trust-list.json"), demo.folder / "trust-anchor.pem")
    trust = load_trust(places, now=now, state=demo.folder / "receiver-of-two-paths", fetch=None)
    verdicts = {
        path.name: check_document(path.read_bytes(), trust=trust, at=now, catalogue=CATALOGUE) for p in made for path in (p.fast, p.true)
    }
    bad = {
        name: [f"{step.id}: {step.reason}" for step in verdict.facts.steps if step.result is not CheckResult.OK]
        for name, verdict in verdicts.items()
        if not isinstance(verdict, Verified)
    }
    assert bad == {}


@pytest.mark.suite("poppler")
def test_pdftotext_reads_the_same_on_both_paths_without_complaint(made: tuple[Made, ...]) -> None:
    read = {pair.name: (pdftotext(pair.fast), pdftotext(pair.true)) for pair in made}
    assert [name for name, (fast, true) in read.items() if fast != true or not fast[0] or fast[1]] == []


def pdftotext(path: Path) -> tuple[str, str]:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout, done.stderr


@pytest.mark.parametrize(
    "viewer",
    [
        pytest.param("poppler", marks=pytest.mark.suite("poppler")),
        pytest.param("mupdf", marks=pytest.mark.suite("mupdf")),
        "pdfium",
        pytest.param("pdfjs", marks=pytest.mark.suite("chromium", "pdfjs")),
    ],
)
def test_a_viewer_shows_the_same_on_both_paths_and_reads_the_same_code(
    made: tuple[Made, ...], viewer: Viewer, request: pytest.FixtureRequest
) -> None:
    browser: Browser | None = request.getfixturevalue("chromium") if viewer == "pdfjs" else None
    # pdf.js takes four seconds for each document, and gets every third.
    differences: dict[str, object] = {}
    dutch = [pair for pair in made if pair.name.endswith("-nl")]
    for pair in dutch[:: 3 if viewer == "pdfjs" and not EXHAUSTIVE else 1]:
        fast, true = (render(path, viewer, browser=browser) for path in (pair.fast, pair.true))
        codes = [(codes_on(one), codes_on(other)) for one, other in zip(fast.pages, true.pages, strict=True)]
        same_codes = all(len(one) == 1 and one == other for one, other in codes)
        differences[pair.name] = [
            *looks_different(fast.pages, true.pages, whole_dots=viewer == "pdfjs"),
            *fast.complaints,
            *([] if same_codes else ["code"]),
        ]
    assert {name: found for name, found in differences.items() if found} == {}


def test_the_journeys_of_the_demo_make_documents_of_shapes_too(demo: PlayedDemo) -> None:
    paths = [path for path in demo.documents if by_shape(path.read_bytes())]
    assert len(paths) >= 5


Known = Mapping[tuple[str, int], tuple[SourceIdentity, Snapshot]]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """What the sources of the demo know of its people, by data set and person."""
    folder = tmp_path_factory.mktemp("people")
    people = make_people()[:: 1 if EXHAUSTIVE else 3]
    write_demo_sources(folder / "sources", people, EXERCISE_TODAY)
    with brp_server(folder / "sources") as base_url:
        settings = load_settings(demo_configuration(folder, base_url))
        outcomes = {
            (dataset_id, number): (source.identity, open_source(dataset).fetch(person.bsn, CATALOGUE.dataset(dataset_id), at=AT))
            for source in settings.sources.values()
            for dataset_id, dataset in source.datasets.items()
            for number, person in enumerate(people)
        }
    return {key: (source, outcome.snapshot) for key, (source, outcome) in outcomes.items() if isinstance(outcome, Found)}


def test_documents_of_12_people_at_all_sources_are_alike_on_both_paths_and_nearly_all_are_of_a_shape(known: Known) -> None:
    found = {
        (*key, language): twins(snapshot, CATALOGUE.dataset(key[0]), source=source, language=language).differences()
        for place, (key, (source, snapshot)) in enumerate(known.items())
        for language in (("nl", "en") if EXHAUSTIVE else (("nl", "en")[place % 2],))
    }
    refused = [key for key, differences in found.items() if differences == ["refused"]]
    assert {key: differences for key, differences in found.items() if differences not in ([], ["refused"])} == {}
    assert len(refused) <= len(found) * (1 - LEAST_SHARE)
