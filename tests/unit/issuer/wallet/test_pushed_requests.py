"""What a wallet asks before a person is asked: pushed only, with PKCE, back to its own address (PROTOCOL 2.2; conformance: FAPI 2 PAR)."""

from typing import Any

import pytest

from blauweknop.issuer.wallet.consent import refuse
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.pushing import begin_visit, visit_of
from tests.unit.issuer.source_world import DEBT, GRANT
from tests.unit.issuer.wallet.wallet_flows import MDOC, OTHER, PLAIN, VERIFIER, back_from, code_form, details, refusal
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER, WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_PREFIX = "urn:ietf:params:oauth:request_uri:"


@pytest.fixture
def services(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


@pytest.fixture
def wallet(wallets: WalletWorld, services: WalletServices) -> TestWallet:
    return wallets.wallet(services)


def test_a_request_is_kept_for_a_minute(wallet: TestWallet) -> None:
    answer = wallet.push(PLAIN, verifier=VERIFIER)

    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["expires_in"] == 60
    assert len(answer.json()["request_uri"].removeprefix(_PREFIX)) == 43


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": VERIFIER}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "https://wallet.blauweknop.example/terug/"}, "invalid_request"),
        ({"redirect_uri": "https://wallet.blauweknop.example/terug?x=1"}, "invalid_request"),
        ({"redirect_uri": "https://wallet.blauweknop.example/terug#x"}, "invalid_request"),
        ({"redirect_uri": "https://wallet.blauweknop.example"}, "invalid_request"),
        ({"redirect_uri": "https://aanvaller.example/terug"}, "invalid_request"),
        ({"redirect_uri": "HTTPS://wallet.blauweknop.example/terug"}, "invalid_request"),
        ({"redirect_uri": "https://wallet.blauweknop.example:443/terug"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "duo.studieschuld"}, "invalid_scope"),
        ({"scope": f"{PLAIN}  {MDOC}"}, "invalid_scope"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"authorization_details": "{}"}, "invalid_authorization_details"),
        ({"authorization_details": "geen json"}, "invalid_authorization_details"),
        ({"authorization_details": '[{"type":"payment"}]'}, "invalid_authorization_details"),
        ({"authorization_details": '[{"type":"openid_credential"}]'}, "invalid_authorization_details"),
        ({"authorization_details": details("duo.onbekend.sd-jwt")}, "invalid_authorization_details"),
        ({"authorization_details": details(PLAIN, "duo.onbekend.sd-jwt")}, "invalid_authorization_details"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request"),
        ({"request_uri": f"{_PREFIX}x"}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"dpop_jkt": "te kort"}, "invalid_request"),
        ({"state": "x" * 2049}, "invalid_request"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(changes: dict[str, Any], error: str, wallet: TestWallet) -> None:
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, **changes)) == (400, error)


def test_a_scope_that_means_nothing_here_is_left_out(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    pushed = wallet.push(f"openid {PLAIN} {PLAIN}", verifier=VERIFIER)
    visit = begin_visit(pushed.json()["request_uri"], wallet.client_id, services, wallets.world.now)
    request = visit_of(str(visit), services, wallets.world.now)

    assert request is not None
    assert request.wanted == (PLAIN,)


def test_a_request_in_the_name_of_another_wallet_is_refused(wallet: TestWallet) -> None:
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, client_id="https://ander.example")) == (401, "invalid_client")


def test_a_wallet_that_does_not_prove_who_it_is_may_ask_nothing(wallet: TestWallet) -> None:
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, headers={})) == (401, "invalid_client")


def test_an_unknown_wallet_may_not_even_ask_where_offers_are_open_to_it(wallets: WalletWorld) -> None:
    wallets.changes["unknown_wallets"] = True
    wallet = wallets.wallet(wallets.services())
    assert refusal(wallet.push(PLAIN, verifier=VERIFIER, headers={})) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"response_type":"code"}', "application/json"),
        (b"response_type=code&response_type=code", "application/x-www-form-urlencoded"),
        (b"response_type=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(25)), "application/x-www-form-urlencoded"),
        (b"scope=" + b"x" * 16 * 1024, "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"", ""),
    ],
)
@pytest.mark.parametrize("endpoint", ["par", "token"])
def test_only_a_form_is_read(endpoint: str, content: bytes, kind: str, wallet: TestWallet) -> None:
    answer = wallet.client.post(f"{wallet.address}/{endpoint}", content=content, headers={"Content-Type": kind})
    assert refusal(answer) == (400, "invalid_request")


