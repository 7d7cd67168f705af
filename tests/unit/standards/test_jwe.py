import hashlib
import json
import random
import tracemalloc
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jwe
from blauweknop.standards.jwe import (
    CREDENTIAL_MESSAGE,
    MAX_INFLATED,
    MAX_JWE,
    PRESENTATION_RESPONSE,
    Encoding,
    EncryptionPurpose,
    JweProblem,
    content_key,
    decrypt_jwe,
    encrypt_jwe,
    key_agreement,
    parse_jwe,
)
from blauweknop.standards.jwk import EncryptionKey, public_jwk, read_private_encryption_jwk
from blauweknop.standards.signing import UnsuitableKey
from tests.unit.standards.pki import p256

KEY = p256()
OURS = EncryptionKey(KEY.public_key(), "1")
DERIVE = key_agreement(KEY)
SENDER = p256()
COMPRESSED = EncryptionPurpose(compression=True)
ONLY_256 = EncryptionPurpose(("A256GCM",))
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5)

# RFC 7518 appendix C.
ALICE = {
    "kty": "EC",
    "crv": "P-256",
    "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
    "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
    "d": "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
}
BOB = {
    "kty": "EC",
    "crv": "P-256",
    "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
    "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
}


def encrypted(content: bytes = b'{"a":1}', **options: Any) -> str:
    return encrypt_jwe(content, OURS, CREDENTIAL_MESSAGE, random_bytes=random.Random(7).randbytes, **options)


def opened(text: str, purpose: EncryptionPurpose = CREDENTIAL_MESSAGE) -> bytes:
    return decrypt_jwe(parse_jwe(text, purpose), DERIVE)


def code_of(text: str, purpose: EncryptionPurpose = CREDENTIAL_MESSAGE) -> str:
    with pytest.raises(JweProblem) as caught:
        opened(text, purpose)
    return caught.value.code


def message(
    plaintext: bytes = b"{}",
    *,
    without: tuple[str, ...] = (),
    encrypted_key: bytes = b"",
    iv: bytes = b"i" * 12,
    tag: int = 16,
    **header: Any,
) -> str:
    """A message that is encrypted right under any header, written apart from the product's own writer."""
    members = {"alg": "ECDH-ES", "enc": "A256GCM", "epk": public_jwk(SENDER.public_key())} | header
    protected = base64url.encode(json.dumps({name: value for name, value in members.items() if name not in without}).encode())
    secret = SENDER.exchange(ec.ECDH(), KEY.public_key())
    sealed = AESGCM(content_key(secret, "A256GCM")).encrypt(iv, plaintext, protected.encode())
    parts = [encrypted_key, iv, sealed[:-16], sealed[-16:][:tag]]
    return ".".join([protected, *map(base64url.encode, parts)])


def deflated(plaintext: bytes) -> bytes:
    stream = zlib.compressobj(9, wbits=-15)
    return stream.compress(plaintext) + stream.flush()


def test_the_key_of_the_published_example_comes_out() -> None:
    derive = key_agreement(read_private_encryption_jwk(dict(BOB)))
    secret = derive(read_private_encryption_jwk(dict(ALICE)).public_key())
    assert base64url.encode(content_key(secret, "A128GCM", b"Alice", b"Bob")) == "VqqN6vgjbSBcIijNcacQGg"


def test_both_sides_of_the_published_example_agree() -> None:
    alice, bob = read_private_encryption_jwk(dict(ALICE)), read_private_encryption_jwk(dict(BOB))
    assert key_agreement(alice)(bob.public_key()) == key_agreement(bob)(alice.public_key())


@pytest.mark.parametrize("encoding", ["A128GCM", "A256GCM"])
def test_a_message_comes_back(encoding: Encoding) -> None:
    assert opened(encrypted(b"hello", encoding=encoding)) == b"hello"


def test_an_object_is_written_as_canonical_json() -> None:
    text = encrypt_jwe({"b": 1, "a": 2}, OURS, CREDENTIAL_MESSAGE, random_bytes=random.Random(7).randbytes)
    assert opened(text) == b'{"a":2,"b":1}'


def test_an_empty_message_comes_back() -> None:
    assert opened(encrypted(b"")) == b""


def test_the_names_of_both_parties_are_part_of_the_key() -> None:
    text = encrypted(b"hello", parties=(b"Alice", b"Bob"))
    assert parse_jwe(text, CREDENTIAL_MESSAGE).parties == (b"Alice", b"Bob")
    assert opened(text) == b"hello"


