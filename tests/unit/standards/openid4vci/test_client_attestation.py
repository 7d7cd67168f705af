from collections.abc import Mapping
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.jose import Purpose
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.client_attestation import (
    AttestationPop,
    AttestedClient,
    attestation_in,
    sign_client_attestation,
    sign_client_attestation_pop,
    verify_client_attestation,
)
from blauweknop.standards.signing import key_signer
from tests.unit.standards.pki import MESSAGES, NOW, Issued, certify, p256, usage

SERVER, WALLET, OTHER_WALLET, CHALLENGE = "https://bron.example/duo", "portemonnee", "andere portemonnee", "uitdaging-van-de-bron"
SECONDS = int(NOW.timestamp())
ROOT, OTHER_ROOT = certify("wortel van portemonnee"), certify("wortel van andere portemonnee")
MAKER = certify("maker van portemonnee", ROOT, MESSAGES)
OTHER_MAKER = certify("maker van andere portemonnee", OTHER_ROOT, MESSAGES)
KEY, STRANGE_KEY = p256(), p256()
USE = "oauth-client-attestation+jwt"
TRUST: Mapping[str, IssuerTrust] = {
    WALLET: IssuerTrust((ROOT.certificate,), lambda certificate, use: use == USE),
    OTHER_WALLET: IssuerTrust((OTHER_ROOT.certificate,), lambda certificate, use: use == USE),
}


def said(usual: Mapping[str, JsonValue], claims: Mapping[str, JsonValue] | None) -> dict[str, JsonValue]:
    """The usual claims with changes; None leaves one out."""
    return {name: value for name, value in {**usual, **(claims or {})}.items() if value is not None}


def attestation(claims: Mapping[str, JsonValue] | None = None, maker: Issued = MAKER, typ: str = USE) -> str:
    usual: dict[str, JsonValue] = {
        "iss": "https://maker.example",
        "sub": WALLET,
        "iat": SECONDS - 3600,
        "exp": SECONDS + 3600,
        "cnf": {"jwk": public_jwk(KEY.public_key())},
    }
    return jose.sign_jws(said(usual, claims), maker.signer(), Purpose(typ, "x5c"))


def pop(
    claims: Mapping[str, JsonValue] | None = None, key: ec.EllipticCurvePrivateKey = KEY, typ: str = "oauth-client-attestation-pop+jwt"
) -> str:
    usual: dict[str, JsonValue] = {"aud": SERVER, "iat": SECONDS, "jti": "een", "challenge": CHALLENGE}
    return jose.sign_jws(said(usual, claims), key_signer(key, b""), Purpose(typ, "given"))


def verified(vouched: str, shown: str, trust: Mapping[str, IssuerTrust] = TRUST) -> AttestedClient:
    return verify_client_attestation(
        vouched,
        shown,
        wallet_providers=trust.get,
        audience=SERVER,
        at=NOW,
        challenge_counts=lambda challenge: challenge == CHALLENGE,
    )


def code_of(vouched: str, shown: str, trust: Mapping[str, IssuerTrust] = TRUST) -> str:
    with pytest.raises(OAuthProblem) as caught:
        verified(vouched, shown, trust)
    return caught.value.code


def test_a_wallet_that_its_maker_vouches_for() -> None:
    assert verified(attestation(), pop()) == AttestedClient(WALLET, thumbprint(KEY.public_key()), "een")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iat": None},
        {"iat": SECONDS + 60},
        {"nbf": SECONDS + 60},
        {"exp": SECONDS - 60},
        {"status": {"status_list": {"idx": 1, "uri": "https://maker.example/1"}}},
    ],
)
def test_what_an_attestation_may_say(claims: dict[str, JsonValue]) -> None:
    assert verified(attestation(claims), pop()).client_id == WALLET


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": 5},
        {"sub": "onbekende portemonnee"},
        {"sub": OTHER_WALLET},
        {"exp": None},
        {"exp": "nooit"},
        {"iat": SECONDS + 61},
        {"iat": "nu"},
        {"nbf": SECONDS + 61},
        {"cnf": None},
        {"cnf": public_jwk(KEY.public_key())},
        {"cnf": {"jwk": public_jwk(KEY.public_key()) | {"d": "AA"}}},
        {"cnf": {"jwk": public_jwk(KEY.public_key()) | {"use": "enc"}}},
        {"cnf": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}},
        {"cnf": {"kid": "1"}},
    ],
)
def test_an_attestation_that_is_not_right_is_refused(claims: dict[str, JsonValue]) -> None:
    assert code_of(attestation(claims), pop()) == "invalid_client_attestation"


