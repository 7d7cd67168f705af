import base64
import json
from collections.abc import Hashable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import get_context
from operator import itemgetter
from typing import Any

import pytest

from blauweknop.catalogue import load_catalogue
from blauweknop.document.certified import certify
from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.values import format_value
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Subject
from blauweknop.domain.identifiers import Bsn
from tests.unit.document.content_samples import FACTS, Style, snapshot_of
from tests.unit.document.shapes.two_paths import certifier_for, typesetter, whole

CATALOGUE = load_catalogue()
DATASETS = tuple(CATALOGUE.datasets.values())
ALL = [pytest.param(dataset, id=dataset.id) for dataset in DATASETS]
DEBT = CATALOGUE.dataset("duo.studieschuld")
SUBJECT = Subject("Xanthippe", "Quwargers", PartialDate(1963, 2, 17), Bsn.parse("999990019"))
FOREIGN = Subject("Ĉapek", "Ŝnitke", PartialDate(1963, 2, 17))


def made(
    shapes: Shapes, dataset: Dataset = DEBT, *, style: Style = "full", subject: Subject = SUBJECT, number: str = FACTS.document_id
) -> Any:
    snapshot = replace(snapshot_of(dataset, style), subject=subject)
    selection = whole(dataset, with_bsn=subject.bsn is not None)
    return certify(snapshot, selection, dataset, certifier_for(shapes=shapes), replace(FACTS, document_id=number))


def test_a_shape_is_compiled_at_the_second_sight_and_used_from_then_on() -> None:
    shapes = Shapes(typesetter())
    assert [(made(shapes).by_shape, len(shapes)) for _ in range(3)] == [(False, 0), (True, 1), (True, 1)]


def test_a_letter_that_cannot_be_of_a_shape_takes_the_truth_path_each_time() -> None:
    shapes = Shapes(typesetter(), seen_before=0)
    assert [made(shapes, subject=FOREIGN).by_shape for _ in range(3)] == [False] * 3
    assert len(shapes) == 0


def test_no_more_shapes_are_kept_than_was_said_and_the_one_least_used_goes() -> None:
    shapes = Shapes(typesetter(), most=2, seen_before=0)
    for dataset in (DATASETS[0], DATASETS[1], DATASETS[0], DATASETS[2]):
        made(shapes, dataset)
    kept = {dataset_of(key) for key in shapes._shapes}
    assert kept == {DATASETS[0].title.nl, DATASETS[2].title.nl}


def dataset_of(key: Hashable) -> str:
    """The title of the letter stands first in the key of its shape."""
    assert isinstance(key, tuple)
    title: str = key[1][0]
    return title


def test_sights_of_letters_that_came_once_are_forgotten_in_time() -> None:
    shapes = Shapes(typesetter(), most=1, seen_before=1)
    for dataset in DATASETS:
        made(shapes, dataset)
    assert len(shapes._sights) <= 4
    assert len(shapes) == 0


def digest_of(number: int, shapes: Shapes) -> str:
    """Of one of 60 documents of four data sets and two styles."""
    subject = replace(SUBJECT, given_name=f"Persoon {number}")
    dataset = DATASETS[number % 4]
    style: Style = "full" if number % 3 else "empty"
    return sha256(made(shapes, dataset, style=style, subject=subject, number=f"{number:032x}").pdf).hexdigest()


def in_a_process(numbers: list[int]) -> list[str]:
    shapes = Shapes(typesetter(), seen_before=0)
    return [digest_of(number, shapes) for number in numbers]


def test_sixteen_threads_with_mixed_shapes_make_what_one_thread_makes() -> None:
    numbers = list(range(60)) * 4
    alone = in_a_process(numbers[:60]) * 4
    shared = Shapes(typesetter(), most=5, seen_before=0)
    with ThreadPoolExecutor(16) as threads:
        together = list(threads.map(lambda number: digest_of(number, shared), numbers))
    assert together == alone


def test_another_process_makes_the_same_bytes() -> None:
    numbers = list(range(0, 60, 7))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        elsewhere = processes.submit(in_a_process, numbers).result(timeout=60)
    assert elsewhere == in_a_process(numbers)


def test_the_same_letter_gives_the_same_bytes_each_time() -> None:
    shapes = Shapes(typesetter(), seen_before=0)
    assert made(shapes).pdf == made(shapes).pdf


