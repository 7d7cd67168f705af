"""From the page on which a person chooses to what the receiver finds, and what the person sees of it afterwards."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from blauweknop.adapters.database import reading, writing
from blauweknop.adapters.holder_records import HOLDER_ITEMS, HOLDER_LINKS
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.holder.account_log import Happening, read_log
from blauweknop.standards.sharing_acting import acting_in
from blauweknop.standards.status_list import INVALID
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.filled_vaults import keep
from tests.unit.holder.holder_world import words
from tests.unit.holder.links.link_world import LinkVisitor, LinkWorld, allowed, registered
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import AUTHORITY, certify

STRANGER = r.access_certificate(subject=tuple((kind, "NTRNL-90001002" if text == r.IDENTIFIER else text) for kind, text in r.SUBJECT))
UNKNOWN = r.access_certificate(issuer=certify("een ander", None, AUTHORITY))


@pytest.fixture
def visitor(site: LinkWorld) -> LinkVisitor:
    return site.visitor()


def seen(visitor: LinkVisitor, path: str = "") -> str:
    return words(visitor.person.open(path or visitor.page).text)


def test_what_was_chosen_reaches_the_receiver_and_nobody_else(site: LinkWorld, visitor: LinkVisitor) -> None:
    document, paper = visitor.has_document(), visitor.has_paper()
    link, pin = visitor.made(document, paper=paper)
    answer = site.fetch(link, pin)
    found = site.opened(link, answer.content)
    assert found.package.documents == (x.good_document(),)
    assert [one.title for one in found.delivery.papers] == ["Huurcontract"]
    assert found.delivery.documents[0].document_id == x.content()["document_id"]
    assert found.consent.consent.record.purposes[0].collection_method == "bk-link"


def test_only_receivers_of_the_register_with_a_key_can_be_chosen(site: LinkWorld, visitor: LinkVisitor) -> None:
    assert "Schuldhulp Proef" in seen(visitor, "/delen/link")
    for registration in (
        registered(link_key=None),
        registered(credentials=r.REGISTRATION.credentials),
        registered(r.RECEIVER),
        registered(expires_at=x.NOW - 2 * r.DAY, issued_at=x.NOW - 3 * r.DAY),
        "geen.registratie.hier",
    ):
        site.registrations = [registration]
        assert "geen organisatie bekend" in seen(visitor, "/delen/link")


def test_a_receiver_whose_registration_was_withdrawn_can_not_be_chosen(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.has_document()
    path = visitor.choice()
    site.sharing.status_lists = r.status_lists({r.INDEX: INVALID})
    assert visitor.person.open(path).status_code == 404
    assert "geen organisatie bekend" in seen(visitor, "/delen/link")


def test_nothing_is_ticked_and_every_value_is_shown(visitor: LinkVisitor) -> None:
    visitor.has_document()
    visitor.has_paper()
    html = visitor.person.open(visitor.choice()).text
    assert 'type="checkbox"' in html
    assert not any("checked" in line for line in html.split("<input") if 'type="checkbox"' in line)
    for said in (
        "Een betalingsregeling maken",
        "Wgs artikel 4",
        "Gecontroleerd en in orde",
        "Het hele document gaat mee",
        "van der Łukasz",
    ):
        assert said in words(html)


def test_a_document_of_which_the_receiver_may_have_nothing_is_not_offered(site: LinkWorld, visitor: LinkVisitor) -> None:
    site.registrations = [registered(credentials=(allowed(("subject", "given_name")),))]
    visitor.has_document()
    assert "nog geen document" in seen(visitor, visitor.choice())


def test_a_number_that_the_receiver_may_not_have_stays_here(site: LinkWorld, visitor: LinkVisitor) -> None:
    document = visitor.has_document_with_number()
    path = visitor.choice()
    assert "Dit gaat niet mee: Burgerservicenummer" in seen(visitor, path)
    link, pin = visitor.made(document)
    found = site.opened(link, site.fetch(link, pin).content)
    assert found.package.documents[0].startswith(b"%PDF-")
    assert x.BSN.encode() not in found.package.documents[0]
    assert all("bsn" not in str(pii.attribute) for pii in found.consent.consent.record.purposes[0].pii)


def test_who_may_have_the_number_by_law_gets_the_sealed_document(site: LinkWorld, visitor: LinkVisitor) -> None:
    paths = (("data",), *(("subject", name) for name in ("given_name", "family_name", "birth_date", "bsn")))
    site.registrations = [registered(credentials=(allowed(*paths),), bsn_law="Wabb artikel 10")]
    link, pin = visitor.made(visitor.has_document_with_number())
    (document,) = site.opened(link, site.fetch(link, pin).content).package.documents
    assert b"/ByteRange" in document


def test_a_registration_without_a_law_gives_no_number_whatever_it_names(site: LinkWorld, visitor: LinkVisitor) -> None:
    site.registrations = [registered(credentials=(allowed(("data",), ("subject", "bsn"), ("subject", "given_name")),))]
    visitor.has_document_with_number()
    assert "Dit gaat niet mee: Burgerservicenummer" in seen(visitor, visitor.choice()).replace("Geboortedatum, ", "").replace(
        "Achternaam, ", ""
    )


@pytest.mark.parametrize("change", ["registration", "document", "paper"])
def test_what_changed_since_it_was_shown_is_shown_again_and_not_sent(site: LinkWorld, visitor: LinkVisitor, change: str) -> None:
    document = visitor.has_document()
    path = visitor.choice()
    fields = visitor.visitor.fields(path)
    match change:
        case "registration":
            site.registrations = [registered(retention="P9Y")]
        case "document":
            visitor.has_document()
        case "paper":
            visitor.has_paper()
    answer = visitor.visitor.post(path, {**fields, "document": [document], "days": "7"})
    assert (answer.status_code, "Er is iets veranderd" in words(answer.text)) == (409, True)
    assert rows(site) == []


def test_nothing_chosen_makes_no_link(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.has_document()
    assert "Kies eerst wat u geeft" in words(visitor.make().text)
    assert rows(site) == []


def test_a_link_works_once(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    assert site.fetch(link, pin).status_code == 200
    again = site.fetch(link, pin)
    assert (again.status_code, again.json()["error"]) == (410, "link_gone")


def test_looking_at_a_link_takes_nothing_however_often(site: LinkWorld, visitor: LinkVisitor) -> None:
    """As mail programs do, which open what stands in a message."""
    link, pin = visitor.made(visitor.has_document())
    outside = site.outside()
    for _ in range(10):
        outside.head(f"/mijn/d/{link.id}")
        outside.get(f"/mijn/d/{link.id}")
    answer = outside.get(f"/mijn/d/{link.id}")
    assert answer.status_code == 200
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Deze link is voor Schuldhulp Proef" in words(answer.text)
    assert "van der Łukasz" not in answer.text
    assert site.fetch(link, pin).status_code == 200


@pytest.mark.parametrize("link_id", ["x" * 22, "kort", "x" * 500, "%00"])
def test_a_link_that_never_was_looks_as_one_that_is_over(site: LinkWorld, visitor: LinkVisitor, link_id: str) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.fetch(link, pin)
    over, never = (site.outside().get(f"/mijn/d/{one}") for one in (link.id, link_id))
    assert over.status_code == never.status_code == 410
    assert words(over.text) == words(never.text)


def test_a_wrong_pin_is_counted_and_after_five_all_is_gone(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    wrong = "000000" if pin != "000000" else "111111"
    for left in (4, 3, 2, 1):
        answer = site.fetch(link, wrong)
        assert (answer.status_code, answer.json()["error"], answer.json()["tries_left"]) == (403, "link_pin", left)
    assert site.fetch(link, wrong).json()["error"] == "link_closed"
    assert site.fetch(link, pin).json()["error"] == "link_gone"
    assert [row.package for row in rows(site)] == [None]
    said = seen(visitor)
    assert "De pincode was te vaak verkeerd" in said
    assert said.count("verkeerde pincode") >= 5


def test_the_right_pin_at_the_last_try_opens(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    wrong = "000000" if pin != "000000" else "111111"
    for _ in range(4):
        site.fetch(link, wrong)
    assert site.fetch(link, pin).status_code == 200


def test_another_receiver_gets_nothing_and_uses_up_no_try(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    for _ in range(30):
        answer = site.fetch(link, pin, by=STRANGER)
        assert (answer.status_code, answer.json()["error"]) == (403, "link_receiver")
    assert site.fetch(link, pin).status_code == 200
    assert "Een andere organisatie probeerde de link" in seen(visitor)


def test_who_is_no_receiver_gets_nothing(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    assert site.fetch(link, pin, by=UNKNOWN).json()["error"] == "access_chain"
    assert site.outside().post(f"/mijn/d/{link.id}/ophalen", data={"order": "x"}).json()["error"] == "fetch_malformed"
    assert site.outside().post(f"/mijn/d/{link.id}/ophalen", json={"order": "x"}).status_code == 400
    assert site.fetch(link, pin).status_code == 200


def test_an_order_for_another_link_or_of_another_time_gets_nothing(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    assert site.fetch(link, pin, address="https://mijn.example/mijn/d/ander").json()["error"] == "fetch_address"
    assert site.fetch(link, pin, issued_at=site.holder.moment - r.HOUR).json()["error"] == "fetch_expired"


def test_without_a_trust_list_nobody_fetches(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.sharing.trust_list = None
    answer = site.fetch(link, pin)
    assert (answer.status_code, answer.json()["error"]) == (503, "link_no_trust")


def test_a_link_that_is_over_gives_nothing_and_nothing_is_left_of_it(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document(), days="1")
    site.holder.wait(days=1)
    assert site.fetch(link, pin).json()["error"] == "link_gone"
    assert site.store.sweep(site.holder.moment) == 1
    assert [row.package for row in rows(site)] == [None]
    assert site.store.sweep(site.holder.moment + 61 * r.DAY) == 0
    assert rows(site) == []


def test_a_link_that_nobody_fetched_says_so_to_its_person(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.made(visitor.has_document(), days="1")
    site.holder.wait(minutes=1)
    page = visitor.page
    assert "Wacht tot de ontvanger hem ophaalt" in seen(visitor, page)
    site.holder.wait(days=1)
    visitor.person.unlock("Samira")
    assert "Niemand haalde de documenten op tijd op" in seen(visitor, page)


def test_of_a_link_that_nothing_is_known_of_any_more_nobody_says_that_it_was_not_fetched(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.fetch(link, pin)
    site.holder.wait(days=70)
    site.store.sweep(site.holder.moment)
    visitor.person.unlock("Samira")
    said = seen(visitor)
    assert "heeft niets gekregen" not in said
    assert "weten wij niet meer" in said


def test_a_receipt_that_nobody_looked_at_for_long_still_takes_the_data_back(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.bring_receipt(link, site.opened(link, site.fetch(link, pin).content))
    site.holder.wait(days=400)
    site.sharing.trust_list = replace(r.trust_list(), next_update=site.holder.moment + r.DAY)
    site.store.sweep(site.holder.moment)
    visitor.person.unlock("Samira")
    assert "De ontvanger bevestigde dat alles er is" in seen(visitor)
    became = re.findall(r'href="/mijn(/gedeeld/[0-9a-f]{32})"', visitor.person.open(visitor.page).text)
    assert f'href="/mijn{became[0]}/intrekken"' in visitor.person.open(became[0]).text


def test_the_server_forgets_a_link_when_its_person_saw_the_receipt(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.bring_receipt(link, site.opened(link, site.fetch(link, pin).content))
    seen(visitor)
    assert rows(site) == []
    assert "De ontvanger bevestigde dat alles er is" in seen(visitor)


def test_a_receipt_that_came_late_counts_although_its_person_read_that_there_was_none(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    found = site.opened(link, site.fetch(link, pin).content)
    site.holder.wait(hours=2)
    visitor.person.unlock("Samira")
    assert "bevestigde niet dat zij er zijn" in seen(visitor)
    assert site.bring_receipt(link, found).status_code == 200
    assert "De ontvanger bevestigde dat alles er is" in seen(visitor)
    assert "Schuldhulp Proef" in seen(visitor, "/gedeeld")


def test_that_a_link_was_fetched_is_known_as_long_as_its_person_saw_it(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.fetch(link, pin)
    seen(visitor)
    site.holder.wait(days=70)
    site.store.sweep(site.holder.moment)
    visitor.person.unlock("Samira")
    assert "bevestigde niet dat zij er zijn" in seen(visitor)


def test_a_link_is_taken_back_before_anybody_fetched_it(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    path = f"{visitor.page}/intrekken"
    assert visitor.visitor.post(path, visitor.visitor.fields(path)).status_code == 303
    assert site.fetch(link, pin).json()["error"] == "link_gone"
    assert [row.package for row in rows(site)] == [None]
    assert "heeft niets gekregen" in seen(visitor)
    assert Happening.LINK_WITHDRAWN in [line.happening for line in read_log(visitor.visitor.vault)]


def test_a_link_that_was_fetched_becomes_a_sharing_as_any_other(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    found = site.opened(link, site.fetch(link, pin).content)
    assert "bekijkt ze nu" in seen(visitor)
    assert site.bring_receipt(link, found).status_code == 200
    said = seen(visitor)
    assert "De ontvanger bevestigde dat alles er is" in said
    assert pin not in said.replace(" ", "")
    assert "Schuldhulp Proef" in seen(visitor, "/gedeeld")
    became = re.findall(r'href="/mijn(/gedeeld/[0-9a-f]{32})"', visitor.person.open(visitor.page).text)
    assert "Bewaar het ontvangstbewijs" in seen(visitor, became[0])


def test_who_gave_for_another_is_named_in_the_record_and_to_its_person(site: LinkWorld, visitor: LinkVisitor) -> None:
    said = x.changed(x.content(), representative={"name": "A. de Bewindvoerder", "capacity": "bewindvoerder"})
    link, pin = visitor.made(keep(visitor.visitor.vault, said, x.NOW, pdf=x.document_saying(said)))
    found = site.opened(link, site.fetch(link, pin).content)
    acting = acting_in(found.consent.consent.record.parties)
    assert acting is not None
    assert acting.representatives == (Representative("A. de Bewindvoerder", Capacity.ADMINISTRATOR),)
    assert acting.person == "Çağla Đorđe van der Łukasz"
    site.bring_receipt(link, found)
    seen(visitor)
    became = re.findall(r'href="/mijn(/gedeeld/[0-9a-f]{32})"', visitor.person.open(visitor.page).text)
    assert "A. de Bewindvoerder (bewindvoerder), namens" in seen(visitor, became[0])


def test_a_receipt_comes_once_and_only_of_who_fetched(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    other, _ = visitor.made(visitor.has_document())
    found = site.opened(link, site.fetch(link, pin).content)
    assert site.bring_receipt(other, found).json()["error"] == "link_gone"
    assert site.bring_receipt(link, found, by=STRANGER).json()["error"] == "receipt_issuer"
    assert site.bring_receipt(link, found, request_hash="h" * 43).json()["error"] == "receipt_record"
    assert site.bring_receipt(link, found).status_code == 200
    assert site.bring_receipt(link, found).json()["error"] == "link_gone"


def test_a_receipt_of_another_record_is_none_for_the_person(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    found = site.opened(link, site.fetch(link, pin).content)
    longer = found.consent.consent.ends_at + r.DAY
    assert site.bring_receipt(link, found, erase_at=longer).status_code == 200
    site.holder.wait(minutes=9)
    assert "bekijkt ze nu" in seen(visitor)


def test_what_was_fetched_and_never_confirmed_says_so(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    site.fetch(link, pin)
    site.holder.wait(hours=2)
    visitor.person.unlock("Samira")
    assert "bevestigde niet dat zij er zijn" in seen(visitor)


def test_somebody_else_sees_nothing_of_a_link(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.made(visitor.has_document())
    other = site.visitor("Pieter")
    assert other.person.open(visitor.page).status_code == 404
    assert other.visitor.post(f"{visitor.page}/intrekken", other.visitor.fields("/delen/link")).status_code in (403, 404)


def test_links_that_wait_are_limited(site: LinkWorld, visitor: LinkVisitor) -> None:
    document = visitor.has_document()
    for _ in range(10):
        visitor.made(document)
    assert "al tien links" in words(visitor.make(document).text)


def test_who_erases_the_account_leaves_no_link(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.made(visitor.has_document())
    assert visitor.person.send("/wissen", sure="yes").status_code == 303
    assert rows(site) == []


def test_an_item_that_no_version_wrote_keeps_nobody_from_erasing(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.made(visitor.has_document())
    visitor.visitor.vault.add(b"head", b"body")
    assert visitor.person.send("/wissen", sure="yes").status_code == 303
    assert rows(site) == []


def test_an_item_that_was_changed_outside_keeps_nobody_from_erasing(site: LinkWorld, visitor: LinkVisitor) -> None:
    visitor.made(visitor.has_document())
    with writing(site.holder.engine) as connection:
        connection.execute(update(HOLDER_ITEMS).values(head=b"changed"))
    assert visitor.person.send("/wissen", sure="yes").headers["location"] == "/mijn/gewist"


def test_the_database_tells_of_a_link_nothing_that_can_be_read(site: LinkWorld, visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    (row,) = rows(site)
    kept = row.content + row.package
    for secret in (link.id, pin, "Schuldhulp", r.IDENTIFIER, "Łukasz", "%PDF", "studieschuld"):
        assert secret.encode() not in kept
    assert link.key not in kept
    assert row.id_hash not in kept


def test_a_text_for_the_message_has_the_link_and_not_the_pin_and_says_that_a_sealed_document_stays_real(visitor: LinkVisitor) -> None:
    link, pin = visitor.made(visitor.has_document())
    html = visitor.person.open(visitor.page).text
    mail = html.partition("<textarea")[2].partition("</textarea>")[0]
    assert link.as_text() in mail
    assert pin not in mail
    assert "Dat blijft echt, ook per e-mail" in mail


def rows(site: LinkWorld) -> list[Any]:
    with reading(site.holder.engine) as connection:
        return list(connection.execute(select(HOLDER_LINKS)).all())
