"""A server has new copies of what a person agreed to, without a login, as long as nothing changed (ADR 0033)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response

from blauweknop.domain.document import Incomplete, NoData, Outcome, Refused, Unavailable
from blauweknop.domain.texts import Text
from blauweknop.issuer.wallet.refresh_tokens import RENEWABLE_FOR, RENEWALS
from blauweknop.standards.sd_jwt_receiving import read_sd_jwt, resolved_claims, signed_payload
from tests.unit.issuer.source_world import DEBT, GRANT, changed, found
from tests.unit.issuer.wallet.wallet_flows import MDOC, OTHER, PLAIN, VERIFIER, back_from, code_form, code_of, details, refusal, server
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

PAPER = f"{DEBT.id}.document"
BOTH = details(PLAIN, OTHER)


class Server:
    """A server with what a person agreed to; `refresh` is what it got to come back with."""

    def __init__(self, wallets: WalletWorld, asked: str | None = BOTH, outcomes: dict[str, Outcome] | None = None, **changes: Any) -> None:
        self.wallets = wallets
        self.services, self.wallet, self.key = server(wallets)
        pushed = self.wallet.push(None, verifier=VERIFIER, **{"authorization_details": asked, **changes}, **self.wallet.assertion(self.key))
        ticked = (DEBT, GRANT)
        back = back_from(wallets, self.services, pushed, *ticked, client_id=self.wallet.client_id, outcomes=outcomes)
        self.first = self.wallet.take_token(code_form(self.wallet, back["code"], **self.wallet.assertion(self.key)), headers={})
        assert self.first.status_code == 200, self.first.text
        self.refresh = self.first.json().get("refresh_token")

    def renew(self, refresh: str | None = None, wallet: TestWallet | None = None, **changes: Any) -> Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh or self.refresh, **self.wallet.assertion(self.key), **changes}
        sender = wallet or self.wallet
        sender.fetch_nonce()
        return sender.take_token({name: value for name, value in form.items() if value is not None}, headers={})

    def fetch(self, name: str = PLAIN) -> Response:
        return self.wallet.ask({"credential_identifier": name, "proofs": {"jwt": [self.wallet.proof(SoftwareKey())]}})


@pytest.fixture
def mijn(wallets: WalletWorld) -> Server:
    return Server(wallets)


def copy_in(answer: Response) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the issuer signed of a copy, and everything that it says."""
    received = read_sd_jwt(answer.json()["credentials"][0]["credential"])
    payload = signed_payload(received)
    return payload, resolved_claims(payload, received).claims


def names_in(answer: Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["credential_configuration_id"] for item in answer.json()["authorization_details"]]


def test_new_copies_say_the_same_and_end_when_the_first_ones_do(wallets: WalletWorld, mijn: Server) -> None:
    first, said = copy_in(mijn.fetch())
    wallets.world.later(days=30)
    renewed = mijn.renew()
    again, said_again = copy_in(mijn.fetch())

    assert names_in(renewed) == [PLAIN, OTHER]
    claims = said.keys() - {"iat", "nbf", "cnf", "status"}
    assert {name: said_again[name] for name in claims} == {name: said[name] for name in claims}
    assert again["iat"] - first["iat"] == timedelta(days=30).total_seconds()
    assert again["exp"] == first["exp"]


def test_new_copies_share_no_salt_digest_key_or_place_with_the_first_ones(wallets: WalletWorld, mijn: Server) -> None:
    first = mijn.fetch().json()["credentials"][0]["credential"]
    wallets.world.later(days=1)
    mijn.renew()
    again = mijn.fetch().json()["credentials"][0]["credential"]

    one, other = (signed_payload(read_sd_jwt(text)) for text in (first, again))
    assert set(first.split("~")[1:-1]).isdisjoint(again.split("~")[1:-1])
    assert set(one["_sd"]).isdisjoint(other["_sd"])  # type: ignore[arg-type] # lists of digests
    assert (one["cnf"], one["status"]) != (other["cnf"], other["status"])
    assert one["status"] != other["status"]


def test_each_refresh_token_counts_once_and_gives_the_next(mijn: Server) -> None:
    tokens = [mijn.refresh]
    for _ in range(3):
        tokens.append(mijn.renew(tokens[-1]).json()["refresh_token"])
    assert len(set(tokens)) == len(tokens)


def test_a_second_use_ends_everything_that_came_from_the_first(mijn: Server) -> None:
    second = mijn.renew().json()["refresh_token"]
    third = mijn.renew(second).json()["refresh_token"]

    assert refusal(mijn.renew()) == (400, "invalid_grant")
    assert refusal(mijn.renew(third)) == (400, "invalid_grant")
    assert refusal(mijn.fetch()) == (401, "invalid_token")


