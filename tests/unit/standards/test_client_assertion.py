from collections.abc import Mapping
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.client_assertion import ASSERTION_TYPE, VerifiedAssertion, assertion_in, verify_client_assertion
from blauweknop.standards.jose import Purpose
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.signing import key_signer
from tests.unit.standards.pki import NOW, p256

OURS, ENDPOINT, CLIENT = "https://bron.example/duo", "https://bron.example/duo/oid4vci/token", "kluis"
SECONDS = int(NOW.timestamp())
OLD_KEY, KEY, STRANGE_KEY = p256(), p256(), p256()


def keys_of(client_id: str) -> list[ec.EllipticCurvePublicKey]:
    return [OLD_KEY.public_key(), KEY.public_key()] if client_id == CLIENT else []


def assertion(claims: Mapping[str, JsonValue] | None = None, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    """A right assertion; None in `claims` leaves one out."""
    usual: dict[str, JsonValue] = {"iss": CLIENT, "sub": CLIENT, "aud": OURS, "exp": SECONDS + 60, "iat": SECONDS, "jti": "een"}
    said = {name: value for name, value in (usual | dict(claims or {})).items() if value is not None}
    return jose.sign_jws(said, key_signer(key, b""), Purpose(None, "given"))


def verified(text: str) -> VerifiedAssertion:
    return verify_client_assertion(text, keys_of=keys_of, audiences=(OURS, ENDPOINT), at=NOW)


def code_of(text: str) -> str:
    with pytest.raises(OAuthProblem) as caught:
        verified(text)
    return caught.value.code


def test_a_client_proves_itself_by_one_of_its_keys() -> None:
    found = verified(assertion())
    assert found == VerifiedAssertion(CLIENT, KEY.public_key(), "een", NOW + timedelta(seconds=120))
    assert verified(assertion(key=OLD_KEY)).key == OLD_KEY.public_key()


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ENDPOINT},
        {"aud": [OURS]},
        {"iat": None},
        {"iat": SECONDS + 60},
        {"nbf": SECONDS + 60},
        {"exp": SECONDS - 59},
        {"exp": SECONDS + 360},
        {"jti": "x"},
        {"jti": "x" * 256},
    ],
)
def test_what_an_assertion_may_say(claims: dict[str, JsonValue]) -> None:
    assert verified(assertion(claims)).client_id == CLIENT


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": "een ander"},
        {"sub": 5},
        {"iss": None},
        {"iss": "een ander"},
        {"aud": None},
        {"aud": "https://ander.example"},
        {"aud": [OURS, "https://ander.example"]},
        {"aud": [OURS, ENDPOINT]},
        {"aud": []},
        {"exp": None},
        {"exp": SECONDS - 60},
        {"exp": SECONDS + 361},
        {"exp": True},
        {"iat": SECONDS + 61},
        {"iat": "nu"},
        {"nbf": SECONDS + 61},
        {"nbf": -1},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 257},
    ],
)
def test_an_assertion_of_another_for_another_or_of_another_moment_is_refused(claims: dict[str, JsonValue]) -> None:
    assert code_of(assertion(claims)) == "invalid_client"


def test_an_assertion_by_another_key_is_refused() -> None:
    assert code_of(assertion(key=STRANGE_KEY)) == "invalid_client"


SIGNED = assertion()


@given(st.integers(0, len(SIGNED) - 1), st.characters(codec="ascii"))
def test_every_changed_character_is_refused(place: int, character: str) -> None:
    changed = SIGNED[:place] + character + SIGNED[place + 1 :]
    if changed != SIGNED:
        assert code_of(changed) == "invalid_client"


@given(st.text())
def test_any_text_is_refused_with_one_word(text: str) -> None:
    assert code_of(text) == "invalid_client"


def test_an_assertion_that_is_too_long_is_refused() -> None:
    assert code_of(assertion({"x": "x" * 8192})) == "invalid_client"


def test_the_assertion_of_a_form() -> None:
    assert assertion_in({"client_assertion_type": ASSERTION_TYPE, "client_assertion": "a.b.c"}) == "a.b.c"
    assert assertion_in({"client_id": CLIENT}) is None


@pytest.mark.parametrize(
    "form",
    [
        {"client_assertion": "a.b.c"},
        {"client_assertion_type": ASSERTION_TYPE},
        {"client_assertion": "a.b.c", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    ],
)
def test_half_an_assertion_and_one_of_another_type_are_refused(form: dict[str, str]) -> None:
    with pytest.raises(OAuthProblem) as caught:
        assertion_in(form)
    assert caught.value.code == "invalid_request"