def test_the_name_of_the_key_is_repeated() -> None:
    assert parse_jwe(encrypted(), CREDENTIAL_MESSAGE).key_id == "1"


def test_a_key_without_a_name_leaves_the_message_without() -> None:
    text = encrypt_jwe(b"", EncryptionKey(KEY.public_key()), CREDENTIAL_MESSAGE, random_bytes=random.Random(7).randbytes)
    assert parse_jwe(text, CREDENTIAL_MESSAGE).key_id is None


def test_two_messages_share_no_key_and_no_vector() -> None:
    chance = random.Random(7)
    both = [parse_jwe(encrypt_jwe(b"x", OURS, CREDENTIAL_MESSAGE, random_bytes=chance.randbytes), CREDENTIAL_MESSAGE) for _ in range(2)]
    assert both[0].ephemeral != both[1].ephemeral
    assert both[0].iv != both[1].iv


def test_a_message_that_would_be_too_long_is_not_made() -> None:
    room = (MAX_JWE - len(encrypted(b""))) * 3 // 4
    assert len(encrypted(bytes(room))) == MAX_JWE
    with pytest.raises(JweProblem) as caught:
        encrypted(bytes(room + 1))
    assert caught.value.code == "size"


def test_the_purpose_says_how_long_a_message_may_be() -> None:
    long = encrypt_jwe(bytes(300_000), OURS, PRESENTATION_RESPONSE, random_bytes=random.Random(7).randbytes)
    assert len(decrypt_jwe(parse_jwe(long, PRESENTATION_RESPONSE), key_agreement(KEY))) == 300_000
    with pytest.raises(JweProblem) as caught:
        parse_jwe(long, CREDENTIAL_MESSAGE)
    assert caught.value.code == "size"


def test_an_encryption_that_the_purpose_does_not_have_is_not_used() -> None:
    with pytest.raises(JweProblem, match="purpose") as caught:
        encrypt_jwe(b"", OURS, ONLY_256, random_bytes=random.Random(7).randbytes, encoding="A128GCM")
    assert caught.value.code == "enc"


def test_a_message_written_apart_from_ours_is_read() -> None:
    assert opened(message(b"hello")) == b"hello"


def test_an_ephemeral_key_that_names_an_algorithm_of_its_own_is_read() -> None:
    epk = public_jwk(SENDER.public_key()) | {"key_ops": [], "ext": True, "use": "enc", "alg": "ECDH-ES"}
    assert opened(message(epk=epk)) == b"{}"


def off_the_curve() -> dict[str, Any]:
    return public_jwk(SENDER.public_key()) | {"y": base64url.encode(bytes(31) + b"\x01")}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param("size", "a" * (MAX_JWE + 1), id="too long"),
        pytest.param("format", "a" * MAX_JWE, id="as long as may be"),
        pytest.param("format", "", id="nothing"),
        pytest.param("format", encrypted().rpartition(".")[0], id="four parts"),
        pytest.param("format", encrypted() + ".", id="six parts"),
        pytest.param("format", encrypted() + "=", id="padding"),
        pytest.param("format", encrypted().replace(".", ". ", 1), id="space"),
        pytest.param("format", "{}" + encrypted(), id="json form"),
        pytest.param("format", "." + encrypted().partition(".")[2], id="no header"),
        pytest.param("format", base64url.encode(b"[]") + "." + encrypted().partition(".")[2], id="header that is a list"),
        pytest.param("format", base64url.encode(b'{"alg":"ECDH-ES","alg":"ECDH-ES"}') + "....", id="name twice"),
        pytest.param("format", message(kid=1), id="kid that is a number"),
        pytest.param("format", message(apu=1), id="apu that is a number"),
        pytest.param("format", message(apv="=="), id="apv that is no base64url"),
        pytest.param("format", message(apu="A" * 1028), id="apu without end"),
        pytest.param("format", message(encrypted_key=b"key"), id="an encrypted key"),
        pytest.param("format", message(iv=b"i" * 11), id="short vector"),
        pytest.param("format", message(iv=b"i" * 16), id="long vector"),
        pytest.param("format", message(tag=15), id="short tag"),
        pytest.param("format", message(tag=12), id="tag that GCM would allow"),
        pytest.param("alg", message(alg="ECDH-ES+A128KW"), id="key wrapping"),
        pytest.param("alg", message(alg="dir"), id="dir"),
        pytest.param("alg", message(alg="RSA-OAEP"), id="rsa"),
        pytest.param("alg", message(alg="none"), id="none"),
        pytest.param("alg", message(alg=["ECDH-ES"]), id="list of algorithms"),
        pytest.param("alg", message(without=("alg",)), id="no algorithm"),
        pytest.param("enc", message(enc="A192GCM"), id="another size"),
        pytest.param("enc", message(enc="A128CBC-HS256"), id="cbc"),
        pytest.param("enc", message(enc=None), id="null"),
        pytest.param("enc", message(without=("enc",)), id="no encryption"),
        pytest.param("crit", message(crit=["exp"]), id="critical extension"),
        pytest.param("crit", message(crit=[]), id="empty list of critical extensions"),
        pytest.param("zip", message(deflated(b"{}"), zip="DEF"), id="compressed"),
        pytest.param("zip", message(zip=None), id="compression null"),
        pytest.param("epk", message(without=("epk",)), id="no key"),
        pytest.param("epk", message(epk=off_the_curve()), id="point off the curve"),
        pytest.param("epk", message(epk=public_jwk(SENDER.public_key()) | {"d": "AA"}), id="private key"),
        pytest.param("epk", message(epk=public_jwk(SENDER.public_key()) | {"crv": "P-384"}), id="another curve"),
        pytest.param("epk", message(epk="x"), id="text for a key"),
        pytest.param("decryption", message(enc="A128GCM"), id="another encryption than was used"),
        pytest.param("decryption", message(apu="QQ"), id="another party than was used"),
        pytest.param("decryption", message(apu="A" * 1024), id="another party as long as may be"),
        pytest.param("decryption", message(epk=public_jwk(p256().public_key())), id="key of somebody else"),
    ],
)
def test_a_message_that_breaks_a_rule_is_refused(code: str, text: str) -> None:
    assert code_of(text) == code


