"""The whole way of an offer for a wallet on another device: from the code to the credentials."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.issuer.source_world import DEBT, GRANT
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey


def offer_at(link: str) -> str:
    """The address of the offer in a link to a wallet."""
    return parse_qs(urlsplit(link).query)["credential_offer_uri"][0]


@pytest.mark.parametrize("form", ["dc+sd-jwt", "mso_mdoc"])
def test_a_wallet_fetches_what_it_was_offered(form: str, wallets: WalletWorld) -> None:
    services = wallets.services()
    made = wallets.offer(services, DEBT, GRANT, form=form)
    wallet = wallets.wallet(services)

    offer = wallet.client.get(offer_at(made.link)).json()
    token = wallet.exchange_offer(offer, made.tx_code)
    assert token.status_code == 200, token.text
    keys = [SoftwareKey() for _ in range(3)]
    answers = [wallet.fetch(name, keys) for name in offer["credential_configuration_ids"]]

    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert all(len(answer.json()["credentials"]) == 3 for answer in answers)
    print(answers[0].json()["credentials"][0]["credential"][:60])
