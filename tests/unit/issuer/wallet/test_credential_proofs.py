"""Copies are made only for keys that were just proved to be there (PROTOCOL 2.7; conformance: issuer-fail-invalid-nonce, -jwt-proof)."""

import json
from typing import Any

import pytest
from httpx import Response

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.jwk import public_jwk
from tests.unit.issuer.source_world import DEBT, GRANT, NOON
from tests.unit.issuer.wallet.wallet_flows import OTHER, PLAIN, refusal, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_SECONDS = int(NOON.timestamp())
_KEY, _SECOND = SoftwareKey(), SoftwareKey()


@pytest.fixture
def wallet(wallets: WalletWorld) -> TestWallet:
    return with_token(wallets, DEBT, GRANT)


def fetched(wallet: TestWallet, proofs: Any, name: str = PLAIN) -> Response:
    return wallet.ask({"credential_configuration_id": name, "proofs": proofs})


def fetched_with(wallet: TestWallet, *proofs: str) -> Response:
    return fetched(wallet, {"jwt": list(proofs)})


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://ander.example/duo"},
        {"aud": "http://duo.example/duo/oid4vci/credential"},
        {"aud": "http://duo.example/duo/"},
        {"aud": ["http://duo.example/duo"]},
        {"aud": None},
        {"iss": "https://ander.example"},
        {"iat": _SECONDS - 301},
        {"iat": _SECONDS + 61},
        {"iat": None},
        {"iat": "nu"},
        {"iat": 2**53 - 1},
    ],
)
def test_a_proof_for_another_issuer_wallet_or_moment_is_refused(claims: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(fetched_with(wallet, wallet.proof(_KEY, **claims))) == (400, "invalid_proof")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "openid4vci-proof"},
        {"typ": None},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": "EdDSA"},
        {"jwk": None},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jwk": {**public_jwk(_SECOND.public)}},
        {"jwk": {**public_jwk(_KEY.public), "d": base64url.encode(_KEY.private.private_numbers().private_value.to_bytes(32, "big"))}},
        {"jwk": {**public_jwk(_KEY.public), "k": "AAAA"}},
        {"jwk": {**public_jwk(_KEY.public), "p": "AAAA"}},
        {"jwk": {**public_jwk(_KEY.public), "crv": "P-384"}},
        {"jwk": {**public_jwk(_KEY.public), "use": "enc"}},
        {"kid": "did:jwk:x#0"},
        {"x5c": ["AAAA"]},
        {"trust_chain": []},
        {"crit": ["nonce"]},
        {"key_attestation": 7},
    ],
)
def test_a_proof_of_another_kind_or_with_two_ways_to_a_key_is_refused(header: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(fetched_with(wallet, wallet.proof(_KEY, header=header))) == (400, "invalid_proof")


def test_a_proof_without_typ_or_key_is_refused(wallet: TestWallet) -> None:
    claims: dict[str, Any] = {"aud": wallet.identifier, "iat": _SECONDS, "nonce": wallet.c_nonce()}
    bare = jose.sign_jws(claims, _KEY.signer, jose.Purpose("openid4vci-proof+jwt", "given"))
    assert refusal(fetched_with(wallet, bare)) == (400, "invalid_proof")


@pytest.mark.parametrize("change", [lambda text: f"{text[:-2]}AA", lambda text: text.rpartition(".")[0] + ".", lambda text: text[:-1]])
def test_a_proof_with_another_signature_is_refused(change: Any, wallet: TestWallet) -> None:
    """Conformance: issuer-fail-invalid-jwt-proof-signature."""
    assert refusal(fetched_with(wallet, change(wallet.proof(_KEY)))) == (400, "invalid_proof")


def test_content_that_was_changed_after_signing_is_refused(wallet: TestWallet) -> None:
    header, _, signature = wallet.proof(_KEY).split(".")
    other = wallet.proof(_KEY).split(".")[1]
    assert refusal(fetched_with(wallet, f"{header}.{other}.{signature}")) == (400, "invalid_proof")


@pytest.mark.parametrize("nonce", [None, "", "van een ander", 7, "AAAA", "A" * 51])
def test_a_proof_without_a_nonce_of_the_source_is_refused(nonce: JsonValue, wallet: TestWallet) -> None:
    """Conformance: issuer-fail-invalid-nonce."""
    assert refusal(fetched_with(wallet, wallet.proof(_KEY, nonce=nonce))) == (400, "invalid_nonce")


@pytest.mark.parametrize("purpose", ["dpop", "challenge"])
def test_a_nonce_for_something_else_does_not_count(purpose: str, wallet: TestWallet) -> None:
    other = wallet.challenge() if purpose == "challenge" else wallet.dpop_nonce
    assert refusal(fetched_with(wallet, wallet.proof(_KEY, nonce=other))) == (400, "invalid_nonce")


def test_a_nonce_is_used_once_even_for_something_else(wallet: TestWallet) -> None:
    """Conformance: issuer-fail-replay-nonce."""
    nonce = wallet.c_nonce()

    assert fetched_with(wallet, wallet.proof(_KEY, nonce=nonce)).status_code == 200
    assert refusal(fetched(wallet, {"jwt": [wallet.proof(_SECOND, nonce=nonce)]}, OTHER)) == (400, "invalid_nonce")


def test_the_same_request_sent_again_is_told_that_its_nonce_was_used(wallet: TestWallet) -> None:
    proof = wallet.proof(_KEY)

    assert fetched_with(wallet, proof).status_code == 200
    assert refusal(fetched_with(wallet, proof)) == (400, "invalid_nonce")


def test_a_nonce_that_another_wallet_used_is_used(wallets: WalletWorld, wallet: TestWallet) -> None:
    other, nonce = with_token(wallets, DEBT), wallet.c_nonce()

    assert fetched_with(other, other.proof(_SECOND, nonce=nonce)).status_code == 200
    assert refusal(fetched_with(wallet, wallet.proof(_KEY, nonce=nonce))) == (400, "invalid_nonce")


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (301, 400)])
def test_a_nonce_ends_after_five_minutes(seconds: int, status: int, wallets: WalletWorld) -> None:
    old = wallets.wallet(wallets.services()).c_nonce()
    wallets.world.later(seconds=seconds)
    wallet = with_token(wallets, DEBT)
    answer = fetched_with(wallet, wallet.proof(_KEY, nonce=old))

    assert answer.status_code == status
    assert answer.json().get("error") == (None if status == 200 else "invalid_nonce")


