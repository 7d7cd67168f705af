"""Journeys J3 to J7 and J10 in a real browser: a receiver of the exercise asks, a person answers, and takes it back."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from blauweknop.catalogue import load_catalogue
from blauweknop.demo.sources import holder_base
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.type_metadata import vct_of
from blauweknop.register.exercise_receiver_keys import open_receivers
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.request_object import AUDIENCE
from tests.demo_scheme import RunningDemo, running_demo
from tests.unit.standards.pki import p256
from tests.web.demo_tour import Tour, new_page
from tests.web.keyboard import press
from tests.web.staff_tour import walk_four_eyes, walk_household
from tests.web.test_holder_collect import give, make_account

pytestmark = pytest.mark.suite("chromium")

_MINE = re.compile(r"/mijn/delen/[0-9a-f]{32}")
_MISSING = 'button[name="source"]:not(details button)'


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("sharing") / "scheme") as running:
        yield running


class Clicks:
    """What a person presses; what they do at a source is counted there."""

    def __init__(self) -> None:
        self.number = 0

    def on(self, target: Locator) -> None:
        self.number += 1
        target.click()


def ask(page: Page, demo: RunningDemo, receiver: str, package: str, *optional: str, **numbers: str) -> str:
    """The link that the staff of a receiver give to a person."""
    page.goto(f"{demo.base_url}/{receiver}/verzoeken/nieuw/{package}")
    come_in(page, demo, receiver)
    for item in optional:
        page.locator(f'main form input[value="{item}"]').check()
    for name, number in numbers.items():
        page.locator(f'input[name="{name}"]').fill(number)
    page.locator("main form button").click()
    return page.locator("#verzoek").get_attribute("href") or ""


def staff_at(page: Page, demo: RunningDemo, receiver: str) -> None:
    """The first page of the staff of a receiver, as somebody who works there."""
    page.goto(f"{demo.base_url}/{receiver}/verzoeken")
    if page.url.startswith(f"{demo.base_url}/medewerkers/"):
        page.locator(f'input[value="sanne-{receiver}"]').check()
        page.locator('button[value="go"]').click()


def come_in(page: Page, demo: RunningDemo, receiver: str) -> None:
    """As somebody of the staff, when nobody is in."""
    if page.url.startswith(f"{demo.base_url}/medewerkers/"):
        page.locator(f'input[value="sanne-{receiver}"]').check()
        page.locator('button[value="go"]').click()


def fetch_what_is_missing(page: Page, clicks: Clicks) -> None:
    while page.locator(_MISSING).count():
        button = page.locator(_MISSING).first
        source = button.get_attribute("value") or ""
        clicks.on(button)
        give(page, source)
        clicks.number += 1  # the yes at the source
        clicks.on(page.locator("main .actions a").first)
        page.wait_for_url(_MINE)


def test_j3_and_j7_a_person_answers_a_debt_helper_and_takes_it_back(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page:
        link = ask(page, demo, "schuldhulp", "schuldhulp.intake")
        make_account(page, holder_base(demo.base_url), "samira")
        clicks, tour = Clicks(), Tour(holder_base(demo.base_url), page, "nl")
        page.goto(link)
        clicks.on(page.locator("form[action$='/mijn'] button"))
        page.wait_for_url(_MINE)
        tour.stop("share-missing")
        fetch_what_is_missing(page, clicks)
        tour.stop("share")
        clicks.on(page.locator('button[name="answer"][value="yes"]'))
        page.wait_for_url("**/schuldhulp/klaar")
        expect(page.locator("main")).to_contain_text("Wie u bent en waar u woont")
        assert clicks.number <= 12, clicks.number
        page.goto(f"{demo.base_url}/schuldhulp")
        page.locator("main .states a").first.click()
        page.locator("main a[href*='/dossiers/']").click()
        page.locator("form[action$='/opnieuw-controleren'] button").click()
        expect(page.locator("main")).to_contain_text("Ontvangen en gewaarmerkt")
        expect(page.locator("main")).not_to_contain_text("niet nagaan")
        tour.forget_complaints()
        tour.stop("dossier")
        dossier = page.url.partition("#")[0]
        sealed = embedded_files(read_file(page.request.get(f"{dossier}/dossier.pdf").body()))
        assert {"dossier.json", "stuk-1.sd-jwt"} <= sealed.keys()  # what the person showed was no more than was asked
        tour.go("/mijn/gedeeld", "given")
        page.locator("main .panel a").first.click()
        tour.stop("given-one")
        page.locator("main .actions a").first.click()
        tour.stop("given-withdraw")
        page.locator("main form button").click()
        expect(page.locator("main")).to_contain_text("bewezen dat dit gewist is")
        tour.stop("given-erased")
        with page.expect_download() as proof:
            page.locator("a[href$='/bewijs-van-wissen']").click()
        assert proof.value.path().read_text("ascii").count(".") == 2
        page.goto(dossier)
        tour.stop("dossier-gone")
        expect(page.locator("h1")).to_have_text("Dit dossier is er niet meer")
        assert [judged.violations + judged.complaints for judged in tour.judged] == [()] * len(tour.judged)
        assert [judged.name for judged in tour.judged if judged.widest > 320] == []


def test_a_person_keeps_a_debt_helper_up_to_date(demo: RunningDemo, chromium: Browser) -> None:
    """A newer debt comes, the person sees it and presses, and the dossier counts with it."""
    mine = holder_base(demo.base_url)
    with new_page(chromium) as page:
        link = ask(page, demo, "schuldhulp", "schuldhulp.intake", "studieschuld")
        make_account(page, mine, "samira blijft")
        tour = Tour(mine, page, "nl")
        for source in ("denhaag", "duo"):
            fetch(page, mine, source)
        page.goto(link)
        page.locator("form[action$='/mijn'] button").click()
        page.wait_for_url(_MINE)
        tour.stop("share-updates")
        for box in page.locator('input[name="extra"], input[name="updates"]').all():
            box.check()
        page.locator('button[name="answer"][value="yes"]').click()
        page.wait_for_url("**/schuldhulp/klaar")
        page.goto(f"{mine}/mijn/gegevens")
        expect(page.locator("main")).not_to_contain_text("Er is nieuws")
        pay_off(demo)
        page.context.clear_cookies(domain=re.compile("^(?!localhost$)"))  # the visit to DUO ended long ago; within one it says the same
        fetch(page, mine, "duo")
        page.locator("main a[href$='/bijwerken']").click()
        tour.stop("update")
        page.locator("main form button").first.click()
        expect(page.locator("main")).to_contain_text("Dit stuurde u later")
        tour.stop("given-updated")
        page.goto(f"{demo.base_url}/schuldhulp/verzoeken")
        come_in(page, demo, "schuldhulp")
        page.locator("main .states a").first.click()
        page.locator("main a[href*='/dossiers/']").click()
        expect(page.locator("main")).to_contain_text("De persoon houdt u op de hoogte tot")
        expect(page.locator("main")).to_contain_text("Vervangen")
        tour.forget_complaints()
        tour.stop("dossier-replaced")
        assert [judged.violations + judged.complaints for judged in tour.judged] == [()] * len(tour.judged)
        assert [judged.name for judged in tour.judged if judged.widest > 320] == []


def fetch(page: Page, mine: str, source: str) -> None:
    """Everything that a source has, until it is here."""
    page.goto(f"{mine}/mijn/ophalen")
    page.locator(f'button[name="source"][value="{source}"]').click()
    give(page, source)


def pay_off(demo: RunningDemo) -> None:
    """A week later DUO says something else."""
    (database,) = demo.folder.rglob("duo.db")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE lening SET schuld_nu = schuld_nu - 100")


def test_j5_a_landlord_gets_a_conclusion_and_nothing_more(demo: RunningDemo, chromium: Browser) -> None:
    """Without script, by the keyboard, on a small screen."""
    with new_page(chromium, script=False, width=320) as page:
        link = ask(page, demo, "huur", "huurwoning.vrije_sector.contract", huur="700", keer="3")
        make_account(page, holder_base(demo.base_url), "pieter")
        for source in ("dichtbij", "uwv"):
            page.goto(f"{holder_base(demo.base_url)}/mijn/ophalen")
            page.locator(f'button[name="source"][value="{source}"]').click()
            give(page, source, person="pieter")
        page.goto(link)
        press(page, "form[action$='/mijn'] button", "Enter")
        page.wait_for_url(_MINE)
        shown = page.locator("main").inner_text()
        for never in ("Burgerservicenummer", "Nationaliteit", "schuld", "Geboortedatum"):
            assert never not in shown
        assert "18 jaar of ouder" in shown
        assert "Of uw inkomen hoog genoeg is voor de huur" in shown
        press(page, 'input[name="extra"]', "Space")
        press(page, 'button[name="answer"][value="yes"]', "Enter")
        page.wait_for_url("**/huur/klaar")
        expect(page.locator("main")).to_contain_text("Of uw inkomen hoog genoeg is voor de huur")


def test_j6_documents_go_by_a_link_to_one_receiver_and_are_taken_back(demo: RunningDemo, chromium: Browser) -> None:
    home = holder_base(demo.base_url)
    with new_page(chromium) as page:
        make_account(page, home, "pieter stuurt")
        tour = Tour(home, page, "nl")
        for source in ("dichtbij", "uwv"):
            page.goto(f"{home}/mijn/ophalen")
            page.locator(f'button[name="source"][value="{source}"]').click()
            give(page, source, person="pieter")
        tour.forget_complaints()
        tour.go("/mijn/delen/link", "link-receivers")
        page.locator("main .panel", has_text="Hypotheekadvies").get_by_text("hoeveel u kunt lenen").first.click()
        tour.stop("link-choose")
        for box in page.locator('input[name="document"]').all():
            box.check()
        page.locator("main form button").first.click()
        page.wait_for_url(re.compile(r"/mijn/gedeeld/link/[0-9a-f]{32}"))
        tour.stop("link-made")
        made, pin = page.url, page.locator("#pincode").inner_text()
        link = re.search(r"http\S+#\S+", page.locator("#bericht").input_value())
        assert link is not None
        page.goto(link.group())
        expect(page.locator("h1")).to_contain_text("Deze link is voor OEFENING Hypotheekadvies")
        tour.stop("link-door")
        staff_at(page, demo, "hypotheek")
        page.locator('a[href$="/link-ontvangen"]').click()
        tour.stop("link-desk")
        page.locator('textarea[name="link"]').fill(link.group())
        page.locator('input[name="pin"]').fill("1")
        page.locator("main form button").first.click()
        tour.forget_complaints()
        tour.stop("link-desk-wrong")
        page.locator('input[name="pin"]').fill(pin)
        page.locator("main form button").first.click()
        page.wait_for_url(re.compile(r"/hypotheek/dossiers/[0-9a-f]{64}"))
        expect(page.locator("main")).to_contain_text("Dit kwam met een link en een pincode")
        tour.stop("link-dossier")
        dossier = page.url
        with new_page(chromium) as other:
            walk_four_eyes(tour, Tour(demo.base_url, other, "nl"), f"{demo.base_url}/hypotheek", dossier)
        walk_household(tour, f"{demo.base_url}/hypotheek", "hypotheek.aanvraag")
        page.goto(made)
        expect(page.locator("main")).to_contain_text("De ontvanger bevestigde dat alles er is")
        tour.stop("link-received")
        page.locator("main .actions a").last.click()
        page.locator("a[href$='/intrekken']").click()
        page.locator("main form button").first.click()
        expect(page.locator("main")).to_contain_text("bewezen dat dit gewist is")
        page.goto(dossier)
        expect(page.locator("h1")).to_have_text("Dit dossier is er niet meer")
        assert link.group().partition("#")[2].encode() not in demo.logged()
        assert [judged.violations for judged in tour.judged] == [()] * len(tour.judged)
        assert [judged.name for judged in tour.judged if judged.widest > 320] == []


def test_j4_a_request_for_the_number_without_a_right_to_it_is_refused(demo: RunningDemo, chromium: Browser) -> None:
    with new_page(chromium) as page, forged(demo) as link:
        make_account(page, holder_base(demo.base_url), "samira koopt")
        page.goto(f"{holder_base(demo.base_url)}/mijn/delen?{link}")
        expect(page.locator("main")).to_contain_text("Deze organisatie vraagt om uw burgerservicenummer. Dat mag zij niet.")
        assert page.locator('button[name="answer"]').count() == 0


def test_j10_an_administrator_fetches_shares_and_checks_for_a_client(demo: RunningDemo, chromium: Browser) -> None:
    both = "Bewindvoering Laakhof (bewindvoerder), namens Anneke Smit."
    with new_page(chromium) as page:
        link = ask(page, demo, "schuldhulp", "schuldhulp.intake")
        make_account(page, holder_base(demo.base_url), "client anneke")
        tour = Tour(demo.base_url, page, "nl")
        page.goto(f"{holder_base(demo.base_url)}/mijn/ophalen")
        page.locator('button[name="source"][value="denhaag"]').click()
        act_for_a_client(page)
        expect(page.locator("main")).to_contain_text("U doet dit voor Anneke Smit, als bewindvoerder.")
        tour.stop("acting-consent")
        give(page, "denhaag")
        page.goto(link)
        page.locator("form[action$='/mijn'] button").click()
        page.wait_for_url(_MINE)
        expect(page.locator("main")).to_contain_text("Bewindvoering Laakhof (bewindvoerder)")
        page.locator('button[name="answer"][value="yes"]').click()
        page.wait_for_url("**/schuldhulp/klaar")
        page.goto(f"{demo.base_url}/schuldhulp")
        page.locator("main .states a").first.click()
        page.locator("main a[href*='/dossiers/']").click()
        expect(page.locator("main")).to_contain_text(f"Gedeeld door {both}")
        tour.stop("acting-dossier")
        page.goto(f"{demo.base_url}/uwv/inloggen")
        act_for_a_client(page)
        page.locator('input[name="dataset"]').first.check()
        page.locator("main form button").last.click()
        page.wait_for_url("**/uwv/bekijken")
        expect(page.locator("main article").first).to_contain_text(f"Opgehaald door {both}")
        with page.expect_download() as saved:
            page.locator("form[action$='/download'] button").first.click()
        page.goto(f"{demo.base_url}/controle")
        page.locator('input[type="file"]').set_input_files(saved.value.path())
        page.locator("main form button").first.click()
        expect(page.locator("main")).to_contain_text("Opgehaald door een vertegenwoordiger")
        tour.stop("acting-check")
        assert [judged.violations + judged.complaints for judged in tour.judged] == [()] * len(tour.judged)
        assert [judged.name for judged in tour.judged if judged.widest > 320] == []


def act_for_a_client(page: Page) -> None:
    """At the exercise login, as the administrator with a mandate."""
    page.wait_for_url("**/digid/**")
    page.get_by_text("Ik doe dit voor iemand anders").click()
    page.locator('input[value="namens-bewind"]').check()
    page.locator('button[value="go"]').click()


class forged:  # noqa: N801 # reads as what it is
    """A mortgage adviser that asks the number of people, with its own keys and registration; the link to its question."""

    def __init__(self, demo: RunningDemo) -> None:
        receivers = open_receivers(demo.folder / "keys")
        assert receivers is not None
        self._signer = receivers.access("hypotheek")
        self._registration = receivers.registration("hypotheek")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> str:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return urlencode({"client_id": x509_hash(self._signer.certificate), "request_uri": self._address, "request_uri_method": "post"})

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/vraag"

    def _question(self, wallet_nonce: str) -> str:
        now, fresh = datetime.now(UTC), base64url.encode(bytes(range(16)))
        key = public_jwk(p256().public_key()) | {"use": "enc", "alg": "ECDH-ES", "kid": "1"}
        asked = {"id": "brp", "format": "dc+sd-jwt", "meta": {"vct_values": [vct_of(load_catalogue().dataset("gem.brp"))]}}
        members: dict[str, Any] = {
            "client_id": x509_hash(self._signer.certificate),
            "response_type": "vp_token",
            "response_mode": "direct_post.jwt",
            "response_uri": self._address,
            "aud": AUDIENCE,
            "nonce": fresh,
            "state": fresh,
            "wallet_nonce": wallet_nonce,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "client_metadata": {"jwks": {"keys": [key]}},
            "verifier_info": [{"format": "registration_cert", "data": base64url.encode(self._registration.encode())}],
            "dcql_query": {"credentials": [asked | {"claims": [{"path": ["given_name"]}, {"path": ["bsn"]}]}]},
        }
        return jose.sign_jws(members, self._signer, jose.REQUEST_OBJECT)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        question = self._question

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                answer = question(form["wallet_nonce"][0]).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/oauth-authz-req+jwt")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None: ...

        return Handler
