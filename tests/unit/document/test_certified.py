import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.catalogue import load_catalogue
from blauweknop.document.certified import CREDENTIAL_NAME, DATA_NAME, CertifiedDocument, Certifier, SealedDigest, certify, disclosable
from blauweknop.document.content import Content, SelectionRefused
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_seal import read_seal, sealed_digest
from blauweknop.document.typesetting import Typesetter, TypesettingFailed
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue, Selection, Subject
from blauweknop.domain.identifiers import eleven_test
from blauweknop.standards.signing import key_signer
from blauweknop.standards.status_list import StatusReference
from blauweknop.standards.strict_json import canonical_json
from tests.unit.document.content_samples import CHECK_URL, FACTS, SOURCE, snapshot_of
from tests.unit.document.pdf_samples import CMS_SIZE, stand_in_cms, stand_in_seal

CATALOGUE = load_catalogue()
ALL = [pytest.param(dataset, id=dataset.id) for dataset in CATALOGUE.datasets.values()]
DEBT = CATALOGUE.dataset("duo.studieschuld")
JOBS = CATALOGUE.dataset("uwv.verzekeringsbericht")


@cache
def certifier() -> Certifier:
    numbers = Random(7)
    return Certifier(
        source=SOURCE,
        issuer_url="https://dichtbij.example",
        accent="#0b4a8f",
        check_url=CHECK_URL,
        exercise=True,
        typesetter=Typesetter(),
        shapes=None,
        seal=stand_in_seal,
        seal_size=CMS_SIZE,
        credential_signer=key_signer(ec.derive_private_key(7, ec.SECP256R1()), b"certificate"),
        random_bytes=numbers.randbytes,
    )


def whole(dataset: Dataset, *, with_bsn: bool = False) -> Selection:
    return Selection(dataset.id, frozenset(part.id for part in dataset.parts), None, with_bsn)


def made(dataset: Dataset) -> CertifiedDocument:
    return certify(snapshot_of(dataset, "full"), whole(dataset), dataset, certifier(), FACTS)


def attached(document: CertifiedDocument, name: str) -> bytes:
    return embedded_files(read_file(document.pdf))[name].content


