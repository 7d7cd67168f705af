"""What a question reads like: reasons of the scheme, never of the receiver; and the way back for who must fetch something first."""

import base64
import hashlib

import pytest

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.document.package_claims import compose_query, registered_credentials
from blauweknop.holder.items import OwnPaperItem, head_of
from blauweknop.holder.sharing.papers import MOST_BYTES
from blauweknop.standards.dcql import dcql_json
from tests.unit.holder.filled_vaults import keep_paper
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import CATALOGUE, SharingWorld, Visitor, asks, summary
from tests.unit.standards import receivers as r

PACKAGE = load_life_events().package("schuldhulp.plan_van_aanpak")
STUDY_DEBT = next(item for item in PACKAGE.items if "duo.studieschuld" in item.datasets)
PAGE = "https://proef.example/verzoek/abc"


def package_question(site: SharingWorld, *, use: str = PACKAGE.id, retention: str = PACKAGE.retention) -> None:
    site.receiver.question = r.Question(
        registration=r.registered(
            credentials=registered_credentials(PACKAGE, CATALOGUE),
            life_event=PACKAGE.event,
            intended_use=use,
            retention=retention,
            bsn_law="Wabb artikel 10",
        )
    )
    site.receiver.query = dcql_json(compose_query(PACKAGE, CATALOGUE))


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    return site.visitor()


def test_each_thing_has_its_reason_in_the_words_of_the_package(visitor: Visitor, site: SharingWorld) -> None:
    package_question(site)
    said = words(visitor.person.open(visitor.look()).text)
    assert [item.why.nl for item in PACKAGE.items if item.need == "required" and item.why.nl not in said] == []


def test_without_a_package_there_are_no_reasons_but_the_purpose(visitor: Visitor, site: SharingWorld) -> None:
    package_question(site, use="eigen-gebruik-1")
    said = words(visitor.person.open(visitor.look()).text)
    assert STUDY_DEBT.why.nl not in said
    assert "Een betalingsregeling maken" in said
    assert "privacyverklaring" in said


def test_who_gets_it_too_is_said(visitor: Visitor, site: SharingWorld) -> None:
    package_question(site)
    said = words(visitor.person.open(visitor.look()).text)
    assert [other.nl for other in PACKAGE.recipients if other.nl not in said] == []
    assert ("Niemand" in said) is (not PACKAGE.recipients)


def test_who_fetches_something_finds_the_way_back(visitor: Visitor, site: SharingWorld) -> None:
    path = visitor.look()
    visitor.person.open(path)
    assert f'href="/mijn{path}"' in visitor.person.open("/ophalen").text


def test_after_an_answer_there_is_no_way_back(visitor: Visitor) -> None:
    visitor.has_credential()
    path = visitor.look()
    visitor.answer(path)
    assert f'href="/mijn{path}"' not in visitor.person.open("/ophalen").text


def test_who_is_too_late_is_led_back_to_the_page_of_the_receiver(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.changes = {"bk_request_page": PAGE}
    path = visitor.look()
    site.holder.wait(minutes=7)
    late = visitor.person.open(path)
    assert f'href="{PAGE}"' in late.text
    assert "druk daar opnieuw" in words(late.text)


@pytest.mark.parametrize("page", ["https://elders.example/verzoek/abc", "javascript:alert(1)", "http://proef.example/verzoek", 7])
def test_a_page_that_is_not_at_the_site_of_the_receiver_is_refused(visitor: Visitor, site: SharingWorld, page: object) -> None:
    site.receiver.changes = {"bk_request_page": page}
    assert site.said("request_form") in words(visitor.follow().text)


def test_what_is_older_than_the_receiver_wants_is_told(visitor: Visitor, site: SharingWorld) -> None:
    package_question(site)
    visitor.has_document()
    assert STUDY_DEBT.maximum_age is not None
    path = visitor.look()
    assert "Ouder dan de ontvanger vraagt" not in words(visitor.person.open(path).text)


def test_a_retention_with_a_time_of_day_in_it_is_said_as_long_as_it_is(visitor: Visitor, site: SharingWorld) -> None:
    package_question(site, retention="P10YT1S")
    assert "10 jaar en 1 dag" in words(visitor.person.open(visitor.look()).text)


def test_a_paper_of_ones_own_goes_only_when_it_is_ticked(visitor: Visitor, site: SharingWorld) -> None:
    paper = keep_paper(visitor.vault, "Huurcontract", site.holder.moment)
    package_question(site)
    site.receiver.query = asks(summary("schuldsaldo_inclusief_rente", "given_name", name="x"))
    visitor.has_credential(2)
    assert "Huurcontract" in words(visitor.person.open(visitor.look()).text)
    visitor.answer(visitor.look())
    visitor.answer(visitor.look(), paper=paper)
    without, along = site.receiver.answers
    assert "bk_own_papers" not in without
    (sent,) = along["bk_own_papers"]
    assert (sent["title"], sent["media_type"]) == ("Huurcontract", "image/png")
    assert hashlib.sha256(base64.b64decode(sent["content"])).hexdigest() == sent["sha256"]


@pytest.mark.parametrize("paper", ["0" * 32, "x"])
def test_a_paper_that_is_not_here_sends_nothing(visitor: Visitor, site: SharingWorld, paper: str) -> None:
    visitor.has_credential()
    assert "samen te groot, of een papier is er niet meer" in words(visitor.answer(visitor.look(), paper=paper).text)
    assert site.receiver.answers == []


def test_papers_that_are_too_large_together_are_not_sent(visitor: Visitor, site: SharingWorld) -> None:
    visitor.has_credential()
    size = MOST_BYTES // 2 + 1
    papers = [visitor.vault.add(head_of(OwnPaperItem("a", "image/png", size, site.holder.moment)), bytes(size)).id.hex() for _ in range(2)]
    assert visitor.answer(visitor.look(), paper=papers).status_code == 409
    assert site.receiver.answers == []