def words_of(fields_: tuple[Field, ...] | list[Field], data: Any, language: str = "nl") -> Iterator[str]:
    """Every value of the data as it is printed."""
    for field in fields_:
        value: JsonValue = data
        for step in field.path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            continue
        if field.type is FieldType.LIST:
            assert isinstance(value, list)
            for row in value:
                yield from words_of(field.fields, row, language)
        elif field.type is FieldType.TEXT and not field.codes:
            yield format_value(field, value, language)


def personal(data: JsonValue, number: Iterator[int]) -> JsonValue:
    """The same data with each plain text `Voorbeeld` another word that is nowhere else."""
    if isinstance(data, dict):
        return {key: personal(value, number) for key, value in data.items()}
    if isinstance(data, list):
        return [personal(value, number) for value in data]
    if data == "Voorbeeld":
        return f"Qwx{next(number)}zij"
    return 98765431 if data == 123456 else data


def all_bytes(value: object, seen: set[int]) -> Iterator[bytes]:
    """Every text and byte that can be reached from a value, also in slots, closures and caches."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, str):
        yield value.encode("utf-8", "surrogatepass")
    elif isinstance(value, int | float):
        yield str(value).encode()
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from all_bytes(key, seen)
            yield from all_bytes(item, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from all_bytes(item, seen)
    elif isinstance(value, itemgetter):
        yield from all_bytes(value.__reduce__()[1], seen)
    elif is_dataclass(value):
        for field in fields(value):
            yield from all_bytes(getattr(value, field.name), seen)
    elif hasattr(value, "__dict__"):
        yield from all_bytes(vars(value), seen)
    for cell in getattr(value, "__closure__", None) or ():
        yield from all_bytes(cell.cell_contents, seen)


def encodings(word: str) -> list[bytes]:
    plain = [word.encode("utf-8"), word.encode("utf-16-be"), word.encode("utf-16-le")]
    forms = [*plain, *(part.hex().encode() for part in plain), *(part.hex().upper().encode() for part in plain)]
    return [*forms, json.dumps(word)[1:-1].encode(), base64.b64encode(word.encode())[: len(word) * 4 // 3 - 2]]


def values_in(dataset: Dataset, blob: bytes, data: Any) -> list[str]:
    """Which of the values of this person are in these bytes, in any encoding."""
    names = [
        "Xanthippe",
        "Quwargers",
        "999990019",
        "17 februari 1963",
        "1963-02-17",
        "98765431",
        "987.654,31",
        FACTS.document_id,
        "3f2a 90c1",
    ]
    values = [word for word in words_of(dataset.fields, data) if word.startswith("Qwx")]
    return [word for word in names + values if any(form in blob for form in encodings(word))]


@pytest.mark.parametrize("dataset", ALL)
def test_neither_a_shape_nor_its_key_holds_anything_of_the_person_it_was_compiled_from(dataset: Dataset) -> None:
    shapes = Shapes(typesetter(), seen_before=0)
    plain = snapshot_of(dataset, "full")
    data = personal(dict(plain.data), iter(range(10, 1000)))
    assert isinstance(data, dict)
    snapshot = replace(plain, subject=SUBJECT, data=data)
    document = certify(snapshot, whole(dataset, with_bsn=True), dataset, certifier_for(shapes=shapes), FACTS)
    ((key, shape),) = shapes._shapes.items()
    blob = b"\n".join(all_bytes((key, shape), set()))
    assert document.by_shape
    assert len(blob) > 50_000
    assert values_in(dataset, blob, data) == []


def test_that_search_finds_what_a_document_does_hold() -> None:
    pdf = made(Shapes(typesetter(), seen_before=0)).pdf
    assert {"Xanthippe", "999990019", "17 februari 1963"} <= set(values_in(DEBT, pdf, {}))


def test_a_moment_of_another_zone_is_written_in_universal_time() -> None:
    shapes = Shapes(typesetter(), seen_before=0)
    snapshot = snapshot_of(DEBT, "full")
    facts = replace(FACTS, issued_at=datetime.fromisoformat("2026-11-23T10:01:00+01:00"))
    one = certify(snapshot, whole(DEBT), DEBT, certifier_for(shapes=shapes), facts)
    other = certify(
        snapshot, whole(DEBT), DEBT, certifier_for(shapes=shapes), replace(facts, issued_at=datetime(2026, 11, 23, 9, 1, tzinfo=UTC))
    )
    assert one.pdf == other.pdf