@pytest.mark.parametrize("endpoint", ["par", "token"])
def test_nothing_may_be_said_in_the_address(endpoint: str, wallet: TestWallet) -> None:
    answer = wallet.client.post(f"{wallet.address}/{endpoint}?scope={PLAIN}", data={"response_type": "code"})
    assert refusal(answer) == (400, "invalid_request")


def test_a_key_that_is_announced_must_be_the_one_that_is_proved(wallet: TestWallet) -> None:
    wallet.fetch_nonce()
    headers = {**wallet.attestation_headers(), "DPoP": wallet.dpop("par")}
    answer = wallet.push(PLAIN, verifier=VERIFIER, headers=headers, dpop_jkt=SoftwareKey().thumbprint)
    assert refusal(answer) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("changes", [{"client_id": "https://ander.example"}, {"client_id": ""}])
def test_a_request_is_of_one_wallet(changes: dict[str, Any], wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    request_uri = wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"]
    assert begin_visit(request_uri, changes["client_id"], services, wallets.world.now) is None


def test_a_request_is_used_once(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    request_uri = wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"]
    visits = [begin_visit(request_uri, wallet.client_id, services, wallets.world.now) for _ in range(2)]
    assert [visit is None for visit in visits] == [False, True]


def test_a_request_ends_after_a_minute(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    request_uri = wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"]
    wallets.world.later(seconds=60)
    assert begin_visit(request_uri, wallet.client_id, services, wallets.world.now) is None


@pytest.mark.parametrize("request_uri", ["", _PREFIX, f"{_PREFIX}{'A' * 43}", "https://aanvaller.example/vraag", f"{_PREFIX}../../token"])
def test_a_request_that_was_never_pushed_is_not_there(
    request_uri: str, wallets: WalletWorld, services: WalletServices, wallet: TestWallet
) -> None:
    assert begin_visit(request_uri, wallet.client_id, services, wallets.world.now) is None


@pytest.mark.parametrize("query", ["", "?client_id={client}", "?client_id={client}&response_type=code&scope=" + PLAIN, "?request_uri=x"])
def test_a_person_comes_with_a_pushed_request_only(query: str, wallet: TestWallet) -> None:
    """Conformance: par-authorization-request-containing-request_uri, ensure-request-object-fails-without-par."""
    address = f"{wallet.address}/authorize{query.format(client=wallet.client_id)}"
    answer = wallet.client.get(address, follow_redirects=False)

    assert 400 <= answer.status_code < 500
    assert "location" not in answer.headers


def test_an_issuer_state_that_was_never_given_is_no_login(wallet: TestWallet) -> None:
    pushed = wallet.push(PLAIN, verifier=VERIFIER, issuer_state="van een ander")
    query = {"client_id": wallet.client_id, "request_uri": pushed.json()["request_uri"]}
    answer = wallet.client.get(f"{wallet.address}/authorize", params=query, follow_redirects=False)

    assert pushed.status_code == 201
    assert answer.headers["location"] == "https://login.example/start"


def test_the_answer_says_who_gives_it_and_repeats_the_state(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    back = back_from(wallets, services, wallet.push(PLAIN, verifier=VERIFIER), DEBT)

    assert back.keys() == {"code", "iss", "state"}
    assert (back["iss"], back["state"]) == (IDENTIFIER, "the state")


def test_an_answer_to_a_request_without_state_has_none(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    assert "state" not in back_from(wallets, services, wallet.push(PLAIN, verifier=VERIFIER, state=None), DEBT)


def test_who_agrees_to_nothing_that_was_asked_gives_no_code(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    back = back_from(wallets, services, wallet.push(OTHER, verifier=VERIFIER), DEBT)
    assert (back["error"], "code" in back) == ("access_denied", False)


def test_who_refuses_gives_no_code_and_cannot_agree_after_all(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    now = wallets.world.now
    visit = str(begin_visit(wallet.push(OTHER, verifier=VERIFIER).json()["request_uri"], wallet.client_id, services, now))
    request = visit_of(visit, services, now)
    assert request is not None
    back = refuse(visit, request, services, now)

    assert back is not None
    assert "error=access_denied" in back
    assert "code=" not in back
    assert visit_of(visit, services, now) is None
    assert refuse(visit, request, services, now) is None


def test_a_token_holds_only_what_the_person_agreed_to(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    pushed = wallet.push(None, verifier=VERIFIER, authorization_details=details(PLAIN, OTHER))
    code = back_from(wallets, services, pushed, GRANT)["code"]
    answer = wallet.take_token(code_form(wallet, code))

    assert [item["credential_identifiers"] for item in answer.json()["authorization_details"]] == [[OTHER]]
