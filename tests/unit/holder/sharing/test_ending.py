"""Until when a sharing lasts: the choice on the page, and every end that is refused."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.dates import AMSTERDAM
from blauweknop.holder.sharing.ending import EndProblem, chosen_end, shorter_ends
from blauweknop.standards.registration_claims import LegalBasis, Registration
from blauweknop.standards.sharing_composing import retention_end
from blauweknop.standards.sharing_messages import LEAST_SHARING
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import REGISTERED, SharingWorld, Visitor
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW

TODAY = NOW.astimezone(AMSTERDAM).date()
YEAR = replace(r.REGISTRATION, retention="P1Y")
DUTY = replace(YEAR, legal_basis=LegalBasis("c", "Woningwet"))


def refused(text: str, registration: Registration = YEAR) -> str:
    with pytest.raises(EndProblem) as caught:
        chosen_end(text, registration, NOW)
    return caught.value.code


def test_nothing_chosen_is_as_long_as_the_receiver_asks_for() -> None:
    assert chosen_end("", YEAR, NOW) == retention_end("P1Y", NOW)


def test_a_sharing_ends_at_the_end_of_the_day_that_was_chosen() -> None:
    chosen = chosen_end("2026-12-24", YEAR, NOW)
    assert chosen == datetime(2026, 12, 24, 23, 59, 59, tzinfo=AMSTERDAM)


@pytest.mark.parametrize("text", ["morgen", "2026-02-30", "24-12-2026", "P1M"])
def test_an_end_that_is_no_day_is_refused(text: str) -> None:
    assert refused(text) == "until_form"


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY])
def test_an_end_before_tomorrow_is_refused(day: date) -> None:
    assert refused(day.isoformat()) == "until_short"


def test_an_end_that_a_day_of_twenty_three_hours_brings_too_near_is_refused() -> None:
    late = datetime(2027, 3, 27, 23, 30, tzinfo=AMSTERDAM)
    with pytest.raises(EndProblem) as caught:
        chosen_end("2027-03-28", YEAR, late)
    assert caught.value.code == "until_short"


def test_an_end_after_the_retention_is_refused() -> None:
    last = chosen_end("", YEAR, NOW).date()
    assert chosen_end(last.isoformat(), YEAR, NOW) == retention_end("P1Y", NOW)
    assert refused((last + timedelta(days=1)).isoformat()) == "until_long"


def test_where_the_law_says_how_long_nobody_chooses() -> None:
    assert refused("2026-12-24", DUTY) == "until_law"
    assert shorter_ends(DUTY, NOW) == ()


def test_only_shorter_ends_are_offered() -> None:
    assert [day.isoformat() for day in shorter_ends(YEAR, NOW)] == ["2026-11-30", "2026-12-23", "2027-02-23", "2027-05-23"]


@given(st.dates())
def test_every_end_that_is_taken_is_one_that_a_receiver_takes(day: date) -> None:
    try:
        end = chosen_end(day.isoformat(), YEAR, NOW)
    except EndProblem:
        return
    assert NOW + LEAST_SHARING <= end <= retention_end("P1Y", NOW)


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    found = site.visitor()
    found.has_credential()
    return found


def test_the_page_offers_a_shorter_time_and_the_consent_has_it(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    assert "Tot 23 december 2026 (korter)" in words(visitor.person.open(path).text)
    visitor.answer(path, until="2026-12-30")
    assert site.receiver.consents[0].consent.ends_at == datetime(2026, 12, 30, 23, 59, 59, tzinfo=AMSTERDAM)
    assert "Bewaard tot 30 december 2026" in words(visitor.person.open("/gedeeld").text)


@pytest.mark.parametrize(
    ("until", "said"), [("2026-11-23", "ten minste tot morgen"), ("2099-01-01", "Kies een van de dagen"), ("x", "Kies")]
)
def test_another_end_gives_nothing_and_says_why(visitor: Visitor, site: SharingWorld, until: str, said: str) -> None:
    refused = visitor.answer(visitor.look(), until=until)
    assert (refused.status_code, said in words(refused.text)) == (409, True)
    assert site.receiver.answers == []


def test_no_time_is_offered_where_the_law_says_how_long(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, legal_basis=LegalBasis("c", "Woningwet")))
    path = visitor.look()
    assert 'name="until"' not in visitor.person.open(path).text
    assert "De wet zegt" in words(visitor.answer(path, until="2026-12-30").text)
