"""Mijn Blauwe Knop on one's own computer fetches at sources that know it: those of the exercise, over real HTTP."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar import Litestar

from blauweknop.adapters.holder_settings import load_own_holder
from blauweknop.adapters.settings import load_settings
from blauweknop.assembly.holder import address_of_return, local_holder_application
from blauweknop.cli.configuration import FILE_NAME
from blauweknop.demo.application import demo_application
from blauweknop.demo.browser import Browser, PageSeen
from blauweknop.demo.scheme import prepare_scheme
from blauweknop.demo.sources import DEMO_SOURCES
from blauweknop.register.exercise_holder import add_holder_server
from tests.serving import address_of, any_port, serving

_GROUP = re.compile(r"<span>([0-9A-Z]{4})</span>")
_PHRASE = "vier groene paarden zingen"
_CLIENT = "eigen-computer"
_PATIENCE = 150.0


@dataclass(frozen=True)
class OwnComputer:
    """The address of somebody's own Mijn Blauwe Knop, and that of a source."""

    base_url: str
    source: str
    application: Callable[[str], Litestar]
    """The same for another address than the source knows."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnComputer]:
    folder = tmp_path_factory.mktemp("own")
    with any_port() as listener, any_port() as mine, pytest.MonkeyPatch.context() as environment:
        environment.setenv("STATE_DIRECTORY", str(folder / "state"))
        demo, base_url = address_of(listener), address_of(mine, "localhost")
        add_holder_server(folder)
        prepared = prepare_scheme(folder / "scheme", demo, 5, now=datetime.now(UTC))
        scheme, settings = load_own_holder(_configuration(folder, demo))
        file = prepared.folder / FILE_NAME
        file.write_text(file.read_text("utf-8") + _registration(folder, address_of_return(base_url, settings)), "utf-8")

        def application(address: str) -> Litestar:
            return local_holder_application(folder / "data", address, scheme=scheme, settings=settings)

        with serving(demo_application(replace(prepared, settings=load_settings(file))), listener), serving(application(base_url), mine):
            yield OwnComputer(base_url, demo, application)


def _configuration(folder: Path, demo: str) -> Path:
    """What a person writes: the scheme, and where to fetch."""
    path = folder / "mijn.toml"
    path.write_text(
        f"""
[scheme]
environment = "exercise"
base_url = "{demo}"
check_url = "{demo}/controle"
trust_list = "scheme/trust-list.json"
trust_anchor = "scheme/trust-anchor.pem"

[holder.collect]
client_id = "{_CLIENT}"
key = "mijn/client-key.pem"
copies = 3

[holder.collect.sources.duo]
oin = "{DEMO_SOURCES[0].oin.digits}"
issuer = "{demo}/duo"
""",
        "utf-8",
    )
    return path


def _registration(folder: Path, address: str) -> str:
    """What a source writes."""
    return f"""
[wallets.known.eigen]
name = "Mijn eigen Blauwe Knop"
client_id = "{_CLIENT}"
redirect_uris = ["{address}"]
keys = "{folder / "mijn" / "jwks.json"}"
"""


def settled(base_url: str, name: str = "samira") -> Browser:
    """Somebody with an account, who is in."""
    browser = Browser(base_url)
    page = browser.open("/mijn/nieuw")
    answers = {"name": [name], "passphrase": [_PHRASE], "again": [_PHRASE]}
    code = browser.submit(page, page.form_to("/nieuw"), answers)
    groups = " ".join(_GROUP.findall(code.body.decode()))
    assert browser.submit(code, code.form_to("/herstelcode"), {"code": [groups]}).address.endswith("/mijn/gegevens")
    return browser


def agreed(browser: Browser, own: OwnComputer) -> PageSeen:
    """To the source, where one logs in and says yes; and back."""
    sources = browser.open("/mijn/ophalen")
    login = browser.submit(sources, sources.form_to("/ophalen"), {"source": ["duo"]})
    assert login.address.startswith(own.source)
    answers = {"person": ["samira"], "level": ["substantial"], "answer": ["go"]}
    consent = browser.submit(login, login.form_to("/inloggen"), answers)
    assert "Mijn eigen Blauwe Knop" in consent.body.decode()
    form = consent.form_to("/toestemming")
    ticked = [value for name, value in form.choices if name == "dataset"]
    return browser.submit(consent, form, {"dataset": ticked, "answer": ["agree"]})


def text_of(page: PageSeen) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.body.decode()).split())


def test_a_person_fetches_documents_and_credentials_on_their_own_computer(own: OwnComputer) -> None:
    browser = settled(own.base_url)
    standing = agreed(browser, own)
    assert standing.address.startswith(f"{own.base_url}/mijn/ophalen/")
    until = time.monotonic() + _PATIENCE
    while "Wordt opgehaald" in text_of(standing) and time.monotonic() < until:
        time.sleep(0.5)
        standing = browser.open(standing.address)

    text = text_of(standing)
    assert ("Niet gelukt" in text, text.count("Opgehaald")) == (False, 2), text
    assert "kwam niet mee" not in text
    assert "Laatst opgehaald op" in text_of(browser.open("/mijn/ophalen"))
    browser.close()


def test_a_source_sends_nobody_to_an_address_that_it_does_not_know(own: OwnComputer) -> None:
    with serving(own.application("http://localhost:9")) as elsewhere:
        browser = settled(elsewhere, "youssef")
        sources = browser.open("/mijn/ophalen")
        answer = browser.submit(sources, sources.form_to("/ophalen"), {"source": ["duo"]})
        browser.close()
    assert answer.status == 503
    assert "Er is niets opgehaald" in text_of(answer)
