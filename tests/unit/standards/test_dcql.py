from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.dcql import ClaimQuery, CredentialQuery, CredentialSet, DcqlQuery, MalformedQuery, dcql_json, read_dcql

TYPE = "https://register.example/vct/duo-studieschuld/1"
META = {"vct_values": [TYPE]}


def credential(**changes: Any) -> dict[str, Any]:
    members = {"id": "schuld", "format": "dc+sd-jwt", "meta": META} | changes
    return {name: value for name, value in members.items() if value is not None}


def query(*credentials: dict[str, Any], **more: Any) -> Any:
    return {"credentials": [*credentials]} | more


def only(**changes: Any) -> CredentialQuery:
    (found,) = read_dcql(query(credential(**changes))).credentials
    return found


def test_the_shortest_query_asks_for_what_cannot_be_left_out() -> None:
    assert read_dcql(query(credential())) == DcqlQuery((CredentialQuery("schuld", "dc+sd-jwt", (TYPE,)),))


def test_the_longest_query_is_read() -> None:
    whole = credential(
        multiple=True,
        require_cryptographic_holder_binding=False,
        trusted_authorities=[{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
        claims=[{"id": "a", "path": ["schuld"], "values": [1, "een", True]}, {"id": "b", "path": ["posten", None, "bedrag", 0]}],
        claim_sets=[["a", "b"], ["a"]],
    )
    sets = [{"options": [["schuld"]], "required": False}, {"options": [["schuld", "schuld"], ["schuld"]]}]
    assert read_dcql(query(whole, credential_sets=sets)) == DcqlQuery(
        (
            CredentialQuery(
                "schuld",
                "dc+sd-jwt",
                (TYPE,),
                (ClaimQuery(("schuld",), "a", (1, "een", True)), ClaimQuery(("posten", None, "bedrag", 0), "b")),
                (("a", "b"), ("a",)),
                multiple=True,
                holder_binding=False,
                trusted_authorities=(("aki", ("s9tIpPmhxdiuNkHMEWNpYim8S8Y",)),),
            ),
        ),
        (CredentialSet((("schuld",),), required=False), CredentialSet((("schuld", "schuld"), ("schuld",)))),
    )


def test_an_mdoc_is_asked_for_by_its_document_type() -> None:
    found = only(format="mso_mdoc", meta={"doctype_value": "org.iso.x"}, claims=[{"path": ["org.iso.x", "name"], "intent_to_retain": True}])
    assert (found.types, found.claims) == (("org.iso.x",), (ClaimQuery(("org.iso.x", "name"), retained=True),))


def test_only_of_an_mdoc_it_is_asked_whether_a_claim_will_be_kept() -> None:
    assert only(claims=[{"path": ["name"], "intent_to_retain": True}]).claims == (ClaimQuery(("name",)),)


def test_members_that_we_do_not_know_are_not_looked_at() -> None:
    assert read_dcql(query(credential(nieuw=1), iets=[])) == read_dcql(query(credential()))


def claims(*paths: Any) -> dict[str, Any]:
    return {"claims": [{"path": path} for path in paths]}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({}, id="no credentials"),
        pytest.param(query(), id="none"),
        pytest.param(query(*[credential(id=f"c{place}") for place in range(51)]), id="too many"),
        pytest.param(query(credential(), credential()), id="one id for two"),
        pytest.param(query(credential(id=None)), id="no id"),
        pytest.param(query(credential(id="")), id="empty id"),
        pytest.param(query(credential(id="../x")), id="id as a path"),
        pytest.param(query(credential(id=1)), id="id as a number"),
        pytest.param(query(credential(format="jwt_vc_json")), id="another format"),
        pytest.param(query(credential(format=None)), id="no format"),
        pytest.param(query(credential(meta=None)), id="no meta"),
        pytest.param(query(credential(meta={})), id="no types"),
        pytest.param(query(credential(meta={"vct_values": []})), id="empty types"),
        pytest.param(query(credential(meta={"vct_values": [1]})), id="type as a number"),
        pytest.param(query(credential(meta={"doctype_value": "x"})), id="document type for an SD-JWT"),
        pytest.param(query(credential(format="mso_mdoc")), id="vct for an mdoc"),
        pytest.param(query(credential(multiple="true")), id="multiple as text"),
        pytest.param(query(credential(require_cryptographic_holder_binding=0)), id="binding as a number"),
        pytest.param(query(credential(claims=[])), id="empty claims"),
        pytest.param(query(credential(claims=[{}])), id="claim without path"),
        pytest.param(query(credential(**claims([]))), id="empty path"),
        pytest.param(query(credential(**claims("schuld"))), id="path as text"),
        pytest.param(query(credential(**claims([None]))), id="path that begins with all"),
        pytest.param(query(credential(**claims([0]))), id="path that begins with a place"),
        pytest.param(query(credential(**claims(["a", -1]))), id="place before the first"),
        pytest.param(query(credential(**claims(["a", True]))), id="true for a place"),
        pytest.param(query(credential(**claims(["a", ["b"]]))), id="list in a path"),
        pytest.param(query(credential(**claims([""]))), id="empty name"),
        pytest.param(query(credential(**claims(["x" * 201]))), id="long name"),
        pytest.param(query(credential(**claims(["x"] * 17))), id="long path"),
        pytest.param(query(credential(**claims(*[["x"]] * 201))), id="many claims"),
        pytest.param(query(credential(format="mso_mdoc", meta={"doctype_value": "x"}, **claims(["x"]))), id="mdoc path of one"),
        pytest.param(query(credential(format="mso_mdoc", meta={"doctype_value": "x"}, **claims(["x", None]))), id="mdoc path with all"),
        pytest.param(query(credential(claims=[{"path": ["a"], "values": []}])), id="empty values"),
        pytest.param(query(credential(claims=[{"path": ["a"], "values": [None]}])), id="value null"),
        pytest.param(query(credential(claims=[{"path": ["a"], "id": "x"}, {"path": ["b"], "id": "x"}])), id="one id for two claims"),
        pytest.param(query(credential(claims=[{"path": ["a"], "id": "x"}], claim_sets=[["y"]])), id="set of an unknown claim"),
        pytest.param(query(credential(claims=[{"path": ["a"], "id": "x"}, {"path": ["b"]}], claim_sets=[["x"]])), id="claim without id"),
        pytest.param(query(credential(claim_sets=[["x"]])), id="sets without claims"),
        pytest.param(query(credential(claims=[{"path": ["a"], "id": "x"}], claim_sets=[])), id="no claim sets"),
        pytest.param(query(credential(claims=[{"path": ["a"], "id": "x"}], claim_sets=[[]])), id="empty claim set"),
        pytest.param(query(credential(trusted_authorities=[{"type": "aki"}])), id="authority without values"),
        pytest.param(query(credential(), credential_sets=[]), id="no sets"),
        pytest.param(query(credential(), credential_sets=[{"options": []}]), id="no options"),
        pytest.param(query(credential(), credential_sets=[{"options": [[]]}]), id="empty option"),
        pytest.param(query(credential(), credential_sets=[{"options": [["inkomen"]]}]), id="option of an unknown credential"),
        pytest.param(query(credential(), credential_sets=[{"options": [["schuld"]], "required": "yes"}]), id="required as text"),
    ],
)
def test_a_query_with_no_or_two_meanings_is_refused(value: Any) -> None:
    with pytest.raises(MalformedQuery):
        read_dcql(value)


