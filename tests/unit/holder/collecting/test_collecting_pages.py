"""The pages on which a person fetches: only in the visit that asked, only from the source that was asked; they always say how it stands."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Event

import pytest

from blauweknop.domain.verdict import Verdict
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.ports import SourceProblem
from blauweknop.holder.items import ConnectionItem, CredentialItem, head_of
from blauweknop.holder.keeping import items_of
from tests.unit.holder.collecting.collecting_site import CollectingSite, Visitor
from tests.unit.holder.collecting.collecting_world import CollectingWorld, judged, orange, red
from tests.unit.holder.filled_vaults import vault_of
from tests.unit.holder.holder_world import HolderWorld, words
from tests.unit.issuer.source_world import DEBT, GRANT, changed, found

_UNKNOWN = "Dit antwoord hoort niet bij een vraag van u"


@pytest.fixture
def site(world: HolderWorld, here: CollectingWorld) -> CollectingSite:
    return CollectingSite(world, here)


@pytest.fixture
def anna(site: CollectingSite) -> Visitor:
    return site.visitor()


def test_the_list_names_each_source_and_what_it_has(anna: Visitor) -> None:
    page = words(anna.open("/ophalen").text)
    assert f"DUO Hier kunt u ophalen: {DEBT.title.nl}, {GRANT.title.nl}." in page


def test_a_person_fetches_and_sees_how_each_thing_stands(anna: Visitor) -> None:
    page = words(anna.collect(DEBT))
    assert "Er is één document opgehaald." in page
    assert f"{DEBT.title.nl} Opgehaald" in page
    assert f"{GRANT.title.nl} Niet meegenomen" in page


def test_what_was_fetched_stands_in_the_list(anna: Visitor) -> None:
    anna.collect(DEBT)
    assert "Laatst opgehaald op" in words(anna.open("/ophalen").text)


def test_a_browser_is_sent_away_without_a_redirect_after_the_form(anna: Visitor) -> None:
    answer = anna.go()
    assert answer.status_code == 200
    assert anna.address(answer).startswith("http://duo.example/duo/oid4vci/authorize?")


@pytest.mark.parametrize("state", ["x" * 43, "", None])
def test_an_answer_to_no_question_is_not_used(anna: Visitor, state: str | None) -> None:
    answer = anna.back(anna.go(), DEBT, state=state)
    assert (answer.status_code, _UNKNOWN in words(answer.text)) == (400, True)
    assert "token" not in anna.site.here.wire.sent


@pytest.mark.parametrize("issuer", ["http://uwv.example/uwv", "http://duo.example/duo/", "", None])
def test_an_answer_of_another_source_is_not_used(anna: Visitor, issuer: str | None) -> None:
    answer = anna.back(anna.go(), DEBT, iss=issuer)
    assert (answer.status_code, _UNKNOWN in words(answer.text)) == (400, True)
    assert "token" not in anna.site.here.wire.sent


def test_what_waits_for_its_check_is_named_and_checked_while_the_page_is_out_already(anna: Visitor) -> None:
    here, going_on = anna.site.here, Event()
    here.check = lambda *_: orange()
    anna.collect(DEBT)

    def slow(data: bytes, at: datetime) -> Verdict:
        assert going_on.wait(20)
        return judged(data, at)

    here.check = slow
    page = words(anna.open("/ophalen").text)
    going_on.set()
    anna.site.background.stop()

    assert "Er wacht iets op controle" in page
    assert f"{DEBT.title.nl}, DUO" in page
    assert "Er wacht iets op controle" not in words(anna.open("/ophalen").text)
    assert f"{DEBT.title.nl} DUO" in words(anna.open("/overzicht").text)


def test_an_answer_is_used_once(anna: Visitor) -> None:
    sent = anna.go()
    anna.site.here.agree(anna.address(sent), DEBT)
    first = anna.back(anna.go(), DEBT)
    again = anna.open("/ophalen/terug?code=x&state=y&iss=http%3A%2F%2Fduo.example%2Fduo")
    assert (first.status_code, again.status_code) == (303, 400)


def test_an_answer_in_the_browser_of_somebody_else_is_not_used(anna: Visitor, site: CollectingSite) -> None:
    sent = anna.go()
    bert = site.visitor("Bert")
    answer = bert.back(sent, DEBT)
    assert (answer.status_code, _UNKNOWN in words(answer.text)) == (400, True)


def test_who_was_locked_out_meanwhile_unlocks_first(anna: Visitor) -> None:
    sent = anna.go()
    anna.person.client.cookies.clear()
    assert anna.back(sent, DEBT).headers["location"].startswith("/mijn/openen")


@pytest.mark.parametrize("path", ["/ophalen", "/ophalen/terug?code=x", "/ophalen/0123", "/toevoegen", "/papieren/0123"])
def test_nobody_sees_these_pages_without_an_account(site: CollectingSite, path: str) -> None:
    anna = site.visitor()
    anna.person.client.cookies.clear()
    assert anna.open(path).headers["location"].startswith("/mijn/openen")


def test_somebody_else_cannot_see_how_it_stands(anna: Visitor, site: CollectingSite) -> None:
    place = anna.back(anna.go(), DEBT).headers["location"].removeprefix("/mijn")
    assert site.visitor("Bert").open(place).headers["location"] == "/mijn/ophalen"


def test_a_source_that_is_silent_is_named_and_nothing_is_lost(anna: Visitor) -> None:
    anna.site.here.wire.instead["/duo"] = SourceProblem("silent", "x")
    answer = anna.go()
    assert (answer.status_code, "DUO geeft nu geen antwoord." in words(answer.text)) == (503, True)


def test_a_source_that_says_what_is_not_so_is_named(anna: Visitor) -> None:
    anna.site.here.wire.instead["/duo"] = SourceProblem("answer", "x")
    assert "Ophalen bij DUO kan nu niet" in words(anna.go().text)


def test_an_unknown_source_leads_back_to_the_list(anna: Visitor) -> None:
    assert anna.go("evil").headers["location"] == "/mijn/ophalen"


def test_a_part_that_failed_can_be_tried_again(anna: Visitor) -> None:
    wire = anna.site.here.wire
    wire.instead["/document"] = SourceProblem("silent", "x")
    place = anna.back(anna.go(), DEBT).headers["location"].removeprefix("/mijn")
    before = words(anna.standing(place))
    wire.instead.clear()
    anna.person.send("/ophalen/opnieuw", place, connection=place.rpartition("/")[2])

    assert f"{DEBT.title.nl} Niet gelukt DUO gaf geen antwoord." in before
    assert f"{DEBT.title.nl} Opgehaald" in words(anna.standing(place))


def test_what_is_red_is_refused_in_words(anna: Visitor) -> None:
    anna.site.here.check = lambda *_: red("document_changed")
    assert "Het is niet bewaard." in words(anna.collect(DEBT))


def test_a_round_names_the_next_source_and_ends(world: HolderWorld, here: CollectingWorld) -> None:
    second = replace(here.source, id="uwv", name="UWV")
    site = CollectingSite(world, here, sources=(here.source, second))
    anna = site.visitor()
    first = anna.back(anna.person.send("/ophalen", round="yes"), DEBT).headers["location"].removeprefix("/mijn")
    between = words(anna.standing(first))
    last = anna.back(anna.person.send("/ophalen", round="yes"), DEBT).headers["location"].removeprefix("/mijn")

    assert "Verder naar UWV" in between
    assert "1 van 2 organisaties gehad." in between
    assert "U bent bij alle organisaties geweest." in words(anna.standing(last))


def test_a_round_goes_on_where_it_was(world: HolderWorld, here: CollectingWorld) -> None:
    second = replace(here.source, id="uwv", name="UWV")
    site = CollectingSite(world, here, sources=(here.source, second))
    anna = site.visitor()
    anna.collect(DEBT)
    assert "U gaat nu naar UWV" in words(anna.person.send("/ophalen", round="yes").text)


def test_who_is_somebody_else_in_a_document_decides_whether_it_counts(anna: Visitor, site: CollectingSite) -> None:
    anna.collect(DEBT)
    sent = anna.go()
    given = site.here.agree(anna.address(sent), GRANT, outcomes={GRANT.id: found(GRANT, family_name="Jansen")})
    place = anna.open("/ophalen/terug?" + "&".join(f"{name}={values[0]}" for name, values in given.items())).headers["location"]
    standing = words(anna.standing(place.removeprefix("/mijn")))
    page = anna.open("/ophalen").text
    document = re.search(r'name="document" value="([0-9a-f]{32})"', page)
    assert document is not None
    anna.person.send("/ophalen/toch", "/ophalen", document=document[1])

    assert "De naam of de geboortedatum is anders dan in uw andere documenten." in standing
    assert "Is dit van u?" in words(page)
    assert "Is dit van u?" not in words(anna.open("/ophalen").text)


def test_what_somebody_was_at_who_was_killed_is_not_said_to_be_done(anna: Visitor, site: CollectingSite) -> None:
    place = anna.back(anna.go(), DEBT).headers["location"].removeprefix("/mijn")
    vault = vault_of(anna.person)
    head, item = next((head, item) for head, item in items_of(vault) if isinstance(item, ConnectionItem))
    vault.replace(head, head_of(replace(item, worked_at=site.here.now)), (vault.read(head.id) or (head, b""))[1])
    page = anna.open(place)
    assert "refresh" in page.headers
    assert "Wij halen uw gegevens op" in words(page.text)


class AtOnce(Background):
    """Does the work before it says that it began."""

    def begin(self, name: bytes, work: Callable[[], None]) -> None:
        work()


def with_few_copies(world: HolderWorld, here: CollectingWorld) -> Visitor:
    """Somebody who fetched, whose copies run low, and who is there again later."""
    anna = CollectingSite(world, here, background=AtOnce()).visitor()
    anna.collect(DEBT)
    here.issuer.world.later(minutes=2)
    return anna


def unused(anna: Visitor) -> list[int]:
    return [item.unused for _, item in items_of(vault_of(anna.person)) if isinstance(item, CredentialItem)]


def test_whoever_opens_the_list_gets_new_copies_of_what_runs_low(world: HolderWorld, here: CollectingWorld) -> None:
    anna = with_few_copies(world, here)
    before = unused(anna)
    page = words(anna.open("/ophalen").text)
    assert (before, unused(anna)) == ([2], [4])
    assert "Bijna op" not in page


def test_the_list_says_when_a_login_is_needed_for_new_copies(world: HolderWorld, here: CollectingWorld) -> None:
    anna = with_few_copies(world, here)
    here.issuer.world.answers[DEBT.id] = changed(found(DEBT), schuldsaldo_inclusief_rente=1)
    page = words(anna.open("/ophalen").text)
    assert f"Bijna op om te delen: {DEBT.title.nl}." in page
    assert "DUO geeft pas nieuwe als u daar weer inlogt" in page
    assert "Haal opnieuw op" in page