def test_an_attestation_that_ended_is_refused() -> None:
    assert code_of(attestation({"exp": SECONDS - 61}), pop()) == "invalid_client_attestation"


@pytest.mark.parametrize(
    "maker",
    [
        OTHER_MAKER,
        ROOT,
        certify("maker van portemonnee", certify("wortel van portemonnee"), MESSAGES),
        certify("voor zegels", ROOT, (usage("content_commitment"),)),
        certify("verlopen", ROOT, MESSAGES, ends=NOW - timedelta(1)),
    ],
    ids=["of another wallet", "self-signed", "of the same name", "for seals", "ended"],
)
def test_an_attestation_by_somebody_who_may_not_vouch_for_this_wallet_is_refused(maker: Issued) -> None:
    assert code_of(attestation(maker=maker), pop()) == "invalid_client_attestation"


def test_a_maker_that_may_vouch_for_something_else_is_refused() -> None:
    trust = {WALLET: IssuerTrust((ROOT.certificate,), lambda certificate, use: use == "key-attestation+jwt")}
    assert code_of(attestation(), pop(), trust) == "invalid_client_attestation"


@pytest.mark.parametrize("typ", ["JWT", "key-attestation+jwt", "oauth-client-attestation-pop+jwt"])
def test_a_message_of_another_type_is_no_attestation(typ: str) -> None:
    assert code_of(attestation(typ=typ), pop()) == "invalid_client_attestation"


def test_an_attestation_without_certificates_is_refused() -> None:
    bare = jose.sign_jws({"sub": WALLET}, MAKER.signer(), Purpose(USE, "given"))
    assert code_of(bare, pop()) == "invalid_client_attestation"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [SERVER]},
        {"aud": ["https://ander.example", SERVER]},
        {"iss": WALLET},
        {"iat": SECONDS - 60},
        {"iat": SECONDS + 60},
        {"jti": "x"},
        {"jti": "x" * 256},
    ],
)
def test_what_a_proof_may_say(claims: dict[str, JsonValue]) -> None:
    assert verified(attestation(), pop(claims)).client_id == WALLET


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": None},
        {"aud": "https://ander.example"},
        {"aud": ["https://ander.example"]},
        {"aud": f"{SERVER}/"},
        {"aud": {SERVER: 1}},
        {"iss": OTHER_WALLET},
        {"iss": 5},
        {"iat": None},
        {"iat": SECONDS - 61},
        {"iat": SECONDS + 61},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 257},
    ],
)
def test_a_proof_of_another_wallet_moment_or_server_is_refused(claims: dict[str, JsonValue]) -> None:
    assert code_of(attestation(), pop(claims)) == "invalid_client_attestation"


@pytest.mark.parametrize("challenge", [None, "", "van een ander", 7])
def test_without_a_challenge_of_this_server_another_is_asked_for(challenge: JsonValue) -> None:
    assert code_of(attestation(), pop({"challenge": challenge})) == "use_attestation_challenge"


def excusing(shown: str, excused: str) -> str:
    """The wallet, or the word of the refusal, where one wallet needs no challenge."""
    try:
        return verify_client_attestation(
            attestation(),
            shown,
            wallet_providers=TRUST.get,
            audience=SERVER,
            at=NOW,
            challenge_counts=lambda challenge: challenge == CHALLENGE,
            challenge_needed=lambda client_id: client_id != excused,
        ).client_id
    except OAuthProblem as problem:
        return problem.code


def test_a_wallet_that_is_excused_needs_no_challenge() -> None:
    assert excusing(pop({"challenge": None}), WALLET) == WALLET
    assert excusing(pop({"challenge": None}), OTHER_WALLET) == "use_attestation_challenge"


