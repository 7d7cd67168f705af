"""Newer data for a dossier: only from who may, only what was agreed, only as long as that lasts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blauweknop.adapters.verifier_sharings import VerifierSharings
from blauweknop.domain.verdict import Colour
from blauweknop.standards.registration_claims import RegisteredUpdates
from blauweknop.standards.sharing_composing import compose_record, retention_end
from blauweknop.standards.sharing_messages import Consent, Withdrawal, request_hash, sign_consent, sign_withdrawal
from blauweknop.standards.sharing_updates import Wish
from blauweknop.verifier.afterwards.ports import KeptSharing
from blauweknop.verifier.asking.answers import MOST_KEPT, PERSON_DIFFERS, current_items, replaced_items
from blauweknop.verifier.dossier.pieces import StatusCheck, pieces_of, replaced_pieces_of
from tests.unit.checking import exercise_documents as x
from tests.unit.standards import sharing as s
from tests.unit.verifier.asking.asking_world import PATH, ROW_KEY, AskingWorld, Browser, led_back
from tests.unit.verifier.asking.asking_world import refused as refused_answer
from tests.unit.verifier.updating.updating_world import FOLLOWED, UPDATES, Followed, code_of, consent_to


def saldo(number_and_item: Any) -> Any:
    return number_and_item[1].claims["schuldsaldo_inclusief_rente"]


def send(followed: Followed, update_id: str = "", **claims: Any) -> Any:
    holder = followed.hear(update_id)
    return holder.answer({"schuld-kort": [holder.shown(followed.newer(**claims))]})


def test_a_receipt_of_who_may_be_kept_up_to_date_says_where_and_until_when(followed: Followed) -> None:
    assert followed.receipt.update_uri == f"https://proef.example{PATH}/bijwerken"
    assert followed.receipt.updates_until == followed.consent.updates_until


def test_a_question_says_for_how_long_the_receiver_wants_it(world: AskingWorld, browser: Browser) -> None:
    assert browser.begin(world.request()).known().updates == UPDATES


def test_the_newer_takes_the_place_of_the_earlier_which_stays_as_replaced(followed: Followed) -> None:
    followed.receipt_of(send(followed, schuldsaldo_inclusief_rente=99))
    items = followed.items()
    assert [saldo(one) for one in current_items(items)] == [99]
    assert [saldo(one) for one in replaced_items(items)] == [1234567]
    assert items[1].came_at == followed.world.now


def test_an_update_has_a_receipt_of_the_same_sharing_that_ends_as_it_did(followed: Followed) -> None:
    receipt = followed.receipt_of(send(followed))
    assert (receipt.receipt_id, receipt.record, receipt.erase_at) == (
        followed.receipt.receipt_id,
        followed.receipt.record,
        followed.receipt.erase_at,
    )


def test_of_what_was_replaced_one_version_stays_and_no_number_is_given_twice(followed: Followed) -> None:
    (first,), kept = followed.items(), followed.world.kept(followed.path)
    assert kept is not None
    for day in range(3):
        newer = replace(first, came_at=followed.world.now + timedelta(days=day), claims={"schuldsaldo_inclusief_rente": day})
        assert followed.world.services().answers.update(kept.answer.request_id, [newer])
    items = followed.items()
    assert [(number, saldo((number, item))) for number, item in current_items(items)] == [(4, 2)]
    assert [(number, saldo((number, item))) for number, item in replaced_items(items)] == [(3, 1)]


def test_the_last_check_of_an_earlier_piece_says_nothing_of_the_newer(followed: Followed) -> None:
    followed.receipt_of(send(followed))
    kept = followed.world.kept(followed.path)
    assert kept is not None
    (piece,) = pieces_of(kept.answer, StatusCheck(followed.world.now, {1: "withdrawn"}))
    assert (piece.number, piece.item.colour, piece.checked_at) == (2, Colour.GREEN, followed.world.now)
    assert [piece.number for piece in replaced_pieces_of(kept.answer)] == [1]


def test_what_is_asked_is_what_came_before_and_nothing_of_it_is_required(followed: Followed) -> None:
    question = followed.question()
    assert [query.id for query in question.query.credentials] == ["schuld-kort"]
    assert [(each.options, each.required) for each in question.query.sets] == [((("schuld-kort",),), False)]
    assert question.updates is None


def test_an_update_of_another_person_is_orange_and_says_so(followed: Followed) -> None:
    followed.receipt_of(send(followed, family_name="Iemand anders"))
    ((_, item),) = current_items(followed.items())
    assert (item.colour, item.reasons) == (Colour.ORANGE, (PERSON_DIFFERS,))


def test_an_update_with_nothing_in_it_keeps_nothing(followed: Followed) -> None:
    holder = followed.hear()
    assert code_of(holder.answer({})) == "response_unbound"
    assert len(followed.items()) == 1


def test_a_holder_may_say_that_it_has_nothing_after_all(followed: Followed) -> None:
    holder = followed.hear()
    told = holder.post({"response": holder.sealed({"error": "access_denied", "state": holder.known().state})})
    assert (told.status_code, told.json()) == (200, {"status": "access_denied"})


def test_an_update_that_does_not_fit_is_refused(followed: Followed) -> None:
    (first,), kept = followed.items(), followed.world.kept(followed.path)
    assert kept is not None
    came = followed.world.now - timedelta(days=1)
    others = [replace(first, issuer_oin=f"{number:020}", came_at=came) for number in range(MOST_KEPT - 1)]
    assert followed.world.services().answers.update(kept.answer.request_id, others)
    assert code_of(send(followed)) == "response_count"
    assert len(followed.items()) == MOST_KEPT


def test_an_update_counts_once(followed: Followed) -> None:
    holder = followed.hear()
    form = {"response": holder.sealed({"vp_token": {"schuld-kort": [holder.shown(followed.newer())]}, "state": holder.known().state})}
    assert [holder.post(form).status_code for _ in range(2)] == [200, 400]
    assert len(followed.items()) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bk_consent": "a.b.c"}, "response_consent"),
        ({"bk_own_papers": {}}, "response_papers"),
        ({"state": "z" * 43}, "response_state"),
    ],
)
def test_an_update_brings_what_was_asked_and_nothing_else(followed: Followed, changes: dict[str, Any], code: str) -> None:
    assert code_of(followed.hear().answer(**changes)) == code
    assert len(followed.items()) == 1


def test_an_update_that_is_no_response_is_refused(followed: Followed) -> None:
    assert code_of(followed.hear().post({"error": "access_denied"})) == "response_form"


def test_a_question_of_an_update_is_answered_at_its_own_address_only(followed: Followed) -> None:
    holder = followed.hear()
    state = holder.known().state
    form = {"response": holder.sealed({"vp_token": {"schuld-kort": [holder.shown(followed.newer())]}, "state": state})}
    assert code_of(holder.call(f"{PATH}/oid4vp/responses/{state}", form)) == "response_unknown"


def test_an_answer_to_a_request_is_no_update(followed: Followed) -> None:
    holder = followed.browser.begin(followed.world.request())
    state = holder.known().state
    assert code_of(holder.call(f"{PATH}/bijwerken/{state}", {"response": "x"})) == "response_unknown"


# Who may, and for how long.


@pytest.mark.parametrize("text", ["", "a.b.c", "x" * 9000])
def test_another_message_is_refused(followed: Followed, text: str) -> None:
    assert code_of(followed.say(text)) == "update_malformed"


def test_another_receipt_is_refused(followed: Followed) -> None:
    assert code_of(followed.wish(receipt_id="z" * 43)) == "update_receipt"


def test_another_key_than_that_of_the_consent_is_refused(followed: Followed) -> None:
    assert code_of(followed.wish(key=s.OTHER_KEY)) == "update_signature"


def test_a_message_for_another_receiver_is_refused(followed: Followed) -> None:
    assert code_of(followed.wish(audience="x509_hash:ander")) == "update_audience"


def test_a_message_of_before_is_refused(followed: Followed) -> None:
    assert code_of(followed.wish(issued_at=followed.world.now - timedelta(minutes=11))) == "update_expired"


def test_one_update_comes_in_a_day(followed: Followed) -> None:
    followed.receipt_of(send(followed))
    followed.world.later(hours=23)
    assert code_of(followed.wish()) == "update_often"
    followed.world.later(hours=1)
    assert followed.wish().status_code == 200


def test_of_two_questions_of_a_day_the_first_that_is_answered_counts(followed: Followed) -> None:
    one, asked = followed.hear(), followed.asked
    other = followed.hear()
    followed.receipt_of(one.answer(), asked=asked)
    assert code_of(other.answer()) == "response_unknown"
    assert len(followed.items()) == 2


def test_the_same_update_is_known_by_its_name_and_gets_its_receipt_again(followed: Followed) -> None:
    followed.receipt_of(send(followed, update_id="u" * 32))
    told = followed.wish(update_id="u" * 32)
    again = followed.receipt_of(told)
    assert (again.receipt_id, again.updates_until) == (followed.receipt.receipt_id, followed.receipt.updates_until)
    assert "request" not in told.json()
    followed.world.later(days=2)
    assert "bk_receipt" in followed.wish(update_id="u" * 32).json()
    assert len(followed.items()) == 2


def test_the_same_update_in_answer_to_two_questions_is_kept_once(followed: Followed) -> None:
    one, asked = followed.hear(update_id="u" * 32), followed.asked
    other = followed.hear(update_id="u" * 32)
    for holder in (one, other):
        followed.receipt_of(holder.answer({"schuld-kort": [holder.shown(followed.newer())]}), asked=asked)
    assert len(followed.items()) == 2


def test_the_name_of_an_update_is_known_after_the_end_of_its_sharing_no_more(followed: Followed) -> None:
    followed.receipt_of(send(followed, update_id="u" * 32))
    followed.wish(Wish.STOP)
    assert code_of(followed.wish(update_id="u" * 32), 410) == "update_over"


def test_after_the_end_nothing_newer_is_taken(followed: Followed) -> None:
    until = followed.consent.updates_until
    assert until is not None
    followed.world.now = until
    for wish in (Wish.SEND, Wish.RENEW, Wish.STOP):
        changes = {"until": until + timedelta(days=30)} if wish is Wish.RENEW else {}
        assert code_of(followed.wish(wish, **changes), 410) == "update_over"


def test_who_stopped_does_not_go_on(followed: Followed) -> None:
    assert followed.wish(Wish.STOP).json() == {"status": "stopped"}
    assert code_of(followed.wish(), 410) == "update_over"


class _StoppedMeanwhile(VerifierSharings):
    """Somebody stops as soon as it was looked at."""

    def of_receipt(self, receipt_id: str) -> KeptSharing | None:
        found = VerifierSharings.of_receipt(self, receipt_id)
        self.follow(receipt_id, None)
        return found


def test_who_stopped_is_not_followed_again_by_a_wish_that_was_on_its_way(followed: Followed) -> None:
    world = followed.world
    world.changes["sharings"] = _StoppedMeanwhile(world.engine, ROW_KEY, world.receiver)
    with world.browser() as browser:
        followed.browser = browser
        assert code_of(followed.wish(Wish.RENEW, until=retention_end("P3M", world.now)), 410) == "update_over"
    kept = VerifierSharings(world.engine, ROW_KEY, world.receiver).of_receipt(followed.receipt.receipt_id)
    assert kept is not None
    assert kept.updates_until is None


def withdraw(followed: Followed) -> None:
    message = sign_withdrawal(Withdrawal(followed.consent.audience, followed.receipt.receipt_id, "w" * 22, followed.world.now), s.holder())
    assert followed.browser.client.post(f"{PATH}/intrekken", data={"withdrawal": message}).status_code == 200


def test_after_a_withdrawal_nothing_newer_is_taken(followed: Followed) -> None:
    withdraw(followed)
    assert code_of(followed.wish(), 410) == "update_over"


def test_what_was_taken_back_meanwhile_is_not_kept(followed: Followed) -> None:
    holder = followed.hear()
    withdraw(followed)
    assert code_of(holder.answer()) == "response_unknown"
    assert followed.browser.client.get(f"{PATH}/klaar").status_code in (200, 404)


def test_who_stopped_while_it_was_on_its_way_is_heard(followed: Followed) -> None:
    holder = followed.hear()
    VerifierSharings(followed.world.engine, ROW_KEY, followed.world.receiver).follow(followed.receipt.receipt_id, None)
    assert code_of(holder.answer(), 410) == "response_over"
    assert len(followed.items()) == 1


def test_a_receiver_that_is_not_registered_for_it_any_more_asks_nothing(followed: Followed) -> None:
    followed.world.registration = replace(FOLLOWED, updates=None)
    with followed.world.browser() as browser:
        followed.browser = browser
        assert code_of(followed.wish(), 410) == "update_over"


# Going on for longer.


def test_who_goes_on_gets_a_receipt_with_the_new_end(followed: Followed) -> None:
    followed.world.later(days=60)
    until = retention_end("P3M", followed.world.now)
    told = followed.wish(Wish.RENEW, until=until)
    receipt = followed.receipt_of(told, consent=replace(followed.consent, updates_until=until))
    assert (receipt.updates_until, receipt.erase_at) == (until, followed.receipt.erase_at)
    followed.world.now = until - timedelta(seconds=1)
    assert followed.wish().status_code == 200


@pytest.mark.parametrize("stretch", [timedelta(0), timedelta(hours=23), timedelta(days=100), timedelta(days=9999)])
def test_another_new_end_than_may_be_is_refused(followed: Followed, stretch: timedelta) -> None:
    assert code_of(followed.wish(Wish.RENEW, until=followed.world.now + stretch)) == "update_until"


# The consent.


@pytest.fixture
def agreed(world: AskingWorld, browser: Browser) -> Any:
    def answer(**changes: Any) -> Any:
        holder = browser.begin(world.request())
        fetched = holder.fetch()
        holder.read(fetched.text)
        consent: Consent = consent_to(request_hash(fetched.text), holder.client_id, world, **changes)
        return holder.answer(bk_consent=sign_consent(consent, s.holder(), s.KEY.public_key()))

    return answer


def test_a_consent_to_updates_for_longer_than_registered_is_refused(agreed: Any, world: AskingWorld) -> None:
    assert refused_answer(agreed(updates_until=retention_end("P3M", world.now) + timedelta(seconds=1))) == "response_consent"


def test_a_consent_to_updates_without_its_purpose_is_refused(agreed: Any, world: AskingWorld) -> None:
    record = consent_to("a" * 43, "x", world).record
    assert refused_answer(agreed(record=replace(record, purposes=record.purposes[:1]))) == "response_consent"
    assert refused_answer(agreed(updates_until=None)) == "response_consent"


@pytest.mark.parametrize("updates", [None, RegisteredUpdates("P3M", (x.dataset().type_uri,))])
def test_a_consent_to_updates_of_what_is_not_registered_is_refused(agreed: Any, world: AskingWorld, updates: Any) -> None:
    world.registration = replace(FOLLOWED, updates=updates)
    with world.browser() as browser:
        holder = browser.begin(world.request())
        fetched = holder.fetch()
        holder.read(fetched.text)
        consent = consent_to(request_hash(fetched.text), holder.client_id, world)
        told = holder.answer(bk_consent=sign_consent(consent, s.holder(), s.KEY.public_key()))
    assert refused_answer(told) == "response_consent"


def test_a_consent_to_updates_of_more_than_was_shared_is_refused(agreed: Any, world: AskingWorld) -> None:
    record = consent_to("a" * 43, "x", world).record
    shared, later = (purpose.pii for purpose in record.purposes)
    more = compose_record(
        world.registration, shared[:1], record_id=record.id, principal=record.principal, language="nl", at=world.now, updates=later
    )
    assert refused_answer(agreed(record=more)) == "response_consent"


def test_who_did_not_agree_to_updates_is_not_asked_for_them(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    holder = browser.begin(path)
    fetched = holder.fetch()
    holder.read(fetched.text)
    asked = request_hash(fetched.text)
    consent = consent_to(asked, holder.client_id, world)
    plain = replace(consent, updates_until=None, record=replace(consent.record, purposes=consent.record.purposes[:1]))
    told = holder.answer(bk_consent=sign_consent(plain, s.holder(), s.KEY.public_key()))
    browser.come_back(led_back(told))
    followed = Followed(world, browser, plain, asked, None, path)  # type: ignore[arg-type] # its receipt is read here
    followed.receipt = followed.receipt_of(told)
    assert (followed.receipt.update_uri, followed.receipt.updates_until) == (None, None)
    assert code_of(followed.wish(), 410) == "update_over"
