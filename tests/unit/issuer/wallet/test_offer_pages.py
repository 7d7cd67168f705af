"""From the preview to a wallet: on this device by a link, on another by a QR code and six digits."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response

from blauweknop.domain.document import NoData, Unavailable
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.issuer.login import Mandate
from blauweknop.issuer.wallet.ports import WalletServices
from tests.security.bsn_scan import bsns_in
from tests.unit.issuer.source_world import ANNA, BERT, DEBT, GRANT, Browser, changed, found, words
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey

_VIEW = re.compile(r'name="view" value="([^"]+)"')
_DIGITS = re.compile(r'<span class="for-ears">((?:[0-9], ){5}[0-9])</span>')
_LINK = re.compile(r"<code>(haip-vci://[^<]+)</code>")
_BALANCE = "schuldsaldo_inclusief_rente"


FOR_ANNA = replace(ANNA, mandate=Mandate(Representative("Laakhof", Capacity.ADMINISTRATOR), "pairwise-7"))


class Person:
    """Somebody who is logged in and chose; follows no redirects."""

    def __init__(self, wallets: WalletWorld, *datasets: Any, services: WalletServices | None = None, **fields: Any) -> None:
        self.wallets = wallets
        self.services = services or wallets.services()
        self.browser: Browser = wallets.browser(self.services)
        self.read: dict[str, dict[str, Any]] = {}
        self.browser.log_in()
        self.browser.choose(*(datasets or (DEBT,)), **fields)

    def put(self, page: str | None = None, **fields: str) -> Response:
        """Press the button on this preview, or on the one of now."""
        view = _VIEW.search(self.browser.look() if page is None else page)
        return self.browser.send("/wallet", {"view": view[1] if view else "", **fields})

    def page(self) -> str:
        """What stands there now; a wallet has read what it offers."""
        page = self.browser.open("/wallet").text
        if _LINK.search(page):
            self.read[offered_at(page)] = self.offer(page)
        return page

    def put_and_look(self, **fields: str) -> str:
        assert self.put(**fields).headers["location"] == "/duo/wallet"
        return self.page()

    def fetch(self, page: str, *, digits: str | None = None) -> Response:
        """What a wallet elsewhere does with the code and the digits of this page; the answer with the token."""
        wallet = self.wallets.wallet(self.services)
        offer = wallet.client.get(offered_at(page)).json()
        return wallet.exchange_offer(offer, digits_of(page) if digits is None else digits)

    def offer(self, page: str) -> dict[str, Any]:
        found = self.browser.client.get(offered_at(page)).json()
        assert isinstance(found, dict)
        return found


def offered_at(page: str) -> str:
    link = _LINK.search(page)
    assert link is not None, words(page)
    return parse_qs(urlsplit(link[1]).query)["credential_offer_uri"][0]


def digits_of(page: str) -> str:
    digits = _DIGITS.search(page)
    assert digits is not None
    return digits[1].replace(", ", "")


def is_over(person: Person, page: str) -> bool:
    """Whether a wallet finds no offer here any more, and no one who read it before gets anything for it."""
    wallet = person.wallets.wallet(person.services)
    told = wallet.exchange_offer(person.read[offered_at(page)], digits_of(page))
    return person.browser.client.get(offered_at(page)).status_code == 404 and told.json().get("error") == "invalid_grant"


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06}"


def test_the_preview_has_the_button_only_when_the_source_issues_to_wallets(wallets: WalletWorld) -> None:
    services = wallets.services()
    without = replace(services, issuer=replace(services.issuer, wallets=False))
    assert "Zet in mijn wallet" in words(Person(wallets, services=services).browser.look())
    assert "Zet in mijn wallet" not in words(Person(wallets, services=without).browser.look())


def test_what_the_preview_showed_is_what_a_wallet_elsewhere_gets(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    wallets.world.answers[DEBT.id] = changed(found(DEBT), **{_BALANCE: 999})
    wallet = wallets.wallet(person.services)
    assert wallet.exchange_offer(person.offer(page), digits_of(page)).status_code == 200
    assert wallet.fetch(f"{DEBT.id}.sd-jwt", [SoftwareKey()]).status_code == 200
    assert wallets.world.asked == [DEBT.id]
    assert "€ 1.234,56" in words(page).replace("\N{NO-BREAK SPACE}", " ")


def test_the_digits_stand_after_the_code_and_are_not_in_it(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    digits = digits_of(page)
    assert page.index("<svg viewBox") < page.index(f"{digits[:3]} {digits[3:]}")
    assert digits not in _link(page)
    assert digits not in str(person.offer(page))


def _link(page: str) -> str:
    link = _LINK.search(page)
    assert link is not None
    return link[1]


def test_the_offer_of_a_code_demands_the_digits_and_says_where_they_are(wallets: WalletWorld) -> None:
    person = Person(wallets)
    grant = person.offer(person.put_and_look())["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"]
    described = "De zes cijfers staan onder de QR-code bij DUO."
    assert grant["tx_code"] == {"input_mode": "numeric", "length": 6, "description": described}


def test_the_link_on_this_device_leads_to_the_login_and_holds_no_right(wallets: WalletWorld) -> None:
    person = Person(wallets)
    link = re.search(r'href="(haip-vci://[^"]+)"', person.put_and_look())
    assert link is not None
    address = parse_qs(urlsplit(link[1]).query)["credential_offer_uri"][0]
    assert list(person.browser.client.get(address).json()["grants"]) == ["authorization_code"]


def test_a_source_may_name_what_opens_a_wallet_on_this_device(wallets: WalletWorld) -> None:
    wallets.changes["wallet_link"] = "https://wallet.example/offer"
    page = Person(wallets).put_and_look()
    assert 'href="https://wallet.example/offer?credential_offer_uri=' in page
    assert _link(page).startswith("haip-vci://?")


def test_each_chosen_data_set_is_offered_in_one_format(wallets: WalletWorld) -> None:
    person = Person(wallets, DEBT, GRANT)
    names = person.offer(person.put_and_look())["credential_configuration_ids"]
    assert names == [f"{DEBT.id}.sd-jwt", f"{GRANT.id}.sd-jwt"]


def test_who_needs_the_other_format_can_ask_for_it(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look(format="mdoc")
    assert person.offer(page)["credential_configuration_ids"] == [f"{DEBT.id}.mdoc"]
    assert "Maak een gewone code" in words(page)


def test_a_format_that_does_not_exist_is_the_usual_one(wallets: WalletWorld) -> None:
    person = Person(wallets)
    assert person.offer(person.put_and_look(format="jwt_vc"))["credential_configuration_ids"] == [f"{DEBT.id}.sd-jwt"]


def test_what_is_not_there_is_not_offered_and_what_may_come_is(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = NoData()
    wallets.world.answers[GRANT.id] = Unavailable("timeout")
    person = Person(wallets, DEBT, GRANT)
    assert "In een wallet komt het later vanzelf" in words(person.browser.look())
    page = person.put_and_look()
    assert person.offer(page)["credential_configuration_ids"] == [f"{GRANT.id}.sd-jwt"]
    assert "komt later" in words(page)


def test_with_nothing_that_is_there_or_may_come_there_is_no_button_and_no_offer(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = NoData()
    person = Person(wallets)
    preview = person.browser.look()
    assert "Zet in mijn wallet" not in words(preview)
    view = person.services.issuer.sessions.read(person.browser.client.cookies["bk-duo"], now=wallets.world.now)
    assert view is not None
    assert person.browser.send("/wallet", {"view": str(view.notes["view"])}).headers["location"] == "/duo/bekijken"


def test_data_that_fit_in_no_credential_are_not_offered(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = changed(found(DEBT), te_betalen_maandbedrag=2**60)
    person = Person(wallets)
    assert person.put().headers["location"] == "/duo/bekijken"


def test_a_choice_in_another_tab_is_looked_at_first(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.browser.look()
    person.browser.choose(DEBT, bsn="with")
    assert person.put(page).headers["location"] == "/duo/bekijken?veranderd"


def test_an_offer_without_a_preview_is_looked_at_first(wallets: WalletWorld) -> None:
    assert Person(wallets).put("").headers["location"] == "/duo/bekijken?veranderd"


def test_a_login_of_more_than_fifteen_minutes_ago_is_done_again(wallets: WalletWorld) -> None:
    person = Person(wallets)
    person.browser.look()
    wallets.world.later(minutes=10)
    page = person.browser.look()
    wallets.world.later(minutes=6)
    assert person.put(page).headers["location"] == "https://login.example/start"
    assert wallets.world.login.asked[-1] == (ANNA.level, "/duo/bekijken?ingelogd", True)


@pytest.mark.parametrize("path", ["/wallet", "/wallet/stop"])
def test_who_is_not_logged_in_puts_nothing_ready_and_stops_nothing(path: str, wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.browser.look()
    person.browser.client.cookies.delete("bk-duo")
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page)
    assert token is not None
    answer = person.browser.client.post(f"/duo{path}", data={"_csrf_token": token[1]}, follow_redirects=False)
    assert answer.status_code == 401


def test_the_page_of_a_wallet_needs_a_login(wallets: WalletWorld) -> None:
    assert wallets.browser(wallets.services()).open("/wallet").status_code == 401


def test_who_put_nothing_ready_is_told_how(wallets: WalletWorld) -> None:
    page = Person(wallets).page()
    assert "Er staat niets klaar voor uw wallet" in words(page)
    assert 'href="/duo/bekijken"' in page


def test_the_page_says_what_became_of_it(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    assert "Nog niet opgehaald" in words(page)
    person.fetch(page)
    after = words(person.page())
    assert "Uw wallet heeft het opgehaald" in after
    assert "Nog niet opgehaald" not in after
    wallets.world.later(minutes=6)
    assert "Uw wallet heeft het opgehaald" in words(person.page())


def test_three_wrong_tries_end_it_and_the_page_says_so(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    for _ in range(2):
        person.fetch(page, digits=wrong(digits_of(page)))
    assert "Nog niet opgehaald" in words(person.page())
    person.fetch(page, digits=wrong(digits_of(page)))
    assert "De zes cijfers zijn drie keer verkeerd getypt" in words(person.page())
    assert person.fetch(page).status_code == 400


def test_after_five_minutes_it_is_over_and_a_new_one_can_be_made(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    wallets.world.later(minutes=5)
    after = person.page()
    assert "De code is verlopen" in words(after)
    assert person.browser.client.get(offered_at(page)).status_code == 404
    again = person.put(after)
    assert again.headers["location"] == "/duo/wallet"
    assert person.fetch(person.page()).status_code == 200


def test_a_new_one_ends_the_one_before(wallets: WalletWorld) -> None:
    person = Person(wallets)
    first, second = person.put_and_look(), person.put_and_look()
    assert is_over(person, first)
    assert person.fetch(second).status_code == 200


def test_who_stops_it_leaves_nothing_to_fetch(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    answer = person.browser.send("/wallet/stop")
    assert answer.headers["location"] == "/duo/wallet?gestopt"
    assert "U hebt het gestopt" in words(person.browser.open("/wallet?gestopt").text)
    assert is_over(person, page)


def test_to_stop_what_was_not_put_ready_is_no_fault(wallets: WalletWorld) -> None:
    assert Person(wallets).browser.send("/wallet/stop").status_code == 303


def test_it_ends_when_the_choice_changes(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    person.browser.choose(GRANT)
    after = person.page()
    assert "De code hoorde bij wat u eerder koos" in words(after)
    assert "<svg viewBox" not in after.partition("<main")[2].partition('class="qr')[2]
    assert is_over(person, page)
    assert "Er staat niets klaar" in words(person.page())


def test_it_ends_when_the_person_logs_out(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    person.browser.send("/uitloggen")
    assert is_over(person, page)


def test_it_ends_when_the_login_provider_says_that_the_person_logged_out(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    answer = person.browser.client.post("/duo/uitloggen-bij-inlogdienst", data={"logout_token": "good"})
    assert answer.status_code == 200
    assert is_over(person, page)


def test_it_ends_with_the_session_that_a_new_login_replaces(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    wallets.world.later(seconds=1)
    person.browser.log_in()
    assert "De code is verlopen" in words(person.page())
    assert is_over(person, page)


def test_it_does_not_outlive_the_longest_session(wallets: WalletWorld) -> None:
    session = wallets.session()
    wallets.world.later(minutes=57)
    assert wallets.offer(wallets.services(), DEBT, session=session).ends_at == session.ends_at


def test_what_was_fetched_stays_fetched_when_the_person_logs_out(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    wallet = wallets.wallet(person.services)
    wallet.exchange_offer(person.offer(page), digits_of(page))
    person.browser.send("/uitloggen")
    assert wallet.fetch(f"{DEBT.id}.sd-jwt", [SoftwareKey()]).status_code == 200


def test_somebody_else_who_logs_in_finds_nothing_of_the_first(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    wallets.world.login.person = BERT
    person.browser.log_in()
    assert "Er staat niets klaar" in words(person.page())
    assert is_over(person, page)


def test_so_many_offers_an_hour_are_made_in_one_session(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.browser.look()
    answers = [person.put(page) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert Person(wallets, services=person.services).put().status_code == 303


def test_the_bsn_goes_along_only_when_it_was_chosen_and_the_page_says_so(wallets: WalletWorld) -> None:
    without = Person(wallets).put_and_look()
    assert bsns_in(without) == ()
    page = Person(wallets, bsn="with").put_and_look()
    assert "Uw BSN komt in uw wallet" in words(page)
    assert f"Burgerservicenummer {ANNA.bsn.digits}" in words(page)


def test_no_address_or_log_of_an_offer_holds_a_code_or_a_value(wallets: WalletWorld, capsys: pytest.CaptureFixture[str]) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    person.fetch(page)
    logged = capsys.readouterr().out
    assert digits_of(page) not in logged
    assert offered_at(page).rpartition("/")[2] not in logged
    assert bsns_in(logged) == ()


def test_the_page_speaks_english(wallets: WalletWorld) -> None:
    person = Person(wallets)
    person.put()
    assert "Where is your wallet?" in words(person.browser.open("/wallet?taal=en").text)


def test_what_was_given_on_this_device_no_longer_waits_for_another(wallets: WalletWorld) -> None:
    person = Person(wallets)
    page = person.put_and_look()
    wallet = wallets.wallet(person.services)
    pushed = wallet.push(f"{DEBT.id}.sd-jwt", verifier="v" * 43).json()
    place = person.browser.client.get(
        "/duo/oid4vci/authorize", params={"client_id": wallet.client_id, "request_uri": pushed["request_uri"]}, follow_redirects=False
    ).headers["location"]
    consent = person.browser.client.get(place).text
    view, token = _VIEW.search(consent), re.search(r'name="_csrf_token" value="([^"]+)"', consent)
    assert view is not None
    assert token is not None
    form = {"_csrf_token": token[1], "vraag": place.partition("vraag=")[2], "view": view[1], "answer": "agree", "dataset": DEBT.id}
    assert person.browser.client.post("/duo/wallet/toestemming", data=form, follow_redirects=False).status_code == 303
    assert "Uw wallet heeft het opgehaald" in words(person.page())
    assert is_over(person, page)


def test_who_acts_for_another_puts_nothing_of_them_in_a_wallet(wallets: WalletWorld) -> None:
    wallets.world.login.person = FOR_ANNA
    answer = Person(wallets).put()
    assert answer.status_code == 403
    assert "Een wallet is van één persoon" in words(answer.text)
