from collections.abc import Mapping
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.jose import Purpose
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.openid4vci.key_attestation import ATTACK_POTENTIALS, KeyVouching, levels_from, sign_key_attestation
from blauweknop.standards.openid4vci.key_proofs import KeyProof, KeyProofProblem, ProofRules, keys_of_proofs, sign_key_proof
from blauweknop.standards.signing import KeySigner, key_signer
from tests.unit.standards.pki import MESSAGES, NOW, Issued, certify, p256, usage

ISSUER, WALLET, NONCE = "https://bron.example/duo", "portemonnee", "nonce-van-de-bron"
SECONDS = int(NOW.timestamp())
ROOT = certify("wortel van portemonnees")
PROVIDER = certify("maker van portemonnees", ROOT, MESSAGES)
STRANGER = certify("vreemde", certify("vreemde wortel"), MESSAGES)
PROVIDERS = IssuerTrust((ROOT.certificate,), lambda certificate, use: use == "key-attestation+jwt")
KEYS = [p256() for _ in range(3)]
LEVEL = "iso_18045_moderate"
RULES = ProofRules(ISSUER, WALLET, 3)
ATTESTING = ProofRules(ISSUER, WALLET, 3, PROVIDERS, LEVEL)
FIRST_SIGNS = ProofRules(ISSUER, WALLET, 3, PROVIDERS, LEVEL, first_signs=True)


def jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, JsonValue]:
    return {**public_jwk(key.public_key())}


def signer(key: ec.EllipticCurvePrivateKey) -> KeySigner:
    return key_signer(key, b"")


def proof(
    key: ec.EllipticCurvePrivateKey = KEYS[0],
    claims: Mapping[str, JsonValue] | None = None,
    header: Mapping[str, JsonValue] | None = None,
    typ: str = "openid4vci-proof+jwt",
) -> str:
    """A rightly signed proof; None in `claims` leaves one out."""
    usual: dict[str, JsonValue] = {"aud": ISSUER, "iss": WALLET, "iat": SECONDS, "nonce": NONCE}
    said = {name: value for name, value in (usual | dict(claims or {})).items() if value is not None}
    return jose.sign_jws(said, signer(key), Purpose(typ, "given"), header={"jwk": jwk(key)} | dict(header or {}))


def attestation(claims: Mapping[str, JsonValue] | None = None, provider: Issued = PROVIDER) -> str:
    """Two keys in the order of KEYS; None in `claims` leaves one out."""
    usual: dict[str, JsonValue] = {
        "iat": SECONDS,
        "exp": SECONDS + 600,
        "attested_keys": [jwk(key) for key in KEYS[:2]],
        "key_storage": ["iso_18045_high"],
        "user_authentication": [LEVEL],
    }
    said = {name: value for name, value in (usual | dict(claims or {})).items() if value is not None}
    return jose.sign_jws(said, provider.signer(), jose.KEY_ATTESTATION)


def attested(*keys: ec.EllipticCurvePrivateKey, **claims: JsonValue) -> dict[str, JsonValue]:
    vouched = attestation(claims)
    return {"jwt": [proof(key, header={"key_attestation": vouched}) for key in keys]}


def found(proofs: Mapping[str, JsonValue], rules: ProofRules = RULES) -> list[str]:
    keys = keys_of_proofs(proofs, rules, at=NOW, nonce_counts=lambda nonce: nonce == NONCE)
    return [thumbprint(key) for key in keys]


def named(*keys: ec.EllipticCurvePrivateKey) -> list[str]:
    return [thumbprint(key.public_key()) for key in keys]


def code_of(proofs: Mapping[str, JsonValue], rules: ProofRules = RULES) -> str:
    with pytest.raises(KeyProofProblem) as caught:
        found(proofs, rules)
    return caught.value.code


def test_each_key_of_the_proofs_comes_out_in_order() -> None:
    assert found({"jwt": [proof(key) for key in KEYS]}) == named(*KEYS)