def test_a_purpose_with_one_encryption_takes_no_other() -> None:
    assert code_of(encrypted(encoding="A128GCM"), ONLY_256) == "enc"


def test_a_message_to_another_key_does_not_open() -> None:
    with pytest.raises(JweProblem) as caught:
        decrypt_jwe(parse_jwe(encrypted(), CREDENTIAL_MESSAGE), key_agreement(p256()))
    assert caught.value.code == "decryption"


def refusing(_: ec.EllipticCurvePublicKey) -> bytes:
    raise BlauweKnopError("the token is away")


def failures() -> list[JweProblem]:
    """Every way in which step 7 can go wrong."""
    received = parse_jwe(encrypted(), CREDENTIAL_MESSAGE)
    changed = parse_jwe(message(apu="QQ"), CREDENTIAL_MESSAGE)
    found = []
    for attempt, derive in ((received, key_agreement(p256())), (changed, DERIVE), (received, refusing), (received, lambda _: b"short")):
        with pytest.raises(JweProblem) as caught:
            decrypt_jwe(attempt, derive)
        found.append(caught.value)
    return found


def test_whatever_goes_wrong_with_the_key_looks_the_same() -> None:
    assert {(problem.code, str(problem), problem.remedy) for problem in failures()} == {
        ("decryption", "expected a message that was encrypted to our key", "")
    }
    assert {(problem.__cause__, problem.__suppress_context__) for problem in failures()} == {(None, True)}


def test_a_compressed_message_opens_where_that_is_allowed() -> None:
    assert opened(message(deflated(b"hello" * 100), zip="DEF"), COMPRESSED) == b"hello" * 100
    assert opened(message(b"hello"), COMPRESSED) == b"hello"


def test_inflating_stops_at_the_limit() -> None:
    assert len(opened(message(deflated(bytes(MAX_INFLATED)), zip="DEF"), COMPRESSED)) == MAX_INFLATED
    assert code_of(message(deflated(bytes(MAX_INFLATED + 1)), zip="DEF"), COMPRESSED) == "size"


def test_a_message_that_unpacks_to_very_much_is_not_unpacked() -> None:
    bomb = message(deflated(bytes(100 * MAX_INFLATED)), zip="DEF")
    tracemalloc.start()
    assert code_of(bomb, COMPRESSED) == "size"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * MAX_INFLATED


@pytest.mark.parametrize(
    "data",
    [b"", b"no stream", deflated(b"hello")[:-1], deflated(b"hello") + b"x", zlib.compress(b"hello")],
    ids=["nothing", "garbage", "cut short", "more behind", "with a zlib header"],
)
def test_a_compressed_message_is_one_whole_stream(data: bytes) -> None:
    assert code_of(message(data, zip="DEF"), COMPRESSED) == "zip"


