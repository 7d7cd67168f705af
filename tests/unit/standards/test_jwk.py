from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import base64url
from blauweknop.standards.jwk import (
    EncryptionKey,
    UnsuitableJwk,
    public_jwk,
    read_encryption_jwk,
    read_encryption_keys,
    read_private_encryption_jwk,
    read_public_jwk,
)
from tests.unit.standards.pki import p256

KEY, OTHER = p256(), p256()
PUBLIC: dict[str, Any] = public_jwk(KEY.public_key())
SECRET = base64url.encode(KEY.private_numbers().private_value.to_bytes(32))
PRIVATE: dict[str, Any] = PUBLIC | {"d": SECRET}
ENCRYPTING: dict[str, Any] = PUBLIC | {"use": "enc", "alg": "ECDH-ES", "kid": "1"}
READERS: list[Callable[[Any], object]] = [read_public_jwk, read_encryption_jwk, read_private_encryption_jwk]


@pytest.mark.parametrize(
    "members",
    [{}, {"use": "enc"}, {"alg": "ECDH-ES"}, {"key_ops": ["deriveKey"]}, {"key_ops": ["deriveBits"]}, {"key_ops": []}, {"ext": True}],
    ids=" ".join,  # the values are other ones in each process
)
def test_a_key_that_may_be_encrypted_to_is_read(members: dict[str, Any]) -> None:
    assert read_encryption_jwk(PUBLIC | members) == EncryptionKey(KEY.public_key())


def test_the_name_of_a_key_is_kept() -> None:
    assert read_encryption_jwk(ENCRYPTING).key_id == "1"


@pytest.mark.parametrize(
    "members",
    [
        {"use": "sig"},
        {"use": ["enc"]},
        {"alg": "ES256"},
        {"alg": "ECDH-ES+A128KW"},
        {"key_ops": ["verify"]},
        {"key_ops": "deriveKey"},
        {"key_ops": None},
        {"kid": 1},
        {"kid": "k" * 257},
        {"d": SECRET},
        {"k": "AA"},
        {"kty": "OKP"},
        {"crv": "P-384"},
        {"x": 1},
        {"x": PUBLIC["x"] + "="},
        {"x": PUBLIC["x"][:-2]},
        {"y": 1},
        {"y": None},
        {"y": base64url.encode(bytes(32))},
        {"x": base64url.encode(b"\x00" + base64url.decode(PUBLIC["x"]))},
    ],
    ids=" ".join,  # the values are other ones in each process
)
def test_a_key_that_is_for_something_else_is_not_encrypted_to(members: dict[str, Any]) -> None:
    with pytest.raises(UnsuitableJwk):
        read_encryption_jwk(PUBLIC | members)


def test_a_key_to_encrypt_to_verifies_nothing() -> None:
    with pytest.raises(UnsuitableJwk):
        read_public_jwk(ENCRYPTING)


def test_the_private_half_is_read() -> None:
    assert read_private_encryption_jwk(PRIVATE | {"use": "enc", "key_ops": ["deriveBits"]}).private_numbers() == KEY.private_numbers()


@pytest.mark.parametrize(
    "members",
    [
        {"d": base64url.encode(OTHER.private_numbers().private_value.to_bytes(32))},
        {"d": base64url.encode(bytes(32))},
        {"d": base64url.encode(b"\xff" * 32)},
        {"d": SECRET[:-2]},
        {"d": SECRET + "="},
        {"d": 1},
        {"d": None},
        {"use": "sig"},
        {"key_ops": []},
        {"key_ops": ["sign"]},
        {"alg": "ES256"},
    ],
    ids=" ".join,  # the values are other ones in each process
)
def test_a_private_half_that_does_not_fit_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(UnsuitableJwk):
        read_private_encryption_jwk(PRIVATE | members)


def test_a_public_key_is_no_private_one() -> None:
    with pytest.raises(UnsuitableJwk):
        read_private_encryption_jwk(PUBLIC)


def test_a_set_gives_its_keys_to_encrypt_to_in_order() -> None:
    other: dict[str, Any] = public_jwk(OTHER.public_key()) | {"kid": "2"}
    unknown: dict[str, Any] = {"kty": "OKP", "crv": "X25519", "x": "AA", "kid": "3"}
    signing: dict[str, Any] = public_jwk(p256().public_key()) | {"use": "sig", "kid": "4"}
    found = read_encryption_keys({"keys": [unknown, other, signing, ENCRYPTING]})
    assert found == (EncryptionKey(OTHER.public_key(), "2"), EncryptionKey(KEY.public_key(), "1"))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param([ENCRYPTING], id="a list"),
        pytest.param({"keys": {}}, id="keys that are no list"),
        pytest.param({"keys": []}, id="empty"),
        pytest.param({"keys": [ENCRYPTING] * 33}, id="too many"),
        pytest.param({"keys": ["x"]}, id="text"),
        pytest.param({"keys": [ENCRYPTING, {"kty": "oct", "k": "AAAA"}]}, id="secret key beside it"),
        pytest.param({"keys": [ENCRYPTING, PRIVATE]}, id="private key beside it"),
        pytest.param({"keys": [ENCRYPTING, public_jwk(OTHER.public_key()) | {"kid": "1"}]}, id="one name for two keys"),
        pytest.param({"keys": [PUBLIC | {"use": "sig"}]}, id="only for signatures"),
    ],
)
def test_a_set_without_a_sure_key_is_refused(value: Any) -> None:
    with pytest.raises(UnsuitableJwk):
        read_encryption_keys(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(sorted(map(str, PRIVATE.values()))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["keys", "use", "key_ops", *PRIVATE]), inner, max_size=8),
    max_leaves=12,
)


@given(JSON, st.sampled_from([*READERS, read_encryption_keys]))
def test_any_json_is_a_key_or_refused_with_one_error(value: Any, read: Callable[[Any], object]) -> None:
    try:
        found = read(value)
    except UnsuitableJwk:
        return
    assert isinstance(found, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey | EncryptionKey | tuple)


@pytest.mark.parametrize("read", READERS)
def test_a_key_without_a_point_is_refused(read: Callable[[Any], object]) -> None:
    with pytest.raises(UnsuitableJwk):
        read({"kty": "EC", "crv": "P-256", "x": PUBLIC["x"], "d": SECRET})