def test_a_wallet_that_is_not_known_says_no_name() -> None:
    rules = ProofRules(ISSUER, None, 3)
    assert found({"jwt": [proof(claims={"iss": None})]}, rules) == named(KEYS[0])
    assert code_of({"jwt": [proof()]}, rules) == "invalid_proof"


def test_a_wallet_that_is_known_need_not_say_its_name() -> None:
    assert found({"jwt": [proof(claims={"iss": None})]}) == named(KEYS[0])


def test_who_is_not_known_may_not_name_itself_with_nothing_either() -> None:
    claims: dict[str, JsonValue] = {"aud": ISSUER, "iss": None, "iat": SECONDS, "nonce": NONCE}
    signed = jose.sign_jws(claims, signer(KEYS[0]), Purpose("openid4vci-proof+jwt", "given"), header={"jwk": jwk(KEYS[0])})
    assert code_of({"jwt": [signed]}, ProofRules(ISSUER, None, 3)) == "invalid_proof"


@pytest.mark.parametrize("seconds", [-300, 60])
def test_a_proof_counts_to_the_last_second(seconds: int) -> None:
    assert found({"jwt": [proof(claims={"iat": SECONDS + seconds})]}) == named(KEYS[0])


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://ander.example/duo"},
        {"aud": [ISSUER]},
        {"aud": None},
        {"iss": "een ander"},
        {"iss": ""},
        {"iss": [WALLET]},
        {"iat": SECONDS - 301},
        {"iat": SECONDS + 61},
        {"iat": None},
        {"iat": True},
    ],
)
def test_a_proof_for_another_moment_issuer_or_wallet_is_refused(claims: dict[str, JsonValue]) -> None:
    assert code_of({"jwt": [proof(claims=claims)]}) == "invalid_proof"


@pytest.mark.parametrize("nonce", [None, "", "van een ander", 7])
def test_without_the_nonce_of_this_issuer_another_is_asked_for(nonce: JsonValue) -> None:
    assert code_of({"jwt": [proof(claims={"nonce": nonce})]}) == "invalid_nonce"


def test_all_proofs_have_one_nonce() -> None:
    proofs: dict[str, JsonValue] = {"jwt": [proof(KEYS[0]), proof(KEYS[1], {"nonce": "nog een"})]}
    with pytest.raises(KeyProofProblem) as caught:
        keys_of_proofs(proofs, RULES, at=NOW, nonce_counts=lambda nonce: True)
    assert caught.value.code == "invalid_nonce"


@pytest.mark.parametrize("typ", ["JWT", "dpop+jwt", "openid4vci-proof", "application/openid4vci-proof+jwt"])
def test_a_message_of_another_type_is_no_proof(typ: str) -> None:
    assert code_of({"jwt": [proof(typ=typ)]}) == "invalid_proof"


@pytest.mark.parametrize("name", ["kid", "x5c", "trust_chain"])
def test_a_second_way_to_a_key_is_refused(name: str) -> None:
    assert code_of({"jwt": [proof(header={name: "did:jwk:x"})]}) == "invalid_proof"


def test_a_proof_that_shows_a_private_key_is_refused() -> None:
    number = KEYS[0].private_numbers().private_value
    shown = jwk(KEYS[0]) | {"d": base64url.encode(number.to_bytes(32))}
    assert code_of({"jwt": [proof(header={"jwk": shown})]}) == "invalid_proof"


def test_a_proof_by_another_key_than_the_one_it_shows_is_refused() -> None:
    assert code_of({"jwt": [proof(KEYS[1], header={"jwk": jwk(KEYS[0])})]}) == "invalid_proof"


def test_a_key_comes_once() -> None:
    assert code_of({"jwt": [proof(KEYS[0]), proof(KEYS[0])]}) == "invalid_proof"


