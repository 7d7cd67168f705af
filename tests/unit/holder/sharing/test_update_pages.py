"""Keeping a receiver up to date: nothing goes unless the person sees it and presses, and only what was agreed (ADR 0040)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.holder.account_log import Happening, read_log
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.credentials import kept_credentials
from blauweknop.holder.sharing.news import fingerprint_of, news_of
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.things import SENDING_LASTS, SentUpdate, SharedThing
from blauweknop.holder.sharing.updating import send_update
from blauweknop.standards.registration_claims import RegisteredUpdates
from blauweknop.standards.sd_jwt_receiving import read_sd_jwt, resolved_claims, signed_payload
from blauweknop.standards.sharing_composing import retention_end
from blauweknop.standards.sharing_messages import request_hash
from blauweknop.standards.sharing_updates import Wish
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import (
    CATALOGUE,
    DOCUMENT,
    REGISTERED,
    SHORT,
    SharingWorld,
    Visitor,
    asks,
    kept,
    summary,
    whole,
)
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW

UPDATES = RegisteredUpdates("P3M", (SHORT, DOCUMENT))
BOTH = [{"options": [["schuld", "schuld-kort"], ["schuld-kort"]]}]


@pytest.fixture
def asker(site: SharingWorld) -> SharingWorld:
    """A receiver that would like to be kept up to date."""
    site.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, updates=UPDATES))
    site.receiver.changes = {"bk_updates": "P3M"}
    site.receiver.query = asks(summary("schuldsaldo_inclusief_rente"), whole("data"), sets=BOTH)
    return site


@pytest.fixture
def visitor(asker: SharingWorld) -> Visitor:
    """Somebody who shared a study debt, and keeps the receiver up to date."""
    found = asker.visitor()
    found.has_credential()
    found.has_document()
    found.answer(found.look(), updates="yes")
    return found


def place(visitor: Visitor) -> str:
    return f"/gedeeld/{kept(visitor).key}"


def send(visitor: Visitor) -> Any:
    path = f"{place(visitor)}/bijwerken"
    return visitor.post(path, visitor.fields(path))


def problem(visitor: Visitor) -> str:
    answer = send(visitor)
    assert answer.status_code == 409, answer.text
    return words(answer.text)


def debts(answer: dict[str, Any]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for name, (text,) in answer["vp_token"].items():
        received = read_sd_jwt(text)
        claims = resolved_claims(signed_payload(received), received).claims
        data = claims.get("data", claims)
        assert isinstance(data, dict)
        found[name] = data["schuldsaldo_inclusief_rente"]
    return found


# The choice.


def test_being_kept_up_to_date_is_a_choice_of_its_own_that_nobody_ticked(asker: SharingWorld) -> None:
    visitor = asker.visitor()
    visitor.has_credential()
    path = visitor.look()
    page = visitor.person.open(path).text
    assert "Houd Schuldhulp Proef op de hoogte tot 23 februari 2027" in words(page)
    assert "checked" not in page
    visitor.answer(path)
    consent = asker.receiver.consents[0].consent
    assert (consent.updates_until, len(consent.record.purposes)) == (None, 1)
    assert "Op de hoogte houden" not in words(visitor.person.open(place(visitor)).text)


def test_a_yes_to_it_is_a_purpose_of_its_own_with_an_end(visitor: Visitor, asker: SharingWorld) -> None:
    consent = asker.receiver.consents[0].consent
    assert consent.updates_until == retention_end("P3M", NOW)
    assert [purpose.purpose_type for purpose in consent.record.purposes] == ["schuldhulp-1", "schuldhulp-1#updates"]
    assert "U houdt Schuldhulp Proef op de hoogte tot 23 februari 2027" in words(visitor.person.open(place(visitor)).text)


def test_it_ends_with_the_sharing_when_that_ends_before(asker: SharingWorld) -> None:
    visitor = asker.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look(), updates="yes", until="2026-12-23")
    consent = asker.receiver.consents[0].consent
    assert consent.updates_until == consent.ends_at


def test_a_receiver_that_does_not_ask_is_not_offered_it(asker: SharingWorld) -> None:
    asker.receiver.changes = {}
    visitor = asker.visitor()
    visitor.has_credential()
    path = visitor.look()
    assert "op de hoogte" not in words(visitor.person.open(path).text)
    visitor.answer(path, updates="yes")
    assert asker.receiver.consents[0].consent.updates_until is None


def test_a_tick_gives_no_updates_of_what_is_not_registered_for_it(asker: SharingWorld) -> None:
    asker.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, updates=RegisteredUpdates("P3M", (DOCUMENT,))))
    visitor = asker.visitor()
    visitor.has_credential()
    visitor.answer(visitor.look(), updates="yes")
    assert asker.receiver.consents[0].consent.updates_until is None


@pytest.mark.parametrize("registered", [None, RegisteredUpdates("P1M", (SHORT,))])
def test_who_asks_it_without_a_right_to_it_is_refused(asker: SharingWorld, registered: RegisteredUpdates | None) -> None:
    asker.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, updates=registered))
    visitor = asker.visitor()
    assert asker.said("request_updates") in words(visitor.follow().text)


# News.


def test_without_news_there_is_nothing_to_send(visitor: Visitor) -> None:
    assert "Er is geen nieuws voor Schuldhulp Proef" in words(visitor.person.open(f"{place(visitor)}/bijwerken").text)
    assert "Er is nieuws" not in words(visitor.person.open("/gegevens").text)
    assert "geen nieuws" in problem(visitor)


def test_new_copies_that_say_the_same_are_no_news(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_credential(kept_at=x.NOW)
    assert "Er is nieuws" not in words(visitor.person.open("/gegevens").text)


def test_news_is_told_on_the_pages_and_nothing_goes_by_itself(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    for page in ("/gegevens", "/gedeeld", place(visitor)):
        assert "Er is nieuws voor Schuldhulp Proef" in words(visitor.person.open(page).text)
    assert "€ 0,99" in words(visitor.person.open(f"{place(visitor)}/bijwerken").text)
    assert (len(asker.receiver.answers), asker.receiver.wishes) == (1, [])


def test_pressing_sends_what_is_new(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    assert send(visitor).status_code == 303
    assert debts(asker.receiver.answers[-1]) == {"schuld": 99, "schuld-kort": 99}
    assert "bk_consent" not in asker.receiver.answers[-1]
    said = words(visitor.person.open(place(visitor)).text)
    assert "Dit stuurde u later" in said
    assert "Er is nieuws" not in said
    (update,) = kept(visitor).sharing.updates
    assert (update.state, bool(update.receipt)) == ("sent", True)
    assert read_log(visitor.vault)[-1].happening is Happening.SHARING_UPDATED


def test_only_what_changed_goes_along_and_the_proof_of_whose_it_is(visitor: Visitor, asker: SharingWorld) -> None:
    newer = {**kept(visitor).sharing.as_json()}
    assert newer["updates"] == []
    visitor.has_credential(data={"schuldsaldo_inclusief_rente": 5}, kept_at=x.NOW)
    send(visitor)
    assert debts(asker.receiver.answers[-1]) == {"schuld-kort": 5}


def test_no_claim_goes_that_was_not_shared_before(visitor: Visitor, asker: SharingWorld) -> None:
    asker.receiver.update_query = asks(summary("schuldsaldo_inclusief_rente", "fase"), sets=[{"options": [["schuld-kort"]]}])
    visitor.has_newer(99)
    send(visitor)
    (text,) = asker.receiver.answers[-1]["vp_token"]["schuld-kort"]
    received = read_sd_jwt(text)
    assert "fase" not in resolved_claims(signed_payload(received), received).claims


def test_news_that_was_set_aside_is_told_no_more_until_there_is_other_news(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = f"{place(visitor)}/bijwerken"
    assert visitor.post(f"{place(visitor)}/niet-sturen", visitor.fields(path)).status_code == 303
    assert "Er is nieuws" not in words(visitor.person.open("/gegevens").text)
    visitor.has_credential(data={"schuldsaldo_inclusief_rente": 5}, kept_at=x.NOW + timedelta(minutes=1))
    assert "Er is nieuws" in words(visitor.person.open("/gegevens").text)
    assert len(asker.receiver.answers) == 1


def test_what_changed_after_it_was_seen_is_shown_again_and_nothing_goes(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = f"{place(visitor)}/bijwerken"
    seen = visitor.fields(path)
    visitor.has_credential(data={"schuldsaldo_inclusief_rente": 5}, kept_at=x.NOW + timedelta(minutes=1))
    answer = visitor.post(path, seen)
    assert (answer.status_code, "Kijk nog een keer" in words(answer.text)) == (409, True)
    assert asker.receiver.wishes == []


def test_a_copy_goes_to_a_receiver_once(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    send(visitor)
    assert sorted(one.unused for one in kept_credentials(visitor.vault)) == [1, 1]


def test_two_windows_send_once(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = f"{place(visitor)}/bijwerken"
    form = visitor.fields(path)
    asker.receiver.meanwhile = lambda: visitor.post(path, form)
    visitor.post(path, form)
    assert [one.state for one in kept(visitor).sharing.updates].count("sent") == 1


# What the receiver says to it.


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        (SourceProblem("silent", "x"), "geeft nu geen antwoord"),
        (Answer(503, {}, b"{}"), "geeft nu geen antwoord"),
        (Answer(400, {}, b'{"error_description":"update_often: x"}'), "Eén keer per dag is genoeg"),
        (Answer(410, {}, b'{"error_description":"update_over: x"}'), "wil geen nieuws meer"),
        (Answer(400, {}, b'{"error_description":"update_signature: x"}'), "neemt dit niet aan"),
        (Answer(200, {}, b"x"), "neemt dit niet aan"),
        (Answer(200, {}, b"{}"), "neemt dit niet aan"),
        (Answer(200, {}, b'{"client_id":"x","request":"a.b.c"}'), "vroeg iets dat niet klopt"),
    ],
)
def test_when_the_receiver_does_not_ask_nothing_goes_and_it_is_said(visitor: Visitor, asker: SharingWorld, instead: Any, said: str) -> None:
    asker.receiver.problem["bijwerken"] = instead
    visitor.has_newer(99)
    assert said in problem(visitor)
    assert (len(asker.receiver.answers), kept(visitor).sharing.updates) == (1, ())


def test_a_question_for_something_that_is_not_kept_up_to_date_gets_nothing(asker: SharingWorld) -> None:
    asker.receiver.question = r.Question(registration=r.registered(credentials=REGISTERED, updates=RegisteredUpdates("P3M", (SHORT,))))
    visitor = asker.visitor()
    visitor.has_credential()
    visitor.has_document()
    visitor.answer(visitor.look(), updates="yes")
    visitor.has_newer(99)
    assert "vroeg iets dat niet klopt" in problem(visitor)
    assert len(asker.receiver.answers) == 1


@pytest.mark.parametrize("changes", [{"intended_use": "hypotheek-1"}, {"credentials": REGISTERED[:1], "updates": None}])
def test_a_question_of_another_use_or_beyond_the_registration_gets_nothing(
    visitor: Visitor, asker: SharingWorld, changes: dict[str, Any]
) -> None:
    visitor.has_newer(99)
    asker.receiver.question = r.Question(registration=r.registered(**{"credentials": REGISTERED, "updates": UPDATES, **changes}))
    assert "vroeg iets dat niet klopt" in problem(visitor)
    assert len(asker.receiver.answers) == 1


def test_silence_after_sending_is_perhaps_and_can_be_sent_again(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    asker.receiver.problem["responses"] = SourceProblem("silent", "x")
    send(visitor)
    assert "Misschien ontvangen" in words(visitor.person.open(place(visitor)).text)
    asker.receiver.problem.clear()
    assert send(visitor).status_code == 303
    assert [one.state for one in kept(visitor).sharing.updates] == ["sent"]
    assert len({wish.update_id for wish in asker.receiver.wishes}) == 1


def test_what_arrived_though_its_answer_was_lost_is_known_again_and_does_not_go_twice(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    asker.receiver.loses = True
    send(visitor)
    assert "krijgt het niet dubbel" in words(visitor.person.open(f"{place(visitor)}/bijwerken").text)
    asker.receiver.loses = False
    assert send(visitor).status_code == 303
    (update,) = kept(visitor).sharing.updates
    assert (update.state, bool(update.receipt), len(asker.receiver.answers)) == ("sent", True, 2)
    assert "Er is nieuws" not in words(visitor.person.open(place(visitor)).text)


def test_a_receipt_for_another_question_does_not_say_that_it_arrived(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    asker.receiver.loses = True
    send(visitor)
    asker.receiver.arrived = dict.fromkeys(asker.receiver.arrived, "z" * 43)
    assert "neemt dit niet aan" in problem(visitor)
    assert [one.state for one in kept(visitor).sharing.updates] == ["unsure"]


def given_up_on(visitor: Visitor, asker: SharingWorld) -> str:
    """An update is sent and nobody answers in time; the hash of its question, which the receiver still judges."""
    visitor.has_newer(99, copies=12)
    asker.receiver.problem["responses"] = SourceProblem("silent", "x")
    send(visitor)
    asker.receiver.problem.clear()
    return request_hash(asker.receiver.given)


def test_a_receipt_for_the_first_question_proves_it_after_a_second_one_whose_answer_was_lost(visitor: Visitor, asker: SharingWorld) -> None:
    first = given_up_on(visitor, asker)
    asker.receiver.loses = True
    send(visitor)
    asker.receiver.arrived = dict.fromkeys(asker.receiver.arrived, first)
    assert send(visitor).status_code == 303
    (update,) = kept(visitor).sharing.updates
    assert (update.state, bool(update.receipt), len(update.asked)) == ("sent", True, 2)


def test_a_receipt_for_the_first_question_that_comes_as_answer_to_the_second_is_kept(visitor: Visitor, asker: SharingWorld) -> None:
    asker.receiver.keeps_first = given_up_on(visitor, asker)
    assert send(visitor).status_code == 303
    (update,) = kept(visitor).sharing.updates
    assert (update.state, bool(update.receipt)) == ("sent", True)


def test_of_the_questions_of_one_update_the_last_eight_are_known(visitor: Visitor, asker: SharingWorld) -> None:
    asked = [given_up_on(visitor, asker)]
    asker.receiver.problem["responses"] = SourceProblem("silent", "x")
    for _ in range(9):
        send(visitor)
        asked.append(request_hash(asker.receiver.given))
    (update,) = kept(visitor).sharing.updates
    assert update.asked == tuple(asked[-8:])


def test_other_news_goes_though_the_receipt_for_what_is_in_doubt_proves_nothing(visitor: Visitor, asker: SharingWorld) -> None:
    given_up_on(visitor, asker)
    doubtful = asker.receiver.wishes[-1].update_id
    asker.receiver.arrived[doubtful] = "z" * 43
    visitor.has_credential(data={"schuldsaldo_inclusief_rente": 5}, kept_at=x.NOW + timedelta(minutes=1))
    assert send(visitor).status_code == 303
    assert [one.state for one in kept(visitor).sharing.updates] == ["unsure", "sent"]
    visitor.has_credential(data={"schuldsaldo_inclusief_rente": 6}, kept_at=x.NOW + timedelta(minutes=2))
    send(visitor)
    assert [wish.update_id for wish in asker.receiver.wishes].count(doubtful) == 2


@pytest.mark.parametrize("loses", [True, False])
def test_a_receipt_proves_arrival_also_when_the_receiver_heard_a_yes_whose_answer_was_lost(
    visitor: Visitor, asker: SharingWorld, loses: bool
) -> None:
    receipt = asker.receiver.receipts[-1]
    asker.receiver.receipts[-1] = replace(receipt, updates_until=retention_end("P3M", NOW) + timedelta(days=60))
    visitor.has_newer(99)
    asker.receiver.loses = loses
    for _ in range(1 + loses):
        assert send(visitor).status_code == 303
    (update,) = kept(visitor).sharing.updates
    assert (update.state, bool(update.receipt), len(asker.receiver.answers)) == ("sent", True, 2)
    assert kept(visitor).item.updates_until == kept(visitor).sharing.updates_until == retention_end("P3M", NOW)


def test_a_receipt_for_updates_after_the_end_of_the_sharing_proves_nothing(visitor: Visitor, asker: SharingWorld) -> None:
    receipt = asker.receiver.receipts[-1]
    asker.receiver.receipts[-1] = replace(receipt, updates_until=kept(visitor).sharing.ends_at + timedelta(seconds=1))
    visitor.has_newer(99)
    send(visitor)
    (update,) = kept(visitor).sharing.updates
    assert (update.state, update.receipt) == ("sent", "")


def test_a_receipt_for_an_update_that_was_never_sent_is_none(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    asker.receiver.problem["bijwerken"] = Answer(200, {}, b'{"bk_receipt":"a.b.c"}')
    assert "neemt dit niet aan" in problem(visitor)
    assert kept(visitor).sharing.updates == ()


def test_other_news_than_what_is_in_doubt_goes_under_another_name(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    asker.receiver.problem["responses"] = SourceProblem("silent", "x")
    send(visitor)
    asker.receiver.problem.clear()
    visitor.has_credential(data={"schuldsaldo_inclusief_rente": 5}, kept_at=x.NOW + timedelta(minutes=1))
    send(visitor)
    assert [one.state for one in kept(visitor).sharing.updates] == ["unsure", "sent"]
    assert len({wish.update_id for wish in asker.receiver.wishes}) == 2


def test_when_other_news_is_here_and_the_last_had_arrived_the_rest_is_shown_anew(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    asker.receiver.loses = True
    send(visitor)
    visitor.has_credential(data={"schuldsaldo_inclusief_rente": 5}, kept_at=x.NOW + timedelta(minutes=1))
    assert "Kijk nog een keer" in problem(visitor)
    assert [one.state for one in kept(visitor).sharing.updates] == ["sent"]
    assert len(asker.receiver.answers) == 2


class _Killed(BaseException):
    """The process is gone."""


def killed_while_sending(visitor: Visitor, asker: SharingWorld) -> None:
    def gone() -> None:
        raise _Killed

    asker.receiver.meanwhile = gone
    sharing = kept(visitor)
    seen = fingerprint_of(news_of(sharing.sharing, visitor.vault, CATALOGUE, asker.holder.moment))
    with pytest.raises(_Killed):
        send_update(sharing, seen, visitor.vault, asker.sharing())


def test_who_is_sending_is_not_joined_by_another_window(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    killed_while_sending(visitor, asker)
    assert "in een ander venster" in problem(visitor)
    assert [one.state for one in kept(visitor).sharing.updates] == ["sending"]


def test_an_update_whose_process_is_gone_is_in_doubt_after_a_while_and_can_be_sent_again(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    killed_while_sending(visitor, asker)
    asker.holder.moment += SENDING_LASTS
    assert "Misschien ontvangen" in words(visitor.person.open(place(visitor)).text)
    assert send(visitor).status_code == 303
    assert [one.state for one in kept(visitor).sharing.updates] == ["sent"]
    assert len({wish.update_id for wish in asker.receiver.wishes}) == 1


def test_who_stops_while_an_update_is_on_its_way_still_sees_how_it_ended(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = place(visitor)
    form = visitor.fields(path)
    asker.receiver.meanwhile = lambda: visitor.post(f"{path}/stoppen", form)
    send(visitor)
    assert (kept(visitor).item.updates_until, [one.state for one in kept(visitor).sharing.updates]) == (None, ["sent"])


def test_updates_of_before_they_had_a_name_can_be_read() -> None:
    was = SentUpdate(NOW, "sending", ()).as_json()
    read = SentUpdate.from_json({name: value for name, value in was.items() if name not in ("update_id", "asked")})
    assert (read.update_id, read.asked, read.state_at(NOW), read.state_at(NOW + SENDING_LASTS)) == ("", (), "sending", "unsure")


@pytest.mark.parametrize(("stood", "asked"), [("z" * 43, ("z" * 43,)), ("", ()), (["y" * 43, "z" * 43], ("y" * 43, "z" * 43))])
def test_updates_of_before_they_had_more_than_one_question_can_be_read(stood: JsonValue, asked: tuple[str, ...]) -> None:
    assert SentUpdate.from_json({**SentUpdate(NOW, "unsure", ()).as_json(), "asked": stood}).asked == asked


def test_what_the_receiver_did_not_take_is_said(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    asker.receiver.problem["responses"] = Answer(400, {}, b"{}")
    send(visitor)
    assert [one.state for one in kept(visitor).sharing.updates] == ["refused"]


def test_a_receipt_of_another_sharing_is_none(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    receipt = asker.receiver.receipts[-1]
    asker.receiver.receipts[-1] = replace(receipt, record=replace(receipt.record, id="z" * 22))
    send(visitor)
    (update,) = kept(visitor).sharing.updates
    assert (update.state, update.receipt) == ("sent", "")


def test_without_copies_left_nothing_goes(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = f"{place(visitor)}/bijwerken"
    form = visitor.fields(path)
    for one in kept_credentials(visitor.vault):
        visitor.vault.remove(one.id)
    assert visitor.post(path, form).status_code == 409
    assert len(asker.receiver.answers) == 1


# The end.


def test_after_the_end_nothing_is_offered_or_sent(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = f"{place(visitor)}/bijwerken"
    form = visitor.fields(path)
    asker.holder.wait(days=93)
    visitor.person.unlock("Samira")
    said = words(visitor.person.open(place(visitor)).text)
    assert "de tijd is voorbij" in said
    assert "Er is nieuws" not in words(visitor.person.open("/gegevens").text)
    form["_csrf_token"] = visitor.fields("/gedeeld").get("_csrf_token", form["_csrf_token"])
    assert "de tijd is voorbij" in words(visitor.post(path, form).text)
    assert len(asker.receiver.answers) == 1


def test_stopping_is_done_here_and_the_receiver_is_told(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = place(visitor)
    assert visitor.post(f"{path}/stoppen", visitor.fields(path)).status_code == 303
    assert [wish.wish for wish in asker.receiver.wishes] == [Wish.STOP]
    said = words(visitor.person.open(path).text)
    assert "U houdt Schuldhulp Proef niet meer op de hoogte" in said
    assert "Er is nieuws" not in words(visitor.person.open("/gegevens").text)
    assert read_log(visitor.vault)[-1].happening is Happening.SHARING_UPDATES_STOPPED


def test_stopping_counts_when_the_receiver_does_not_listen(visitor: Visitor, asker: SharingWorld) -> None:
    asker.receiver.problem["bijwerken"] = SourceProblem("silent", "x")
    path = place(visitor)
    assert visitor.post(f"{path}/stoppen", visitor.fields(path)).status_code == 303
    assert kept(visitor).item.updates_until is None


def test_near_the_end_the_person_is_asked_and_a_yes_makes_it_later(visitor: Visitor, asker: SharingWorld) -> None:
    path = place(visitor)
    assert "Wilt u Schuldhulp Proef langer" not in words(visitor.person.open(path).text)
    later(visitor, asker)
    assert "Wilt u Schuldhulp Proef langer op de hoogte houden, tot 11 mei 2027?" in words(visitor.person.open(path).text)
    assert visitor.post(f"{path}/doorgaan", {**visitor.fields(path), "answer": "yes"}).status_code == 303
    assert kept(visitor).item.updates_until == retention_end("P3M", asker.holder.moment)
    assert "op de hoogte tot 11 mei 2027" in words(visitor.person.open(path).text)
    assert "langer op de hoogte" not in words(visitor.person.open(path).text)


def test_a_yes_is_to_the_day_that_was_shown_also_over_midnight(visitor: Visitor, asker: SharingWorld) -> None:
    path = place(visitor)
    later(visitor, asker)
    seen = visitor.fields(path)
    asker.holder.wait(hours=12)
    visitor.person.unlock("Samira")
    fresh = visitor.fields(path)
    answer = visitor.post(f"{path}/doorgaan", {**fresh, "until": seen["until"], "answer": "yes"})
    assert (answer.status_code, "Kijk nog een keer" in words(answer.text)) == (409, True)
    assert (asker.receiver.wishes, kept(visitor).item.updates_until) == ([], retention_end("P3M", NOW))
    assert visitor.post(f"{path}/doorgaan", {**fresh, "answer": "yes"}).status_code == 303


@pytest.mark.parametrize("until", ["", "ooit", "2099-01-01"])
def test_a_yes_to_another_day_than_was_shown_changes_nothing(visitor: Visitor, asker: SharingWorld, until: str) -> None:
    path = place(visitor)
    later(visitor, asker)
    assert visitor.post(f"{path}/doorgaan", {**visitor.fields(path), "until": until, "answer": "yes"}).status_code == 409
    assert asker.receiver.wishes == []


def test_a_receiver_that_renewed_its_certificate_meanwhile_can_be_kept_up_to_date_for_longer(visitor: Visitor, asker: SharingWorld) -> None:
    later(visitor, asker)
    asker.receiver.renewed = r.access_certificate()
    path = place(visitor)
    assert visitor.post(f"{path}/doorgaan", {**visitor.fields(path), "answer": "yes"}).status_code == 303
    assert kept(visitor).item.updates_until == retention_end("P3M", asker.holder.moment)


def test_who_says_no_is_not_asked_again_and_it_ends(visitor: Visitor, asker: SharingWorld) -> None:
    path = place(visitor)
    later(visitor, asker)
    visitor.post(f"{path}/doorgaan", {**visitor.fields(path), "answer": "no"})
    assert "langer op de hoogte" not in words(visitor.person.open(path).text)
    assert asker.receiver.wishes == []
    assert kept(visitor).item.updates_until == retention_end("P3M", NOW)


@pytest.mark.parametrize(
    "instead",
    [
        SourceProblem("silent", "x"),
        Answer(410, {}, b'{"error_description":"update_over: x"}'),
        Answer(200, {}, json.dumps({"bk_receipt": "a.b.c"}).encode()),
    ],
)
def test_without_the_receipt_of_the_receiver_it_is_not_later(visitor: Visitor, asker: SharingWorld, instead: Any) -> None:
    path = place(visitor)
    later(visitor, asker)
    asker.receiver.problem["bijwerken"] = instead
    assert visitor.post(f"{path}/doorgaan", {**visitor.fields(path), "answer": "yes"}).status_code == 409
    assert kept(visitor).item.updates_until == retention_end("P3M", NOW)


def test_nobody_goes_on_before_it_is_asked(visitor: Visitor, asker: SharingWorld) -> None:
    path = place(visitor)
    assert visitor.post(f"{path}/doorgaan", {**visitor.fields(path), "answer": "yes"}).status_code == 409
    assert asker.receiver.wishes == []


def later(visitor: Visitor, asker: SharingWorld) -> None:
    """Two weeks before the end; the scheme goes on as it was."""
    asker.holder.wait(days=80)
    asker.trust_list = replace(r.trust_list(), next_update=asker.holder.moment + timedelta(days=1))
    asker.status_lists = r.status_lists(made=asker.holder.moment)
    visitor.person.unlock("Samira")


# What is kept, and who may.


def test_what_was_taken_back_is_not_kept_up_to_date(visitor: Visitor, asker: SharingWorld) -> None:
    visitor.has_newer(99)
    path = place(visitor)
    visitor.post(f"{path}/intrekken", visitor.fields(f"{path}/intrekken"))
    assert visitor.person.open(f"{path}/bijwerken").status_code == 404
    assert "Er is nieuws" not in words(visitor.person.open("/gegevens").text)


def test_nobody_else_sends_or_stops_it(visitor: Visitor, asker: SharingWorld) -> None:
    path = place(visitor)
    other = asker.visitor("Jan")
    assert other.person.open(f"{path}/bijwerken").status_code == 404
    token = {"_csrf_token": other.fields(other.look())["_csrf_token"]}
    for action in ("bijwerken", "niet-sturen", "stoppen", "doorgaan"):
        assert other.post(f"{path}/{action}", token).status_code == 404


def test_what_was_shared_before_updates_can_still_be_read(visitor: Visitor) -> None:
    later_names = ("update_uri", "updates_until", "updates_longest", "updates", "set_aside", "goes_on")
    whole_sharing = kept(visitor).sharing
    was = {name: value for name, value in whole_sharing.as_json().items() if name not in later_names}
    was["things"] = [
        {name: value for name, value in thing.as_json().items() if name not in ("said", "follows")} for thing in whole_sharing.things
    ]
    read = Sharing.from_json(was)
    assert (read.updates_until, read.updates, read.goes_on) == (None, (), True)
    assert read.things == tuple(replace(thing, said="", follows=False) for thing in whole_sharing.things)
    assert all(isinstance(thing, SharedThing) for thing in read.things)