def test_a_second_use_of_the_code_ends_the_refresh_token_too(wallets: WalletWorld) -> None:
    services, wallet, key = server(wallets)
    pushed = wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key))
    code = back_from(wallets, services, pushed, DEBT, client_id=wallet.client_id)["code"]
    first = wallet.take_token(code_form(wallet, code, **wallet.assertion(key)), headers={})
    wallet.take_token(code_form(wallet, code, **wallet.assertion(key)), headers={})
    form = {"grant_type": "refresh_token", "refresh_token": first.json()["refresh_token"], **wallet.assertion(key)}

    assert refusal(wallet.take_token(form, headers={})) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "now_says",
    [
        changed(found(DEBT), schuldsaldo_inclusief_rente=1),
        found(DEBT, family_name="Anders"),
        NoData(),
        Refused("deceased", Text("nee", "no")),
        Incomplete(("x",)),
        Unavailable("answer", retry_worthwhile=False),
    ],
    ids=["other amount", "other name", "nothing", "refused", "incomplete", "never"],
)
def test_what_changed_is_not_given_again_and_the_rest_is(wallets: WalletWorld, mijn: Server, now_says: Outcome) -> None:
    wallets.world.answers[DEBT.id] = now_says
    renewed = mijn.renew()

    assert names_in(renewed) == [OTHER]
    assert refusal(mijn.fetch(PLAIN)) == (400, "unknown_credential_identifier")
    assert mijn.fetch(OTHER).status_code == 200


def test_what_changed_cannot_be_had_by_the_next_refresh_token_either(wallets: WalletWorld, mijn: Server) -> None:
    before, wallets.world.answers[DEBT.id] = wallets.world.answers[DEBT.id], NoData()
    second = mijn.renew().json()["refresh_token"]
    wallets.world.answers[DEBT.id] = before
    assert names_in(mijn.renew(second)) == [OTHER]


def test_when_everything_changed_the_person_has_to_log_in(wallets: WalletWorld, mijn: Server) -> None:
    wallets.world.answers |= {DEBT.id: NoData(), GRANT.id: NoData()}
    answer = mijn.renew()
    assert refusal(answer) == (400, "invalid_grant")
    assert "log in again" in answer.json()["error_description"]


def test_when_no_system_answers_nothing_is_used_up(wallets: WalletWorld, mijn: Server) -> None:
    before = dict(wallets.world.answers)
    wallets.world.answers |= {DEBT.id: Unavailable("timeout"), GRANT.id: Unavailable("connection")}
    assert refusal(mijn.renew()) == (503, "temporarily_unavailable")
    wallets.world.answers |= before
    assert names_in(mijn.renew()) == [PLAIN, OTHER]


def test_what_a_silent_system_knows_can_be_had_the_next_time(wallets: WalletWorld, mijn: Server) -> None:
    before, wallets.world.answers[DEBT.id] = wallets.world.answers[DEBT.id], Unavailable("timeout")
    renewed = mijn.renew()
    wallets.world.answers[DEBT.id] = before
    assert names_in(renewed) == [OTHER]
    assert names_in(mijn.renew(renewed.json()["refresh_token"])) == [PLAIN, OTHER]


def test_a_part_can_be_asked_and_the_rest_stays(mijn: Server) -> None:
    renewed = mijn.renew(authorization_details=details(OTHER))
    assert names_in(renewed) == [OTHER]
    assert names_in(mijn.renew(renewed.json()["refresh_token"])) == [PLAIN, OTHER]


@pytest.mark.parametrize("name", [MDOC, PAPER])
def test_what_was_not_agreed_to_cannot_be_asked(mijn: Server, name: str) -> None:
    assert refusal(mijn.renew(authorization_details=details(name))) == (400, "invalid_authorization_details")


def test_another_key_gets_nothing_and_spoils_nothing(wallets: WalletWorld, mijn: Server) -> None:
    thief = replace(mijn.wallet, key=SoftwareKey())
    assert refusal(mijn.renew(wallet=thief)) == (400, "invalid_grant")
    assert names_in(mijn.renew()) == [PLAIN, OTHER]


def test_another_client_gets_nothing_and_spoils_nothing(wallets: WalletWorld, mijn: Server) -> None:
    services, other, key = server(wallets, "een-ander", services=mijn.services)
    thief = replace(mijn.wallet, client=other.client, client_id=other.client_id)
    assert services is not mijn.services
    assert refusal(mijn.renew(wallet=replace(thief, client=wallets.client(services)), **thief.assertion(key))) == (400, "invalid_grant")
    assert names_in(mijn.renew()) == [PLAIN, OTHER]