def test_so_many_proofs_and_no_more() -> None:
    assert code_of({"jwt": [proof(key) for key in [*KEYS, p256()]]}) == "invalid_proof"


@pytest.mark.parametrize(
    "proofs",
    [
        {},
        {"jwt": []},
        {"jwt": "een tekst"},
        {"jwt": [5]},
        {"ldp_vp": [{}]},
        {"attestation": [attestation({"nonce": NONCE})]},
        {"jwt": [proof()], "attestation": [attestation({"nonce": NONCE})]},
    ],
)
def test_proofs_of_another_kind_are_refused(proofs: dict[str, JsonValue]) -> None:
    assert code_of(proofs) == "invalid_proof"


def test_keys_that_a_provider_vouches_for() -> None:
    assert found(attested(*KEYS[:2]), ATTESTING) == named(*KEYS[:2])
    assert found(attested(KEYS[1], nonce=NONCE), ATTESTING) == named(KEYS[1])


def test_an_attestation_where_none_is_asked_is_not_looked_at() -> None:
    assert found({"jwt": [proof(header={"key_attestation": "geen bewijs"})]}) == named(KEYS[0])


def test_an_attestation_as_the_proof_itself() -> None:
    assert found({"attestation": [attestation({"nonce": NONCE})]}, ATTESTING) == named(*KEYS[:2])


@pytest.mark.parametrize("nonce", [None, "van een ander", 7])
def test_an_attestation_as_the_proof_itself_needs_the_nonce(nonce: JsonValue) -> None:
    assert code_of({"attestation": [attestation({"nonce": nonce})]}, ATTESTING) == "invalid_nonce"


def test_an_attestation_with_another_nonce_than_the_proofs_is_refused() -> None:
    assert code_of(attested(KEYS[0], nonce="van een ander"), ATTESTING) == "invalid_nonce"


def test_the_first_attested_key_signs_for_all() -> None:
    assert found(attested(KEYS[0]), FIRST_SIGNS) == named(*KEYS[:2])
    assert code_of(attested(KEYS[1]), FIRST_SIGNS) == "invalid_proof"
    assert code_of(attested(*KEYS[:2]), FIRST_SIGNS) == "invalid_proof"


@pytest.mark.parametrize("rules", [ATTESTING, FIRST_SIGNS])
def test_where_an_attestation_is_asked_it_is_needed(rules: ProofRules) -> None:
    assert code_of({"jwt": [proof()]}, rules) == "invalid_proof"


def test_a_key_that_the_attestation_does_not_name_is_refused() -> None:
    assert code_of(attested(KEYS[2]), ATTESTING) == "invalid_proof"


def test_proofs_with_two_attestations_are_refused() -> None:
    one, other = attestation(), attestation({"exp": SECONDS + 601})
    proofs: dict[str, JsonValue] = {
        "jwt": [proof(KEYS[0], header={"key_attestation": one}), proof(KEYS[1], header={"key_attestation": other})]
    }
    assert code_of(proofs, ATTESTING) == "invalid_proof"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": SECONDS - 61},
        {"iat": None},
        {"iat": SECONDS + 61},
        {"nbf": "straks"},
        {"nbf": SECONDS + 61},
        {"attested_keys": None},
        {"attested_keys": []},
        {"attested_keys": [jwk(KEYS[0]), jwk(KEYS[0])]},
        {"attested_keys": [jwk(KEYS[0]) | {"d": "AA"}]},
        {"attested_keys": [jwk(KEYS[0]), {"kty": "RSA"}]},
        {"key_storage": None},
        {"key_storage": ["iso_18045_enhanced-basic"]},
        {"key_storage": "iso_18045_high"},
        {"key_storage": ["heel goed"]},
        {"user_authentication": None},
        {"user_authentication": ["iso_18045_basic"]},
    ],
)
def test_an_attestation_that_is_not_right_is_refused(claims: dict[str, JsonValue]) -> None:
    proofs: dict[str, JsonValue] = {"jwt": [proof(header={"key_attestation": attestation(claims)})]}
    assert code_of(proofs, ATTESTING) == "invalid_proof"


