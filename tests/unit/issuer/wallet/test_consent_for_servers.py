"""The page of a person who lets a server fetch: it speaks of no wallet, and shows the whole document that goes along (ADR 0028)."""

from dataclasses import replace

from blauweknop.domain.document import NoData, Unavailable
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.issuer.login import Mandate
from tests.security.bsn_scan import bsns_in
from tests.unit.issuer.source_world import ANNA, DEBT, GRANT, JOBS, words
from tests.unit.issuer.wallet.test_consent_pages import Visit, shown
from tests.unit.issuer.wallet.wallet_flows import VERIFIER, server
from tests.unit.issuer.wallet.wallet_world import WalletWorld

MANDATE = Mandate(Representative("Laakhof", Capacity.ADMINISTRATOR), "pairwise-7", None, "Bert Bos")


class ServerVisit(Visit):
    """A server that asked for documents and credentials, and the browser of its person."""

    def __init__(self, wallets: WalletWorld, *names: str) -> None:
        services, wallet, key = server(wallets)
        self.wallets, self.services, self.wallet = wallets, services, wallet
        self.browser = wallets.browser(services)
        pushed = wallet.push(" ".join(names), verifier=VERIFIER, **wallet.assertion(key))
        self.query = {"client_id": wallet.client_id, "request_uri": pushed.json()["request_uri"]}
        self.path = ""


def both(dataset_id: str) -> tuple[str, str]:
    return f"{dataset_id}.document", f"{dataset_id}.sd-jwt"


def test_the_page_says_that_the_whole_document_goes_along_and_shows_it(wallets: WalletWorld) -> None:
    page = ServerVisit(wallets, *both(DEBT.id)).come()

    assert "Mag Mijn Blauwe Knop dit krijgen?" in shown(page)
    assert "Het hele document (pdf) gaat mee." in shown(page)
    assert page.count('<article class="letter"') == 1


def test_it_speaks_of_no_wallet(wallets: WalletWorld) -> None:
    wallets.world.answers.update({GRANT.id: NoData(), JOBS.id: Unavailable("timeout")})
    page = shown(ServerVisit(wallets, *both(DEBT.id), *both(GRANT.id), *both(JOBS.id)).come())
    assert [word for word in page.lower().split() if "wallet" in word] == []


def test_it_says_that_new_copies_may_be_fetched_and_until_when(wallets: WalletWorld) -> None:
    page = ServerVisit(wallets, *both(DEBT.id)).come()
    assert "Mijn Blauwe Knop mag 90 dagen lang nieuwe kopieën van deze bewijzen halen" in shown(page)


def test_a_credential_alone_shows_no_document(wallets: WalletWorld) -> None:
    assert "<article" not in ServerVisit(wallets, f"{DEBT.id}.sd-jwt").come()


def test_a_document_that_comes_later_is_announced(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = Unavailable("timeout")
    page = shown(ServerVisit(wallets, *both(DEBT.id)).come())
    assert "Mijn Blauwe Knop haalt dit later op, met het hele document (pdf)" in page


def test_the_page_speaks_english(wallets: WalletWorld) -> None:
    visit = ServerVisit(wallets, *both(DEBT.id))
    visit.come()
    page = words(visit.browser.open(f"{visit.path}&taal=en").text)
    assert "The whole document (PDF) goes along." in page


def test_the_number_is_not_on_the_page(wallets: WalletWorld) -> None:
    assert bsns_in(ServerVisit(wallets, *both(DEBT.id)).come()) == ()


def test_who_has_nothing_goes_back_with_that_news(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = NoData()
    visit = ServerVisit(wallets, *both(DEBT.id))
    page = visit.come()
    address = visit.decide("refuse", page=page).headers["location"]

    assert "Dan hoort Mijn Blauwe Knop dat." in shown(page)
    assert f"error=access_denied&nothing={DEBT.id}&" in address


def test_who_says_no_after_the_session_ended_tells_nothing(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = NoData()
    visit = ServerVisit(wallets, *both(DEBT.id))
    page = visit.come()
    visit.browser.client.cookies.delete("bk-duo")
    assert "nothing" not in visit.decide("refuse", page=page).headers["location"]


def test_who_acts_for_another_is_told_to_keep_it_apart_and_sees_both_names(wallets: WalletWorld) -> None:
    wallets.world.login.person = replace(ANNA, mandate=MANDATE)
    page = shown(ServerVisit(wallets, *both(DEBT.id)).come())

    assert "U doet dit voor Bert Bos, als bewindvoerder" in page
    assert "Bewaar dit apart van uw eigen gegevens" in page
    assert "Opgehaald door Laakhof (bewindvoerder), namens" in page


def test_what_the_source_does_not_give_to_who_acts_for_another_is_not_shown_and_not_asked(wallets: WalletWorld) -> None:
    wallets.world.login.person = replace(ANNA, mandate=replace(MANDATE, datasets=frozenset({DEBT.id})))
    page = ServerVisit(wallets, *both(DEBT.id), *both(GRANT.id)).come()

    assert (DEBT.title.nl in shown(page), GRANT.title.nl in shown(page)) == (True, False)
    assert wallets.world.asked == [DEBT.id]
