"""What was shared and cannot be opened any more: the person reads who has it."""

import json

import pytest

from blauweknop.domain.dates import AMSTERDAM, date_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.holder.items import ConnectionItem, head_of
from blauweknop.holder.sharing.requests import answered_requests
from blauweknop.standards.strict_json import canonical_json
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import SHORT, SharingWorld, Visitor, asks, kept, summary
from tests.unit.holder.test_unreadable import damage
from tests.unit.standards.pki import NOW

Members = dict[str, JsonValue]
_PAGES = ("/gegevens", "/overzicht", "/gedeeld", "/gedeeld/wie-heeft-wat")


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    """Somebody who shared a study debt."""
    found = site.visitor()
    found.has_credential()
    site.receiver.query = asks(summary("schuldsaldo_inclusief_rente", kind=SHORT))
    assert found.answer(found.look()).status_code == 200
    return found


@pytest.mark.parametrize("page", _PAGES)
def test_who_has_a_sharing_that_was_damaged_stays_in_sight(visitor: Visitor, page: str) -> None:
    only = kept(visitor)
    damage(visitor.world.holder, only.key, "body")
    text = words(visitor.person.open(page).text)

    day = date_in_words(only.item.expires_at.astimezone(AMSTERDAM).date())
    assert f"{only.item.receiver}, tot {day}: wij kunnen dit niet meer lezen. Vraag het daar." in text
    assert "U hebt nog niets gedeeld" not in text


def test_a_sharing_that_opens_is_not_told_as_damaged(visitor: Visitor) -> None:
    assert all("niet meer lezen" not in visitor.person.open(page).text for page in _PAGES)


def test_a_damaged_question_that_was_not_answered_is_not_told_as_shared(site: SharingWorld) -> None:
    asked = site.visitor()
    asked.look()
    damage(site.holder, kept(asked).key, "body")

    assert "Vraag het daar" not in words(asked.person.open("/gedeeld").text)


@pytest.mark.parametrize("page", ["/gegevens", "/overzicht"])
def test_a_damaged_proof_is_named_by_its_head(site: SharingWorld, page: str) -> None:
    person = site.visitor()
    damage(site.holder, person.has_credential().hex(), "body")

    assert "Bewijs om te delen: Studieschuld, DUO, opgehaald op" in words(person.person.open(page).text)


@pytest.mark.parametrize("page", ["/gegevens", "/overzicht"])
def test_a_damaged_connection_is_named_by_its_head(site: SharingWorld, page: str) -> None:
    person = site.visitor()
    kept = person.vault.add(head_of(ConnectionItem("duo", "00000001003214345000", "DUO", NOW, None, ())))
    damage(site.holder, kept.id.hex(), "body")

    assert "Wat u ophaalde bij DUO, op" in words(person.person.open(page).text)


_OTHER_HEADS: list[Members] = [{"form": 2}, {"state": "another"}, {"at": "gisteren"}]
_OTHER_BODIES: list[Members] = [{"form": 2}, {"receiver": "Proef"}]


def in_another_form(visitor: Visitor, head: Members, body: Members | None) -> str:
    """The key of what was shared as another version of this program may have written it."""
    only = kept(visitor)
    written = canonical_json({**json.loads(only.item.as_head()), **head})
    assert visitor.vault.replace(only.head, written, canonical_json(dict(only.body) if body is None else body)) is not None
    return only.key


@pytest.mark.parametrize("page", _PAGES)
@pytest.mark.parametrize(("head", "body"), [*((head, None) for head in _OTHER_HEADS), *(({}, body) for body in _OTHER_BODIES)])
def test_a_sharing_of_another_form_is_one_line_and_the_rest_of_the_page_is_as_always(
    visitor: Visitor, page: str, head: Members, body: Members | None
) -> None:
    key = in_another_form(visitor, head, body)
    visitor.has_document()
    assert visitor.answer(visitor.look()).status_code == 200
    (whole,) = answered_requests(visitor.vault)
    answer = visitor.person.open(page)

    assert answer.status_code == 200
    assert answer.text.count("/weghalen") == 1
    assert f"/onleesbaar/{key}" in answer.text
    assert f"/gedeeld/{whole.key}" in visitor.person.open("/gedeeld").text


@pytest.mark.parametrize("page", _PAGES)
@pytest.mark.parametrize("body", _OTHER_BODIES)
def test_who_has_a_sharing_of_another_form_is_named(visitor: Visitor, page: str, body: Members) -> None:
    in_another_form(visitor, {}, body)

    assert "wij kunnen dit niet meer lezen. Vraag het daar." in words(visitor.person.open(page).text)


@pytest.mark.parametrize(("head", "body"), [(_OTHER_HEADS[0], None), ({}, _OTHER_BODIES[0])])
def test_a_sharing_of_another_form_can_be_taken_away(visitor: Visitor, head: Members, body: Members | None) -> None:
    key = in_another_form(visitor, head, body)
    visitor.person.send(f"/onleesbaar/{key}/weghalen")

    assert "niet meer lezen" not in visitor.person.open("/gedeeld").text
