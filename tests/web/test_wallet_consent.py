"""From the page of a source back to the wallet, in a real browser: its content security policy holds the redirect after a form too."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route

from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.register.exercise_wallets import WALLET_CLIENT_ID
from tests.unit.issuer.source_world import DEBT
from tests.unit.issuer.wallet.wallet_world import WalletWorld, wallet_world
from tests.web.demo_tour import new_page

_VERIFIER = "v" * 43
_A_MOMENT = 500  # milliseconds in which a browser says that it refuses

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def wallets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("wallets")) as made:
        yield made


@contextmanager
def served(wallets: WalletWorld, services: WalletServices) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(wallets.application(services), port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 10
    while not server.started and time.monotonic() < end:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    wallets.world.login.address = f"{address}/duo/terug?code=x&state=y"
    yield address
    server.should_exit = True
    thread.join(10)


@contextmanager
def on_the_consent_page(wallets: WalletWorld, chromium: Browser, redirect_uri: str) -> Iterator[tuple[Page, list[str]]]:
    """The page, and what the browser writes on its console."""
    known = next(iter(wallets.services().wallets.values()))
    wallets.changes["wallets"] = {known.client_id: replace(known, redirect_uris=(redirect_uri,))}
    services = wallets.services()
    complaints: list[str] = []
    with served(wallets, services) as address, new_page(chromium) as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{address}/duo/oid4vci/authorize?{urlencode(_asked(wallets, services, redirect_uri))}")
        page.wait_for_url("**/duo/wallet/toestemming*")
        yield page, complaints


def _asked(wallets: WalletWorld, services: WalletServices, redirect_uri: str) -> dict[str, str]:
    """What a wallet asked behind the back of the browser."""
    answer = wallets.wallet(services, redirect_uri=redirect_uri).push(f"{DEBT.id}.sd-jwt", verifier=_VERIFIER)
    return {"client_id": WALLET_CLIENT_ID, "request_uri": answer.json()["request_uri"]}


@pytest.mark.parametrize("answer", ["agree", "refuse"])
def test_the_browser_goes_back_to_a_wallet_with_an_https_address(answer: str, wallets: WalletWorld, chromium: Browser) -> None:
    with on_the_consent_page(wallets, chromium, "https://wallet.blauweknop.example/terug") as (page, complaints):
        page.route("https://wallet.blauweknop.example/**", lambda route: route.fulfill(body="the wallet"))
        page.locator(f'button[value="{answer}"]').click()
        page.wait_for_url("https://wallet.blauweknop.example/terug?*")
        assert ("code=" in page.url) == (answer == "agree")
        assert complaints == []


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

    with on_the_consent_page(wallets, chromium, "nl.voorbeeld.wallet://terug") as (page, complaints):
        page.route("**/wallet/toestemming?*", without_the_wallet)
        page.reload()
        page.locator('button[value="agree"]').click()
        page.wait_for_timeout(_A_MOMENT)
        assert [text for text in complaints if "form-action 'self' https://login.example" in text] != []
