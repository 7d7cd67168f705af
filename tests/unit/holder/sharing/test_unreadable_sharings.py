"""What was shared and cannot be opened any more: the person reads who has it."""

import pytest

from blauweknop.domain.dates import AMSTERDAM, date_in_words
from blauweknop.holder.items import ConnectionItem, head_of
from blauweknop.holder.sharing.requests import KeptRequest, kept_requests
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import SHORT, SharingWorld, Visitor, asks, summary
from tests.unit.holder.test_unreadable import damage
from tests.unit.standards.pki import NOW

_PAGES = ("/gegevens", "/overzicht", "/gedeeld", "/gedeeld/wie-heeft-wat")


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    """Somebody who shared a study debt."""
    found = site.visitor()
    found.has_credential()
    site.receiver.query = asks(summary("schuldsaldo_inclusief_rente", kind=SHORT))
    assert found.answer(found.look()).status_code == 200
    return found


def shared(visitor: Visitor) -> KeptRequest:
    (only,) = kept_requests(visitor.vault)
    return only


@pytest.mark.parametrize("page", _PAGES)
def test_who_has_a_sharing_that_was_damaged_stays_in_sight(visitor: Visitor, page: str) -> None:
    only = shared(visitor)
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
    damage(site.holder, shared(asked).key, "body")

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
