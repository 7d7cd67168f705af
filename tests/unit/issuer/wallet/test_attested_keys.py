"""Keys that the maker of a wallet vouches for (OpenID4VCI appendix D; conformance: issuer-fail-invalid-key-attestation-signature)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from blauweknop.domain.document import JsonValue
from blauweknop.register.exercise_wallets import add_wallets
from blauweknop.standards import jose
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.signing import Signer
from tests.unit.issuer.source_world import DEBT, NOON
from tests.unit.issuer.wallet.wallet_flows import PLAIN, VERIFIER, back_from, code_form, refusal, server, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet, said

_SECONDS = int(NOON.timestamp())
_LEVEL, _STRONGER, _WEAKER = "iso_18045_moderate", "iso_18045_high", "iso_18045_enhanced-basic"
_KEYS = [SoftwareKey() for _ in range(3)]


@pytest.fixture
def wallet(wallets: WalletWorld) -> TestWallet:
    """At a source that asks for keys of a level."""
    wallets.changes["key_level"] = _LEVEL
    return with_token(wallets, DEBT)


@pytest.fixture
def european(wallets: WalletWorld) -> TestWallet:
    """At a source of the profile in which one proof stands for all attested keys."""
    wallets.profile = "etsi"
    return with_token(wallets, DEBT)


def attestation(
    wallet: TestWallet, keys: Sequence[SoftwareKey] = _KEYS, *, maker: Signer | None = None, header: Any = None, **claims: JsonValue
) -> str:
    signer = maker or wallet.provider
    assert signer is not None
    usual: dict[str, JsonValue] = {
        "iat": _SECONDS,
        "exp": _SECONDS + 600,
        "attested_keys": [{**public_jwk(key.public)} for key in keys],
        "key_storage": [_LEVEL],
        "user_authentication": [_LEVEL],
    }
    return jose.sign_jws(said(usual | claims), signer, jose.KEY_ATTESTATION, header=header)


def fetched(wallet: TestWallet, vouched: JsonValue, keys: Sequence[SoftwareKey] = _KEYS, *, nonce: str | None = None) -> Response:
    """With a proof by each of the keys, and this attestation in every proof."""
    given = nonce or wallet.c_nonce()
    header = {} if vouched is None else {"key_attestation": vouched}
    proofs = {"jwt": [wallet.proof(key, nonce=given, header=header) for key in keys]}
    return wallet.ask({"credential_configuration_id": PLAIN, "proofs": proofs})


@pytest.mark.parametrize("level", [_LEVEL, _STRONGER])
def test_keys_of_the_level_that_is_asked_get_copies(level: str, wallet: TestWallet) -> None:
    vouched = attestation(wallet, key_storage=[level], user_authentication=[level])
    assert len(fetched(wallet, vouched).json()["credentials"]) == 3


def test_without_an_attestation_no_copy_is_made(wallet: TestWallet) -> None:
    assert refusal(fetched(wallet, None)) == (400, "invalid_proof")


@pytest.mark.parametrize(
    "claims",
    [
        {"key_storage": [_WEAKER]},
        {"key_storage": ["iso_18045_basic", _WEAKER]},
        {"key_storage": ["zeer veilig"]},
        {"key_storage": []},
        {"key_storage": None},
        {"key_storage": _LEVEL},
        {"user_authentication": [_WEAKER]},
        {"user_authentication": None},
        {"exp": _SECONDS - 61},
        {"exp": None},
        {"iat": _SECONDS + 61},
        {"iat": None},
        {"attested_keys": []},
        {"attested_keys": None},
        {"attested_keys": [{"kty": "oct", "k": "AAAA"}]},
        {"attested_keys": [{**public_jwk(_KEYS[0].public)}] * 2},
    ],
)
def test_an_attestation_that_does_not_say_enough_is_refused(claims: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(fetched(wallet, attestation(wallet, **claims))) == (400, "invalid_proof")


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": "keyattestation+jwt"}, {"alg": "none"}, {"x5c": []}, {"crit": ["exp"]}])
def test_an_attestation_of_another_kind_is_refused(header: dict[str, Any], wallet: TestWallet) -> None:
    assert refusal(fetched(wallet, attestation(wallet, header=header))) == (400, "invalid_proof")


def test_an_attestation_with_another_signature_is_refused(wallet: TestWallet) -> None:
    vouched = f"{attestation(wallet).rpartition('.')[0]}.{attestation(wallet, _KEYS[:1]).rpartition('.')[2]}"
    assert refusal(fetched(wallet, vouched)) == (400, "invalid_proof")


def test_an_attestation_of_another_maker_is_refused(wallet: TestWallet, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = add_wallets(tmp_path_factory.mktemp("makers"), now=NOON - timedelta(days=1)).provider()
    assert refusal(fetched(wallet, attestation(wallet, maker=other))) == (400, "invalid_proof")


def test_an_attestation_of_other_keys_is_refused(wallet: TestWallet) -> None:
    assert refusal(fetched(wallet, attestation(wallet, _KEYS[:2]))) == (400, "invalid_proof")


def test_two_attestations_are_one_too_many(wallet: TestWallet) -> None:
    nonce = wallet.c_nonce()
    proofs = [wallet.proof(key, nonce=nonce, header={"key_attestation": attestation(wallet, [key])}) for key in _KEYS]
    answer = wallet.ask({"credential_configuration_id": PLAIN, "proofs": {"jwt": proofs}})
    assert refusal(answer) == (400, "invalid_proof")


@pytest.mark.parametrize("nonce", ["van een ander", ""])
def test_an_attestation_on_another_nonce_is_refused(nonce: str, wallet: TestWallet) -> None:
    assert refusal(fetched(wallet, attestation(wallet, nonce=nonce))) == (400, "invalid_nonce")


def test_an_attestation_on_the_nonce_of_the_proofs_counts(wallet: TestWallet) -> None:
    nonce = wallet.c_nonce()
    assert fetched(wallet, attestation(wallet, nonce=nonce), nonce=nonce).status_code == 200


def test_an_attestation_alone_gives_a_copy_for_each_of_its_keys(wallet: TestWallet) -> None:
    proofs = {"attestation": [attestation(wallet, nonce=wallet.c_nonce())]}
    answer = wallet.ask({"credential_configuration_id": PLAIN, "proofs": proofs})
    assert len(answer.json()["credentials"]) == 3


@pytest.mark.parametrize("nonce", [None, "van een ander"])
def test_an_attestation_alone_is_made_for_this_request(nonce: JsonValue, wallet: TestWallet) -> None:
    proofs = {"attestation": [attestation(wallet, nonce=nonce)]}
    assert refusal(wallet.ask({"credential_configuration_id": PLAIN, "proofs": proofs})) == (400, "invalid_nonce")


def test_an_attestation_alone_counts_once(wallets: WalletWorld, wallet: TestWallet) -> None:
    body = {"credential_configuration_id": PLAIN, "proofs": {"attestation": [attestation(wallet, nonce=wallet.c_nonce())]}}

    assert wallet.ask(body).status_code == 200
    assert refusal(with_token(wallets, DEBT).ask(body)) == (400, "invalid_nonce")


def test_of_attestations_alone_there_is_one(wallet: TestWallet) -> None:
    nonce = wallet.c_nonce()
    proofs = {"attestation": [attestation(wallet, nonce=nonce), attestation(wallet, [SoftwareKey()], nonce=nonce)]}
    assert refusal(wallet.ask({"credential_configuration_id": PLAIN, "proofs": proofs})) == (400, "invalid_proof")


def test_an_attestation_does_not_stretch_the_batch(wallets: WalletWorld) -> None:
    wallets.changes |= {"key_level": _LEVEL, "batch_size": 2}
    wallet = with_token(wallets, DEBT)
    proofs = {"attestation": [attestation(wallet, nonce=wallet.c_nonce())]}
    assert refusal(wallet.ask({"credential_configuration_id": PLAIN, "proofs": proofs})) == (400, "invalid_proof")


def test_a_weak_attestation_counts_where_none_is_asked(wallets: WalletWorld) -> None:
    wallet = with_token(wallets, DEBT)
    assert fetched(wallet, attestation(wallet, key_storage=["iso_18045_basic"])).status_code == 200


def test_a_false_attestation_spoils_proofs_even_where_none_is_asked(wallets: WalletWorld) -> None:
    wallet = with_token(wallets, DEBT)
    assert refusal(fetched(wallet, "x.y.z")) == (400, "invalid_proof")


def test_a_server_is_known_by_its_own_key_and_nobody_vouches_for_others(wallets: WalletWorld) -> None:
    wallets.changes["key_level"] = _LEVEL
    services, wallet, key = server(wallets)
    vouched = attestation(wallets.wallet(services), nonce=wallet.c_nonce())
    pushed = wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key))
    code = back_from(wallets, services, pushed, DEBT, client_id=wallet.client_id)["code"]
    wallet.take_token(code_form(wallet, code, **wallet.assertion(key)), headers={})

    answer = wallet.ask({"credential_configuration_id": PLAIN, "proofs": {"attestation": [vouched]}})
    assert refusal(answer) == (400, "invalid_proof")
    assert fetched(wallet, None).status_code == 200


def test_one_proof_by_the_first_key_stands_for_all(european: TestWallet) -> None:
    answer = fetched(european, attestation(european), _KEYS[:1])
    assert len(answer.json()["credentials"]) == 3


def test_one_proof_stands_for_all_by_the_first_key_only(european: TestWallet) -> None:
    assert refusal(fetched(european, attestation(european), _KEYS[1:2])) == (400, "invalid_proof")


def test_one_proof_stands_for_nothing_without_an_attestation(european: TestWallet) -> None:
    assert refusal(fetched(european, None, _KEYS[:1])) == (400, "invalid_proof")


def test_where_one_proof_stands_for_all_there_is_one(european: TestWallet) -> None:
    assert refusal(fetched(european, attestation(european), _KEYS[:2])) == (400, "invalid_proof")


def test_one_proof_for_all_does_not_stretch_the_batch(wallets: WalletWorld) -> None:
    wallets.profile, wallets.changes["batch_size"] = "etsi", 2
    wallet = with_token(wallets, DEBT)
    assert refusal(fetched(wallet, attestation(wallet), _KEYS[:1])) == (400, "invalid_proof")


def test_the_metadata_say_which_level_is_asked(wallets: WalletWorld, wallet: TestWallet) -> None:
    document = wallet.client.get("/.well-known/openid-credential-issuer/duo").json()
    rules = document["credential_configurations_supported"][PLAIN]["proof_types_supported"]["jwt"]["key_attestations_required"]
    assert rules == {"key_storage": [_LEVEL, _STRONGER], "user_authentication": [_LEVEL, _STRONGER]}
