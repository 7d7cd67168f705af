import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards.concealing import conceal
from blauweknop.standards.disclosures import Place, SdJwtProblem
from blauweknop.standards.undisclosed import take_inventory, take_inventory_of_parts

CLAIMS: dict[str, JsonValue] = {
    "naam": {"voor": "Zoë", "achter": "Berg"},
    "rijen": [{"a": 1, "in": [1, 2, 3]}, {"a": 2, "in": []}],
    "vast": True,
}


def hidable(place: Place) -> bool:
    return isinstance(place[-1], int) or (len(place) == 2 and place[0] == "naam")


def concealed() -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    return conceal(CLAIMS, disclosable=hidable, random_bytes=random.Random(3).randbytes, decoys=False)


def test_nothing_is_held_back_when_all_is_disclosed() -> None:
    payload, texts = concealed()
    inventory = take_inventory_of_parts(payload, texts)
    assert (inventory.claims, dict(inventory.held_back)) == (CLAIMS, {})
    assert {item.shown for item in inventory.disclosed} == {item.original for item in inventory.disclosed}


def test_all_at_the_top_is_held_back_when_nothing_is_disclosed() -> None:
    payload, _ = concealed()
    inventory = take_inventory_of_parts(payload, ())
    assert dict(inventory.held_back) == {("naam",): 2, ("rijen",): 2}


@given(st.sets(st.integers(0, 20)))
def test_whatever_is_disclosed_places_are_those_of_the_json_that_is_shown(left_out: set[int]) -> None:
    payload, texts = concealed()
    kept = [text for number, text in enumerate(texts) if number not in left_out]
    with contextlib.suppress(SdJwtProblem):  # of what is kept, something that holds it was left out
        inventory = take_inventory_of_parts(payload, kept)
        assert [value_of(inventory.claims, item.shown) for item in inventory.disclosed].count(None) == 0
        assert len(inventory.disclosed) == len(kept)
        assert sum(inventory.held_back.values()) <= len(texts) - len(kept)


def value_of(claims: JsonValue, place: Place) -> JsonValue:
    for step in place:
        claims = claims[step]  # type: ignore[index] # the place must exist
    return claims


@pytest.mark.parametrize("text", ["", "a.b.c", "a.b.c~d", "~", "a~~"])
def test_what_is_no_credential_is_refused(text: str) -> None:
    with pytest.raises(SdJwtProblem):
        take_inventory(text)
