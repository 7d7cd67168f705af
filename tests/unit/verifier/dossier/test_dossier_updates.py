"""A dossier that its person keeps up to date: the newest counts, the earlier one is told as replaced, and the staff may say: enough."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from blauweknop.document.blocks import letter_text
from blauweknop.verifier.afterwards.ports import KeptSharing
from blauweknop.verifier.asking.answers import MOST_KEPT
from blauweknop.verifier.dossier.letter import compose_dossier_letter
from tests.unit.verifier.dossier.dossier_world import Desk, DossierWorld, made_dossier, study_debt
from tests.unit.verifier.dossier.sealed_dossiers import about, typesetter


@dataclass(frozen=True)
class Kept:
    dossier: str
    receipt_id: str


@pytest.fixture
def followed(world: DossierWorld) -> Kept:
    """A dossier of which the person agreed that newer data may follow."""
    receipt_id = secrets.token_urlsafe(32)
    dossier = world.answered([study_debt()], receipt_id=receipt_id, updates_until=world.asking.now + timedelta(days=90))
    sharings, kept = world.services().sharings, world.services().answers.of_request(dossier)
    assert kept is not None
    sharing = KeptSharing(receipt_id, "", None, None, world.asking.now + timedelta(days=90))
    sharings.keep(sharing, link=dossier[:43], attempt="00" * 32, erase_at=world.asking.now + timedelta(days=99))
    assert sharings.bind(receipt_id, kept.id)
    return Kept(dossier, receipt_id)


def test_a_dossier_that_nobody_keeps_up_to_date_says_nothing_of_it(world: DossierWorld, desk: Desk) -> None:
    assert 'id="bijgewerkt"' not in desk.get(world.answered([study_debt()])).text


def test_the_page_says_until_when_and_the_newest_counts(world: DossierWorld, desk: Desk, followed: Kept) -> None:
    assert "De persoon houdt u op de hoogte tot" in desk.get(followed.dossier).text
    debt = study_debt()
    newer = replace(debt, came_at=world.asking.now, claims={**debt.claims, "schuldsaldo_inclusief_rente": 99})
    assert world.services().answers.update(followed.dossier, [newer])
    page = desk.get(followed.dossier).text
    assert "Vervangen" in page
    assert "€ 0,99" in page.replace("\xa0", " ")
    assert "12.345,67" not in page


def test_the_staff_may_say_that_nothing_newer_is_needed(world: DossierWorld, desk: Desk, followed: Kept) -> None:
    assert desk.post(followed.dossier, "/niet-meer-bijwerken").status_code == 303
    page = desk.get(followed.dossier).text
    assert "houdt u niet meer op de hoogte" in page
    sharing = world.services().sharings.of_receipt(followed.receipt_id)
    assert sharing is not None
    assert sharing.updates_until is None


def test_who_may_not_see_a_dossier_stops_nothing(world: DossierWorld, desk: Desk, followed: Kept) -> None:
    world.allowed = False
    assert desk.post(followed.dossier, "/niet-meer-bijwerken").status_code == 404
    sharing = world.services().sharings.of_receipt(followed.receipt_id)
    assert sharing is not None
    assert sharing.updates_until is not None


def test_a_dossier_that_is_nearly_full_says_so_on_the_page_and_in_the_data(world: DossierWorld, desk: Desk, followed: Kept) -> None:
    assert "bijna vol" not in desk.get(followed.dossier).text
    came = [study_debt(issuer_oin=f"{number:020}", came_at=world.asking.now) for number in range(MOST_KEPT - 11)]
    assert world.services().answers.update(followed.dossier, came)
    assert "Er is nog plaats voor 10 stukken" in desk.get(followed.dossier).text
    found = desk.get(followed.dossier, "/dossier.json").json()
    assert (len(found["pieces"]), found["room_for_pieces"]) == (MOST_KEPT - 10, 10)


def test_a_sealed_dossier_that_is_nearly_full_says_so() -> None:
    letter = compose_dossier_letter(replace(made_dossier(study_debt()), room=3), about(), "nl", printable=typesetter().printable)
    assert "Er is nog plaats voor 3 stukken" in letter_text(letter)
