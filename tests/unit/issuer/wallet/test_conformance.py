"""Rules of the OpenID conformance suite for issuers that no other module holds; tests/interop/conformance_modules.py lists them all."""

import pytest

from tests.unit.issuer.wallet.wallet_flows import MDOC, PLAIN, details, refusal, with_code_token, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey


@pytest.mark.parametrize("name", ["duo.anders.sd-jwt", PLAIN.upper(), PLAIN + "x"])
def test_a_configuration_that_nobody_knows_is_refused(name: str, wallets: WalletWorld) -> None:
    wallet = with_token(wallets)
    assert refusal(wallet.fetch(name, [SoftwareKey()])) == (400, "unknown_credential_configuration")


@pytest.mark.parametrize("name", ["duo.anders.sd-jwt", MDOC, PLAIN.upper()])
def test_an_identifier_that_was_not_given_is_refused(name: str, wallets: WalletWorld) -> None:
    wallet = with_code_token(wallets, scope=None, authorization_details=details(PLAIN))
    answer = wallet.ask({"credential_identifier": name, "proofs": wallet.proofs([SoftwareKey()])})
    assert refusal(answer) == (400, "unknown_credential_identifier")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_request_is_pushed_and_not_fetched(method: str, wallets: WalletWorld) -> None:
    wallet = wallets.wallet(wallets.services())
    assert wallet.client.request(method, f"{wallet.address}/par").status_code == 405
