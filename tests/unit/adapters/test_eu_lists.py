from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.eu_lists import EuListPlaces, EuListProblem, load_eu_lists
from blauweknop.standards.eu_trusted_list import EuTrustedList
from tests.unit.standards import eu_lists as e
from tests.unit.standards import pki

DUTCH = e.scheme_signer("Nederland")
LIST_OF_LISTS = e.written(pointers=[e.pointer("NL", [DUTCH.der])], territory="EU")


def load(folder: Path, *lists: bytes, signers: Sequence[pki.Issued] | None = None) -> tuple[EuTrustedList, ...]:
    places = []
    for number, data in enumerate(lists):
        places.append(folder / f"{number}.xml")
        places[-1].write_bytes(data)
    pem = folder / "ondertekenaars.pem"
    certificates = [one.certificate for one in (signers or [e.scheme_signer()])]
    pem.write_bytes(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates))
    return load_eu_lists(EuListPlaces(tuple(places), pem), now=pki.NOW, state=folder / "state")


def test_nothing_given_is_no_list(tmp_path: Path) -> None:
    assert load_eu_lists(EuListPlaces(), now=pki.NOW, state=tmp_path) == ()


@pytest.mark.parametrize("places", [EuListPlaces((Path("lijst.xml"),)), EuListPlaces((), Path("pem"))])
def test_a_list_and_its_signer_belong_together(tmp_path: Path, places: EuListPlaces) -> None:
    with pytest.raises(EuListProblem, match="belong together"):
        load_eu_lists(places, now=pki.NOW, state=tmp_path)


def test_a_list_of_a_pinned_signer_is_read(tmp_path: Path) -> None:
    assert [one.territory for one in load(tmp_path, e.written())] == ["NL"]


def test_the_list_of_lists_vouches_for_the_list_of_a_country(tmp_path: Path) -> None:
    assert [one.territory for one in load(tmp_path, e.written(who=DUTCH), LIST_OF_LISTS)] == ["NL", "EU"]


def test_it_vouches_for_no_other_country(tmp_path: Path) -> None:
    with pytest.raises(EuListProblem, match="signer"):
        load(tmp_path, e.written(who=DUTCH, territory="BE"), LIST_OF_LISTS)


def test_a_national_list_vouches_for_nobody(tmp_path: Path) -> None:
    plain = e.unsigned().replace("<PointersToOtherTSL>", f"<PointersToOtherTSL>{e.pointer('NL', [DUTCH.der])}")
    with pytest.raises(EuListProblem, match="signer"):
        load(tmp_path, e.written(who=DUTCH), e.sign(plain))


def test_a_list_of_a_stranger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EuListProblem, match="signer"):
        load(tmp_path, e.written(who=DUTCH))


def test_an_older_list_than_the_last_is_refused(tmp_path: Path) -> None:
    load(tmp_path, e.written(sequence=8))
    load(tmp_path, e.written(sequence=8))
    with pytest.raises(EuListProblem, match="older"):
        load(tmp_path, e.written(sequence=7))


def test_each_country_has_numbers_of_its_own(tmp_path: Path) -> None:
    load(tmp_path, e.written(sequence=8))
    assert [one.sequence for one in load(tmp_path, e.written(sequence=2, territory="BE"))] == [2]


def test_a_broken_memory_is_told(tmp_path: Path) -> None:
    load(tmp_path, e.written())
    (tmp_path / "state" / "eu-list-NL-services.json").write_text("{}")
    with pytest.raises(EuListProblem, match="does not say"):
        load(tmp_path, e.written())


@pytest.mark.parametrize("missing", ["0.xml", "ondertekenaars.pem"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, missing: str) -> None:
    load(tmp_path, e.written())
    (tmp_path / missing).unlink()
    places = EuListPlaces((tmp_path / "0.xml",), tmp_path / "ondertekenaars.pem")
    with pytest.raises(EuListProblem, match="cannot be read"):
        load_eu_lists(places, now=pki.NOW, state=tmp_path / "state")


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    load(tmp_path, e.written())
    (tmp_path / "ondertekenaars.pem").write_text("niets")
    places = EuListPlaces((tmp_path / "0.xml",), tmp_path / "ondertekenaars.pem")
    with pytest.raises(EuListProblem, match="no certificate"):
        load_eu_lists(places, now=pki.NOW, state=tmp_path / "state")
