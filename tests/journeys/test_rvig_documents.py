"""The official test set of the population register: everyone who may get an extract gets one that passes the check and names them right."""

import itertools
import random
import subprocess
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blauweknop.adapters.certifying import new_certifier, time_stamper
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.document.certified import Certifier, certify
from blauweknop.document.content import DocumentFacts
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import Found, Outcome, Refused, Selection, SourceIdentity
from blauweknop.domain.identifiers import Bsn, Oin
from blauweknop.domain.verdict import CheckResult, Verdict, Verified
from blauweknop.register import exercise_keys
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, ExerciseScheme, new_exercise_scheme
from blauweknop.register.trust_publishing import exercise_trust_list
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from tests.journeys.rvig import RegisteredPerson, registered_people, rvig_source

_NOW = datetime(2026, 11, 23, 14, 12, tzinfo=UTC)
_CHECK_URL = "https://controle.example"
_DATASET = load_catalogue().dataset("gem.brp")
_EVERYTHING = Selection(_DATASET.id, frozenset(part.id for part in _DATASET.parts))
_MUNICIPALITY = SourceIdentity("gemeente", "gemeente", Oin.parse("00000099000000001004"), "Gemeente", "Gemeente (OEFENING)")
_MONTHS = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"]


@dataclass(frozen=True, slots=True)
class Extract:
    """One person of the set with the sealed extract, the verdict on it and, where it could go wrong, its words without white space."""

    number: int
    person: RegisteredPerson = field(repr=False)
    verdict: Verdict = field(repr=False)
    shown: str = field(repr=False)
    pdf: bytes = field(repr=False)


@pytest.fixture(scope="module")
def outcomes(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[RegisteredPerson, Outcome]]:
    source = rvig_source(shared_folder, tmp_path_factory.mktemp("rvig"))
    return [(person, source.fetch(Bsn.parse(person.bsn), _DATASET, at=_NOW)) for person in registered_people(shared_folder)]


@pytest.fixture(scope="module")
def extracts(outcomes: list[tuple[RegisteredPerson, Outcome]], tmp_path_factory: pytest.TempPathFactory) -> list[Extract]:
    """An extract with every part for everyone who may have one."""
    scheme = _scheme(tmp_path_factory.mktemp("scheme") / "keys")
    certifier, trust = _certifier(scheme), _trust(scheme)
    identifiers = (f"{number:032x}" for number in itertools.count(1))
    made = []
    for number, (person, outcome) in enumerate(outcomes):
        if isinstance(outcome, Found):
            facts = DocumentFacts(next(identifiers), next(identifiers), next(identifiers), _NOW, "nl", "https://gemeente.example/melden")
            pdf = certify(outcome.snapshot, _EVERYTHING, _DATASET, certifier, facts).pdf
            verdict = check_document(pdf, trust=trust, at=_NOW + timedelta(minutes=1), catalogue=load_catalogue())
            made.append(Extract(number, person, verdict, _words(pdf) if _special(person) else "", pdf))
    return made


def test_who_may_get_an_extract_gets_one_and_nobody_else(extracts: list[Extract], outcomes: list[tuple[RegisteredPerson, Outcome]]) -> None:
    may = {number for number, (person, _) in enumerate(outcomes) if person.expected is None}
    assert len(may) > 400
    assert {extract.number for extract in extracts} == may


def test_every_extract_passes_the_check(extracts: list[Extract]) -> None:
    bad = {
        extract.number: [f"{step.id}: {step.reason}" for step in extract.verdict.facts.steps if step.result is not CheckResult.OK]
        for extract in extracts
        if not isinstance(extract.verdict, Verified)
    }
    assert bad == {}


def test_every_name_with_a_diacritic_is_printed_letter_by_letter(extracts: list[Extract]) -> None:
    special = [extract for extract in extracts if not _name(extract.person).isascii()]
    assert len(special) >= 50
    assert [extract.number for extract in special if _bare(f"Naam{_name(extract.person)}Geboortedatum") not in extract.shown] == []


