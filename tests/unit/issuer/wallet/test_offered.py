"""The whole way of an offer for a wallet on another device: from the code to the credentials."""

import json
from dataclasses import replace

import pytest

from blauweknop.domain.document import Found, Selection, Unavailable
from blauweknop.issuer.wallet.offers import offered, other_device
from blauweknop.standards import base64url
from tests.unit.issuer.source_world import ANNA, DEBT, GRANT, found
from tests.unit.issuer.wallet.wallet_flows import offer_at
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey


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


def test_a_bsn_that_was_chosen_is_in_a_credential_for_which_the_source_is_asked_at_last(wallets: WalletWorld) -> None:
    snapshot = found(DEBT).snapshot
    as_systems_answer = replace(snapshot, subject=replace(snapshot.subject, bsn=None))
    wallets.world.answers[DEBT.id] = Found(as_systems_answer)
    services = wallets.services()
    session = replace(wallets.session(), selections=(Selection(DEBT.id, frozenset(), with_bsn=True),))
    unknown = {DEBT.id: Unavailable("timeout")}
    chosen, how = offered([DEBT.id], "dc+sd-jwt", services), {"description": "zes cijfers", "session_reference": "r" * 43}
    made = other_device(chosen, session, unknown, services, wallets.world.now, **how)
    wallet = wallets.wallet(services)
    wallet.exchange_offer(wallet.client.get(offer_at(made.link)).json(), made.tx_code)

    fetched = wallet.fetch(f"{DEBT.id}.sd-jwt", [SoftwareKey()])

    assert fetched.status_code == 200, fetched.text
    disclosures = fetched.json()["credentials"][0]["credential"].split("~")[1:-1]
    shown = [json.loads(base64url.decode(disclosure)) for disclosure in disclosures]
    assert ANNA.bsn.digits in [value for _, name, value in shown if name == "bsn"]
