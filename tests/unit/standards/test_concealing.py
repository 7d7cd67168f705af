import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.concealing import Concealment, conceal
from blauweknop.standards.disclosures import Place, SdJwtProblem, resolve
from blauweknop.standards.strict_json import MalformedJson, canonical_json

NAMES = st.text("abé", min_size=1, max_size=2)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
CLAIMS = st.dictionaries(NAMES, VALUES, max_size=4)
STEPS = NAMES | st.integers(0, 2)
PLANS = st.recursive(
    st.builds(Concealment, st.frozensets(STEPS), every=st.booleans()),
    lambda inner: st.builds(Concealment, st.frozensets(STEPS), st.dictionaries(STEPS, inner), st.booleans(), st.none() | inner),
    max_leaves=6,
)


@given(CLAIMS, PLANS, st.sets(NAMES))
def test_a_plan_hides_what_it_answers_when_it_is_asked(claims: dict[str, JsonValue], plan: Concealment, never: set[str]) -> None:
    by_plan = conceal(claims, disclosable=plan, random_bytes=Random(7).randbytes, decoys=False, never=never)
    by_question = conceal(claims, disclosable=lambda place: plan(place), random_bytes=Random(7).randbytes, decoys=False, never=never)
    assert by_plan == by_question
    assert resolve(by_plan[0], by_plan[1], never).claims == claims


@given(CLAIMS)
def test_claims_are_left_as_they_were(claims: dict[str, JsonValue]) -> None:
    before = canonical_json(claims)
    conceal(claims, disclosable=lambda _: True, random_bytes=Random(7).randbytes, decoys=True)
    assert canonical_json(claims) == before


def test_what_must_be_visible_is_so_whatever_the_plan_says() -> None:
    everything = Concealment(every=True, each=Concealment(every=True))
    claims: dict[str, JsonValue] = {"exp": 1, "status": {"idx": 1}, "naam": "Noor"}
    payload, texts = conceal(claims, disclosable=everything, random_bytes=Random(7).randbytes, decoys=False, never=("exp", "status"))
    assert {name: payload[name] for name in payload if name != "_sd"} == {"exp": 1, "status": {"idx": 1}}
    assert len(texts) == 1


@pytest.mark.parametrize("claims", [{"a": {"_sd": []}}, {"a": [{"...": 1}]}, {"a": [[{"_sd_alg": 1}]]}])
@pytest.mark.parametrize("given_text", [True, False])
def test_names_of_the_format_are_refused_wherever_they_stand(claims: dict[str, JsonValue], given_text: bool) -> None:
    text = canonical_json(claims) if given_text else None
    with pytest.raises(SdJwtProblem) as caught:
        conceal(claims, disclosable=lambda _: False, random_bytes=Random(7).randbytes, decoys=False, text=text)
    assert caught.value.code == "claim_name"


def test_those_names_may_be_values() -> None:
    payload, _ = conceal({"a": "...", "b": "_sd"}, disclosable=lambda _: False, random_bytes=Random(7).randbytes, decoys=False)
    assert payload == {"a": "...", "b": "_sd"}


@pytest.mark.parametrize("value", [1.5, 2**53, "\ud800"])
def test_a_value_without_one_text_is_not_hidden(value: JsonValue) -> None:
    def hidden(_: Place) -> bool:
        return True

    with pytest.raises(MalformedJson):
        conceal({"a": value}, disclosable=hidden, random_bytes=Random(7).randbytes, decoys=False)


def test_no_two_salts_are_alike() -> None:
    claims: dict[str, JsonValue] = {"a": [1] * 100}
    _, texts = conceal(
        claims, disclosable=Concealment(inside={"a": Concealment(every=True)}), random_bytes=Random(7).randbytes, decoys=False
    )
    assert len(set(texts)) == 100


def test_salts_are_the_random_bytes_one_after_the_other() -> None:
    drawn = bytearray()

    def random_bytes(count: int) -> bytes:
        drawn.extend(Random(len(drawn)).randbytes(count))
        return bytes(drawn[-count:])

    claims: dict[str, JsonValue] = {"a": 1, "b": [1] * 90, "c": 2}
    plan = Concealment(frozenset({"a", "c"}), {"b": Concealment(every=True)})
    _, texts = conceal(claims, disclosable=plan, random_bytes=random_bytes, decoys=True)
    salts = [json.loads(base64url.decode(text))[0] for text in texts]
    written = base64url.encode(bytes(drawn))
    assert {len(salt) for salt in salts} == {24}
    assert all(written.index(salt) % 24 == 0 for salt in salts)
