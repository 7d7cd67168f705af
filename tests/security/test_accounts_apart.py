"""Every page of Mijn Blauwe Knop, as the application serves them, against everything that another person keeps (T-30).

The routes are those of the router: a new one is in it by itself. Each gets every id of Anna, from Jan and from somebody who is not in, in
its address and in every field of a form; nothing of Anna comes back, nothing of hers changes, and not hers and not there look the same.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import select, update

from blauweknop.adapters.database import METADATA, reading, writing
from blauweknop.adapters.holder_records import HOLDER_ITEMS
from blauweknop.adapters.holder_settings import HolderSettings
from blauweknop.assembly.collecting import nothing_to_collect
from blauweknop.assembly.holder import local_holder_application
from blauweknop.assembly.links import link_pages_of
from blauweknop.catalogue.texts import sentence
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.routes import collecting_router
from blauweknop.holder.corrections import CorrectionItem
from blauweknop.holder.items import ConnectionItem, Part, UncheckedItem, head_of
from blauweknop.holder.links.ports import LinkServices
from blauweknop.holder.page import holder_portal
from blauweknop.holder.routes import holder_router
from blauweknop.holder.sharing.routes import sharing_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.filled_vaults import keep, keep_paper
from tests.unit.holder.holder_world import BASE_URL, holder_world
from tests.unit.holder.links.link_world import LinkVisitor, LinkWorld
from tests.unit.holder.sharing.sharing_world import CATALOGUE, SharingWorld, Visitor

NOBODY = "f" * 32
HERS = "Zebrapad"
"""Stands in everything that Anna named herself."""
FIELDS = ("answer", "connection", "document", "extra", "item", "key", "paper", "place", "source", "token", "veld", "view", "way", "why")

UPLOADS = ("/mijn/papieren", "/mijn/rechten/inlezen", "/mijn/toevoegen")
"""They take a file and no ids; a form without one is none of theirs."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharingWorld]:
    with holder_world(tmp_path_factory.mktemp("mijn")) as holder:
        made = SharingWorld(holder)
        links = LinkWorld(made)
        made.built = application_of(made, links.links())
        links.built = made.built
        yield made


def application_of(site: SharingWorld, links: LinkServices) -> Litestar:
    """All that Mijn Blauwe Knop can be put together from."""
    services = site.holder.services()
    nowhere = nothing_to_collect(CATALOGUE, redirect_uri=f"{BASE_URL}/mijn/ophalen/terug", check=None)
    pages = [
        holder_router(services),
        collecting_router(services, nowhere, Background()),
        sharing_router(services, site.sharing(), links=links, links_a_minute=10_000),
        *link_pages_of(services, links),
    ]
    return web_application(pages, WebSettings(csrf_secret="x" * 32, secure=False), portals=(holder_portal(services),))


@pytest.fixture(scope="module")
def anna(site: SharingWorld) -> Visitor:
    """She has one of everything."""
    found, now = site.visitor("Anna"), site.holder.moment
    vault = found.vault
    found.has_credential(3)
    link = LinkVisitor(LinkWorld(site, built=site.application()), found)
    link.made(found.has_document())
    keep(vault, x.content(), now, standing="apart")
    keep_paper(vault, f"Huurcontract {HERS}", now)
    damaged = bytes.fromhex(keep_paper(vault, f"Loonstrook {HERS}", now))
    with writing(site.holder.engine) as connection:
        connection.execute(update(HOLDER_ITEMS).where(HOLDER_ITEMS.c.id == damaged).values(body=b"damaged"))
    vault.add(head_of(UncheckedItem(x.DUO.oin.digits, HERS, "duo.studieschuld", now, "fetched")), b"%PDF-1.7")
    part = Part("duo.studieschuld.document", "duo.studieschuld", "failed", "silent")
    vault.add(head_of(ConnectionItem("duo", x.DUO.oin.digits, HERS, now, now + timedelta(hours=1), (part,))), b"")
    vault.add(CorrectionItem("nummer-1", HERS, HERS, "", "", "", HERS, now).as_head(), b"")
    found.answer(found.look())
    found.person.open(found.look())
    return found


@pytest.fixture(scope="module")
def ids(anna: Visitor) -> tuple[str, ...]:
    """Every name by which something of Anna's can be asked for: her items, her account, her ways to open it, and her sessions."""
    session = anna.person.world.services().sessions.touch(anna.person.cookie, now=anna.person.world.moment)
    assert session is not None
    items = [head.id.hex() for head in anna.vault.heads()]
    return (*items, session.account.hex(), session.id_hash.hex(), "nummer-1")


