"""The exercise wallet against a source of the tests: what it does when something is slow, strange or refused."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from blauweknop.adapters.http_client import FetchProblem, Response
from blauweknop.demo.exercise_wallet import exercise_wallet_router
from blauweknop.demo.exercise_wallet_cards import card_of
from blauweknop.demo.exercise_wallet_kept import Boxes, Held
from blauweknop.demo.exercise_wallet_protocol import Sources, WalletProblem, offer_address
from blauweknop.domain.document import JsonValue, Unavailable
from blauweknop.issuer.wallet.offers import here, offered
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.issuer.source_world import CATALOGUE, DEBT, NOON, found, words
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER, WalletWorld, wallet_world

_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
_REDIRECT = "https://wallet.blauweknop.example/terug"


@pytest.fixture(scope="module")
def one_wallet_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("wallets")) as made:
        yield made


@pytest.fixture
def wallets(one_wallet_world: WalletWorld) -> WalletWorld:
    one_wallet_world.reset()
    return one_wallet_world


@dataclass
class SiteHttp:
    """The site of the source and no other, as a guarded client sees it; `changes` are answers instead, by the end of the address."""

    client: TestClient[Any]
    changes: dict[str, Response] = field(default_factory=dict)
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None) -> Response:
        if not url.startswith("http://duo.example/"):
            raise FetchProblem("host", "this host is not on the list of hosts that may be asked")
        self.sent.append((url, content or b""))
        for end, answer in self.changes.items():
            if url.endswith(end):
                return answer
        got = self.client.request(method, url, headers=dict(headers or {}), content=content, follow_redirects=False)
        return Response(got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.content)


class Visitor:
    """Somebody with the exercise wallet; follows no redirects."""

    def __init__(self, wallets: WalletWorld) -> None:
        self.wallets = wallets
        self.services = wallets.services()
        self.site = SiteHttp(wallets.client(self.services))
        sources = Sources(self.site, wallets.wallets.provider(), _REDIRECT, lambda: wallets.world.now)
        application = web_application(
            [exercise_wallet_router(sources, CATALOGUE)], WebSettings(csrf_secret="s" * 40, secure=False, exercise=True)
        )
        self.client = TestClient(application, base_url="http://duo.example", raise_server_exceptions=False)

    def open(self, path: str = "") -> Any:
        return self.client.get(f"/oefenwallet{path}", follow_redirects=False)

    def send(self, path: str, **fields: str) -> Any:
        token = _TOKEN.search(self.open("/aanbod?" + urlencode({"credential_offer_uri": self.offered("dc+sd-jwt")})).text)
        assert token is not None
        return self.client.post(f"/oefenwallet{path}", data={"_csrf_token": token[1], **fields}, follow_redirects=False)

    def offered(self, form: Any = "dc+sd-jwt") -> str:
        """The address of an offer that needs a login."""
        made = here(offered([DEBT.id], form, self.services), self.services, self.wallets.world.now)
        return offer_address(made.link)

    def fetch(self, *, form: str = "dc+sd-jwt", digits: str | None = None, **outcomes: Any) -> Any:
        """An offer with digits."""
        made = self.wallets.offer(self.services, DEBT, form=form, **outcomes)
        return self.send("/ophalen", aanbod=offer_address(made.link), cijfers=made.tx_code if digits is None else digits)


@pytest.mark.parametrize("form", ["dc+sd-jwt", "mso_mdoc"])
def test_what_was_fetched_is_shown_in_words_and_given_as_a_file(form: str, wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    assert visitor.fetch(form=form).headers["location"] == "/oefenwallet?gelukt"
    page = visitor.open().text
    assert "Schuld met rente € 1.234,56" in words(page).replace("\N{NO-BREAK SPACE}", " ")
    assert 'fill="#0b4a8f"' in page
    link = re.search(r'href="/oefenwallet(/bewijs/[^"]+)"', page)
    assert link is not None
    file = visitor.open(link[1])
    end = "mdoc" if form == "mso_mdoc" else "sd-jwt"
    assert file.headers["content-disposition"] == f'attachment; filename="duo-studieschuld.{end}"'
    assert file.headers["cache-control"] == "no-store"


def test_what_is_slow_is_fetched_later(wallets: WalletWorld) -> None:
    slow = Unavailable("timeout")
    wallets.world.answers[DEBT.id] = slow
    visitor = Visitor(wallets)
    visitor.fetch(duo__studieschuld=slow)
    assert "Komt later" in words(visitor.open().text)
    visitor.send("/later")
    assert "Komt later" in words(visitor.open().text)
    wallets.world.answers[DEBT.id] = found(DEBT)
    visitor.send("/later")
    assert "3 kopieën om te laten zien" in words(visitor.open().text)


@pytest.mark.parametrize("digits", ["", "12345", "abcdef"])
def test_wrong_digits_are_said_beside_the_field(digits: str, wallets: WalletWorld) -> None:
    answer = Visitor(wallets).fetch(digits=digits)
    assert answer.status_code == 422
    assert "cijfers" in words(answer.text)


def test_digits_may_be_typed_with_a_space(wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    made = wallets.offer(visitor.services, DEBT)
    answer = visitor.send("/ophalen", aanbod=offer_address(made.link), cijfers=f" {made.tx_code[:3]} {made.tx_code[3:]} ")
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "address", ["", "x", "http://169.254.169.254/", "https://evil.example/offer", "file:///etc/passwd", "http://duo.example/duo/"]
)
def test_an_offer_of_elsewhere_is_not_fetched(address: str, wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    for answer in (visitor.open("/aanbod?" + urlencode({"credential_offer_uri": address})), visitor.send("/ophalen", aanbod=address)):
        assert answer.status_code == 400
        assert "Dit aanbod is er niet, of niet meer" in words(answer.text)


@pytest.mark.parametrize("issuer", ["https://evil.example", "http://[", "", "javascript:alert(1)"])
def test_an_offer_in_the_name_of_another_source_is_not_followed(issuer: str, wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    body = {"credential_issuer": issuer, "credential_configuration_ids": ["x"], "grants": {}}
    visitor.site.changes["/offers/evil"] = Response(200, {}, json.dumps(body).encode())
    answer = visitor.open("/aanbod?" + urlencode({"credential_offer_uri": "http://duo.example/duo/oid4vci/offers/evil"}))
    assert answer.status_code == 400
    assert "De bron geeft geen antwoord dat wij begrijpen" in words(answer.text)


def test_metadata_of_another_source_are_refused(wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    visitor.site.changes["/openid-credential-issuer/duo"] = Response(200, {}, b'{"credential_issuer": "http://duo.example/uwv"}')
    answer = visitor.open("/aanbod?" + urlencode({"credential_offer_uri": visitor.offered()}))
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"no json", b'{"error": 3}'])
def test_an_answer_that_is_not_of_the_protocol_is_a_problem_and_no_fault(body: bytes, wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    visitor.site.changes["/token"] = Response(200, {}, body)
    answer = visitor.fetch()
    assert answer.status_code == 400
    assert "Het is niet gelukt" in words(answer.text)


def test_who_comes_back_from_a_request_of_nobody_gets_nothing(wallets: WalletWorld) -> None:
    answer = Visitor(wallets).open("/terug?" + urlencode({"state": "x", "code": "y", "iss": IDENTIFIER}))
    assert answer.status_code == 400
    assert "een vraag die deze wallet niet stelde" in words(answer.text)


@pytest.mark.parametrize("issuer", ["", "http://duo.example/uwv"])
def test_an_answer_in_the_name_of_another_source_is_refused(issuer: str, wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    assert visitor.send("/ophalen", aanbod=visitor.offered()).headers["location"].startswith(f"{IDENTIFIER}/oid4vci/authorize?")
    answer = visitor.open("/terug?" + urlencode({"state": _state(visitor), "code": "y", "iss": issuer}))
    assert "een vraag die deze wallet niet stelde" in words(answer.text)


def test_a_code_that_is_not_one_gives_nothing(wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    visitor.send("/ophalen", aanbod=visitor.offered())
    answer = visitor.open("/terug?" + urlencode({"state": _state(visitor), "code": "y", "iss": IDENTIFIER}))
    assert "De code van de bron is verlopen of al gebruikt" in words(answer.text)


def _state(visitor: Visitor) -> str:
    """What only the wallet and the source know of the last request."""
    asked = [content for url, content in visitor.site.sent if url.endswith("/par")]
    return parse_qs(asked[-1].decode())["state"][0]


def test_nothing_is_left_after_half_an_hour(wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    visitor.fetch()
    wallets.world.later(minutes=31)
    assert "Uw oefenwallet is leeg" in words(visitor.open().text)


def test_a_file_of_nobody_is_not_there(wallets: WalletWorld) -> None:
    assert Visitor(wallets).open("/bewijs/x").status_code == 404


def test_every_page_says_that_it_is_no_real_wallet(wallets: WalletWorld) -> None:
    visitor = Visitor(wallets)
    offer = "/aanbod?" + urlencode({"credential_offer_uri": visitor.offered()})
    assert all("Dit is geen echte wallet" in words(visitor.open(path).text) for path in ("", offer, "/terug"))


@pytest.mark.parametrize(
    ("shown", "colour", "logo"),
    [
        ({"background_color": "#AA00bb", "logo": {"uri": "data:image/png;base64,AAAA"}}, "#AA00bb", "data:image/png;base64,AAAA"),
        ({"background_color": 'red" onload="x', "logo": {"uri": "https://evil.example/x.png"}}, "#46566a", ""),
        ({"logo": {"uri": "data:text/html,x"}}, "#46566a", ""),
        ({"logo": "x"}, "#46566a", ""),
    ],
)
def test_a_card_takes_a_colour_and_a_picture_and_nothing_else(shown: dict[str, Any], colour: str, logo: str) -> None:
    configuration: dict[str, JsonValue] = {"credential_metadata": {"display": [{"name": "Kaart", "locale": "nl", **shown}]}}
    metadata: dict[str, JsonValue] = {"display": [{"name": "DUO"}], "credential_configurations_supported": {"x": configuration}}
    card = card_of(Held("1", "x", metadata), CATALOGUE, "nl")
    assert (card.title, card.source, card.colour, card.logo, card.facts) == ("Kaart", "DUO", colour, logo, ())


def test_the_longest_unused_wallet_goes_when_there_are_too_many() -> None:
    boxes = Boxes(lambda: NOON)
    first, _ = boxes.open(None)
    for _ in range(500):
        boxes.open(None)
    assert boxes.open(first)[0] != first


def test_a_wallet_is_not_opened_by_a_name_that_somebody_made_up() -> None:
    assert Boxes(lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta()).open("made up")[0] != "made up"


@given(st.text(max_size=30))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(WalletProblem, match="one credential_offer_uri"):
        offer_address(text)


@pytest.mark.parametrize("link", ["", "haip-vci://", "haip-vci://?credential_offer={}", "x?credential_offer_uri=a&credential_offer_uri=b"])
def test_a_link_without_one_offer_is_refused(link: str) -> None:
    with pytest.raises(WalletProblem):
        offer_address(link)