@pytest.mark.parametrize(
    "provider",
    [
        STRANGER,
        ROOT,
        certify("voor zegels", ROOT, (usage("content_commitment"),)),
        certify("verlopen", ROOT, MESSAGES, ends=NOW - timedelta(1)),
    ],
    ids=["stranger", "self-signed", "for seals", "ended"],
)
def test_an_attestation_by_somebody_who_may_not_vouch_is_refused(provider: Issued) -> None:
    proofs: dict[str, JsonValue] = {"jwt": [proof(header={"key_attestation": attestation(provider=provider)})]}
    assert code_of(proofs, ATTESTING) == "invalid_proof"


def test_a_provider_that_may_vouch_for_something_else_is_refused() -> None:
    rules = ProofRules(ISSUER, WALLET, 3, IssuerTrust((ROOT.certificate,), lambda certificate, use: use == "dc+sd-jwt"), LEVEL)
    assert code_of(attested(KEYS[0]), rules) == "invalid_proof"


def test_a_proof_that_a_wallet_makes_is_one_that_an_issuer_takes() -> None:
    made = sign_key_proof(KeyProof(ISSUER, WALLET, NONCE), signer(KEYS[0]), KEYS[0].public_key(), NOW)
    assert found({"jwt": [made]}) == named(KEYS[0])
    nameless = sign_key_proof(KeyProof(ISSUER, None, NONCE), signer(KEYS[0]), KEYS[0].public_key(), NOW)
    assert found({"jwt": [nameless]}, ProofRules(ISSUER, None, 3)) == named(KEYS[0])


@pytest.mark.parametrize("nonce", [None, NONCE])
def test_an_attestation_that_a_provider_makes_is_one_that_an_issuer_takes(nonce: str | None) -> None:
    vouching = KeyVouching(tuple(key.public_key() for key in KEYS[:2]), LEVEL, nonce)
    vouched = sign_key_attestation(vouching, PROVIDER.signer(), at=NOW, life=timedelta(minutes=10))
    said = KeyProof(ISSUER, WALLET, NONCE, vouched)
    made = sign_key_proof(said, signer(KEYS[0]), KEYS[0].public_key(), NOW)
    assert found({"jwt": [made]}, FIRST_SIGNS) == named(*KEYS[:2])


def test_an_attestation_counts_as_long_as_its_provider_says() -> None:
    vouching = KeyVouching((KEYS[0].public_key(),), LEVEL, NONCE)
    made = NOW - timedelta(hours=1)
    counting, ended = (sign_key_attestation(vouching, PROVIDER.signer(), at=made, life=timedelta(minutes=minutes)) for minutes in (59, 58))
    assert found({"attestation": [counting]}, ATTESTING) == named(KEYS[0])
    assert code_of({"attestation": [ended]}, ATTESTING) == "invalid_proof"


def test_what_resists_more_is_as_good() -> None:
    assert levels_from("iso_18045_moderate") == ("iso_18045_moderate", "iso_18045_high")
    assert levels_from("iso_18045_basic") == ATTACK_POTENTIALS


SIGNED = proof()


@given(st.integers(0, len(SIGNED) - 1), st.characters(codec="ascii"))
def test_every_changed_character_is_refused(place: int, character: str) -> None:
    changed = SIGNED[:place] + character + SIGNED[place + 1 :]
    if changed != SIGNED:
        assert code_of({"jwt": [changed]}) == "invalid_proof"


@given(st.text())
def test_any_text_is_refused_with_one_error(text: str) -> None:
    assert code_of({"jwt": [text]}) == "invalid_proof"
    assert code_of({"attestation": [text]}, ATTESTING) == "invalid_proof"
