"""What would go along is checked again before anybody agrees: withdrawn is left out, not found out is said."""

from datetime import datetime

import pytest

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.credentials import kept_credentials
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import SharingWorld, Visitor, asks, summary, withdrawn


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    found = site.visitor()
    found.has_credential()
    return found


def broken(_: bytes, __: datetime) -> Verdict:
    raise BlauweKnopError("the check failed itself")


def test_what_is_still_good_has_no_remark(visitor: Visitor) -> None:
    said = words(visitor.person.open(visitor.look()).text)
    assert "Ingetrokken" not in said
    assert "nu niet na te gaan" not in said


def test_what_its_source_withdrew_is_missing_and_can_be_fetched_again(visitor: Visitor, site: SharingWorld) -> None:
    site.check = withdrawn(0)
    path = visitor.look()
    page = visitor.person.open(path).text
    assert "Ingetrokken door de bron. Haal het opnieuw op." in words(page)
    assert 'name="source" value="duo"' in page
    assert visitor.answer(path).status_code == 409
    assert site.receiver.answers == []


def test_what_was_withdrawn_after_it_was_shown_does_not_go(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    form = visitor.fields(path)
    site.check = withdrawn(0)
    refused = visitor.post(path, {**form, "answer": "yes"})
    assert refused.status_code == 409
    assert site.receiver.answers == []
    assert [kept.unused for kept in kept_credentials(visitor.vault)] == [2]


def test_another_one_that_is_good_goes_instead(visitor: Visitor, site: SharingWorld) -> None:
    visitor.has_credential(1, first=5)
    site.check = withdrawn(0)
    visitor.answer(visitor.look())
    assert len(site.receiver.answers) == 1


def test_what_cannot_be_checked_now_may_go_and_it_is_said(visitor: Visitor, site: SharingWorld) -> None:
    site.check = broken
    path = visitor.look()
    assert "Of dit nog geldt, is nu niet na te gaan. Delen kan wel." in words(visitor.person.open(path).text)
    assert visitor.answer(path).status_code == 200
    assert len(site.receiver.answers) == 1


def test_what_need_not_be_given_says_it_too(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.query = asks(summary("fase"), sets=[{"options": [["schuld-kort"]], "required": False}])
    site.check = withdrawn(0)
    assert "Ingetrokken door de bron" in words(visitor.person.open(visitor.look()).text)
