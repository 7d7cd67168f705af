"""Journey J1 at one source with real keys: what a person sees before the download is what the document says, and the check agrees."""

import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from blauweknop.adapters.certifying import new_certifier, time_stamper
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.document.blocks import letter_text, without_space
from blauweknop.document.certified import DATA_NAME, Certifier
from blauweknop.document.letter import compose_letter
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import NoData
from blauweknop.domain.verdict import CheckResult, Verified
from blauweknop.register import exercise_keys
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, ExerciseScheme, new_exercise_scheme
from blauweknop.register.trust_publishing import exercise_trust_list
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from tests.unit.issuer.source_world import CATALOGUE, CHECK_URL, DEBT, GRANT, NOON, SOURCE, Browser, World, found, storage, words

_PAYMENTS = CATALOGUE.dataset("duo.betaaloverzicht")  # has a period
_ALL = (DEBT, GRANT, _PAYMENTS)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Scheme:
    world: World
    certifier: Certifier
    trust: Trust


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheme]:
    holder = exercise_keys.KeyHolder(SOURCE.oin, SOURCE.legal_name, "NTRNL-90000001", SOURCE.id)
    keys = new_exercise_scheme(tmp_path_factory.mktemp("scheme") / "keys", [holder], now=NOON - timedelta(hours=1))
    with storage(tmp_path_factory.mktemp("sessions")) as engine:
        yield Scheme(World(engine), _certifier(keys), _trust(keys))


@pytest.fixture
def person(scheme: Scheme) -> Browser:
    """Somebody who just logged in at a source that knows everything about them."""
    world = scheme.world
    world.reset()
    world.datasets, world.certifier = _ALL, scheme.certifier
    world.answers.update({dataset.id: found(dataset) for dataset in _ALL})
    browser = world.browser()
    browser.log_in()
    return browser


def test_the_document_passes_the_check(person: Browser, scheme: Scheme) -> None:
    person.choose(DEBT)
    assert _reasons(person.download().content, scheme) == []


@pytest.mark.parametrize("with_bsn", ["without", "with"])
@pytest.mark.parametrize("months", ["12", "all"])
def test_the_preview_says_word_for_word_what_the_document_says(person: Browser, with_bsn: str, months: str) -> None:
    person.choose(_PAYMENTS, bsn=with_bsn, **{f"months.{_PAYMENTS.id}": months})
    preview = person.look()
    content = json.loads(embedded_files(read_file(person.download(preview).content))[DATA_NAME].content)
    letter = compose_letter(content, _PAYMENTS, check_url=CHECK_URL, exercise=True)
    assert without_space(letter_text(letter)) in without_space(words(preview))


def test_everything_a_source_has_is_three_clicks_away_and_passes_the_check(person: Browser, scheme: Scheme) -> None:
    everything = person.open("/kiezen?alles").text  # the first click
    person.send("/kiezen", _ticked(everything))  # the second
    answer = person.download()  # the third
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        documents = [archive.read(name) for name in archive.namelist() if name.endswith(".pdf")]
    assert len(documents) == len(_ALL)
    assert [_reasons(document, scheme) for document in documents] == [[]] * len(_ALL)


def test_one_source_system_that_is_away_leaves_the_other_documents_good(person: Browser, scheme: Scheme) -> None:
    scheme.world.answers[GRANT.id] = NoData()
    person.choose(DEBT, GRANT)
    with zipfile.ZipFile(io.BytesIO(person.download().content)) as archive:
        documents = [archive.read(name) for name in archive.namelist() if name.endswith(".pdf")]
    assert [_reasons(document, scheme) for document in documents] == [[]]


def test_the_english_document_passes_the_check_too(person: Browser, scheme: Scheme) -> None:
    person.choose(GRANT)
    assert _reasons(person.download(person.open("/bekijken?taal=en").text).content, scheme) == []


def _reasons(pdf: bytes, scheme: Scheme) -> list[str]:
    """Why the check does not say green; empty when it does."""
    verdict = check_document(pdf, trust=scheme.trust, at=NOON + _MINUTE, catalogue=CATALOGUE)
    if isinstance(verdict, Verified):
        return []
    return [f"{step.id}: {step.reason}" for step in verdict.facts.steps if step.result is not CheckResult.OK] or ["not green"]


def _ticked(page: str) -> dict[str, str | list[str]]:
    """What a browser sends of the form as it stands."""
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]* checked[^>]*>", page):
        name, value = (re.search(rf'{attribute}="([^"]*)"', tag) for attribute in ("name", "value"))
        assert name
        assert value
        fields.setdefault(name[1], []).append(value[1])
    return dict(fields)


def _certifier(scheme: ExerciseScheme) -> Certifier:
    chance = random.Random(2026)
    lists = scheme.crls()
    authority = TimeStampAuthority(
        scheme.time_stamp_signer(), policy=TIME_STAMP_POLICY, now=lambda: NOON, serial=lambda: chance.getrandbits(100) | 1 << 100
    )
    return new_certifier(
        SOURCE,
        seal_signer=scheme.seal_signer(SOURCE.id),
        credential_signer=scheme.credential_signer(SOURCE.id),
        revocation=lambda: lists,
        time_stamp=time_stamper(authority.respond),
        issuer_url="https://duo.example/duo",
        accent="#0b4a8f",
        check_url=CHECK_URL,
        exercise=True,
        typesetter=Typesetter(),
        now=lambda: NOON,
    )


def _trust(scheme: ExerciseScheme) -> Trust:
    since = scheme.authorities()[0].not_valid_before_utc
    entitled = {SOURCE.id: [dataset.id for dataset in _ALL]}
    return Trust(exercise_trust_list(scheme, [SOURCE], entitled, sequence=1, check_url=CHECK_URL, since=since, at=NOON))
