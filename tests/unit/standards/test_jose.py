import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.jose import JwsProblem, Purpose, parse_jws, sign_jws, verify_jws
from blauweknop.standards.jwk import UnsuitableJwk, public_jwk, read_public_jwk, thumbprint
from blauweknop.standards.signing import UnsuitableKey, key_signer
from tests.unit.standards.pki import MESSAGES, certify, p256

ROOT = certify("wortel")
SENDER = certify("afzender", ROOT, MESSAGES)
KEY = SENDER.key.public_key()
OURS = Purpose("proef+jwt", "given")
CHAINED = Purpose("proef+jwt", "x5c")
SELF = Purpose("proef+jwt", "jwk")
SIGNER = SENDER.signer(ROOT)


def message(header: dict[str, JsonValue] | str, payload: bytes = b'{"a":1}') -> str:
    """A message that is signed right under any header."""
    text = header if isinstance(header, str) else json.dumps(header)
    signing_input = f"{base64url.encode(text.encode())}.{base64url.encode(payload)}"
    raw = jose.sign_jws(b"", SIGNER, OURS).split(".")[2]
    return f"{signing_input}.{raw}"


def code_of(text: str, purpose: Purpose = OURS) -> str:
    with pytest.raises(JwsProblem) as caught:
        verify_jws(parse_jws(text, purpose), KEY)
    return caught.value.code


def test_a_message_comes_back() -> None:
    assert verify_jws(parse_jws(sign_jws({"a": 1}, SIGNER, OURS), OURS), KEY).claims() == {"a": 1}


