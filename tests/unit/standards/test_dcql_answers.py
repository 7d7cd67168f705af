import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery, CredentialSet, DcqlQuery, Path
from blauweknop.standards.dcql_answers import asked_claims, chosen_claims, missing_sets

CLAIMS: dict[str, JsonValue] = {
    "naam": "Anna",
    "oud": True,
    "leeg": None,
    "adres": {"straat": "Dorpsstraat", "nummer": 1},
    "rijen": [{"bedrag": 1, "soort": "a"}, {"bedrag": 2}],
}


def asked(*paths: Path, sets: tuple[tuple[str, ...], ...] = (), values: tuple[str | int | bool, ...] | None = None) -> CredentialQuery:
    claims = tuple(ClaimQuery(path, f"c{place}" if sets else None, values) for place, path in enumerate(paths))
    return CredentialQuery("x", "dc+sd-jwt", ("t",), claims, sets)


def kept(*paths: Path) -> dict[str, JsonValue]:
    chosen = chosen_claims(CLAIMS, asked(*paths))
    assert chosen is not None
    return asked_claims(CLAIMS, chosen)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("naam",), {"naam": "Anna"}),
        (("leeg",), {"leeg": None}),
        (("adres",), {"adres": CLAIMS["adres"]}),
        (("adres", "straat"), {"adres": {"straat": "Dorpsstraat"}}),
        (("rijen", None, "bedrag"), {"rijen": [{"bedrag": 1}, {"bedrag": 2}]}),
        (("rijen", 1), {"rijen": [{"bedrag": 2}]}),
        (("rijen", 0, "soort"), {"rijen": [{"soort": "a"}]}),
    ],
    ids=str,
)
def test_what_is_asked_is_found_and_nothing_beside_it_is_kept(path: Path, found: dict[str, JsonValue]) -> None:
    assert kept(path) == found


@pytest.mark.parametrize(
    "path",
    [("weg",), ("naam", "x"), ("naam", 0), ("adres", 0), ("adres", None), ("rijen", "bedrag"), ("rijen", 2), ("rijen", None, "x")],
    ids=str,
)
def test_what_is_not_there_is_missed(path: Path) -> None:
    assert chosen_claims(CLAIMS, asked(path)) is None


@pytest.mark.parametrize("path", [("rijen", None, "bedrag"), ("rijen", None, None), ("rijen", None, 0)], ids=str)
def test_a_list_of_other_kinds_than_the_path_says_is_missed_as_a_whole(path: Path) -> None:
    mixed: dict[str, JsonValue] = {"rijen": [{"bedrag": 1}, ["a"], 2]}
    assert chosen_claims(mixed, asked(path)) is None


def test_of_sets_of_claims_the_first_that_is_whole_counts() -> None:
    query = asked(("naam",), ("weg",), ("oud",), sets=(("c0", "c1"), ("c0", "c2"), ("c0",)))
    chosen = chosen_claims(CLAIMS, query)
    assert chosen is not None
    assert [claim.id for claim in chosen] == ["c0", "c2"]
    assert chosen_claims(CLAIMS, asked(("weg",), sets=(("c0",),))) is None


@pytest.mark.parametrize(("values", "fits"), [(("Anna",), True), (("Bob", "Anna"), True), (("anna",), False), ((1,), False)])
def test_a_value_must_be_one_that_was_asked_for(values: tuple[str | int | bool, ...], fits: bool) -> None:
    assert (chosen_claims(CLAIMS, asked(("naam",), values=values)) is not None) == fits


def test_true_is_not_one() -> None:
    assert chosen_claims(CLAIMS, asked(("oud",), values=(1,))) is None
    assert chosen_claims(CLAIMS, asked(("adres", "nummer"), values=(True,))) is None


def test_without_claims_nothing_is_asked_that_can_be_left_out() -> None:
    assert chosen_claims(CLAIMS, asked()) == ()
    assert asked_claims(CLAIMS, ()) == {}


@given(st.sets(st.sampled_from([("naam",), ("oud",), ("adres", "straat"), ("rijen", None, "bedrag"), ("rijen", 0)]), min_size=1))
def test_what_is_kept_still_answers_what_was_asked(paths: set[Path]) -> None:
    once = kept(*paths)
    assert asked_claims(once, [ClaimQuery(path) for path in paths]) == once


def query(*sets: CredentialSet) -> DcqlQuery:
    return DcqlQuery(tuple(CredentialQuery(name, "dc+sd-jwt", ("t",)) for name in "abc"), sets)


@pytest.mark.parametrize(
    ("sets", "given_ids", "met"),
    [
        ((), "abc", True),
        ((), "ab", False),
        ((CredentialSet((("a", "b"), ("c",))),), "c", True),
        ((CredentialSet((("a", "b"), ("c",))),), "ab", True),
        ((CredentialSet((("a", "b"), ("c",))),), "a", False),
        ((CredentialSet((("a",),)), CredentialSet((("b",),), required=False)), "a", True),
        ((CredentialSet((("a",),)), CredentialSet((("b",),))), "a", False),
        ((CredentialSet((("a",),), required=False),), "", True),
    ],
)
def test_each_required_set_needs_one_whole_option(sets: tuple[CredentialSet, ...], given_ids: str, met: bool) -> None:
    assert (missing_sets(query(*sets), set(given_ids)) == ()) == met
