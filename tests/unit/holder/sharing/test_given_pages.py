"""What is kept of a sharing, and how it is taken back until the receiver proves that it is gone (J7)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.account_log import Happening, read_log
from blauweknop.holder.archive import Archived
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import kept_requests
from blauweknop.holder.sharing.withdrawing import deliver_due
from blauweknop.holder.taking_in import take_in
from blauweknop.standards import base64url
from blauweknop.standards.sharing_receipts import KeptByLaw
from blauweknop.standards.strict_json import parse_json_object
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import DOCUMENT, REGISTERED, SHORT, SharingWorld, Visitor, asks, kept, summary, whole
from tests.unit.standards import receivers as r


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    """Somebody who shared a study debt, as a document and as a short proof."""
    found = site.visitor()
    found.has_credential()
    found.has_document()
    site.receiver.query = asks(
        summary("schuldsaldo_inclusief_rente"),
        whole("data"),
        sets=[{"options": [["schuld-kort"]]}, {"options": [["schuld"]], "required": False}],
    )
    found.answer(found.look(), extra="1")
    return found


def place(visitor: Visitor) -> str:
    return f"/gedeeld/{kept(visitor).key}"


def take_back(visitor: Visitor) -> str:
    """Until the page that says how it stands."""
    path = place(visitor)
    assert visitor.post(f"{path}/intrekken", visitor.fields(f"{path}/intrekken")).status_code == 303
    return words(visitor.person.open(path).text)


def test_nothing_was_shared_yet(site: SharingWorld) -> None:
    assert "U hebt nog niets gedeeld" in words(site.visitor().person.open("/gedeeld").text)


def test_the_list_says_who_has_what_until_when(visitor: Visitor) -> None:
    said = words(visitor.person.open("/gedeeld").text)
    for told in ("Schuldhulp Proef", "Gedeeld", "23 november 2026 om 13.00 uur", "23 november 2031"):
        assert told in said


def test_a_sharing_says_which_claims_went_and_no_value(visitor: Visitor) -> None:
    page = visitor.person.open(place(visitor)).text
    for told in (
        "Schuld met rente",
        "Alles uit dit document",
        "Een betalingsregeling maken",
        "Wgs artikel 4",
        "autoriteitpersoonsgegevens.nl",
    ):
        assert told in words(page)
    assert "12.345" not in page


def test_no_value_is_kept_a_second_time(visitor: Visitor) -> None:
    assert "1234567" not in str(kept(visitor).body)


def test_the_consent_names_what_went_and_what_need_not_have(visitor: Visitor, site: SharingWorld) -> None:
    (agreed,) = site.receiver.consents
    (purpose,) = agreed.consent.record.purposes
    assert [(pii.type, pii.attribute, pii.optional) for pii in purpose.pii] == [
        (SHORT, "schuldsaldo_inclusief_rente", False),
        (DOCUMENT, "data", True),
    ]


def test_a_sharing_leads_to_who_can_be_asked_and_to_the_supervisor(visitor: Visitor) -> None:
    page = visitor.person.open(place(visitor)).text
    assert '<a href="mailto:privacy@proef.example" rel="noreferrer">privacy@proef.example</a>' in page
    assert '<a href="https://autoriteitpersoonsgegevens.nl" rel="noreferrer">autoriteitpersoonsgegevens.nl</a>' in page


def test_an_address_that_runs_something_is_no_link(site: SharingWorld) -> None:
    site.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, support_uri="javascript:alert(1)"))
    visitor = site.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look())
    page = visitor.person.open(place(visitor)).text
    assert "javascript:alert(1)" in page
    assert 'href="javascript:' not in page


def test_a_sharing_says_who_else_gets_it(site: SharingWorld) -> None:
    site.receiver.question = r.Question(
        registration=r.registered(credentials=REGISTERED, recipients=(Text("De bewindvoerder", "The trustee"),))
    )
    visitor = site.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look())
    assert "Wie krijgt het nog meer De bewindvoerder" in words(visitor.person.open(place(visitor)).text)


def test_when_nobody_is_named_the_privacy_statement_tells_who_else_gets_it(visitor: Visitor) -> None:
    assert '<a href="https://proef.example/privacy" rel="noreferrer">' in visitor.person.open(place(visitor)).text


def test_what_was_shared_before_others_were_named_can_still_be_read(visitor: Visitor) -> None:
    was = {name: value for name, value in kept(visitor).sharing.as_json().items() if name not in ("recipients", "privacy_policy")}
    assert Sharing.from_json(was) == replace(kept(visitor).sharing, recipients=None, privacy_policy="")


def test_each_sharing_has_a_key_of_its_own(visitor: Visitor, site: SharingWorld) -> None:
    visitor.answer(visitor.look())
    first, second = site.receiver.consents
    assert first.key != second.key
    assert first.consent.record.principal != second.consent.record.principal


def test_the_receipt_can_be_saved_as_it_was_signed(visitor: Visitor) -> None:
    saved = visitor.person.open(f"{place(visitor)}/ontvangstbewijs")
    assert saved.text == kept(visitor).sharing.receipt
    assert "attachment" in saved.headers["content-disposition"]


def test_without_a_receipt_it_says_how_to_get_it_back(site: SharingWorld) -> None:
    site.receiver.gives_receipts = False
    visitor = site.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look())
    page = visitor.person.open(place(visitor))
    assert "Deze ontvanger gaf geen ontvangstbewijs" in words(page.text)
    assert "privacy@proef.example" in page.text
    assert "/intrekken" not in page.text
    assert visitor.person.open(f"{place(visitor)}/ontvangstbewijs").status_code == 404
    assert visitor.person.open(f"{place(visitor)}/intrekken").status_code == 303


def test_a_receipt_that_breaks_a_rule_is_none(site: SharingWorld) -> None:
    site.receiver.receipt_for = lambda signed: "a.b.c"  # type: ignore[method-assign] # a receiver that signs nonsense
    visitor = site.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look())
    assert (kept(visitor).item.state, kept(visitor).sharing.receipt) == ("sent", "")


def test_what_is_taken_back_is_gone_when_the_receiver_proves_it(visitor: Visitor, site: SharingWorld) -> None:
    said = take_back(visitor)
    assert "heeft met een handtekening bewezen dat dit gewist is" in said
    assert len(site.receiver.withdrawals) == 1
    proof = visitor.person.open(f"{place(visitor)}/bewijs-van-wissen")
    assert proof.text == kept(visitor).sharing.erasure
    assert [line.happening for line in read_log(visitor.vault)][-3:] == [
        Happening.SHARED,
        Happening.SHARING_WITHDRAWN,
        Happening.SHARING_ERASED,
    ]


def test_after_the_proof_nothing_is_left_to_take_back_with(visitor: Visitor, site: SharingWorld) -> None:
    take_back(visitor)
    sharing = kept(visitor).sharing
    assert (sharing.key, sharing.outbox) == ("", "")
    assert site.outbox.due(now=site.holder.moment + timedelta(days=50), most=10) == []


def test_what_a_law_keeps_is_said(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.keeps = (KeptByLaw("Het besluit", "Archiefwet"),)
    assert "Het besluit (Archiefwet)" in take_back(visitor)


def test_without_a_proof_it_is_not_confirmed_and_asked_for_again(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.erases = False
    assert "nog niet bevestigd" in take_back(visitor)
    site.receiver.erases = True
    site.holder.wait(hours=13)
    assert deliver_due(site.sharing())(site.holder.moment) == 1
    visitor.person.unlock("Samira")
    assert kept(visitor).item.state == "withdrawn"
    assert "Gewist" in words(visitor.person.open("/gedeeld").text)


@pytest.mark.parametrize("instead", [SourceProblem("silent", "x"), Answer(500, {}, b""), Answer(400, {}, b"{}"), Answer(200, {}, b"x")])
def test_a_receiver_that_does_not_listen_is_told_again(visitor: Visitor, site: SharingWorld, instead: Answer | SourceProblem) -> None:
    site.receiver.problem["intrekken"] = instead
    assert "nog niet bevestigd" in take_back(visitor)
    site.receiver.problem.clear()
    assert deliver_due(site.sharing())(site.holder.moment) == 0
    site.holder.wait(minutes=11)
    assert deliver_due(site.sharing())(site.holder.moment) == 1
    assert "bewezen" in words(visitor.person.open(place(visitor)).text)


def test_a_proof_about_something_else_is_none(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.erases_receipt = "x" * 43
    assert "nog niet bevestigd" in take_back(visitor)
    assert kept(visitor).sharing.erasure == ""
    site.receiver.erases_receipt = ""
    site.holder.wait(hours=1)
    deliver_due(site.sharing())(site.holder.moment)
    visitor.person.unlock("Samira")
    assert "bewezen" in words(visitor.person.open(place(visitor)).text)


def test_a_proof_by_somebody_else_is_none(visitor: Visitor, site: SharingWorld) -> None:
    path = place(visitor)
    named = [*r.SUBJECT[:2], (r.SUBJECT[2][0], "NTRNL-90009999"), r.SUBJECT[3]]
    site.receiver.erases_as = r.access_certificate(subject=named)
    visitor.post(f"{path}/intrekken", visitor.fields(f"{path}/intrekken"))
    assert "nog niet bevestigd" in words(visitor.person.open(path).text)


def test_taking_back_twice_asks_once(visitor: Visitor, site: SharingWorld) -> None:
    site.receiver.erases = False
    path = place(visitor)
    form = visitor.fields(f"{path}/intrekken")
    for _ in range(2):
        visitor.post(f"{path}/intrekken", form)
    assert len(site.receiver.withdrawals) == 1


def test_nobody_sees_or_takes_back_what_another_shared(visitor: Visitor, site: SharingWorld) -> None:
    path = place(visitor)
    other = site.visitor("Jan")
    for page in ("", "/ontvangstbewijs", "/bewijs-van-wissen", "/intrekken"):
        assert other.person.open(f"{path}{page}").status_code == 404
    token = {"_csrf_token": other.fields(other.look())["_csrf_token"]}
    assert other.post(f"{path}/intrekken", token).status_code == 404
    assert site.receiver.withdrawals == []


def test_an_open_question_is_not_among_what_was_shared(visitor: Visitor) -> None:
    path = visitor.look().replace("/delen/", "/gedeeld/")
    assert visitor.person.open(path).status_code == 404
    assert visitor.person.open(f"{path}/intrekken").status_code == 404


def test_the_time_to_keep_ends(visitor: Visitor, site: SharingWorld) -> None:
    site.holder.wait(days=5 * 366)
    visitor.person.unlock("Samira")
    assert "De bewaartijd is voorbij" in words(visitor.person.open("/gedeeld").text)


def test_what_the_receiver_did_not_take_is_kept_until_no_day(site: SharingWorld) -> None:
    site.receiver.problem["responses"] = Answer(400, {}, b"{}")
    visitor = site.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look())
    for page in ("/gedeeld", place(visitor)):
        said = words(visitor.person.open(page).text)
        assert "Niet aangenomen" in said
        assert "ewaard tot" not in said


def test_of_what_was_erased_the_day_is_said_on_which(visitor: Visitor) -> None:
    take_back(visitor)
    for page in ("/gedeeld", place(visitor)):
        said = words(visitor.person.open(page).text)
        assert "Gewist op 23 november 2026" in said
        assert "Bewaard tot" not in said


def test_of_what_perhaps_did_not_come_the_end_is_only_perhaps_one(site: SharingWorld) -> None:
    site.receiver.problem["responses"] = SourceProblem("silent", "x")
    visitor = site.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look())
    assert "Als het er is bewaard tot" in words(visitor.person.open("/gedeeld").text)


def archived(visitor: Visitor) -> Archived:
    (only,) = kept_requests(visitor.vault)
    read = visitor.vault.read(only.head.id)
    assert read is not None
    return Archived(parse_json_object(read[0].head, max_bytes=10_000), {"body": read[1]})


def no_check(_: bytes, __: datetime) -> Verdict:
    raise BlauweKnopError("nothing is checked here")


def test_what_was_shared_goes_along_to_another_place_and_can_be_taken_back_there(visitor: Visitor, site: SharingWorld) -> None:
    taken_along = archived(visitor)
    other = site.visitor("Samira elders")
    assert [take_in([taken_along], other.vault, no_check, site.holder.moment).kept for _ in range(2)] == [1, 0]
    assert "bewezen" in take_back(other)


def test_a_question_that_was_not_answered_does_not_go_along(site: SharingWorld) -> None:
    visitor = site.visitor()
    visitor.look()
    assert take_in([archived(visitor)], site.visitor("Jan").vault, no_check, site.holder.moment).kept == 0


@pytest.mark.parametrize("body", [b"{}", b"x", b'{"purpose":["a","b"],"things":[],"papers":[],"kept_by_law":[]}'])
def test_a_sharing_of_another_form_is_not_taken_in(visitor: Visitor, site: SharingWorld, body: bytes) -> None:
    other = site.visitor("Jan")
    changed = replace(archived(visitor), files={"body": body})
    assert take_in([changed], other.vault, no_check, site.holder.moment).refused == {"form": 1}


def test_what_somebody_shared_for_another_says_so_and_the_record_names_both(site: SharingWorld) -> None:
    found = site.visitor()
    found.has_credential(representative=Representative("Laakhof", Capacity.ADMINISTRATOR))
    site.receiver.query = asks(summary("given_name", "family_name"))
    path = found.look()
    assert "Laakhof (bewindvoerder), namens de persoon over wie dit gaat" in words(found.person.open(path).text)
    found.answer(path)

    assert "Gedeeld door Laakhof (bewindvoerder), namens Çağla Đorđe van der Łukasz" in words(found.person.open(place(found)).text)
    (answer,) = site.receiver.answers
    consent = str(parse_json_object(base64url.decode(str(answer["bk_consent"]).split(".")[1]), max_bytes=1 << 20))
    assert "Laakhof" in consent
    assert "Çağla Đorđe van der Łukasz" in consent


def test_what_somebody_shared_for_themselves_names_nobody(visitor: Visitor) -> None:
    assert "Gedeeld door" not in words(visitor.person.open(place(visitor)).text)
