"""Links in "Alles meenemen": what was given and what happened goes along, and elsewhere nothing of it works."""

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from blauweknop.adapters.holder_links import HolderLinks
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.assembly.links import with_links
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.holder.archive import Archived
from blauweknop.holder.links.items import from_elsewhere, made_links
from blauweknop.holder.links.ports import KeptLink
from blauweknop.holder.ports import ItemRow
from blauweknop.holder.sharing.requests import kept_requests
from blauweknop.holder.taking_in import TakenIn, take_in
from tests.unit.holder.holder_world import words
from tests.unit.holder.kept_credentials import check, new_vault
from tests.unit.holder.links.link_world import LinkVisitor, LinkWorld
from tests.unit.holder.test_vault import KeptItems
from tests.unit.standards.pki import NOW


@pytest.fixture
def visitor(site: LinkWorld) -> LinkVisitor:
    return site.visitor()


def archive_of(visitor: LinkVisitor) -> bytes:
    answer = visitor.person.send("/rechten/alles", "/rechten")
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


def items_in(archive: bytes, kind: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        listed = json.loads(opened.read("mijn-blauwe-knop.json"))["items"]
        found = [(item["head"], item["files"]["body"]) for item in listed if item["head"]["kind"] == kind]
        return [(head, json.loads(opened.read(name))) for head, name in found]


def bring(visitor: LinkVisitor, archive: bytes) -> str:
    token = visitor.visitor.fields("/rechten/inlezen")["_csrf_token"]
    answer = visitor.person.client.post(
        "/mijn/rechten/inlezen",
        data={"_csrf_token": token},
        files={"archief": ("mijn.zip", archive)},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return words(answer.text)


def test_a_link_goes_along_with_what_happened_and_with_its_key_while_it_waits(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.fetch(link, "000000" if pin != "000000" else "111111")
    ((head, body),) = items_in(archive_of(visitor), "link")
    assert (head["state"], body["link"], body["pin"]) == ("waiting", link.as_text(), pin)
    assert [what for _, what in body["events"]] == ["wrong_pin"]


def test_what_nobody_looked_at_yet_goes_along_as_the_sharing_that_it_is(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.bring_receipt(link, site.opened(link, site.fetch(link, pin).content))
    archive = archive_of(visitor)
    ((head, body),) = items_in(archive, "link")
    assert (head["state"], body["link"], body["pin"]) == ("received", "", "")
    assert [what for _, what in body["events"]] == ["fetched", "received"]
    ((head, body),) = items_in(archive, "request")
    assert (head["state"], bool(body["receipt"])) == ("sent", True)


def test_a_link_that_cannot_be_read_keeps_nobody_from_taking_the_rest_along(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.fetch(link, pin)
    (made,) = made_links(visitor.visitor.vault)
    visitor.visitor.vault.add(made.item.as_head(), b"{}")
    bodies = [body for _, body in items_in(archive_of(visitor), "link")]
    assert {} in bodies
    assert [[what for _, what in body["events"]] for body in bodies if body] == [["fetched"]]


def test_a_link_of_which_nothing_can_be_found_out_goes_along_as_it_is_kept(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.made(visitor.has_document())
    store = SilentLinks(site.holder.engine, RowKey.from_secret(bytes(range(32))))
    services = with_links(site.holder.services(), replace(site.links(), store=store))
    before = list(made_links(visitor.visitor.vault))
    services.before_taking_along(visitor.visitor.vault)
    assert list(made_links(visitor.visitor.vault)) == before


class SilentLinks(HolderLinks):
    """A storage that fails."""

    def read(self, link_id: str) -> KeptLink | None:
        raise BlauweKnopError("the storage does not answer")


def test_elsewhere_a_link_that_waits_is_a_record_and_opens_nothing(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    other = site.visitor("Elders")
    bring(other, archive_of(visitor))
    (made,) = made_links(other.visitor.vault)
    assert (made.item.state, made.body.link, made.body.link_id, made.body.pin, made.body.sharing.key) == ("elsewhere", "", "", "", "")
    assert "Gemaakt op een andere plek" in words(other.person.open("/gedeeld").text)
    page = f"/gedeeld/link/{made.key}"
    assert "Alleen daar ziet u wat ermee gebeurt" in words(other.person.open(page).text)
    assert other.person.open(f"{page}/intrekken").headers["location"] == f"/mijn{page}"
    assert other.visitor.post(f"{page}/intrekken", other.visitor.fields("/gedeeld/wie-heeft-wat")).status_code in (303, 403)
    assert site.fetch(link, pin).status_code == 200


def test_who_erases_the_account_with_the_record_takes_no_link_of_another_away(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    other = site.visitor("Elders")
    bring(other, archive_of(visitor))
    assert other.person.send("/wissen", sure="yes").status_code == 303
    assert site.fetch(link, pin).status_code == 200


def test_what_a_receiver_has_can_be_taken_back_elsewhere(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.bring_receipt(link, site.opened(link, site.fetch(link, pin).content))
    other = site.visitor("Elders")
    bring(other, archive_of(visitor))
    (kept,) = kept_requests(other.visitor.vault)
    assert f"/gedeeld/{kept.key}/intrekken" in other.person.open(f"/gedeeld/{kept.key}").text


@pytest.mark.parametrize("who", ["Elders", "Samira"])
def test_a_link_that_is_here_already_stays_one(site: LinkWorld, visitor: LinkVisitor, who: str) -> None:
    link, pin = visitor.made(visitor.has_document())
    archive = archive_of(visitor)
    reader = visitor if who == "Samira" else site.visitor(who)
    bring(reader, archive)
    bring(reader, archive)
    (made,) = made_links(reader.visitor.vault)
    assert made.item.state == ("waiting" if who == "Samira" else "elsewhere")
    assert site.fetch(link, pin).status_code == 200


def test_bringing_links_in_reads_each_that_is_here_once(visitor: LinkVisitor) -> None:
    visitor.made(visitor.has_document())
    (made,) = made_links(visitor.visitor.vault)
    body = made.body.as_json()
    others = [{**body, "sharing": {**made.body.sharing.as_json(), "consent": f"another.{number}"}} for number in range(20)]
    archived = [Archived(json.loads(made.item.as_head()), {"body": json.dumps(other).encode()}) for other in others]
    rows = CountedItems(most=100)
    vault = new_vault(rows)
    assert take_in(archived[:10], vault, check, NOW).kept == 10
    rows.read_bodies = 0
    assert take_in([*archived, *archived], vault, check, NOW) == TakenIn(10, 30)
    assert rows.read_bodies < 20


class CountedItems(KeptItems):
    """Items, and how often the whole of one was read."""

    read_bodies = 0

    def read(self, account: bytes, item: bytes) -> ItemRow | None:
        self.read_bodies += 1
        return super().read(account, item)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda head, body: ({**head, "state": "gone"}, body),
        lambda head, body: ({**head, "ends_at": "ooit"}, body),
        lambda head, body: (head, {**body, "events": [["x"]]}),
        lambda head, body: (head, {**body, "events": [[]]}),
        lambda head, body: (head, {**body, "events": [[head["made_at"], "iets"]]}),
        lambda head, body: (head, {**body, "events": [[head["made_at"], "other"]] * 101}),
        lambda head, body: (head, {**body, "sharing": {}}),
        lambda head, body: ({**head, "kind": "request"}, body),
        lambda head, body: (head, {"link": 1}),
    ],
)
def test_what_is_no_link_is_refused(visitor: LinkVisitor, spoil: Any) -> None:
    visitor.made(visitor.has_document())
    (made,) = made_links(visitor.visitor.vault)
    head, body = json.loads(made.item.as_head()), made.body.as_json()
    assert from_elsewhere(json.dumps(head).encode(), json.dumps(body).encode())
    spoiled = [json.dumps(part).encode() for part in spoil(head, body)]
    with pytest.raises(MalformedValue):
        from_elsewhere(*spoiled)