@pytest.mark.parametrize("challenge", ["", "van een ander", 7])
def test_a_wallet_that_is_excused_still_sends_no_false_challenge(challenge: JsonValue) -> None:
    assert excusing(pop({"challenge": challenge}), WALLET) == "use_attestation_challenge"


def test_a_proof_by_another_key_than_the_attested_one_is_refused() -> None:
    assert code_of(attestation(), pop(key=STRANGE_KEY)) == "invalid_client_attestation"


@pytest.mark.parametrize("typ", ["JWT", "dpop+jwt", USE])
def test_a_message_of_another_type_is_no_proof(typ: str) -> None:
    assert code_of(attestation(), pop(typ=typ)) == "invalid_client_attestation"


def test_messages_that_are_too_long_are_refused() -> None:
    assert code_of(attestation({"x": "x" * 32 * 1024}), pop()) == "invalid_client_attestation"
    assert code_of(attestation(), pop({"x": "x" * 8 * 1024})) == "invalid_client_attestation"


def test_both_headers_or_neither() -> None:
    assert attestation_in(["a.b.c"], ["d.e.f"]) == ("a.b.c", "d.e.f")
    assert attestation_in([], []) is None


@pytest.mark.parametrize(("attestations", "pops"), [(["a"], []), ([], ["d"]), (["a", "a"], ["d"]), (["a"], ["d", "d"])])
def test_half_of_the_headers_and_a_header_twice_are_refused(attestations: list[str], pops: list[str]) -> None:
    with pytest.raises(OAuthProblem) as caught:
        attestation_in(attestations, pops)
    assert caught.value.code == "invalid_client_attestation"


def test_what_a_maker_and_a_wallet_make_is_what_a_server_takes() -> None:
    vouched = sign_client_attestation(WALLET, KEY.public_key(), MAKER.signer(), at=NOW, life=timedelta(days=1))
    shown = sign_client_attestation_pop(AttestationPop(SERVER, "twee", CHALLENGE), key_signer(KEY, b""), NOW)
    assert verified(vouched, shown) == AttestedClient(WALLET, thumbprint(KEY.public_key()), "twee")


def test_an_attestation_names_the_wallet_its_key_and_its_times() -> None:
    vouched = sign_client_attestation(WALLET, KEY.public_key(), MAKER.signer(), at=NOW, life=timedelta(days=1))
    received = jose.parse_jws(vouched, jose.CLIENT_ATTESTATION)
    assert jose.verify_jws(received, MAKER.key.public_key()).claims() == {
        "sub": WALLET,
        "iat": SECONDS,
        "exp": SECONDS + 86400,
        "cnf": {"jwk": public_jwk(KEY.public_key())},
    }


def test_an_attestation_counts_as_long_as_its_maker_says() -> None:
    made = NOW - timedelta(days=1, seconds=61)
    vouched = sign_client_attestation(WALLET, KEY.public_key(), MAKER.signer(), at=made, life=timedelta(days=1))
    assert code_of(vouched, pop()) == "invalid_client_attestation"


VOUCHED, SHOWN = attestation(), pop()


@given(st.integers(0, len(VOUCHED) - 1), st.characters(codec="ascii"))
def test_every_changed_character_of_an_attestation_is_refused(place: int, character: str) -> None:
    changed = VOUCHED[:place] + character + VOUCHED[place + 1 :]
    if changed != VOUCHED:
        assert code_of(changed, SHOWN) == "invalid_client_attestation"


@given(st.integers(0, len(SHOWN) - 1), st.characters(codec="ascii"))
def test_every_changed_character_of_a_proof_is_refused(place: int, character: str) -> None:
    changed = SHOWN[:place] + character + SHOWN[place + 1 :]
    if changed != SHOWN:
        assert code_of(VOUCHED, changed) == "invalid_client_attestation"


@given(st.text())
def test_any_text_is_refused_with_one_word(text: str) -> None:
    assert code_of(text, SHOWN) == "invalid_client_attestation"
    assert code_of(VOUCHED, text) == "invalid_client_attestation"