def claims_and_disclosures(credential: bytes) -> tuple[Content, list[list[JsonValue]]]:
    token, *disclosures = credential.decode("ascii").split("~")
    payload = json.loads(_decoded(token.split(".")[1]))
    return payload, [json.loads(_decoded(text)) for text in disclosures if text]


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def words_in(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from words_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from words_in(item)
    else:
        yield str(value)


@pytest.mark.parametrize("dataset", ALL)
def test_a_document_of_any_data_set_is_whole_sealed_and_within_the_rules(dataset: Dataset) -> None:
    document = made(dataset)
    file = read_file(document.pdf)
    seal = read_seal(file)
    assert content_problems(file) == ()
    assert seal.cms == stand_in_cms(sealed_digest(file, seal))
    assert set(embedded_files(file)) == {DATA_NAME, CREDENTIAL_NAME}


def test_the_attached_data_are_the_content_in_canonical_form() -> None:
    document = made(DEBT)
    assert attached(document, DATA_NAME) == canonical_json(document.content)


def test_the_place_in_a_status_list_stands_in_the_data_and_visible_to_all_in_the_credential() -> None:
    asked: list[datetime] = []

    def place(at: datetime) -> StatusReference:
        asked.append(at)
        return StatusReference(4711, "https://dichtbij.example/statuslists/bcd")

    document = certify(snapshot_of(DEBT, "full"), whole(DEBT), DEBT, replace(certifier(), status_place=place), FACTS)
    uri = "https://dichtbij.example/statuslists/bcd"
    told = {"status_list": {"idx": 4711, "uri": uri}}
    assert json.loads(attached(document, DATA_NAME))["status"] == told
    assert claims_and_disclosures(attached(document, CREDENTIAL_NAME))[0]["status"] == told
    assert (document.status, asked) == (StatusReference(4711, uri), [FACTS.issued_at])


def test_a_choice_that_does_not_fit_takes_no_place() -> None:
    def place(_: datetime) -> StatusReference:
        raise AssertionError("expected no place to be taken")

    with pytest.raises(SelectionRefused):
        certify(snapshot_of(DEBT, "full"), Selection(DEBT.id, frozenset({"niets"})), DEBT, replace(certifier(), status_place=place), FACTS)


def test_without_lists_a_document_has_no_status() -> None:
    document = made(DEBT)
    assert document.status is None
    assert "status" not in document.content


def test_the_credential_hides_every_value_about_the_person() -> None:
    claims, disclosures = claims_and_disclosures(attached(made(DEBT), CREDENTIAL_NAME))
    visible = set(words_in(claims))
    assert visible.isdisjoint({"Zoë", "van der Berg", "123456", "2026-11-03"})
    assert {item[1] for item in disclosures if len(item) == 3} >= {"given_name", "family_name", "birth_date", "te_betalen_maandbedrag"}


def test_a_row_of_a_list_is_one_disclosure_and_so_is_each_row_inside_it() -> None:
    _, disclosures = claims_and_disclosures(attached(made(JOBS), CREDENTIAL_NAME))
    rows = [item[1] for item in disclosures if len(item) == 2]
    jobs = [row for row in rows if isinstance(row, dict) and "werkgever_naam" in row]
    wages = [row for row in rows if isinstance(row, dict) and "sv_loon" in row]
    assert (len(jobs), len(wages)) == (2, 4)
    assert all("..." in str(job["loonitems"]) for job in jobs), "the rows inside a row are kept or left out by themselves"


@pytest.mark.parametrize(
    ("place", "separate"),
    [
        (("subject", "given_name"), True),
        (("subject", "birth_date", "jaar"), False),
        (("data", "te_betalen_maandbedrag"), True),
        (("data", "schuldonderdelen"), False),
        (("data", "schuldonderdelen", 0), True),
        (("data", "schuldonderdelen", 0, "bedrag"), False),
        (("source", "name"), False),
        (("valid_until",), False),
    ],
)
def test_what_is_a_disclosure_of_its_own(place: tuple[str | int, ...], separate: bool) -> None:
    assert disclosable(DEBT)(place) is separate


def test_the_credential_is_dated_to_the_day_and_ends_after_the_last_day() -> None:
    claims, _ = claims_and_disclosures(attached(made(DEBT), CREDENTIAL_NAME))
    assert claims["iat"] == datetime(2026, 11, 23, tzinfo=UTC).timestamp()
    assert claims["exp"] == datetime(2027, 2, 21, 23, tzinfo=UTC).timestamp()
    assert "cnf" not in claims


def test_no_number_in_a_document_without_bsn_passes_for_one() -> None:
    with_bsn = snapshot_of(DEBT, "extreme")
    document = certify(with_bsn, whole(DEBT), DEBT, certifier(), FACTS)
    words = set(words_in(document.content))
    assert "999990019" not in words
    assert [word for word in words if len(word) == 9 and eleven_test(word)] == []


def test_the_bsn_is_in_the_document_when_it_was_chosen() -> None:
    document = certify(snapshot_of(DEBT, "extreme"), whole(DEBT, with_bsn=True), DEBT, certifier(), FACTS)
    assert "999990019" in set(words_in(document.content))


def test_file_and_metadata_hold_no_name() -> None:
    pdf = made(DEBT).pdf
    assert [name for name in ("Zoë", "Berg", "1985") if name.encode() in pdf or name.encode("utf-16-be") in pdf] == []


def test_nothing_is_sealed_of_a_letter_that_cannot_be_printed() -> None:
    snapshot = replace(snapshot_of(DEBT, "full"), subject=Subject("汉字", "Bakker", snapshot_of(DEBT, "full").subject.birth_date))
    asked: list[bytes] = []

    def seal(digest: bytes) -> SealedDigest:
        asked.append(digest)
        return stand_in_seal(digest)

    with pytest.raises(TypesettingFailed):
        certify(snapshot, whole(DEBT), DEBT, replace(certifier(), seal=seal), FACTS)
    assert asked == []


def test_a_finished_document_stays_out_of_repr() -> None:
    shown = repr(made(DEBT)) + repr(certifier())
    assert [word for word in ("Zoë", "%PDF", "123456") if word in shown] == []