NAMES = ["credentials", "credential_sets", "id", "format", "meta", "vct_values", "claims", "path", "options", "values", "claim_sets"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["dc+sd-jwt", "mso_mdoc", "schuld"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)


@given(JSON | st.dictionaries(st.sampled_from(NAMES), JSON).map(lambda changes: query(credential() | changes)))
def test_any_json_is_a_query_or_refused_with_one_error(value: Any) -> None:
    try:
        found = read_dcql(value)
    except MalformedQuery:
        return
    assert all(item.types for item in found.credentials)


QUERY_IDS = st.text("abcXYZ09_-", min_size=1, max_size=8)
QUERY_TYPES = st.text("!abc~/:", min_size=1, max_size=12)
QUERY_STEPS = st.one_of(st.none(), st.integers(0, 99), st.text(min_size=1, max_size=9))
AUTHORITIES = st.lists(st.tuples(QUERY_TYPES, st.lists(QUERY_TYPES, min_size=1, max_size=2).map(tuple)), max_size=2)
QUERY_VALUES = st.lists(st.one_of(st.text(max_size=5), st.integers(), st.booleans()), min_size=1, max_size=3)


@st.composite
def claim_queries(draw: st.DrawFn) -> tuple[ClaimQuery, ...]:
    ids = draw(st.lists(QUERY_IDS, unique=True, max_size=3))
    paths = [(draw(st.text(min_size=1, max_size=9)), *draw(st.lists(QUERY_STEPS, max_size=3))) for _ in ids]
    return tuple(ClaimQuery(path, name, draw(st.none() | QUERY_VALUES.map(tuple))) for path, name in zip(paths, ids, strict=True))


@st.composite
def queries(draw: st.DrawFn) -> DcqlQuery:
    credentials = []
    for name in draw(st.lists(QUERY_IDS, unique=True, min_size=1, max_size=3)):
        asked = draw(claim_queries())
        ids = [claim.id for claim in asked if claim.id is not None]
        sets = draw(st.lists(st.lists(st.sampled_from(ids), min_size=1, max_size=3).map(tuple), max_size=2)) if ids else []
        credentials.append(
            CredentialQuery(
                name,
                "dc+sd-jwt",
                tuple(draw(st.lists(QUERY_TYPES, min_size=1, max_size=2))),
                asked,
                tuple(sets),
                multiple=draw(st.booleans()),
                holder_binding=draw(st.booleans()),
                trusted_authorities=tuple(draw(AUTHORITIES)),
            )
        )
    options = st.lists(
        st.lists(st.sampled_from([one.id for one in credentials]), min_size=1, max_size=2).map(tuple), min_size=1, max_size=2
    )
    return DcqlQuery(
        tuple(credentials), tuple(CredentialSet(tuple(draw(options)), draw(st.booleans())) for _ in range(draw(st.integers(0, 2))))
    )


@given(queries())
def test_what_is_written_is_read_again(asked: DcqlQuery) -> None:
    assert read_dcql(dcql_json(asked)) == asked


def test_an_mdoc_is_written_with_its_document_type() -> None:
    claims = (ClaimQuery(("org.iso.x", "name")), ClaimQuery(("org.iso.x", "day"), retained=True))
    asked = DcqlQuery((CredentialQuery("rijbewijs", "mso_mdoc", ("org.iso.x",), claims),))
    assert read_dcql(dcql_json(asked)) == asked


def largest(more: int) -> list[dict[str, Any]]:
    """Queries with one member as large as it may be, or by so much larger."""
    one = {"id": "a", "path": ["a"]}
    return [
        query(credential(id="x" * (100 + more))),
        query(credential(meta={"vct_values": ["!" + "~" * (499 + more)]})),
        query(credential(meta={"vct_values": ["a"] * (100 + more)})),
        query(credential(format="mso_mdoc", meta={"doctype_value": "x" * (500 + more)})),
        query(credential(claims=[one | {"id": "x" * (100 + more)}])),
        query(credential(claims=[one | {"path": ["x" * (200 + more)]}])),
        query(credential(claims=[one | {"values": [1] * (100 + more)}])),
        query(credential(claims=[one], claim_sets=[["a"]] * (50 + more))),
        query(credential(claims=[one], claim_sets=[["a"] * (200 + more)])),
        query(credential(trusted_authorities=[{"type": "aki", "values": ["x"]}] * (50 + more))),
        query(credential(trusted_authorities=[{"type": "x" * (500 + more), "values": ["x"]}])),
        query(credential(trusted_authorities=[{"type": "aki", "values": ["x"] * (100 + more)}])),
        query(credential(), credential_sets=[{"options": [["schuld"]]}] * (50 + more)),
    ]


@pytest.mark.parametrize("place", range(len(largest(0))))
def test_a_member_may_be_as_large_as_its_form_says_and_no_larger(place: int) -> None:
    assert read_dcql(largest(0)[place]).credentials
    with pytest.raises(MalformedQuery):
        read_dcql(largest(1)[place])


@pytest.mark.parametrize(
    "authorities", [[], [{"type": "aki", "values": []}], [{"type": "", "values": ["x"]}], [{"type": "a b", "values": ["x"]}]]
)
def test_authorities_of_another_form_are_refused(authorities: list[Any]) -> None:
    with pytest.raises(MalformedQuery):
        read_dcql(query(credential(trusted_authorities=authorities)))


def test_a_type_has_at_least_one_sign() -> None:
    for meta in ({"vct_values": [""]}, {"vct_values": ["a b"]}):
        with pytest.raises(MalformedQuery):
            read_dcql(query(credential(meta=meta)))
    with pytest.raises(MalformedQuery):
        read_dcql(query(credential(format="mso_mdoc", meta={"doctype_value": "a b"})))