def test_another_library_reads_our_message() -> None:
    key = ECKey.import_key(SENDER.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert jws.deserialize_compact(sign_jws({"a": 1}, SIGNER, OURS), key, algorithms=["ES256"]).payload == b'{"a":1}'


def test_we_read_the_message_of_another_library() -> None:
    key = ECKey.generate_key("P-256")
    text = jws.serialize_compact({"alg": "ES256", "typ": "proef+jwt"}, b"{}", key, algorithms=["ES256"])
    public = read_public_jwk(dict(key.as_dict(private=False)))  # type: ignore[arg-type] # a JWK holds only text here
    assert verify_jws(parse_jws(text, OURS), public).claims() == {}


def test_a_purpose_with_certificates_carries_those_of_the_signer() -> None:
    assert parse_jws(sign_jws({}, SIGNER, CHAINED), CHAINED).certificates == (SENDER.der, ROOT.der)


def test_a_purpose_with_a_key_in_the_header_gives_that_key() -> None:
    text = sign_jws({}, SIGNER, SELF, header={"jwk": public_jwk(SENDER.key.public_key())})  # type: ignore[arg-type] # P-256
    assert parse_jws(text, SELF).key == KEY


def test_without_type_in_the_purpose_any_type_is_read() -> None:
    assert parse_jws(sign_jws({}, SIGNER, OURS), Purpose(None, "given")).payload == b"{}"


def test_an_rsa_signature_is_not_written_as_es256() -> None:
    class Broken:
        certificate = SENDER.der
        chain = ()

        def sign(self, digest: bytes) -> bytes:
            return digest * 12

    with pytest.raises(UnsuitableKey):
        sign_jws({}, Broken(), OURS)


GOOD: dict[str, JsonValue] = {"alg": "ES256", "typ": "proef+jwt"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("a" * (jose.MAX_JWS + 1), "size", id="too large"),
        pytest.param("", "format", id="nothing"),
        pytest.param("e30.e30", "format", id="two parts"),
        pytest.param("e30.e30.e30.e30", "format", id="four parts"),
        pytest.param("e30=.e30.e30", "format", id="padding"),
        pytest.param("e31.e30.e30", "format", id="bits that belong to nothing"),
        pytest.param("e3 0.e30.e30", "format", id="space"),
        pytest.param("é30.e30.e30", "format", id="no ascii"),
        pytest.param(message("[]"), "format", id="header that is a list"),
        pytest.param(message("{"), "format", id="broken header"),
        pytest.param(message('{"alg":"ES256","alg":"none","typ":"proef+jwt"}'), "format", id="name twice"),
        pytest.param(message(GOOD | {"alg": "none"}), "alg", id="alg none"),
        pytest.param(message(GOOD | {"alg": "HS256"}), "alg", id="alg hs256"),
        pytest.param(message(GOOD | {"alg": "es256"}), "alg", id="alg in lower case"),
        pytest.param(message(GOOD | {"alg": ["ES256"]}), "alg", id="alg list"),
        pytest.param(message({"typ": "proef+jwt"}), "alg", id="no alg"),
        pytest.param(message(GOOD | {"typ": "JWT"}), "typ", id="type of another purpose"),
        pytest.param(message({"alg": "ES256"}), "typ", id="no type"),
        pytest.param(message(GOOD | {"crit": ["exp"], "exp": 1}), "crit", id="critical"),
        pytest.param(message(GOOD | {"crit": []}), "crit", id="nothing critical"),
        pytest.param(message(GOOD | {"b64": False}), "crit", id="b64"),
        pytest.param(message(GOOD), "signature", id="signature of another message"),
        pytest.param(sign_jws({}, key_signer(p256(), b""), OURS), "signature", id="signature of another key"),
        pytest.param(f"{sign_jws({}, SIGNER, OURS).rsplit('.', 1)[0]}.{base64url.encode(bytes(63))}", "signature", id="63 bytes"),
        pytest.param(sign_jws({}, SIGNER, OURS).rsplit(".", 1)[0] + ".", "signature", id="no signature"),
        pytest.param(sign_jws({}, SIGNER, OURS).rsplit(".", 1)[0] + "." + "A" * 86, "signature", id="zeros"),
    ],
)
def test_a_message_that_breaks_a_rule_is_refused(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize(
    "chain",
    [
        None,
        [],
        "tekst",
        [1],
        ["geen base64!"],
        ["AAA="] * 9,
        ["AB=="],
    ],
    ids=["none", "empty", "text", "number", "no base64", "nine", "not canonical"],
)
def test_certificates_of_another_form_are_refused(chain: JsonValue) -> None:
    assert code_of(message(GOOD | {"x5c": chain}), CHAINED) == "x5c"


@pytest.mark.parametrize("digest", ["", "A" * 43, None, [base64url.encode(hashlib.sha256(SENDER.der).digest())]])
def test_a_digest_of_another_certificate_than_the_first_is_refused(digest: JsonValue) -> None:
    assert code_of(sign_jws({}, SIGNER, CHAINED, header={"x5t#S256": digest}), CHAINED) == "x5c"


def test_the_digest_of_the_first_certificate_may_stand_beside_it() -> None:
    digest = base64url.encode(hashlib.sha256(SENDER.der).digest())
    assert parse_jws(sign_jws({}, SIGNER, CHAINED, header={"x5t#S256": digest}), CHAINED).certificates[0] == SENDER.der


def test_other_ways_to_a_key_are_not_looked_at() -> None:
    assert code_of(message(GOOD | {"jku": "https://x", "x5u": "https://x", "jwk": {}, "kid": "../x"}), CHAINED) == "x5c"


def test_a_key_that_is_missing_is_refused() -> None:
    assert code_of(message(GOOD), SELF) == "key"


def test_a_key_of_another_kind_verifies_nothing() -> None:
    received = parse_jws(sign_jws({}, SIGNER, OURS), OURS)
    with pytest.raises(JwsProblem):
        verify_jws(received, ec.generate_private_key(ec.SECP384R1()).public_key())


def test_a_payload_that_is_no_object_holds_no_claims() -> None:
    with pytest.raises(JwsProblem) as caught:
        verify_jws(parse_jws(sign_jws(b"[]", SIGNER, OURS), OURS), KEY).claims()
    assert caught.value.code == "format"


JWK = public_jwk(p256().public_key())


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param(JWK | {"kty": "RSA"}, id="kind"),
        pytest.param(JWK | {"crv": "P-384"}, id="curve"),
        pytest.param(JWK | {"d": "AAAA"}, id="private"),
        pytest.param(JWK | {"use": "enc"}, id="for encryption"),
        pytest.param(JWK | {"alg": "ES384"}, id="for another algorithm"),
        pytest.param(JWK | {"key_ops": ["encrypt"]}, id="for another operation"),
        pytest.param(JWK | {"key_ops": "verify"}, id="operations as text"),
        pytest.param(JWK | {"x": "AA"}, id="short coordinate"),
        pytest.param(JWK | {"x": JWK["y"], "y": JWK["x"]}, id="off the curve"),
        pytest.param(JWK | {"x": "=" * 43}, id="no base64url"),
        pytest.param({"kty": "EC", "crv": "P-256", "x": 1, "y": 2}, id="numbers"),
    ],
)
def test_an_unsuitable_jwk_is_refused(value: JsonValue) -> None:
    with pytest.raises(UnsuitableJwk):
        read_public_jwk(value)


