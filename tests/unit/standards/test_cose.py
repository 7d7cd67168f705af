import cbor2
import pytest
from cbor2 import CBORTag
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.cose import DEVICE_AUTH, ISSUER_AUTH, STATUS_LIST, CoseProblem, Purpose, parse_cose, sign_cose, verify_cose
from blauweknop.standards.cose_key import UnsuitableCoseKey, public_cose_key, read_public_cose_key
from blauweknop.standards.strict_cbor import CborValue, read_cbor
from tests.unit.standards.mdocs import HOLDER_KEY, ISSUER, MIDDLE, cbor, chain, cose_key, sign1
from tests.unit.standards.pki import p256

TYP = "application/statuslist+cwt"
TYPED = cbor({1: -7, 16: TYP})


def value_of(encoded: bytes) -> CborValue:
    return read_cbor(encoded, max_bytes=1 << 16, tags={18, 61})


def read(message: object, purpose: Purpose = ISSUER_AUTH, detached: bytes = b"") -> bytes:
    return verify_cose(parse_cose(value_of(cbor(message)), purpose), ISSUER.key.public_key(), detached)


def code_of(message: object, purpose: Purpose = ISSUER_AUTH) -> str:
    with pytest.raises(CoseProblem) as caught:
        read(message, purpose)
    return caught.value.code


@pytest.mark.parametrize("purpose", [ISSUER_AUTH, STATUS_LIST])
def test_what_is_signed_is_read_back(purpose: Purpose) -> None:
    received = parse_cose(value_of(sign_cose(b"payload", ISSUER.signer(MIDDLE), purpose)), purpose)
    assert received.certificates == (ISSUER.der, MIDDLE.der)
    assert verify_cose(received, ISSUER.key.public_key()) == b"payload"


def test_one_certificate_stands_alone() -> None:
    encoded = sign_cose(b"payload", ISSUER.signer(), ISSUER_AUTH)
    assert cbor2.loads(encoded)[1] == {33: ISSUER.der}
    assert parse_cose(value_of(encoded), ISSUER_AUTH).certificates == (ISSUER.der,)


def test_a_detached_payload_is_signed_and_not_there() -> None:
    encoded = sign_cose(b"payload", ISSUER.signer(), DEVICE_AUTH)
    assert cbor2.loads(encoded)[1:3] == [{}, None]
    received = parse_cose(value_of(encoded), DEVICE_AUTH)
    assert verify_cose(received, ISSUER.key.public_key(), b"payload") == b"payload"
    for detached in ((b"another",), (b"",), ()):
        with pytest.raises(CoseProblem) as caught:
            verify_cose(received, ISSUER.key.public_key(), *detached)
        assert caught.value.code == "signature"


def test_what_is_detached_is_nothing_unless_it_is_given() -> None:
    received = parse_cose(value_of(sign_cose(b"", ISSUER.signer(), DEVICE_AUTH)), DEVICE_AUTH)
    assert verify_cose(received, ISSUER.key.public_key()) == b""


def test_a_message_has_eight_certificates_and_no_more() -> None:
    received = parse_cose([b"\xa1\x01\x26", {33: [ISSUER.der] * 8}, b"", b""], ISSUER_AUTH)
    assert len(received.certificates) == 8
    assert code_of(sign1(b"payload", ISSUER.key, unprotected={33: [ISSUER.der] * 9})) == "x5c"


@pytest.mark.parametrize("listed", [[], 5, "text", [ISSUER.der, 5], [5, ISSUER.der], [[ISSUER.der]]], ids=range(6))
def test_what_is_no_certificate_does_not_stand_among_certificates(listed: object) -> None:
    assert code_of(sign1(b"payload", ISSUER.key, unprotected={33: listed})) == "x5c"


def test_a_message_of_another_writer_is_read() -> None:
    assert read(sign1(b"payload", ISSUER.key, unprotected=chain(ISSUER))) == b"payload"


@pytest.mark.parametrize("tags", [(), (18,), (61, 18)], ids=["none", "sign1", "cwt"])
def test_tags_may_stand_before_a_token(tags: tuple[int, ...]) -> None:
    message: object = sign1(b"payload", ISSUER.key, protected=TYPED, unprotected=chain(ISSUER))
    for tag in reversed(tags):
        message = CBORTag(tag, message)
    assert read(message, STATUS_LIST) == b"payload"


