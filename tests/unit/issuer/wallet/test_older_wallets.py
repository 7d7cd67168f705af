"""Wallets of today that follow older drafts, or less than the standard allows."""

import json
from dataclasses import replace

import pytest
from httpx import Response

from blauweknop.domain.document import JsonValue
from blauweknop.issuer.wallet.describing import issuer_document
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID
from blauweknop.standards import jose
from tests.unit.issuer.source_world import DEBT
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER, WalletWorld
from tests.wallet import TestWallet


def source(wallets: WalletWorld, *, challenges: bool) -> WalletServices:
    services = wallets.services()
    known = replace(services.wallets[WALLET_CLIENT_ID], challenges=challenges)
    return replace(services, wallets={known.client_id: known})


def pushed(wallet: TestWallet, name: str = "een bewijs", **claims: JsonValue) -> Response:
    """A request of a wallet whose proof says this and no challenge."""
    said: dict[str, JsonValue] = {"iss": WALLET_CLIENT_ID, "aud": IDENTIFIER, "iat": int(wallet.now().timestamp()), "jti": name, **claims}
    proof = jose.sign_jws(said, wallet.instance.signer, jose.CLIENT_ATTESTATION_POP)
    headers = {**wallet.attestation_headers(), "OAuth-Client-Attestation-PoP": proof}
    form = {
        "response_type": "code",
        "client_id": WALLET_CLIENT_ID,
        "redirect_uri": wallet.redirect_uri,
        "scope": f"{DEBT.id}.sd-jwt",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    return wallet.post_form("par", form, **headers)


def test_a_wallet_that_cannot_answer_challenges_is_excused_where_the_source_says_so(wallets: WalletWorld) -> None:
    assert pushed(wallets.wallet(source(wallets, challenges=False))).status_code == 201


def test_every_other_wallet_is_given_a_challenge_to_answer(wallets: WalletWorld) -> None:
    answer = pushed(wallets.wallet(source(wallets, challenges=True)))
    assert (answer.status_code, answer.json()["error"]) == (400, "use_attestation_challenge")
    assert answer.headers["OAuth-Client-Attestation-Challenge"]


@pytest.mark.parametrize("challenge", ["nooit gegeven", "", 7])
def test_an_answer_to_no_challenge_of_ours_is_never_excused(challenge: JsonValue, wallets: WalletWorld) -> None:
    answer = pushed(wallets.wallet(source(wallets, challenges=False)), challenge=challenge)
    assert (answer.status_code, answer.json()["error"]) == (400, "use_attestation_challenge")


def test_an_excused_wallet_may_not_prove_itself_twice_with_the_same_proof(wallets: WalletWorld) -> None:
    wallet = wallets.wallet(source(wallets, challenges=False))
    assert [pushed(wallet).status_code for _ in range(2)] == [201, 400]


def test_the_logos_in_the_metadata_are_of_a_kind_that_no_wallet_refuses(wallets: WalletWorld) -> None:
    text = json.dumps(issuer_document(wallets.services(), ("nl", "en")))
    assert text.count("data:image/png;base64,iVBORw0KGgo") > 1
    assert text.count("data:") == text.count("data:image/png;base64,")
