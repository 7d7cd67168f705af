"""A person who came with a request of a wallet: everything that can go wrong on the way, and what the wallet gets in the end."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from httpx import Response

from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import Found, NoData, Refused, Unavailable
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.domain.texts import Text
from blauweknop.issuer.login import Mandate
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID
from tests.security.bsn_scan import bsns_in
from tests.unit.document import wallet_samples as w
from tests.unit.issuer.source_world import ANNA, BERT, DEBT, GRANT, JOBS, LOW_ANNA, changed, found, words
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER, WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_VERIFIER = "v" * 43
_VIEW = re.compile(r'name="view" value="([^"]*)"')
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
_OVER = "Deze vraag is voorbij"
_BALANCE = "schuldsaldo_inclusief_rente"


class Visit:
    """A wallet that asked, and the browser of its person, which follows no redirects."""

    def __init__(self, wallets: WalletWorld, *datasets: Dataset, form: str = "sd-jwt", services: WalletServices | None = None) -> None:
        self.wallets = wallets
        self.services = services or wallets.services()
        self.browser = wallets.browser(self.services)
        self.wallet: TestWallet = wallets.wallet(self.services)
        answer = self.wallet.push(" ".join(f"{dataset.id}.{form}" for dataset in datasets), verifier=_VERIFIER)
        assert answer.status_code == 201, answer.text
        self.query = {"client_id": WALLET_CLIENT_ID, "request_uri": answer.json()["request_uri"]}
        self.path = ""

    def authorize(self, query: str | None = None) -> Response:
        return self.browser.open(f"/oid4vci/authorize?{urlencode(self.query) if query is None else query}")

    def come(self) -> str:
        """To the page, by way of the login."""
        answer = self.authorize()
        if answer.headers["location"] == "https://login.example/start":
            answer = self.browser.open("/terug?code=x&state=y")
        self.path = answer.headers["location"].removeprefix("/duo")
        return self.look()

    def look(self) -> str:
        return self.browser.open(self.path).text

    def decide(self, answer: str, *datasets: Dataset, page: str | None = None, ticked: Sequence[str] = ()) -> Response:
        given = page if page is not None else self.look()
        view, token = _VIEW.search(given), _TOKEN.search(given or self.look())
        fields: dict[str, Any] = {
            "_csrf_token": token[1] if token else "",
            "vraag": self.path.partition("vraag=")[2],
            "view": view[1] if view else "",
            "answer": answer,
            "dataset": [dataset.id for dataset in datasets] + list(ticked),
        }
        return self.browser.client.post("/duo/wallet/toestemming", data=fields, follow_redirects=False)

    def agree(self, *datasets: Dataset, page: str | None = None, ticked: Sequence[str] = ()) -> Response:
        return self.decide("agree", *datasets, page=page, ticked=ticked)


def told(answer: Response) -> dict[str, str]:
    """What the wallet is told in the address that its person goes back to."""
    assert answer.status_code == 303, answer.text
    address, _, query = answer.headers["location"].partition("?")
    assert address == "https://wallet.blauweknop.example/terug"
    return {name: values[0] for name, values in parse_qs(query).items()}


def refused(answer: Response, sentence: str, status: int = 400) -> None:
    assert answer.status_code == status
    assert "location" not in answer.headers
    assert sentence in words(answer.text)


def shown(html: str) -> str:
    return words(html).replace("\N{NO-BREAK SPACE}", " ")


def test_a_person_who_agrees_gets_in_the_wallet_what_the_page_showed(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    page = visit.come()
    assert "€ 1.234,56" in shown(page)
    wallets.world.answers[DEBT.id] = changed(found(DEBT), **{_BALANCE: 999})
    back = told(visit.agree(DEBT, page=page))
    assert (back["state"], back["iss"]) == ("the state", IDENTIFIER)
    assert visit.wallet.exchange_code(back["code"], _VERIFIER).status_code == 200
    fetched = visit.wallet.fetch(f"{DEBT.id}.sd-jwt", [SoftwareKey()])
    assert fetched.status_code == 200, fetched.text
    assert wallets.world.asked == [DEBT.id]


def test_the_page_names_the_wallet_as_it_is_registered_and_every_claim(wallets: WalletWorld) -> None:
    page = shown(Visit(wallets, DEBT, GRANT).come())
    assert "Oefenwallet vraagt om gegevens die DUO van u heeft" in page
    for dataset in (DEBT, GRANT):
        assert dataset.title.nl in page
    assert "Peildatum 23 november 2026" in page
    assert "Geldig tot" in page
    assert "Krijgt studiefinanciering Ja" in page


@pytest.mark.parametrize(
    ("query", "rules", "interest", "level"),
    [("", "15 jaar (nieuwe regels)", "2,29%", "Hbo"), ("&taal=en", "15 years (new rules)", "2.29%", "Higher professional")],
)
def test_a_code_and_a_ratio_read_as_in_the_letter(query: str, rules: str, interest: str, level: str, wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = changed(found(DEBT), terugbetaalregime="SF15_NIEUW", rentepercentage="0.0229")
    wallets.world.answers[GRANT.id] = changed(found(GRANT), onderwijssoort="hbo")
    visit = Visit(wallets, DEBT, GRANT)
    visit.come()
    page = shown(visit.browser.open(f"{visit.path}{query}").text)
    assert f" {rules} " in page
    assert f" {interest} " in page
    assert level in page
    assert "SF15" not in page
    assert "0.0229" not in page


@pytest.mark.parametrize(
    ("cents", "bracket", "answer"),
    [
        (1_500_000, "Minder dan € 20.000", "Nee"),
        (2_345_678, "Van € 20.000 tot € 25.000", "Ja"),
        (9_000_000, "€ 80.000 of meer", "Ja"),
    ],
)
def test_conclusions_stand_apart_in_words(wallets: WalletWorld, cents: int, bracket: str, answer: str) -> None:
    year = w.pay((date(2025, 1, 1), date(2025, 12, 31), cents))
    wallets.world.answers[JOBS.id] = Found(w.snapshot(w.JOBS, {"aanmaakdatum": "2026-11-20", "inkomstenverhoudingen": [year]}))
    facts, _, conclusions = shown(Visit(wallets, JOBS).come()).partition("Korte antwoorden")
    assert f"Inkomensgroep {bracket}" in conclusions
    assert f"Inkomen van 20.000 euro of meer {answer}" in conclusions
    assert "Jaar van dat inkomen 2025" in facts
    assert "Inkomensgroep" not in facts


def test_what_the_source_does_not_say_is_named(wallets: WalletWorld) -> None:
    page = shown(Visit(wallets, JOBS).come())
    assert "Staat er niet in, omdat DUO het niet heeft of niet zeker weet: SV-loon van het vorige jaar" in page
    assert "Burgerservicenummer" not in page


def test_the_page_speaks_english(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.come()
    page = words(visit.browser.open(f"{visit.path}&taal=en").text)
    assert "Do you want to put this in your wallet?" in page
    assert "€1,234.56" in page


def test_each_data_set_that_the_wallet_asked_for_is_ticked_and_can_be_left_out(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT, GRANT)
    page = visit.come()
    assert page.count(" checked") == 2
    back = told(visit.agree(GRANT, page=page))
    visit.wallet.exchange_code(back["code"], _VERIFIER)
    assert visit.wallet.fetch(f"{GRANT.id}.sd-jwt", [SoftwareKey()]).status_code == 200
    assert visit.wallet.fetch(f"{DEBT.id}.sd-jwt", [SoftwareKey()]).json()["error"] == "unknown_credential_configuration"


def test_what_the_wallet_did_not_ask_for_cannot_be_ticked(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.browser.log_in()
    refused(visit.agree(page=visit.come(), ticked=[GRANT.id]), "Kies minstens één soort gegevens", 422)


def test_who_ticks_nothing_is_told_so_and_loses_nothing(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    answer = visit.agree(page=visit.come())
    refused(answer, "Kies minstens één soort gegevens", 422)
    assert "code" in told(visit.agree(DEBT, page=answer.text))


def test_who_says_no_goes_back_to_the_wallet_with_nothing(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    back = told(visit.decide("refuse", page=visit.come()))
    assert back == {"error": "access_denied", "iss": IDENTIFIER, "state": "the state"}


def test_any_answer_that_is_not_yes_is_no(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    assert told(visit.decide("", DEBT, page=visit.come()))["error"] == "access_denied"


def test_who_says_no_after_the_session_ended_needs_no_login(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    page = visit.come()
    visit.browser.client.cookies.delete("bk-duo")
    assert told(visit.decide("refuse", page=page))["error"] == "access_denied"


@pytest.mark.parametrize(
    "change",
    [
        {"request_uri": "urn:ietf:params:oauth:request_uri:" + "a" * 43},
        {"request_uri": "https://evil.example/request"},
        {"request_uri": ""},
        {"client_id": "https://other.example"},
        {"client_id": ""},
    ],
)
def test_a_request_that_is_not_known_leads_nowhere(wallets: WalletWorld, change: dict[str, str]) -> None:
    visit = Visit(wallets, DEBT)
    visit.query.update(change)
    refused(visit.authorize(), _OVER)


def test_a_request_of_a_minute_ago_is_over(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    wallets.world.later(seconds=61)
    refused(visit.authorize(), _OVER)


def test_a_request_works_once(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.authorize()
    refused(visit.authorize(), _OVER)


@pytest.mark.parametrize("name", ["client_id", "request_uri"])
def test_a_parameter_that_is_there_twice_is_not_read(wallets: WalletWorld, name: str) -> None:
    visit = Visit(wallets, DEBT)
    refused(visit.authorize(f"{urlencode(visit.query)}&{urlencode({name: visit.query[name]})}"), _OVER)
    assert visit.authorize().status_code == 303


@pytest.mark.parametrize("name", ["client_id", "request_uri"])
def test_a_parameter_that_is_missing_leads_nowhere(wallets: WalletWorld, name: str) -> None:
    visit = Visit(wallets, DEBT)
    del visit.query[name]
    refused(visit.authorize(), _OVER)


def test_what_else_is_in_the_address_changes_nothing(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.query |= {"redirect_uri": "https://evil.example/", "scope": f"{GRANT.id}.sd-jwt", "state": "other"}
    page = visit.come()
    assert GRANT.title.nl not in page
    assert told(visit.agree(DEBT, page=page))["state"] == "the state"


@pytest.mark.parametrize("dataset", [DEBT, GRANT])
def test_the_login_is_at_the_level_of_what_is_asked_and_comes_back_to_the_page(wallets: WalletWorld, dataset: Dataset) -> None:
    visit = Visit(wallets, dataset)
    assert visit.authorize().headers["location"] == "https://login.example/start"
    level, path, afresh = wallets.world.login.asked[-1]
    assert level is dataset.level
    assert path.startswith("/duo/wallet/toestemming?vraag=")
    assert not afresh


def test_who_is_logged_in_is_not_asked_again(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.browser.log_in()
    assert visit.authorize().headers["location"].startswith("/duo/wallet/toestemming?vraag=")


def test_a_login_at_a_lower_level_is_done_again(wallets: WalletWorld) -> None:
    wallets.world.login.person = LOW_ANNA
    visit = Visit(wallets, GRANT)
    visit.browser.log_in()
    assert visit.authorize().headers["location"] == "https://login.example/start"
    assert wallets.world.login.asked[-1][0] is AssuranceLevel.SUBSTANTIAL


def test_a_login_of_more_than_fifteen_minutes_ago_is_done_again_at_its_own_level(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.browser.log_in()
    visit.browser.choose(DEBT, bsn="with")
    for _ in range(2):
        wallets.world.later(minutes=8)
        visit.browser.open("/kiezen")
    again = Visit(wallets, DEBT, services=visit.services)
    again.browser.client.cookies = visit.browser.client.cookies
    assert again.authorize().headers["location"] == "https://login.example/start"
    assert (wallets.world.login.asked[-1][0], wallets.world.login.asked[-1][2]) == (AssuranceLevel.SUBSTANTIAL, True)


def test_so_many_logins_a_minute_start_from_one_address(wallets: WalletWorld) -> None:
    wallets.world.login_starts = 2
    services = wallets.services()
    visits = [Visit(wallets, DEBT, services=services) for _ in range(3)]
    first = visits[0]
    answers = []
    for visit in visits:
        first.query = visit.query
        answers.append(first.authorize().status_code)
    assert answers == [303, 303, 429]


def test_a_session_that_ends_on_the_page_leads_to_the_login_and_back_with_nothing_lost(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    page = visit.come()
    visit.browser.client.cookies.delete("bk-duo")
    assert visit.agree(DEBT, page=page).headers["location"] == "https://login.example/start"
    answer = visit.browser.open("/terug?code=x&state=y")
    assert answer.headers["location"] == f"/duo{visit.path}"
    assert "code" in told(visit.agree(DEBT))


def test_the_page_can_be_opened_by_nobody_who_has_not_logged_in(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.come()
    stranger = wallets.browser(visit.services)
    assert stranger.open(visit.path).headers["location"] == "https://login.example/start"


def test_somebody_else_who_logs_in_sees_and_gives_their_own_data(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    first = visit.come()
    wallets.world.login.person = BERT
    wallets.world.answers[DEBT.id] = found(DEBT, given_name="Bert")
    visit.browser.log_in()
    assert visit.agree(DEBT, page=first).headers["location"].endswith("&veranderd")
    assert "Bert" in visit.look()


def test_a_choice_in_another_tab_is_looked_at_first(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    page = visit.come()
    visit.browser.choose(DEBT, bsn="with")
    answer = visit.agree(DEBT, page=page)
    assert answer.headers["location"] == f"/duo{visit.path}&veranderd"
    assert "Uw keuze is veranderd" in words(visit.browser.open(f"{visit.path}&veranderd").text)


def test_a_form_without_a_view_gives_nothing(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.come()
    assert visit.agree(DEBT, page="").headers["location"].endswith("&veranderd")


def test_what_was_decided_in_one_tab_is_over_in_the_other(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    page = visit.come()
    visit.agree(DEBT, page=page)
    for answer in (visit.agree(DEBT, page=page), visit.decide("refuse", page=page), visit.browser.open(visit.path)):
        refused(answer, "U hebt hier al antwoord op gegeven")


def test_a_visit_of_more_than_fifteen_minutes_is_over(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    page = visit.come()
    wallets.world.later(minutes=16)
    refused(visit.agree(DEBT, page=page), _OVER)
    refused(visit.browser.open(visit.path), _OVER)


@pytest.mark.parametrize("path", ["", "?vraag=", "?vraag=x", "?vraag=a&vraag=b"])
def test_a_page_of_no_visit_is_over(wallets: WalletWorld, path: str) -> None:
    refused(wallets.browser(wallets.services()).open(f"/wallet/toestemming{path}"), _OVER)


def test_a_visit_that_is_named_twice_is_not_read(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.come()
    refused(visit.browser.open(f"{visit.path}&{visit.path.partition('?')[2]}"), _OVER)


def test_a_wallet_that_was_taken_out_of_the_settings_gets_nothing(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.come()
    later = wallets.browser(replace(visit.services, wallets={}))
    later.client.cookies = visit.browser.client.cookies
    refused(later.open(visit.path), _OVER)


def test_the_bsn_is_shown_and_given_only_when_it_was_chosen(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.browser.log_in()
    assert bsns_in(visit.come()) == ()
    visit.browser.choose(DEBT, bsn="with")
    page = visit.look()
    assert f"Burgerservicenummer {ANNA.bsn.digits}" in words(page)
    assert "Uw BSN komt in uw wallet" in words(page)
    visit.wallet.exchange_code(told(visit.agree(DEBT, page=page))["code"], _VERIFIER)
    visit.wallet.fetch(f"{DEBT.id}.sd-jwt", [SoftwareKey()])
    assert wallets.world.records.issued[-1]["with_bsn"] is True


def test_what_is_not_there_is_named_with_the_reason_and_cannot_be_ticked(wallets: WalletWorld) -> None:
    wallets.world.answers[GRANT.id] = Refused("deceased", Text("Deze persoon is overleden.", "This person died."))
    visit = Visit(wallets, DEBT, GRANT)
    page = visit.come()
    assert f"{GRANT.title.nl} Krijgt u niet Deze persoon is overleden." in words(page)
    assert page.count('name="dataset"') == 1
    back = told(visit.agree(DEBT, GRANT, page=page))
    visit.wallet.exchange_code(back["code"], _VERIFIER)
    assert visit.wallet.fetch(f"{GRANT.id}.sd-jwt", [SoftwareKey()]).json()["error"] == "unknown_credential_configuration"


def test_with_nothing_there_the_only_way_is_back(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = NoData()
    visit = Visit(wallets, DEBT)
    page = visit.come()
    assert "Er is niets voor uw wallet" in words(page)
    assert 'value="agree"' not in page
    assert "Terug naar Oefenwallet" in words(page)
    refused(visit.agree(DEBT, page=page), "Er is niets voor uw wallet", 422)
    assert told(visit.decide("refuse"))["error"] == "access_denied"


def test_what_is_slow_comes_later_by_itself(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = Unavailable("timeout")
    visit = Visit(wallets, DEBT)
    page = visit.come()
    assert "uw wallet haalt het vanzelf op" in words(page)
    back = told(visit.agree(DEBT, page=page))
    assert visit.wallet.exchange_code(back["code"], _VERIFIER).status_code == 200


def test_data_that_fit_in_no_credential_are_said_to(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = changed(found(DEBT), **{_BALANCE: "veel"})
    visit = Visit(wallets, DEBT)
    assert "Uw gegevens passen niet in een wallet" in words(visit.come())


def test_a_system_that_fails_is_no_fault_of_the_page(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = RuntimeError("secret")
    visit = Visit(wallets, DEBT)
    page = visit.come()
    assert "secret" not in page
    assert "Komt later" in words(page)


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://wallet.blauweknop.example/terug", "https://wallet.blauweknop.example"),
        ("nl.voorbeeld.wallet://terug", "nl.voorbeeld.wallet:"),
        ("http://127.0.0.1:9999/terug", "http://127.0.0.1:9999"),
    ],
)
def test_the_form_of_the_page_may_lead_to_this_wallet_and_to_no_other(wallets: WalletWorld, address: str, target: str) -> None:
    known = next(iter(wallets.services().wallets.values()))
    wallets.changes["wallets"] = {known.client_id: replace(known, redirect_uris=(address,))}
    services = wallets.services()
    visit = Visit.__new__(Visit)
    visit.wallets, visit.services, visit.browser = wallets, services, wallets.browser(services)
    visit.wallet = wallets.wallet(services, redirect_uri=address)
    answer = visit.wallet.push(f"{DEBT.id}.sd-jwt", verifier=_VERIFIER)
    visit.query = {"client_id": WALLET_CLIENT_ID, "request_uri": answer.json()["request_uri"]}
    visit.come()
    policies = visit.browser.open(visit.path).headers.get_list("content-security-policy")
    assert [f"form-action 'self' https://login.example {target};" in policy for policy in policies] == [True]
    elsewhere = visit.browser.open("/kiezen").headers["content-security-policy"]
    assert target not in elsewhere


def test_no_address_page_or_log_of_a_visit_holds_a_value(wallets: WalletWorld, capsys: pytest.CaptureFixture[str]) -> None:
    visit = Visit(wallets, DEBT)
    visit.come()
    answer = visit.agree(DEBT)
    assert bsns_in(str(answer.headers.multi_items())) == ()
    assert bsns_in(capsys.readouterr().out) == ()
    assert urlsplit(answer.headers["location"]).fragment == ""


def test_a_value_of_a_source_is_no_mark_up(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = found(DEBT, given_name='"><script>alert(1)</script>')
    page = Visit(wallets, DEBT).come()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_form_without_its_token_is_refused(wallets: WalletWorld) -> None:
    visit = Visit(wallets, DEBT)
    visit.come()
    data: dict[str, Any] = {"vraag": visit.path.partition("vraag=")[2], "answer": "agree", "dataset": DEBT.id}
    assert visit.browser.client.post("/duo/wallet/toestemming", data=data, follow_redirects=False).status_code == 403


@pytest.mark.parametrize("answer", ["look", "agree"])
def test_who_acts_for_another_gets_nothing_of_them_in_a_wallet(wallets: WalletWorld, answer: str) -> None:
    visit = Visit(wallets, DEBT)
    page = visit.come()
    wallets.world.login.person = replace(ANNA, mandate=Mandate(Representative("Laakhof", Capacity.ADMINISTRATOR), "pairwise-7"))
    visit.browser.log_in()
    seen = visit.browser.open(visit.path) if answer == "look" else visit.decide("agree", DEBT, page=page)
    assert seen.status_code == 403
    assert "Een wallet is van één persoon" in words(seen.text)