def test_a_nonce_written_in_another_way_is_another(wallet: TestWallet) -> None:
    """The last letter of a nonce has bits that stand for nothing: they may not make one nonce into four."""
    nonce, letters = wallet.c_nonce(), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spellings = [nonce[:-1] + letters[letters.index(nonce[-1]) ^ bits] for bits in (1, 2, 3)] + [nonce + "=", nonce + "\n", f" {nonce}"]

    assert {refusal(fetched_with(wallet, wallet.proof(_KEY, nonce=spelling))) for spelling in spellings} == {(400, "invalid_nonce")}


def test_two_proofs_have_one_nonce(wallet: TestWallet) -> None:
    assert refusal(fetched_with(wallet, wallet.proof(_KEY), wallet.proof(_SECOND))) == (400, "invalid_nonce")


def test_no_key_gets_two_copies(wallet: TestWallet) -> None:
    nonce = wallet.c_nonce()
    twice = [wallet.proof(_KEY, nonce=nonce), wallet.proof(_KEY, nonce=nonce, iat=_SECONDS - 1)]
    assert refusal(fetched_with(wallet, *twice)) == (400, "invalid_proof")


def test_one_bad_proof_spoils_all(wallet: TestWallet) -> None:
    nonce = wallet.c_nonce()
    proofs = [wallet.proof(_KEY, nonce=nonce), wallet.proof(_SECOND, nonce=nonce, aud="https://ander.example")]
    assert refusal(fetched_with(wallet, *proofs)) == (400, "invalid_proof")


@pytest.mark.parametrize("copies", [1, 10, 11])
def test_so_many_copies_are_made_as_the_source_says_and_no_more(copies: int, wallet: TestWallet) -> None:
    answer = wallet.fetch(PLAIN, [SoftwareKey() for _ in range(copies)])

    assert answer.status_code == (200 if copies <= 10 else 400)
    assert len(answer.json().get("credentials", [])) == (copies if copies <= 10 else 0)
    assert answer.json().get("error") == (None if copies <= 10 else "invalid_proof")


@pytest.mark.parametrize(
    "proofs",
    [
        {},
        {"jwt": []},
        {"jwt": {}},
        {"jwt": "x.y.z"},
        {"jwt": [7]},
        {"jwt": [None]},
        {"jwt": [""]},
        {"jwt": ["x" * 100_000]},
        {"attestation": ["x.y.z"]},
        {"attestation": []},
        {"ldp_vp": [{}]},
        {"di_vp": [{}]},
        {"cwt": ["x"]},
        [],
        None,
        "x.y.z",
    ],
)
def test_proofs_of_a_kind_that_is_not_taken_are_refused(proofs: Any, wallet: TestWallet) -> None:
    assert refusal(fetched(wallet, proofs)) == (400, "invalid_proof")


def test_two_kinds_of_proof_are_one_too_many(wallet: TestWallet) -> None:
    proofs = {"jwt": [wallet.proof(_KEY)], "attestation": ["x.y.z"]}
    assert refusal(fetched(wallet, proofs)) == (400, "invalid_proof")


def test_without_proofs_nothing_is_given(wallet: TestWallet) -> None:
    """Conformance: issuer-fail-missing-proof."""
    assert refusal(wallet.ask({"credential_configuration_id": PLAIN})) == (400, "invalid_proof")


def test_the_single_proof_of_older_drafts_is_not_taken(wallet: TestWallet) -> None:
    proof = {"proof_type": "jwt", "jwt": wallet.proof(_KEY)}
    answer = wallet.ask({"credential_configuration_id": PLAIN, "proof": proof})

    assert refusal(answer) == (400, "invalid_proof")
    assert "older drafts" in answer.json()["error_description"]


def test_a_wallet_need_not_say_its_name_in_a_proof(wallet: TestWallet) -> None:
    assert fetched_with(wallet, wallet.proof(_KEY, iss=None)).status_code == 200


def test_after_a_bad_proof_a_good_one_is_taken(wallet: TestWallet) -> None:
    fetched_with(wallet, wallet.proof(_KEY, aud="https://ander.example"))
    assert fetched_with(wallet, wallet.proof(_KEY)).status_code == 200


def test_each_credential_is_for_the_key_of_its_proof(wallet: TestWallet) -> None:
    keys = [SoftwareKey() for _ in range(3)]
    credentials = [item["credential"] for item in wallet.fetch(PLAIN, keys).json()["credentials"]]
    holders = [json.loads(base64url.decode(text.split(".")[1]))["cnf"]["jwk"] for text in credentials]

    assert holders == [{**public_jwk(key.public)} for key in keys]