@pytest.mark.parametrize("value", ["def", "GZ", ["DEF"], True])
def test_only_one_way_of_compressing_is_known(value: object) -> None:
    assert code_of(message(deflated(b"{}"), zip=value), COMPRESSED) == "zip"


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), b"key", KEY.public_key()], ids=["P-384", "bytes", "public"])
def test_only_a_private_p_256_key_decrypts(key: object) -> None:
    with pytest.raises(UnsuitableKey):
        key_agreement(key)


def test_every_changed_character_is_refused() -> None:
    text = encrypted(b"hello")
    assert opened(text) == b"hello"
    taken = [place for place in range(len(text)) if not refused(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])]
    assert taken == []


def test_every_character_taken_away_is_refused() -> None:
    text = encrypted(b"hello")
    assert [place for place in range(len(text)) if not refused(text[:place] + text[place + 1 :])] == []


def refused(text: str) -> bool:
    try:
        opened(text)
    except JweProblem:
        return True
    return False


@given(
    st.text(max_size=300)
    | st.lists(st.binary(max_size=40), min_size=5, max_size=5).map(lambda parts: ".".join(map(base64url.encode, parts)))
)
def test_any_text_is_refused_with_one_error(text: str) -> None:
    with pytest.raises(JweProblem):
        opened(text)


HEADERS = st.dictionaries(
    st.sampled_from(["alg", "enc", "epk", "kid", "apu", "apv", "zip", "crit", "typ"]),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.text(max_size=20) | st.sampled_from(["ECDH-ES", "A256GCM"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)


@given(HEADERS)
def test_any_header_is_read_or_refused_with_one_error(header: dict[str, Any]) -> None:
    text = message(**header)
    assert refused(text) or opened(text) == b"{}"


@given(st.binary(max_size=2000), st.sampled_from(["A128GCM", "A256GCM"]), st.binary(max_size=40), st.binary(max_size=40))
def test_whatever_was_encrypted_comes_back(content: bytes, encoding: Encoding, party_u: bytes, party_v: bytes) -> None:
    assert opened(encrypted(content, encoding=encoding, parties=(party_u, party_v))) == content


@given(st.binary(min_size=40, max_size=40))
def test_every_draw_gives_a_key_of_the_curve(drawn: bytes) -> None:
    text = encrypt_jwe(b"x", OURS, CREDENTIAL_MESSAGE, random_bytes=lambda count: drawn[:count])
    assert opened(text) == b"x"


@pytest.mark.parametrize(("drawn", "number"), [(0, 1), (ORDER - 2, ORDER - 1), (ORDER - 1, 1), (2 * ORDER - 3, ORDER - 1)])
def test_every_key_from_one_to_below_the_order_of_the_curve_can_be_drawn(drawn: int, number: int) -> None:
    text = encrypt_jwe(b"x", OURS, CREDENTIAL_MESSAGE, random_bytes=lambda count: drawn.to_bytes(40)[40 - count :])
    assert parse_jwe(text, CREDENTIAL_MESSAGE).ephemeral == ec.derive_private_key(number, ec.SECP256R1()).public_key()


def test_a_key_is_drawn_from_sixty_four_bits_more_than_its_order_has() -> None:
    asked = []

    def random_bytes(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    encrypt_jwe(b"x", OURS, CREDENTIAL_MESSAGE, random_bytes=random_bytes)
    assert asked == [40, 12]


def test_a_header_has_sixteen_kibibytes_and_no_more() -> None:
    room = 16 * 1024 - len(base64url.decode(message(kid="").partition(".")[0]))
    assert opened(message(kid="k" * room)) == b"{}"
    assert code_of(message(kid="k" * (room + 1))) == "format"


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_of_another_length_gives_no_key(length: int) -> None:
    with pytest.raises(JweProblem) as caught:
        content_key(bytes(length), "A256GCM")
    assert caught.value.code == "decryption"


def test_the_content_key_follows_the_standard_word_for_word() -> None:
    info = b"\x00\x00\x00\x07A256GCM" + b"\x00\x00\x00\x01u" + b"\x00\x00\x00\x02vv" + b"\x00\x00\x01\x00"
    secret = bytes(range(32))
    assert content_key(secret, "A256GCM", b"u", b"vv") == hashlib.sha256(b"\x00\x00\x00\x01" + secret + info).digest()
    assert jwe.MAX_JWE == 256 * 1024