def test_who_does_not_say_who_it_is_gets_nothing(mijn: Server) -> None:
    assert refusal(mijn.renew(client_assertion=None, client_assertion_type=None)) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"refresh_token": None}, "invalid_request"),
        ({"refresh_token": "A" * 43}, "invalid_grant"),
        ({"refresh_token": "geen token"}, "invalid_grant"),
        ({"authorization_details": "x"}, "invalid_authorization_details"),
    ],
)
def test_a_request_of_another_form_is_refused(mijn: Server, changes: dict[str, Any], error: str) -> None:
    assert refusal(mijn.renew(**changes)) == (400, error)


def test_an_access_token_or_a_code_is_no_refresh_token(mijn: Server) -> None:
    assert refusal(mijn.renew(str(mijn.wallet.token))) == (400, "invalid_grant")


def test_a_refresh_token_is_no_access_token(mijn: Server) -> None:
    mijn.wallet.token = mijn.refresh
    assert refusal(mijn.fetch()) == (401, "invalid_token")


def test_after_ninety_days_the_person_has_to_log_in_however_often_it_was_renewed(wallets: WalletWorld, mijn: Server) -> None:
    wallets.world.later(days=60)
    second = mijn.renew().json()["refresh_token"]
    wallets.world.later(days=RENEWABLE_FOR.days - 60)
    assert refusal(mijn.renew(second)) == (400, "invalid_grant")


def test_copies_of_a_credential_that_ended_are_not_given(wallets: WalletWorld, mijn: Server) -> None:
    known = mijn.services.configurations[PLAIN]
    short = replace(known, summary=replace(known.summary, dataset=replace(DEBT, validity_days=30)))
    services = replace(mijn.services, configurations={**mijn.services.configurations, PLAIN: short})
    wallets.world.later(days=31)
    assert names_in(mijn.renew(wallet=replace(mijn.wallet, client=wallets.client(services)))) == [OTHER]


def test_one_consent_gives_new_copies_a_number_of_times(mijn: Server) -> None:
    refresh: str | None = mijn.refresh
    for turn in range(RENEWALS):
        assert refresh is not None, turn
        refresh = mijn.renew(refresh).json().get("refresh_token")
    assert refresh is None


def test_what_was_still_to_come_cannot_be_had_again(wallets: WalletWorld) -> None:
    slow: dict[str, Outcome] = {DEBT.id: Unavailable("timeout"), GRANT.id: found(GRANT)}
    mijn = Server(wallets, outcomes=slow)
    wallets.world.answers[DEBT.id] = found(DEBT)
    assert names_in(mijn.renew()) == [OTHER]


def test_a_document_is_never_given_again(wallets: WalletWorld) -> None:
    assert Server(wallets, details(PAPER)).refresh is None
    assert names_in(Server(wallets, details(PAPER, PLAIN)).renew()) == [PLAIN]


def test_a_wallet_of_a_person_gets_no_refresh_token(wallets: WalletWorld) -> None:
    services = wallets.services()
    wallet = wallets.wallet(services)
    assert "refresh_token" not in wallet.take_token(code_form(wallet, code_of(wallets, services, wallet))).json()


def test_who_asked_by_scope_fetches_by_configuration(wallets: WalletWorld) -> None:
    mijn = Server(wallets, None, scope=PLAIN)
    answer = mijn.renew()
    assert "authorization_details" not in answer.json()
    copy = mijn.wallet.ask({"credential_configuration_id": PLAIN, "proofs": {"jwt": [mijn.wallet.proof(SoftwareKey())]}})
    assert copy.status_code == 200


def test_what_a_source_takes_out_of_its_settings_is_not_given_again(wallets: WalletWorld, mijn: Server) -> None:
    left = {name: known for name, known in mijn.services.configurations.items() if name != PLAIN}
    wallet = replace(mijn.wallet, client=wallets.client(replace(mijn.services, configurations=left)))
    assert names_in(mijn.renew(wallet=wallet)) == [OTHER]


def test_the_log_says_that_it_happened(wallets: WalletWorld, mijn: Server) -> None:
    mijn.renew()
    assert wallets.world.records.events[-1]["outcome"] == "renewed"


def test_the_metadata_tell_servers_that_it_can_be_renewed(wallets: WalletWorld, mijn: Server) -> None:
    known = wallets.services(), mijn.services
    answers = [wallets.client(services).get("/.well-known/oauth-authorization-server/duo").json() for services in known]
    assert ["refresh_token" in answer["grant_types_supported"] for answer in answers] == [False, True]