def routes_of(application: Litestar) -> set[tuple[str, str]]:
    """Method and path of everything below `/mijn`."""
    found = (route for route in application.routes if isinstance(route, HTTPRoute) and route.path_format.startswith("/mijn"))
    return {(method, route.path_format) for route in found for method in route.methods if method in ("GET", "POST")}


def with_id(path: str, name: str) -> str:
    """An address of a route with this for each of its parameters, but for the form in which something is saved."""
    return path.replace("{form}", "json").format_map(_Any(name)).removeprefix("/mijn")


class _Any(dict[str, str]):
    def __init__(self, name: str) -> None:
        self._name = name

    def __missing__(self, _key: str) -> str:
        return self._name


def theirs(site: SharingWorld, account: bytes) -> dict[str, list[Any]]:
    """All that is kept of an account."""
    tables = [table for table in METADATA.sorted_tables if table.name.startswith("holder_") and "account" in table.c]
    with reading(site.holder.engine) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table).where(table.c.account == account))), key=repr)
            for table in tables
            if table.name != "holder_sessions"  # of which each visit notes when it was
        }


def told(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


def page_names(site: SharingWorld) -> set[tuple[str, str]]:
    return routes_of(site.application())


def test_the_matrix_has_every_route_of_the_application(site: SharingWorld, tmp_path: Path) -> None:
    settings = HolderSettings(receivers="https://register.example/register/ontvangers")
    assert routes_of(local_holder_application(tmp_path / "mijn", BASE_URL, settings=settings)) == page_names(site)


def test_each_address_with_an_id_in_it_is_one_of_something_that_anna_has(site: SharingWorld, anna: Visitor, ids: tuple[str, ...]) -> None:
    """Else the tests below would ask for what is not there."""
    named = [path for method, path in sorted(page_names(site)) if method == "GET" and "{" in path]
    assert len(named) > 8
    nowhere = [path for path in named if all(anna.person.open(with_id(path, name)).status_code != 200 for name in ids)]
    assert {*nowhere} == {
        "/mijn/d/{link_id}",  # for who has the link, whoever that is
        "/mijn/delen/link/{name}",  # the receivers, the same for all
        "/mijn/gedeeld/{key}/bewijs-van-wissen",  # she took nothing back
        "/mijn/gedeeld/{key}/bijwerken",  # nobody asked to be kept up to date
    }


@pytest.mark.parametrize("who", ["Jan", "nobody"])
def test_no_page_shows_anything_of_another(site: SharingWorld, anna: Visitor, ids: tuple[str, ...], who: str) -> None:
    visitor = site.stranger() if who == "nobody" else site.visitor(who)
    for method, path in sorted(page_names(site)):
        if method != "GET":
            continue
        nothing = told(visitor.person.open(with_id(path, NOBODY)))
        for name in ids if "{" in path.replace("{form}", "") else ids[:1]:
            answer = visitor.person.open(with_id(path, name))
            assert HERS not in answer.text, path
            assert told(answer) == (nothing[0], nothing[1].replace(NOBODY, name)), path
    assert anna.person.open("/gegevens").status_code == 200


@pytest.mark.parametrize("who", ["Jan", "nobody"])
def test_no_form_changes_anything_of_another(site: SharingWorld, anna: Visitor, ids: tuple[str, ...], who: str) -> None:
    account = anna.vault.account
    before = theirs(site, account)
    assert before["holder_items"]
    sent = len(site.receiver.answers)
    visitor, token, number = site.stranger(), "", 0
    for path in sorted(path for method, path in page_names(site) if method == "POST"):
        for name in ids:
            if not token or (who != "nobody" and visitor.person.open("/gegevens").status_code != 200):
                number += 1  # the last form let them out, or erased what was theirs
                visitor = site.stranger() if who == "nobody" else site.visitor(f"{who} {number}")
                token = token_of(visitor)
            for changes in ({"answer": "yes"}, {"answer": "no", "sure": "yes"}) if "{" in path else ({"sure": "yes"},):
                answer = visitor.post(with_id(path, name), {**dict.fromkeys(FIELDS, name), **changes, "_csrf_token": token})
                assert path in UPLOADS or sentence("web.error.expired.title", "nl") not in answer.text, path  # it came as far as the page
                assert HERS not in answer.text, path
        assert theirs(site, account) == before, path
    assert len(site.receiver.answers) == sent


def token_of(visitor: Visitor) -> str:
    return visitor.fields("/toevoegen").get("_csrf_token") or visitor.fields("/openen").get("_csrf_token", "")
