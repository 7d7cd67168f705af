from dataclasses import replace
from functools import cache
from itertools import product
from random import Random

import pytest

from blauweknop.catalogue import load_catalogue
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import Selection, Snapshot, Subject
from blauweknop.domain.identifiers import Bsn
from tests.unit.document.content_samples import STYLES, Style, data_of, snapshot_of
from tests.unit.document.shapes.two_paths import EXHAUSTIVE, Twins, picture_differences, twins, typesetter, whole

CATALOGUE = load_catalogue()
DATASETS = tuple(CATALOGUE.datasets.values())
ALL = [pytest.param(dataset, id=dataset.id) for dataset in DATASETS]
LANGUAGES = ("nl", "en")
PEOPLE = 200
GIVEN = ("Zoë", "Jan-Willem", "Đorđe", "María José", "Yan", "Şükrü", "Ĳsbrand", "", "D'Artagnan", "Łukasz Ğ.", "Anne (Annie)", "Ĩva Ĉ")
FAMILY = (
    "van der Berg",
    "de Vries-Jansen",
    "O'Brien",
    "'t Hooft",
    "Ağca",
    "Čapek",
    "Ċaruana",
    "Ŝnitke",
    "El Mokhtari Ben Youssef",
    "Őry",
    "Ij",
    "Q",
)


@cache
def made_up(number: int) -> Subject:
    """A person of many kinds of names; every third has a burgerservicenummer to show."""
    chance = Random(number)
    given = " ".join(chance.choice(GIVEN) for _ in range(chance.randint(1, 4))).strip()
    family = " ".join(chance.choice(FAMILY) for _ in range(chance.randint(1, 2)))
    born = PartialDate(chance.randint(1920, 2008), *((chance.randint(1, 12), chance.randint(1, 28)) if chance.random() < 0.9 else ()))
    return Subject(given, family, born, Bsn.parse("999990019"))


def full_name(number: int) -> str:
    return f"{made_up(number).given_name} {made_up(number).family_name}"


def case_of(dataset: Dataset, number: int) -> tuple[Snapshot, Selection]:
    """What this person has and chose: the number of rows, the parts and the burgerservicenummer differ from one to the next."""
    chance = Random(f"{dataset.id}/{number}")
    style: Style = chance.choice(("full", "minimal", "empty"))
    parts = frozenset(part.id for part in dataset.parts if part.required or chance.random() < 0.7)
    selection = Selection(dataset.id, parts, None, chance.random() < 0.3) if len(parts) else whole(dataset)
    data = data_of(dataset.fields, style, chance.randint(1, 3))
    return replace(snapshot_of(dataset, style), subject=made_up(number), data=data), selection


def pair_of(dataset: Dataset, number: int, language: str) -> Twins:
    snapshot, selection = case_of(dataset, number)
    return twins(snapshot, dataset, selection=selection, language=language)


@pytest.mark.parametrize("dataset", ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_data_set_is_made_alike_on_both_paths(dataset: Dataset, language: str) -> None:
    styles = STYLES if language == "nl" else STYLES[:1]
    found = {style: twins(snapshot_of(dataset, style), dataset, language=language).differences() for style in styles}
    # The extreme ones have words that only the layout can break.
    assert found == {style: ["refused"] if style == "extreme" else [] for style in styles}


@pytest.mark.parametrize("dataset", ALL)
def test_each_data_set_looks_the_same_on_both_paths(dataset: Dataset) -> None:
    assert picture_differences(twins(snapshot_of(dataset, "full"), dataset)) == []


@pytest.mark.parametrize("dataset", ALL)
def test_a_choice_of_parts_and_a_burgerservicenummer_are_made_alike(dataset: Dataset) -> None:
    snapshot = replace(snapshot_of(dataset, "full"), subject=made_up(0))
    required = frozenset(part.id for part in dataset.parts if part.required) or frozenset(part.id for part in dataset.parts[:1])
    choices = [Selection(dataset.id, required, None, with_bsn=False), whole(dataset, with_bsn=True)]
    assert [twins(snapshot, dataset, selection=choice).differences() for choice in choices] == [[], []]


def test_letters_of_200_people_are_alike_on_both_paths_each_of_one_data_set_in_one_language() -> None:
    cases = [(DATASETS[number % len(DATASETS)], number, LANGUAGES[number // len(DATASETS) % 2]) for number in range(PEOPLE)]
    found = {(dataset.id, number): pair_of(dataset, number, language).differences() for dataset, number, language in cases}
    other_font = {case for case in found if typesetter().value_fonts.regular.width(full_name(case[1])) is None}
    assert {case: differences for case, differences in found.items() if differences != (["refused"] if case in other_font else [])} == {}


@pytest.mark.skipif(not EXHAUSTIVE, reason="BLAUWEKNOP_EXHAUSTIVE=1 makes 6000 pairs of documents, some half an hour")
@pytest.mark.parametrize("dataset", ALL)
def test_letters_of_200_people_are_alike_on_both_paths_in_every_data_set_and_language(dataset: Dataset) -> None:
    pairs = ((number, language, pair_of(dataset, number, language)) for number, language in product(range(PEOPLE), LANGUAGES))
    found = {(number, language): [*pair.differences(), *picture_differences(pair)] for number, language, pair in pairs}
    assert {case: differences for case, differences in found.items() if differences not in ([], ["refused", "refused"])} == {}


def test_a_changed_letter_is_noticed_by_the_comparison() -> None:
    dataset = CATALOGUE.dataset("duo.studieschuld")
    snapshot = snapshot_of(dataset, "full")
    one = twins(snapshot, dataset)
    other = twins(replace(snapshot, subject=replace(snapshot.subject, given_name="Zoé")), dataset)
    mixed = Twins(one.fast, other.true)
    assert {"page text", "structure", "letters", "attachments"} <= set(mixed.differences())
    assert picture_differences(mixed)


@pytest.mark.parametrize(("one", "other"), [(1985, 1986), (1980, 1988), (1983, 1988), (1911, 1917), (1935, 1936), (1989, 1980)])
def test_another_digit_is_seen_in_the_pictures(one: int, other: int) -> None:
    dataset = CATALOGUE.dataset("duo.studieschuld")
    snapshot = snapshot_of(dataset, "full")
    pairs = [twins(replace(snapshot, subject=replace(snapshot.subject, birth_date=PartialDate(year))), dataset) for year in (one, other)]
    assert len(picture_differences(Twins(pairs[0].fast, pairs[1].true))) == 1
