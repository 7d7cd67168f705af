from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.dcql import ClaimQuery, CredentialFormat, CredentialQuery, DcqlQuery, Path
from blauweknop.standards.registration import RegisteredCredential, Registration
from blauweknop.standards.request_scope import Excess, beyond_registration
from tests.unit.standards.receivers import DEBT, INCOME, REGISTRATION

MDOC = "org.blauweknop.duo.studieschuld.1"


def asking(*paths: Path, types: tuple[str, ...] = (DEBT,), form: CredentialFormat = "dc+sd-jwt") -> DcqlQuery:
    return DcqlQuery((CredentialQuery("x", form, types, tuple(map(ClaimQuery, paths))),))


def allowing(
    *paths: Path, types: tuple[str, ...] = (DEBT,), bsn_law: str | None = None, form: CredentialFormat = "dc+sd-jwt"
) -> Registration:
    return replace(REGISTRATION, credentials=(RegisteredCredential(form, types, paths),), bsn_law=bsn_law)


def kinds(query: DcqlQuery, registration: Registration) -> list[str]:
    return [excess.kind for excess in beyond_registration(query, registration)]


def test_what_is_registered_may_be_asked() -> None:
    assert beyond_registration(asking(("schuld",), ("peildatum",)), REGISTRATION) == ()


def test_less_than_is_registered_may_be_asked() -> None:
    assert beyond_registration(asking(("schuld",)), REGISTRATION) == ()
    assert beyond_registration(asking(), REGISTRATION) == ()


def test_a_data_set_that_is_not_registered_may_not_be_asked() -> None:
    assert beyond_registration(asking(("schuld",), types=(INCOME,)), REGISTRATION) == (Excess("request_data_set", "x", INCOME),)
    assert kinds(asking(types=(INCOME,)), REGISTRATION) == ["request_data_set"]


def test_one_data_set_more_is_one_too_many() -> None:
    assert beyond_registration(asking(("schuld",), types=(DEBT, INCOME)), REGISTRATION) == (Excess("request_data_set", "x", INCOME),)


def test_a_data_set_in_another_form_is_another() -> None:
    assert kinds(asking(types=(DEBT,), form="mso_mdoc"), REGISTRATION) == ["request_data_set"]


def test_a_claim_that_is_not_registered_may_not_be_asked() -> None:
    assert beyond_registration(asking(("schuld",), ("adres",)), REGISTRATION) == (Excess("request_claim", "x", DEBT, ("adres",)),)


@pytest.mark.parametrize(
    ("values", "fits"),
    [(("ja",), True), (("ja", 1), True), (None, False), (("nee",), False), (("ja", "nee"), False), ((True,), False)],
    ids=str,
)
def test_what_is_registered_with_values_is_asked_with_those_only(values: tuple[str | int | bool, ...] | None, fits: bool) -> None:
    limited = RegisteredCredential("dc+sd-jwt", (DEBT,), (("schuld",),), ((("schuld",), ("ja", 1)),))
    query = DcqlQuery((CredentialQuery("x", "dc+sd-jwt", (DEBT,), (ClaimQuery(("schuld",), values=values),)),))
    assert kinds(query, replace(REGISTRATION, credentials=(limited,))) == ([] if fits else ["request_claim"])


def test_a_claim_that_is_registered_of_another_data_set_may_not_be_asked() -> None:
    two = replace(
        REGISTRATION,
        credentials=(
            RegisteredCredential("dc+sd-jwt", (DEBT,), (("schuld",),)),
            RegisteredCredential("dc+sd-jwt", (INCOME,), (("loon",),)),
        ),
    )
    assert kinds(asking(("loon",)), two) == ["request_claim"]
    assert kinds(asking(("loon",), types=(DEBT, INCOME)), two) == ["request_claim"]
    assert kinds(asking(("loon",), types=(INCOME,)), two) == []


