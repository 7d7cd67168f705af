from typing import get_args
from urllib.parse import parse_qsl, urlsplit

import pytest

from blauweknop.standards.openid4vci.offers import Offer, PreAuthorized, offer_link, offer_members
from blauweknop.standards.openid4vci.profiles import PROFILES, Profile

ISSUER, DEBTS = "https://bron.example/duo", "duo.studieschuld.sd-jwt"
TYPED = PreAuthorized("geheim", 6, "Uw code staat op de pagina")


def test_an_offer_for_who_logs_in() -> None:
    assert offer_members(Offer(ISSUER, (DEBTS,), "toestand")) == {
        "credential_issuer": ISSUER,
        "credential_configuration_ids": [DEBTS],
        "grants": {"authorization_code": {"issuer_state": "toestand"}},
    }


def test_an_offer_needs_no_state() -> None:
    offer = offer_members(Offer(ISSUER, (DEBTS,)))
    assert isinstance(offer, dict)
    assert offer["grants"] == {"authorization_code": {}}


def test_an_offer_with_a_code_asks_for_the_digits_and_does_not_hold_them() -> None:
    assert offer_members(Offer(ISSUER, (DEBTS, "duo.studieschuld.mdoc"), pre_authorized=TYPED)) == {
        "credential_issuer": ISSUER,
        "credential_configuration_ids": [DEBTS, "duo.studieschuld.mdoc"],
        "grants": {
            "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                "pre-authorized_code": "geheim",
                "tx_code": {"input_mode": "numeric", "length": 6, "description": "Uw code staat op de pagina"},
            }
        },
    }


@pytest.mark.parametrize("scheme", sorted({scheme for rules in PROFILES.values() for scheme in rules.offer_schemes}))
def test_a_link_leads_to_the_offer_and_nowhere_else(scheme: str) -> None:
    address = f"{ISSUER}/oid4vci/offers/x?a=b&credential_offer=1#c"
    link = offer_link(scheme, address)
    assert link.startswith(f"{scheme}?")
    assert parse_qsl(urlsplit(link).query) == [("credential_offer_uri", address)]


def test_every_profile_opens_a_wallet() -> None:
    assert PROFILES.keys() == {*get_args(Profile)}
    assert all(rules.offer_schemes for rules in PROFILES.values())


def test_only_etsi_has_one_proof_for_all_keys_and_tells_of_the_registration() -> None:
    assert {name for name, rules in PROFILES.items() if rules.first_signs} == {"etsi"}
    assert {name for name, rules in PROFILES.items() if rules.issuer_info} == {"etsi"}


def test_what_lets_somebody_in_stays_out_of_sight() -> None:
    shown = repr([Offer(ISSUER, (DEBTS,), "toestand"), Offer(ISSUER, (DEBTS,), pre_authorized=TYPED)])
    assert "geheim" not in shown
    assert "toestand" not in shown
