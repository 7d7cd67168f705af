import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from random import Random

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.standards.mdoc import Element, MdocProblem, issue, present, select, verify_issued, verify_presented
from blauweknop.standards.signing import UnsuitableKey
from blauweknop.standards.status_list import StatusReference
from blauweknop.standards.strict_cbor import read_cbor, write_cbor
from tests.unit.standards.mdocs import DOCTYPE, HOLDER, HOLDER_KEY, ISSUER, MIDDLE, TRANSCRIPT, TRUST
from tests.unit.standards.pki import NOW, certify

CLAIMS: dict[str, Element] = {"given_name": "Noor", "total_cents": 123_456_789, "born": date(1985, 2, 3), "student": True, "less": -1}
AS_JSON = CLAIMS | {"born": "1985-02-03"}
STATUS = StatusReference(7, "https://bron.example/statuslists/1")
_SEEDS = count()


def fresh() -> Callable[[int], bytes]:
    return Random(next(_SEEDS)).randbytes


def issued(claims: object = None, **changes: object) -> bytes:
    arguments: dict[str, object] = {
        "doctype": DOCTYPE,
        "holder_key": HOLDER_KEY.public_key(),
        "signer": ISSUER.signer(MIDDLE),
        "signed_at": NOW,
        "expires_at": NOW + timedelta(days=90),
        "status": STATUS,
        "random_bytes": fresh(),
    }
    return issue({DOCTYPE: CLAIMS} if claims is None else claims, **(arguments | changes))  # type: ignore[arg-type] # the names are those of the parameters


def parts_of(encoded: bytes) -> tuple[list[dict[str, object]], dict[str, object]]:
    """The items and the security object, by another reader."""
    whole = cbor2.loads(encoded)
    items = [cbor2.loads(item.value) for item in whole["nameSpaces"][DOCTYPE]]
    return items, cbor2.loads(cbor2.loads(whole["issuerAuth"][2]).value)


def digests_of(encoded: bytes) -> dict[int, bytes]:
    found = parts_of(encoded)[1]["valueDigests"]
    assert isinstance(found, dict)
    return dict(found[DOCTYPE])


def test_all_claims_come_back() -> None:
    verified = verify_issued(issued(), trust=TRUST, doctypes=[DOCTYPE], at=NOW)
    assert verified.claims == {DOCTYPE: AS_JSON}
    assert (verified.signed_at, verified.expires_at, verified.status) == (NOW, NOW + timedelta(days=90), STATUS)
    assert verified.device_key == HOLDER_KEY.public_key()


def test_a_namespace_without_elements_is_left_out() -> None:
    verified = verify_issued(issued({DOCTYPE: CLAIMS, "org.leeg": {}}), trust=TRUST, doctypes=[DOCTYPE], at=NOW)
    assert verified.claims == {DOCTYPE: AS_JSON}


def test_there_may_be_several_namespaces() -> None:
    claims = {DOCTYPE: CLAIMS, "org.ander": {"given_name": "Sam"}}
    verified = verify_issued(issued(claims, decoys=True), trust=TRUST, doctypes=[DOCTYPE], at=NOW)
    assert verified.claims == {DOCTYPE: AS_JSON, "org.ander": {"given_name": "Sam"}}


def test_the_security_object_has_the_members_of_the_standard() -> None:
    assert parts_of(issued())[1].keys() == {
        "version",
        "digestAlgorithm",
        "valueDigests",
        "deviceKeyInfo",
        "docType",
        "validityInfo",
        "status",
    }


def test_an_mdoc_is_written_in_the_one_way() -> None:
    encoded = issued(decoys=True)
    assert write_cbor(read_cbor(encoded, max_bytes=1 << 20, tags={24})) == encoded
    whole = cbor2.loads(encoded)
    for part in [whole["issuerAuth"][0], whole["issuerAuth"][2], *(item.value for item in whole["nameSpaces"][DOCTYPE])]:
        assert write_cbor(read_cbor(part, max_bytes=1 << 20, tags={0, 24, 1004})) == part


def test_moments_are_whole_seconds_of_utc() -> None:
    encoded = issued(signed_at=NOW.astimezone() + timedelta(microseconds=5))
    assert b"\xc0\x742026-11-23T12:00:00Z" in encoded


def test_each_item_has_randomness_of_its_own() -> None:
    randoms = [item["random"] for item in parts_of(issued())[0]]
    assert len({*randoms}) == len(CLAIMS)
    assert all(isinstance(random, bytes) and len(random) == 32 for random in randoms)


def test_two_mdocs_of_the_same_claims_share_no_value_of_chance() -> None:
    first, second = issued(decoys=True), issued(decoys=True)
    assert not {item["random"] for item in parts_of(first)[0]} & {item["random"] for item in parts_of(second)[0]}
    assert not {*digests_of(first).values()} & {*digests_of(second).values()}


def test_the_number_of_an_element_tells_nothing_of_its_place() -> None:
    numbers = [tuple(item["digestID"] for item in parts_of(issued())[0]) for _ in range(60)]
    assert {number for order in numbers for number in order} == {*range(len(CLAIMS))}
    assert len({*numbers}) > 30
    for place in range(len(CLAIMS)):
        assert {order[place] for order in numbers} == {*range(len(CLAIMS))}