@pytest.mark.parametrize("tags", [(18, 61), (18, 18), (61, 61, 18)])
def test_other_tags_do_not(tags: tuple[int, ...]) -> None:
    message: object = sign1(b"payload", ISSUER.key, protected=TYPED, unprotected=chain(ISSUER))
    for tag in reversed(tags):
        message = CBORTag(tag, message)
    assert code_of(message, STATUS_LIST) == "format"


def test_the_certificates_of_a_token_may_be_protected() -> None:
    message = sign1(b"payload", ISSUER.key, protected=cbor({1: -7, 16: TYP} | chain(ISSUER)))
    assert read(message, STATUS_LIST) == b"payload"


def test_certificates_in_both_headers_are_refused() -> None:
    message = sign1(b"payload", ISSUER.key, protected=cbor({1: -7, 16: TYP} | chain(ISSUER)), unprotected=chain(ISSUER))
    assert code_of(message, STATUS_LIST) == "format"


@pytest.mark.parametrize("protected", [{1: -7}, {1: -7, 16: "application/cwt"}, {1: -7, 16: 5}], ids=range(3))
def test_a_token_of_another_type_is_refused(protected: object) -> None:
    assert code_of(sign1(b"payload", ISSUER.key, protected=cbor(protected), unprotected=chain(ISSUER)), STATUS_LIST) == "typ"


def test_the_type_of_a_token_is_protected() -> None:
    message = sign1(b"payload", ISSUER.key, unprotected={16: TYP} | chain(ISSUER))
    assert code_of(message, STATUS_LIST) == "typ"


@pytest.mark.parametrize(
    "message", [5, [], [b"", {}, b""], [b"", {}, b"", b"", b""], [{}, {}, b"", b""], [b"", [], b"", b""], [b"", {}, 5, b""]]
)
def test_another_form_is_refused(message: object) -> None:
    assert code_of(message) == "format"


def test_a_key_of_another_kind_verifies_nothing() -> None:
    received = parse_cose(value_of(sign_cose(b"payload", ISSUER.signer(), ISSUER_AUTH)), ISSUER_AUTH)
    with pytest.raises(CoseProblem):
        verify_cose(received, None)


@given(st.binary(max_size=100))
def test_any_protected_header_only_raises_what_is_documented(protected: bytes) -> None:
    assert code_of([protected, chain(ISSUER), b"payload", bytes(64)])


def test_a_key_is_written_and_read_back() -> None:
    written = public_cose_key(HOLDER_KEY.public_key())
    assert written == cose_key()
    assert read_public_cose_key({**written}) == HOLDER_KEY.public_key()


@pytest.mark.parametrize("extra", [{3: -7}, {3: -9}, {4: [2]}, {4: [1, 2]}, {2: b"identifier"}], ids=range(5))
def test_a_key_that_may_verify_is_read(extra: dict[int | str, CborValue]) -> None:
    assert read_public_cose_key({**public_cose_key(HOLDER_KEY.public_key()), **extra}) == HOLDER_KEY.public_key()


_X = cose_key(p256())[-2]


@pytest.mark.parametrize(
    "extra",
    [
        {1: 1},
        {1: None},
        {-1: 2},
        {-1: True},
        {-1: 6},
        {-2: bytes(31)},
        {-2: bytes(33)},
        {-2: "x" * 32},
        {-2: _X},
        {-3: True},
        {-3: bytes(32)},
        {-4: bytes(32)},
        {3: -8},
        {3: -35},
        {4: [1]},
        {4: 2},
        {4: []},
    ],
    ids=range(17),
)
def test_another_key_is_refused(extra: dict[int | str, CborValue]) -> None:
    with pytest.raises(UnsuitableCoseKey):
        read_public_cose_key({**public_cose_key(HOLDER_KEY.public_key()), **extra})


@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_what_is_no_key_is_refused(value: CborValue) -> None:
    with pytest.raises(UnsuitableCoseKey):
        read_public_cose_key(value)
