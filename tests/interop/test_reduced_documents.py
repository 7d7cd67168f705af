"""Every document of the demo made smaller, before judges that are not ours, and before ourselves."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.document.kept_paths import parse_path, path_choices
from blauweknop.document.pdf_file import read_file
from blauweknop.document.redaction import lay_out_reduced, read_trusted, reduce_credential
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.verdict import CheckResult, Verified
from blauweknop.standards.undisclosed import take_inventory
from tests.demo_scheme import PlayedDemo
from tests.interop.pdf_validators import qpdf_check, verapdf_findings


@cache
def typesetter() -> Typesetter:
    return Typesetter()


def choices(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    """One value, every second one, the first row of each list, and everything."""
    yield paths[:1]
    yield paths[::2]
    yield [path.replace("[0:", "[0:1]|").split("|")[0] for path in paths if path.endswith("]") and "[0:" in path] or paths[-1:]
    yield paths


@pytest.fixture(scope="module")
def smaller(demo: PlayedDemo, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    folder, now = tmp_path_factory.mktemp("smaller"), datetime.now(UTC).replace(microsecond=0)
    found: list[Path] = []
    for path in demo.documents:
        trusted = read_trusted(read_file(path.read_bytes()))
        inventory = take_inventory(trusted.credential)
        dataset = load_catalogue().dataset(str(inventory.claims["type"]))
        for number, keep in enumerate(choices(path_choices([item.shown for item in inventory.disclosed]))):
            reduced = reduce_credential(trusted.credential, [parse_path(text) for text in keep], dataset, made_at=now)
            pdf = lay_out_reduced(reduced, dataset, revocation=trusted.revocation, exercise=True, made_at=now, lay_out=typesetter().typeset)
            found.append(folder / f"{path.stem}-{number}.pdf")
            found[-1].write_bytes(pdf)
    return found


def trust_of(demo: PlayedDemo) -> Trust:
    places = TrustPlaces(str(demo.folder / "trust-list.json"), demo.folder / "trust-anchor.pem")
    return load_trust(places, now=datetime.now(UTC), state=demo.folder / "receiver", fetch=None)


def test_every_smaller_document_is_green(demo: PlayedDemo, smaller: Sequence[Path]) -> None:
    trust, catalogue = trust_of(demo), load_catalogue()
    wrong = {}
    for path in smaller:
        found = check_document(path.read_bytes(), trust=trust, at=datetime.now(UTC), catalogue=catalogue)
        if not isinstance(found, Verified):
            wrong[path.name] = [step for step in found.facts.steps if step.result is not CheckResult.OK]
    assert wrong == {}


@pytest.mark.suite("verapdf")
@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_passes_every_smaller_document(smaller: Sequence[Path], flavour: str) -> None:
    assert {path.name: found for path, found in verapdf_findings(smaller[::3], flavour).items() if found} == {}


@pytest.mark.suite("qpdf")
def test_qpdf_finds_smaller_documents_clean(smaller: Sequence[Path]) -> None:
    assert {path.name: found for path in smaller[::5] if (found := qpdf_check(path))} == {}