def test_digests_stand_in_the_order_of_their_numbers() -> None:
    assert [*digests_of(issued(decoys=True))] == [*range(8)]


@pytest.mark.parametrize(("elements", "digests"), [(1, 8), (8, 8), (9, 16)])
def test_decoys_fill_the_digests_up_to_a_multiple_of_eight(elements: int, digests: int) -> None:
    encoded = issued({DOCTYPE: {f"e{number}": number for number in range(elements)}}, decoys=True)
    found = digests_of(encoded)
    assert len(found) == digests
    of_items = {hashlib.sha256(cbor2.dumps(item)).digest() for item in cbor2.loads(encoded)["nameSpaces"][DOCTYPE]}
    assert len(of_items & {*found.values()}) == elements


def test_without_decoys_there_are_as_many_digests_as_elements() -> None:
    assert len(digests_of(issued())) == len(CLAIMS)


@pytest.mark.parametrize("elements", [23, 24, 25, 256, 257, 500])
def test_many_elements_come_back(elements: int) -> None:
    claims: dict[str, Element] = {f"element_{number}": "x" * number for number in range(elements)}
    verified = verify_issued(issued({DOCTYPE: claims}, decoys=True), trust=TRUST, doctypes=[DOCTYPE], at=NOW)
    assert verified.claims == {DOCTYPE: claims}


def test_more_than_five_hundred_elements_are_not_issued() -> None:
    with pytest.raises(MdocProblem) as caught:
        issued({DOCTYPE: {str(number): number for number in range(501)}})
    assert caught.value.code == "size"


@pytest.mark.parametrize("value", ["\ud800", 1 << 63, 1.5, b"bytes", None, datetime(2026, 1, 1)], ids=repr)  # noqa: DTZ001 # any moment
def test_a_value_that_is_no_data_element_is_not_issued(value: object) -> None:
    with pytest.raises(MdocProblem) as caught:
        issued({DOCTYPE: {"x": value}})
    assert caught.value.code == "format"


def test_only_a_p256_key_issues() -> None:
    modular = certify("bron", MIDDLE, key=rsa.generate_private_key(65537, 3072))
    with pytest.raises(UnsuitableKey):
        issued(signer=modular.signer(MIDDLE))


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
        st.booleans()
        | st.integers(-(1 << 63), (1 << 63) - 1)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
        | st.dates(),
        min_size=1,
        max_size=30,
    ),
    st.booleans(),
    st.data(),
)
@settings(deadline=None, max_examples=60)
def test_whatever_is_chosen_and_shown_is_what_was_issued(claims: dict[str, Element], decoys: bool, choice: st.DataObject) -> None:
    chosen = choice.draw(st.sets(st.sampled_from(sorted(claims))))
    smaller = select(issued({DOCTYPE: claims}, decoys=decoys), lambda _, name: name in chosen)
    (verified,) = verify_presented(
        present([(smaller, HOLDER)], transcript=TRANSCRIPT), trust=TRUST, doctypes=[DOCTYPE], at=NOW, transcript=TRANSCRIPT
    )
    as_json = {name: value.isoformat() if isinstance(value, date) else value for name, value in claims.items() if name in chosen}
    assert verified.claims == ({DOCTYPE: as_json} if chosen else {})


_WHOLE = issued({DOCTYPE: {"given_name": "Noor", "born": date(1985, 2, 3)}})
_SHOWN = present([(_WHOLE, HOLDER)], transcript=TRANSCRIPT)


@given(st.integers(0, len(_SHOWN) - 1), st.integers(1, 255))
@settings(deadline=None, max_examples=400)
def test_a_presentation_of_which_any_byte_is_changed_is_refused(place: int, change: int) -> None:
    changed = bytearray(_SHOWN)
    changed[place] ^= change
    with pytest.raises(MdocProblem):
        verify_presented(bytes(changed), trust=TRUST, doctypes=[DOCTYPE], at=NOW, transcript=TRANSCRIPT)


def test_an_mdoc_of_which_any_byte_is_changed_is_refused() -> None:
    for place in range(len(_WHOLE)):
        changed = bytearray(_WHOLE)
        changed[place] ^= 1
        with pytest.raises(MdocProblem):
            verify_issued(bytes(changed), trust=TRUST, doctypes=[DOCTYPE], at=NOW)


@given(st.binary(max_size=200) | st.integers(0, len(_SHOWN)).map(lambda end: _SHOWN[:end]))
@settings(deadline=None)
def test_any_bytes_only_raise_what_is_documented(data: bytes) -> None:
    with pytest.raises(MdocProblem):
        verify_issued(data, trust=TRUST, doctypes=[DOCTYPE], at=NOW)
    if data != _SHOWN:
        with pytest.raises(MdocProblem):
            verify_presented(data, trust=TRUST, doctypes=[DOCTYPE], at=NOW, transcript=TRANSCRIPT)