def test_the_thumbprint_is_that_of_the_published_example() -> None:
    x, y = "IcBprGNFxIQPuNJeByCCZLZPoSzvVr5f7GzopgFr_ac", "5S_onH5WyK-EybhTXmHervHvZRX9igJT9IhKnu752hI"
    key = read_public_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    assert thumbprint(key) == "rE7iPoz4WN3JUVSD7jm43bvXmafTs9DzBhTCnf7Nh0A"


@given(st.binary(max_size=100))
def test_base64url_comes_back(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text(max_size=60))
def test_base64url_has_one_text_for_each_value(text: str) -> None:
    try:
        assert base64url.encode(base64url.decode(text)) == text
    except MalformedBase64:
        return


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda data: f"{base64url.encode(data)}.e30.e30"))
def test_any_text_is_refused_with_one_error(text: str) -> None:
    with pytest.raises(JwsProblem):
        verify_jws(parse_jws(text, OURS), KEY)


def test_a_header_that_was_right_for_one_purpose_is_judged_for_another() -> None:
    text = sign_jws({"a": 1}, SIGNER, CHAINED)
    assert parse_jws(text, CHAINED).certificates == (SENDER.der, ROOT.der)
    assert parse_jws(text, Purpose("proef+jwt", "given")).certificates == ()
    assert code_of(text, Purpose("ander+jwt", "x5c")) == "typ"
    assert code_of(text, SELF) == "key"


def test_a_header_that_is_shared_can_not_be_changed() -> None:
    header = parse_jws(sign_jws({"a": 1}, SIGNER, CHAINED), CHAINED).header
    with pytest.raises(TypeError):
        header["alg"] = "none"  # type: ignore[index] # that it is refused is the point


def test_each_signer_has_a_header_of_its_own() -> None:
    other = certify("ander", ROOT, MESSAGES)
    found = [parse_jws(sign_jws({}, signer, CHAINED), CHAINED).certificates[0] for signer in (SIGNER, other.signer(ROOT), SIGNER)]
    assert found == [SENDER.der, other.der, SENDER.der]


def test_so_many_certificates_and_no_more() -> None:
    one = base64url.encode_standard(SENDER.der)
    assert len(parse_jws(message({"alg": "ES256", "typ": "proef+jwt", "x5c": [one] * 8}), CHAINED).certificates) == 8
    assert code_of(message({"alg": "ES256", "typ": "proef+jwt", "x5c": [one] * 9}), CHAINED) == "x5c"


def test_the_key_that_a_message_names_is_read() -> None:
    key = p256().public_key()
    received = parse_jws(message({"alg": "ES256", "typ": "proef+jwt", "jwk": public_jwk(key)}), SELF)
    assert received.key == key


@pytest.mark.parametrize("text", ["QUI", "QUJD\n", "QU JD", "QUJD====", "QUJ="])
def test_base64_has_one_form(text: str) -> None:
    with pytest.raises(MalformedBase64):
        base64url.decode_standard(text)


def test_a_message_may_be_as_large_as_the_caller_says() -> None:
    text = sign_jws({}, SIGNER, OURS)
    assert parse_jws(text, OURS, max_bytes=len(text)).payload == b"{}"
    with pytest.raises(JwsProblem) as caught:
        parse_jws(text, OURS, max_bytes=len(text) - 1)
    assert caught.value.code == "size"


def test_members_are_added_to_the_certificates_in_the_header() -> None:
    received = parse_jws(sign_jws({}, SIGNER, CHAINED, header={"iat": 5}), CHAINED)
    assert received.certificates == (SENDER.der, ROOT.der)
    assert received.header["iat"] == 5
    assert verify_jws(received, KEY).header["iat"] == 5