@pytest.mark.suite("poppler")
def test_another_reader_reads_the_same_names(extracts: list[Extract]) -> None:
    assert [
        extract.number for extract in extracts if _unhyphenated(_name(extract.person)) not in _unhyphenated(_pdftotext(extract.pdf))
    ] == []


def test_a_date_that_is_not_wholly_known_stands_there_in_words(extracts: list[Extract]) -> None:
    partial = [extract for extract in extracts if "00" in (extract.person.birth[4:6], extract.person.birth[6:])]
    assert len({_form(extract.person.birth) for extract in partial}) > 1
    assert [
        extract.number for extract in partial if f"Geboortedatum{_bare(_in_words(extract.person.birth))}Afkomstig" not in extract.shown
    ] == []


def test_who_may_not_get_an_extract_gets_the_reason_in_plain_words(outcomes: list[tuple[RegisteredPerson, Outcome]]) -> None:
    messages = {(refusal.code, refusal.message) for refusal in _DATASET.refusals}
    refused = [(person.expected, outcome) for person, outcome in outcomes if isinstance(outcome, Refused)]
    assert {code for code, _ in refused} == {"deceased", "emigrated", "suspended", "address_unknown"}
    assert [code for code, outcome in refused if outcome.code != code or (outcome.code, outcome.message) not in messages] == []


def _scheme(folder: Path) -> ExerciseScheme:
    holder = exercise_keys.KeyHolder(_MUNICIPALITY.oin, _MUNICIPALITY.legal_name, "NTRNL-90000001", _MUNICIPALITY.id)
    return new_exercise_scheme(folder, [holder], now=_NOW - timedelta(hours=1))


def _certifier(scheme: ExerciseScheme) -> Certifier:
    chance = random.Random(2026)
    lists = scheme.crls()
    authority = TimeStampAuthority(
        scheme.time_stamp_signer(), policy=TIME_STAMP_POLICY, now=lambda: _NOW, serial=lambda: chance.getrandbits(100) | 1 << 100
    )
    return new_certifier(
        _MUNICIPALITY,
        seal_signer=scheme.seal_signer(_MUNICIPALITY.id),
        credential_signer=scheme.credential_signer(_MUNICIPALITY.id),
        revocation=lambda: lists,
        time_stamp=time_stamper(authority.respond),
        issuer_url="https://gemeente.example",
        accent="#1f6f43",
        check_url=_CHECK_URL,
        exercise=True,
        typesetter=Typesetter(),
        now=lambda: _NOW,
    )


def _trust(scheme: ExerciseScheme) -> Trust:
    since = scheme.authorities()[0].not_valid_before_utc
    published = exercise_trust_list(
        scheme, [_MUNICIPALITY], {_MUNICIPALITY.id: [_DATASET.id]}, sequence=1, check_url=_CHECK_URL, since=since, at=_NOW
    )
    return Trust(published)


def _special(person: RegisteredPerson) -> bool:
    """Whose words are read back from the page: reading takes longer than sealing, and plain names have nothing to lose."""
    return not _name(person).isascii() or "00" in (person.birth[4:6], person.birth[6:])


def _words(pdf: bytes) -> str:
    return _bare("".join(page.content for page in page_text(read_file(pdf))))


def _name(person: RegisteredPerson) -> str:
    return f"{person.given_name} {person.family_name}"


def _form(birth: str) -> tuple[bool, ...]:
    return tuple(set(piece) == {"0"} for piece in (birth[:4], birth[4:6], birth[6:]))


def _in_words(birth: str) -> str:
    """What the register's eight digits say, by a reading of our own beside the product's."""
    if birth[:4] == "0000":
        return "onbekend"
    if birth[4:6] == "00":
        return birth[:4]
    return f"{_MONTHS[int(birth[4:6]) - 1]} {birth[:4]}"


def _pdftotext(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-l", "1", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60).stdout.decode()


def _unhyphenated(text: str) -> str:
    """Without hyphens: pdftotext takes one at the end of a line for a broken word."""
    return _bare(text).replace("-", "")


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).replace("\u00ad", "").split())
