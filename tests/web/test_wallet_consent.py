"""From the page of a source back to the wallet, in a real browser: its content security policy holds the redirect after a form too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.unit.issuer.source_world import DEBT
from tests.unit.issuer.wallet.wallet_world import WalletWorld, wallet_world
from tests.web.demo_tour import new_page
from tests.web.wallet_site import asked_by_a_wallet, served

_A_MOMENT = 500  # milliseconds in which a browser says that it refuses

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def wallets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("wallets")) as made:
        yield made


@contextmanager
def on_the_consent_page(wallets: WalletWorld, chromium: Browser, redirect_uri: str) -> Iterator[tuple[Page, list[str]]]:
    """The page, and what the browser writes on its console."""
    known = next(iter(wallets.services().wallets.values()))
    wallets.changes["wallets"] = {known.client_id: replace(known, redirect_uris=(redirect_uri,))}
    services = wallets.services()
    complaints: list[str] = []
    with served(wallets, services) as address, new_page(chromium) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(address + asked_by_a_wallet(wallets, services, DEBT, redirect_uri=redirect_uri))
        page.wait_for_url("**/duo/wallet/toestemming*")
        yield page, complaints


@pytest.mark.parametrize("answer", ["agree", "refuse"])
def test_the_browser_goes_back_to_a_wallet_with_an_https_address(answer: str, wallets: WalletWorld, chromium: Browser) -> None:
    with on_the_consent_page(wallets, chromium, "https://wallet.blauweknop.example/terug") as (page, complaints):
        with page.expect_request("https://wallet.blauweknop.example/terug?*") as sent:
            page.locator(f'button[value="{answer}"]').click()
        assert ("code=" in sent.value.url) == (answer == "agree")
        assert [text for text in complaints if "Content Security Policy" in text] == []


def test_the_browser_hands_over_to_a_wallet_with_a_scheme_of_its_own(wallets: WalletWorld, chromium: Browser) -> None:
    with on_the_consent_page(wallets, chromium, "nl.voorbeeld.wallet://terug") as (page, complaints):
        with page.expect_response("**/wallet/toestemming") as answered:
            page.locator('button[value="agree"]').click()
        assert answered.value.headers["location"].startswith("nl.voorbeeld.wallet://terug?code=")
        page.wait_for_timeout(_A_MOMENT)
        assert complaints == []


def test_a_browser_refuses_the_way_back_to_a_wallet_that_the_policy_of_the_page_does_not_name(
    wallets: WalletWorld, chromium: Browser
) -> None:
    def without_the_wallet(route: Route) -> None:
        answer = route.fetch()
        policy = answer.headers["content-security-policy"].replace(" nl.voorbeeld.wallet:", "")
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    with on_the_consent_page(wallets, chromium, "nl.voorbeeld.wallet://terug") as (page, _):
        page.route("**/wallet/toestemming?*", without_the_wallet)
        page.reload()
        with page.expect_console_message(lambda message: "form-action 'self' https://login.example" in message.text):
            page.locator('button[value="agree"]').click()
