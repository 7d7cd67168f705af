"""Own papers in an update: what the person picks goes in the place of what they gave before, and nothing is added or picked for them."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.items import OwnPaperItem, head_of
from blauweknop.holder.sharing.papers import MOST_BYTES
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import change
from blauweknop.standards.registration_claims import RegisteredUpdates
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.filled_vaults import keep_paper
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import DOCUMENT, REGISTERED, SHORT, SharingWorld, Visitor, asks, kept, summary
from tests.unit.standards import receivers as r

PACKAGE = load_life_events().package("schuldhulp.plan_van_aanpak")
CLAIM = "schuldsaldo_inclusief_rente"


@pytest.fixture
def asker(site: SharingWorld) -> SharingWorld:
    """A receiver that would like to be kept up to date."""
    site.receiver.question = r.Question(
        registration=r.registered(credentials=REGISTERED, updates=RegisteredUpdates("P3M", (SHORT, DOCUMENT)))
    )
    site.receiver.changes = {"bk_updates": "P3M"}
    site.receiver.query = asks(summary(CLAIM))
    return site


@pytest.fixture
def visitor(asker: SharingWorld) -> Visitor:
    """Somebody who gave two papers, and keeps the receiver up to date."""
    found = asker.visitor()
    found.has_credential(4)
    papers = [keep_paper(found.vault, title, x.NOW - timedelta(days=1)) for title in ("Huurcontract", "Loonstrook")]
    found.answer(found.look(), updates="yes", paper=papers)
    return found


def page(visitor: Visitor) -> str:
    return f"/gedeeld/{kept(visitor).key}/bijwerken"


def newer(visitor: Visitor, title: str = "Nieuw papier", *, size: int = 0) -> str:
    """A paper that is put here now."""
    visitor.world.holder.wait(minutes=1)
    moment = visitor.world.holder.moment
    return (
        visitor.vault.add(head_of(OwnPaperItem(title, "image/png", size, moment)), bytes(size)).id.hex()
        if size
        else keep_paper(visitor.vault, title, moment)
    )


def send(visitor: Visitor, **picked: str) -> Any:
    return visitor.post(page(visitor), visitor.fields(page(visitor)) | picked)


def titles(sharing: Sharing) -> list[str]:
    return [title for title, _ in sharing.latest_papers]


def number_of(title: str, visitor: Visitor) -> int:
    return titles(kept(visitor).sharing).index(title) + 1


@pytest.mark.parametrize("has_paper", [True, False])
def test_the_offer_says_that_newer_versions_of_papers_belong_to_it(asker: SharingWorld, *, has_paper: bool) -> None:
    asker.receiver.question = r.Question(
        registration=r.registered(
            credentials=REGISTERED, updates=RegisteredUpdates("P3M", (SHORT, DOCUMENT)), life_event=PACKAGE.event, intended_use=PACKAGE.id
        )
    )
    someone = asker.visitor()
    someone.has_credential()
    if has_paper:
        keep_paper(someone.vault, "Huurcontract", x.NOW)
    assert ("eigen papieren die u nu meestuurt" in words(someone.person.open(someone.look()).text)) is has_paper


def test_nothing_is_picked_beforehand_and_a_press_without_a_pick_sends_nothing(visitor: Visitor, asker: SharingWorld) -> None:
    newer(visitor)
    text = visitor.person.open(page(visitor)).text
    assert "Stuurt u een nieuwer papier naar Schuldhulp Proef" in words(text)
    assert text.count("checked") == text.count('value="" checked') == 2
    answer = send(visitor)
    assert (answer.status_code, "U koos nog geen papier" in words(answer.text)) == (409, True)
    assert (len(asker.receiver.answers), asker.receiver.wishes) == (1, [])


def test_a_picked_paper_goes_in_the_place_of_the_one_it_replaces_with_a_proof_of_whose_it_is(visitor: Visitor, asker: SharingWorld) -> None:
    number = number_of("Loonstrook", visitor)
    key = newer(visitor, "Nieuwe loonstrook")
    assert send(visitor, **{f"paper-{number}": key}).status_code == 303
    answer = asker.receiver.answers[-1]
    (paper,) = answer["bk_own_papers"]
    assert (paper["title"], paper["media_type"], paper["replaces"]) == ("Nieuwe loonstrook", "image/png", number)
    assert base64.b64decode(paper["content"]).startswith(b"\x89PNG")
    assert ([*answer["vp_token"]], "bk_consent" in answer) == (["schuld-kort"], False)
    (update,) = kept(visitor).sharing.updates
    assert (update.state, bool(update.receipt), update.things) == ("sent", True, ())
    said = words(visitor.person.open(f"/gedeeld/{kept(visitor).key}").text)
    assert "Nieuwe loonstrook (niet gewaarmerkt)" in said
    assert {*titles(kept(visitor).sharing)} == {"Huurcontract", "Nieuwe loonstrook"}


def test_news_and_a_picked_paper_go_in_one_update(visitor: Visitor, asker: SharingWorld) -> None:
    key = newer(visitor)
    visitor.has_credential(data={CLAIM: 5}, kept_at=x.NOW)
    assert send(visitor, **{"paper-1": key}).status_code == 303
    (update,) = kept(visitor).sharing.updates
    assert (len(update.things), len(update.papers), len(asker.receiver.answers[-1]["bk_own_papers"])) == (1, 1, 1)


def test_news_without_a_pick_takes_no_paper_along(visitor: Visitor, asker: SharingWorld) -> None:
    newer(visitor)
    visitor.has_credential(data={CLAIM: 5}, kept_at=x.NOW)
    assert send(visitor).status_code == 303
    assert "bk_own_papers" not in asker.receiver.answers[-1]


def test_a_paper_that_was_here_before_or_went_already_is_not_newer(visitor: Visitor, asker: SharingWorld) -> None:
    text = words(visitor.person.open(page(visitor)).text)
    assert "Er is geen nieuws" in text
    assert "geen nieuwere versie" in text
    key = newer(visitor)
    send(visitor, **{"paper-1": key})
    shown = visitor.person.open(page(visitor)).text
    assert "choice-paper-1-" not in shown
    assert "choice-paper-2-" in shown


@pytest.mark.parametrize("number", ["1", "3"])
def test_only_what_is_offered_goes(visitor: Visitor, asker: SharingWorld, number: str) -> None:
    """An older paper, and one in a place where the receiver has none."""
    old = keep_paper(visitor.vault, "Oud", x.NOW - timedelta(days=2))
    key = newer(visitor)
    answer = send(visitor, **{f"paper-{number}": old if number == "1" else key})
    assert (answer.status_code, "Kijk nog een keer" in words(answer.text)) == (409, True)
    assert asker.receiver.wishes == []


@pytest.mark.parametrize("key", ["0" * 32, "x"])
def test_a_paper_that_is_not_here_sends_nothing(visitor: Visitor, asker: SharingWorld, key: str) -> None:
    newer(visitor)
    assert send(visitor, **{"paper-1": key}).status_code == 409
    assert asker.receiver.wishes == []


def test_papers_that_are_too_large_together_are_not_sent(visitor: Visitor, asker: SharingWorld) -> None:
    keys = [newer(visitor, size=MOST_BYTES // 2 + 1) for _ in range(2)]
    answer = send(visitor, **{"paper-1": keys[0], "paper-2": keys[1]})
    assert (answer.status_code, "samen te groot" in words(answer.text)) == (409, True)
    assert asker.receiver.wishes == []


def test_one_paper_that_is_too_large_cannot_be_picked(visitor: Visitor) -> None:
    key = newer(visitor, size=MOST_BYTES + 1)
    text = visitor.person.open(page(visitor)).text
    assert f'value="{key}" disabled' in text
    assert send(visitor, **{"paper-1": key}).status_code == 409


def test_without_a_proof_of_whose_it_is_no_paper_goes(visitor: Visitor, asker: SharingWorld) -> None:
    for day in range(3):
        key = newer(visitor, f"Papier {day}")
        assert send(visitor, **{"paper-1": key}).status_code == 303
    answer = send(visitor, **{"paper-1": newer(visitor)})
    assert (answer.status_code, "Een kort bewijs dat mee moet, is op" in words(answer.text)) == (409, True)
    assert len(asker.receiver.answers) == 4


def test_no_proof_goes_that_says_something_the_receiver_does_not_know(visitor: Visitor, asker: SharingWorld) -> None:
    """What was shared before there were updates has no mark of what it said."""
    found = kept(visitor)
    unmarked = tuple(replace(thing, said="") for thing in found.sharing.things)
    assert change(found, visitor.vault, found.item, replace(found.sharing, things=unmarked)) is not None
    answer = send(visitor, **{"paper-1": newer(visitor)})
    assert (answer.status_code, len(asker.receiver.answers)) == (409, 1)


def test_a_paper_that_perhaps_arrived_keeps_its_name_and_does_not_go_twice(visitor: Visitor, asker: SharingWorld) -> None:
    key = newer(visitor)
    asker.receiver.loses = True
    send(visitor, **{"paper-1": key})
    assert [update.state for update in kept(visitor).sharing.updates] == ["unsure"]
    assert "krijgt het niet dubbel" in words(visitor.person.open(page(visitor)).text)
    asker.receiver.loses = False
    assert send(visitor, **{"paper-1": key}).status_code == 303
    (update,) = kept(visitor).sharing.updates
    assert (update.state, len(asker.receiver.answers)) == ("sent", 2)
    assert len({wish.update_id for wish in asker.receiver.wishes}) == 1


def test_another_paper_than_the_one_that_perhaps_arrived_goes_under_another_name(visitor: Visitor, asker: SharingWorld) -> None:
    asker.receiver.problem["responses"] = SourceProblem("silent", "x")
    send(visitor, **{"paper-1": newer(visitor)})
    asker.receiver.problem.clear()
    assert send(visitor, **{"paper-1": newer(visitor, "Een ander")}).status_code == 303
    assert [update.state for update in kept(visitor).sharing.updates] == ["unsure", "sent"]
    assert len({wish.update_id for wish in asker.receiver.wishes}) == 2


def test_a_receiver_that_takes_no_papers_refuses_and_the_earlier_one_counts(visitor: Visitor, asker: SharingWorld) -> None:
    asker.receiver.problem["responses"] = Answer(400, {}, b'{"error_description":"response_papers: x"}')
    assert send(visitor, **{"paper-1": newer(visitor)}).status_code == 303
    (update,) = kept(visitor).sharing.updates
    assert (update.state, {*titles(kept(visitor).sharing)}) == ("refused", {"Huurcontract", "Loonstrook"})


def test_who_gave_no_papers_is_offered_none(asker: SharingWorld) -> None:
    someone = asker.visitor()
    someone.has_credential()
    someone.answer(someone.look(), updates="yes")
    key = newer(someone)
    assert "nieuwer" not in words(someone.person.open(page(someone)).text)
    assert send(someone, **{"paper-1": key}).status_code == 409
    assert asker.receiver.wishes == []


def test_after_the_person_stopped_no_paper_is_offered(visitor: Visitor, asker: SharingWorld) -> None:
    key = newer(visitor)
    form = visitor.fields(page(visitor))
    visitor.post(page(visitor).replace("bijwerken", "stoppen"), form)
    assert key not in visitor.person.open(page(visitor)).text
    assert "Stuur een nieuwere versie" not in words(visitor.person.open(page(visitor).removesuffix("/bijwerken")).text)
    assert visitor.post(page(visitor), form | {"paper-1": key}).status_code == 409
    assert len(asker.receiver.answers) == 1


def test_updates_of_before_had_no_papers_and_can_still_be_read(visitor: Visitor) -> None:
    send(visitor, **{"paper-1": newer(visitor)})
    sharing = kept(visitor).sharing
    was = sharing.as_json()
    was["updates"] = [{name: value for name, value in update.as_json().items() if name != "papers"} for update in sharing.updates]
    assert Sharing.from_json(was).updates == tuple(replace(update, papers=()) for update in sharing.updates)
    assert Sharing.from_json(sharing.as_json()) == sharing