def test_a_registration_without_claims_allows_none_that_can_be_left_out() -> None:
    assert kinds(asking(), allowing()) == []
    assert kinds(asking(("schuld",)), allowing()) == ["request_claim"]


@pytest.mark.parametrize(
    ("allowed", "asked", "within"),
    [
        (("a",), ("a",), True),
        (("a",), ("a", "b"), True),
        (("a",), ("a", None, "b"), True),
        (("a", "b"), ("a",), False),
        (("a", "b"), ("a", "c"), False),
        (("a", "b"), ("b", "a"), False),
        (("a", None), ("a", None), True),
        (("a", None), ("a", 3), True),
        (("a", None), ("a", "b"), False),
        (("a", None), ("a",), False),
        (("a", 3), ("a", 3), True),
        (("a", 3), ("a", 4), False),
        (("a", 3), ("a", None), False),
        (("a", None, "b"), ("a", 0, "b"), True),
        (("a", None, "b"), ("a", 0), False),
        (("a", None, "b"), ("a", 0, "c"), False),
        (("a", "0"), ("a", 0), False),
    ],
)
def test_a_path_is_within_what_holds_it(allowed: Path, asked: Path, within: bool) -> None:
    assert kinds(asking(asked), allowing(allowed)) == ([] if within else ["request_claim"])


BSN_PATHS: list[Path] = [
    ("bsn",),
    ("BSN",),
    ("subject", "bsn"),
    ("subject",),
    ("burgerservicenummer",),
    ("personal_administrative_number",),
]


@pytest.mark.parametrize("path", BSN_PATHS)
def test_the_bsn_may_only_be_asked_by_who_is_entitled(path: Path) -> None:
    assert beyond_registration(asking(path), allowing(path)) == (Excess("request_bsn", "x", DEBT, path),)
    assert kinds(asking(path), allowing(path, bsn_law="Wgs artikel 8")) == []


def test_who_is_entitled_to_the_bsn_registers_it_too() -> None:
    assert kinds(asking(("bsn",)), allowing(("schuld",), bsn_law="Wgs artikel 8")) == ["request_claim"]


def test_who_registers_all_of_a_person_does_not_get_the_number_with_it() -> None:
    assert kinds(asking(("subject", "given_name")), allowing(("subject",))) == []
    assert kinds(asking(("subject", "bsn")), allowing(("subject",))) == ["request_bsn"]


def test_the_bsn_of_an_mdoc_is_one_too() -> None:
    path = (MDOC, "bsn")
    assert kinds(asking(path, types=(MDOC,), form="mso_mdoc"), allowing(path, types=(MDOC,), form="mso_mdoc")) == ["request_bsn"]


def test_everything_that_is_too_much_is_told_at_once() -> None:
    query = asking(("schuld",), ("adres",), ("bsn",), types=(DEBT, INCOME))
    assert kinds(query, REGISTRATION) == ["request_claim", "request_claim", "request_bsn", "request_data_set"]


PATHS = st.tuples(st.sampled_from("ab")).flatmap(
    lambda first: st.lists(st.sampled_from(["a", "b", None, 0, 1]), max_size=3).map(lambda rest: (*first, *rest))
)


@given(st.lists(PATHS, max_size=4), st.lists(PATHS, max_size=4))
def test_one_claim_more_never_makes_a_query_better_and_one_right_more_never_worse(asked: list[Path], allowed: list[Path]) -> None:
    excess = set(beyond_registration(asking(*asked), allowing(*allowed)))
    assert excess <= set(beyond_registration(asking(*asked, ("c",)), allowing(*allowed)))
    assert excess >= set(beyond_registration(asking(*asked), allowing(*allowed, ("a",))))


@given(st.lists(PATHS, min_size=1, max_size=5))
def test_what_is_registered_word_for_word_may_be_asked(paths: list[Path]) -> None:
    assert beyond_registration(asking(*paths), allowing(*paths)) == ()
