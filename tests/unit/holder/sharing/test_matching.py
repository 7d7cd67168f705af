"""Which holdings answer a question, and what of them goes along: never more than was asked, never a worse option than there is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.holder.presenting import disclosed
from blauweknop.holder.sharing.asking import Asked, Link
from blauweknop.holder.sharing.consent import View
from blauweknop.holder.sharing.matching import MOST_WAYS, Holding, MatchedSet, match
from blauweknop.standards import base64url
from blauweknop.standards.dcql import read_dcql
from blauweknop.standards.sd_jwt_receiving import read_sd_jwt
from blauweknop.standards.undisclosed import take_inventory
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.document import wallet_samples as w
from tests.unit.holder.sharing.sharing_world import DEBT, DOCUMENT, SHORT, asks, summary, whole

DOCUMENT_TEXT = c.of_document()
(WALLET_TEXT,) = w.batch(w.snapshot(DEBT.id, x.DATA), w.orders(1), form="dc+sd-jwt")
MEMBERS = sorted(x.DATA)


def holding(text: str, *, bound: bool, name: bytes = b"a", source: str = "1", earlier: bool = False) -> Holding:
    kind = SHORT if bound else DOCUMENT
    claims = take_inventory(text).claims
    return Holding(name, bound, "dc+sd-jwt", kind, DEBT, "DUO", source, date(2026, 11, 23), text, claims, earlier)


PAPER, PROOF = holding(DOCUMENT_TEXT, bound=False, name=b"paper"), holding(WALLET_TEXT, bound=True, name=b"proof")
BOTH = (PAPER, PROOF)


def matched(query: dict[str, Any], holdings: Sequence[Holding] = BOTH) -> tuple[MatchedSet, ...]:
    return match(read_dcql(query), holdings)


def chosen(query: dict[str, Any], holdings: Sequence[Holding] = BOTH) -> list[tuple[str, bytes]]:
    (one,) = matched(query, holdings)
    return [(each.query.id, each.holding.item) for each in one.chosen]


def test_the_first_option_that_is_here_is_taken() -> None:
    query = asks(whole("data"), summary("fase"), sets=[{"options": [["schuld", "schuld-kort"], ["schuld-kort"]]}])
    assert chosen(query) == [("schuld", b"paper"), ("schuld-kort", b"proof")]
    assert chosen(query, [PROOF]) == [("schuld-kort", b"proof")]
    assert chosen(query, [PAPER]) == []


def test_what_an_option_names_twice_goes_once() -> None:
    assert chosen(asks(summary("fase"), sets=[{"options": [["schuld-kort"] * 200]}])) == [("schuld-kort", b"proof")]


def test_what_stands_in_many_sets_is_worked_out_once() -> None:
    view = View.of(Asked(Link("x", "y"), "n", "q"), matched(asks(summary("fase"), sets=[{"options": [["schuld-kort"]]}] * 50)))
    assert len({id(offered) for of_set in view.offered for offered in of_set}) == 1
    assert len(view.offered) == 50


def test_without_sets_everything_is_asked() -> None:
    query = asks(whole("data"), summary("fase"))
    assert [(one.required, one.is_here) for one in matched(query, [PAPER])] == [(True, True), (True, False)]


def test_what_is_not_here_says_in_which_ways_it_could_be() -> None:
    query = asks(whole("data"), summary("fase"), sets=[{"options": [["schuld"], ["schuld-kort"]], "required": False}])
    (one,) = matched(query, [])
    assert ([each.id for each in one.wanted], one.required) == (["schuld", "schuld-kort"], False)


def test_a_document_answers_nothing_that_must_be_bound_to_a_key() -> None:
    assert chosen(asks(whole("data") | {"require_cryptographic_holder_binding": True})) == []


@pytest.mark.parametrize(
    ("values", "fits"),
    [(["aflosfase"], True), (["x", "aflosfase"], True), (["x"], False), ([1], False)],
)
def test_a_claim_with_values_is_there_only_with_one_of_them(values: list[JsonValue], fits: bool) -> None:
    query = asks(summary() | {"claims": [{"path": ["fase"], "values": values}]})
    assert bool(chosen(query)) is fits


@pytest.mark.parametrize(("values", "fits"), [([True], True), ([1], False), (["true"], False)])
def test_one_is_not_true(values: list[JsonValue], fits: bool) -> None:
    query = asks(summary() | {"claims": [{"path": ["has_student_debt"], "values": values}]})
    assert bool(chosen(query)) is fits


def test_the_fullest_claims_that_are_here_are_taken() -> None:
    claims = [{"id": name, "path": [path]} for name, path in (("a", "fase"), ("b", "nergens"))]
    query = asks(summary() | {"claims": claims, "claim_sets": [["a", "b"], ["a"]]})
    (one,) = matched(query)
    assert one.chosen[0].paths == (("fase",),)


def test_more_than_one_goes_only_when_that_is_asked() -> None:
    two = (PROOF, holding(WALLET_TEXT, bound=True, name=b"second"))
    assert chosen(asks(summary("fase")), two) == [("schuld-kort", b"proof")]
    assert chosen(asks(summary("fase", multiple=True)), two) == [("schuld-kort", b"proof"), ("schuld-kort", b"second")]


def ways(query: dict[str, Any], holdings: Sequence[Holding]) -> list[list[bytes]]:
    (one,) = matched(query, holdings)
    return [[each.holding.item for each in way] for way in one.ways]


def paper(name: bytes, *, debt: int = 1, source: str = "1", earlier: bool = False) -> Holding:
    text = x.credential(x.content(data={**x.DATA, "schuldsaldo_inclusief_rente": debt}))
    return holding(text, bound=False, name=name, source=source, earlier=earlier)


def test_what_fits_of_several_sources_is_a_choice_with_the_newest_first() -> None:
    assert ways(asks(whole("data")), [paper(b"a"), paper(b"b", source="2")]) == [[b"a"], [b"b"]]


def test_what_says_the_same_of_the_same_source_is_no_choice() -> None:
    two = (PROOF, holding(WALLET_TEXT, bound=True, name=b"second"))
    assert ways(asks(summary("fase")), two) == [[b"proof"]]
    assert ways(asks(whole("data")), [paper(b"a"), paper(b"b", earlier=True)]) == [[b"a"]]


def test_what_differs_only_where_nobody_asks_is_no_choice() -> None:
    earlier = paper(b"b", debt=2, earlier=True)
    claims = {"claims": [{"path": ["data", "fase"]}]}
    assert ways(asks(whole() | claims), [paper(b"a"), earlier]) == [[b"a"]]
    assert ways(asks(whole("data")), [paper(b"a"), earlier]) == [[b"a"], [b"b"]]


def test_an_earlier_document_is_offered_only_beside_the_one_that_counts() -> None:
    earlier = paper(b"b", debt=2, earlier=True)
    assert ways(asks(whole("data")), [earlier]) == []
    assert ways(asks(whole("data")), [paper(b"a", source="2"), earlier]) == [[b"a"]]


def test_an_earlier_document_does_not_go_where_all_are_asked() -> None:
    earlier = paper(b"b", debt=2, earlier=True)
    assert ways(asks(whole("data") | {"multiple": True}), [paper(b"a"), paper(b"c", source="2"), earlier]) == [[b"a", b"c"]]


def test_beside_a_document_goes_the_proof_of_its_source() -> None:
    query = asks(whole("data"), summary("fase"), sets=[{"options": [["schuld", "schuld-kort"]]}])
    proofs = [holding(WALLET_TEXT, bound=True, name=name, source=source) for name, source in ((b"p2", "2"), (b"p1", "1"))]
    assert ways(query, [paper(b"a"), paper(b"b", source="2"), *proofs]) == [[b"a", b"p1"], [b"b", b"p2"]]
    assert ways(query, [paper(b"a"), paper(b"b", source="3"), *proofs]) == [[b"a", b"p1"], [b"b", b"p2"]]


def test_of_what_stands_in_several_sets_there_is_no_choice() -> None:
    query = asks(whole("data"), sets=[{"options": [["schuld"]]}] * 2)
    assert [len(each.ways) for each in matched(query, [paper(b"a"), paper(b"b", source="2")])] == [1, 1]


@pytest.mark.parametrize("number", [MOST_WAYS, MOST_WAYS + 1])
def test_so_many_are_offered_and_they_are_the_newest(number: int) -> None:
    papers = [paper(str(place).encode(), source=str(place)) for place in range(number)]
    assert ways(asks(whole("data")), papers) == [[str(place).encode()] for place in range(MOST_WAYS)]


def test_an_authority_is_known_by_its_key_and_in_no_other_way() -> None:
    (leaf, *_) = read_sd_jwt(WALLET_TEXT).certificates
    key = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert key is not None
    for kind, values, fits in (
        ("aki", [base64url.encode(key)], True),
        ("aki", ["AAAA"], False),
        ("etsi_tl", [base64url.encode(key)], False),
    ):
        assert bool(chosen(asks(summary("fase", trusted_authorities=[{"type": kind, "values": values}])))) is fits


def test_a_mobile_document_is_none_of_ours() -> None:
    asked = {"id": "m", "format": "mso_mdoc", "meta": {"doctype_value": DEBT.doctype}, "claims": [{"path": ["n", "e"]}]}
    assert chosen(asks(asked)) == []


@given(st.sets(st.sampled_from(MEMBERS), min_size=1))
def test_of_a_document_go_the_members_that_are_asked_and_no_other(members: set[str]) -> None:
    shown = take_inventory(disclosed(DOCUMENT_TEXT, [("data", name) for name in members])).claims
    assert isinstance(shown["data"], dict)
    hidden = {name for name, value in shown["data"].items() if value == []}  # of a list that nobody asked only the brackets stay
    assert members <= shown["data"].keys()
    assert shown["data"].keys() - hidden <= members
    assert shown["subject"] == {}


@given(st.integers(0, 1))
def test_of_a_list_goes_the_row_that_is_asked(row: int) -> None:
    shown = take_inventory(disclosed(DOCUMENT_TEXT, [("data", "schuldonderdelen", row)])).claims
    rows = x.DATA["schuldonderdelen"]
    assert isinstance(shown["data"], dict)
    assert isinstance(rows, list)
    assert shown["data"]["schuldonderdelen"] == [rows[row]]


def test_a_path_of_all_rows_shows_them_all() -> None:
    shown = take_inventory(disclosed(DOCUMENT_TEXT, [("data", "schuldonderdelen", None, "bedrag")])).claims
    assert isinstance(shown["data"], dict)
    assert shown["data"]["schuldonderdelen"] == x.DATA["schuldonderdelen"]


def test_what_is_asked_of_nothing_shows_only_what_can_never_be_left_out() -> None:
    assert take_inventory(disclosed(WALLET_TEXT, [])).claims.keys() & {"fase", "given_name"} == set()
