"""A link and a PIN become a dossier, or nothing at all."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from blauweknop.adapters.database import reading
from blauweknop.adapters.verifier_records import VERIFIER_DOSSIERS, VERIFIER_REQUESTS
from blauweknop.adapters.verifier_sharings import VERIFIER_SHARINGS
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.domain.texts import Text
from blauweknop.domain.verdict import Colour
from blauweknop.standards import jose
from blauweknop.standards.jwk import EncryptionKey
from blauweknop.standards.share_link import ShareLink
from blauweknop.standards.sharing_acting import ActedFor
from blauweknop.standards.sharing_composing import BY_WALLET
from blauweknop.standards.sharing_messages import Withdrawal, sign_withdrawal
from blauweknop.standards.sharing_receipts import verify_receipt
from blauweknop.standards.sharing_records import PiiInformation
from blauweknop.standards.status_list import StatusReference
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal
from blauweknop.verifier.asking.answers import DOCUMENT_REFUSED, PERSON_DIFFERS, Answer
from blauweknop.verifier.links.ports import CallFailed, Replied
from blauweknop.verifier.links.receiving import LinkRefused, take_link
from tests.unit.checking import exercise_documents as x
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import p256
from tests.unit.verifier.links.desk_world import ALL, DUO, LINK, OLD_KEY, PIN, PLACE, SANNE, STRANGE_KEY, DeskWorld, registration


def taken(world: DeskWorld, text: str = LINK.as_text(), pin: str = PIN) -> Answer:
    desk = world.desk()
    kept = desk.asking.answers.of_request(take_link(text, pin, SANNE, desk))
    assert kept is not None
    return kept.answer


def refused(world: DeskWorld, text: str = LINK.as_text(), pin: str = PIN) -> str:
    """Why nothing was kept; and nothing was."""
    with pytest.raises(LinkRefused) as caught:
        take_link(text, pin, SANNE, world.desk())
    with reading(world.staff.engine) as connection:
        for table in (VERIFIER_DOSSIERS, VERIFIER_REQUESTS, VERIFIER_SHARINGS):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert world.receipts == []
    return caught.value.code


def said(error: str, status: int = 403, **members: Any) -> Replied:
    return Replied(status, json.dumps({"error": error, **members}).encode())


def test_documents_become_an_answer_with_what_the_check_says(world: DeskWorld) -> None:
    answer = taken(world)
    (item,) = answer.items
    assert (item.colour, item.dataset, item.item, item.issuer_oin) == (
        Colour.GREEN,
        "duo.studieschuld",
        "studieschuld",
        x.DUO.oin.digits,
    )
    assert item.claims["data"] == x.content()["data"]
    assert item.claims.keys() == {"data", "subject"}
    assert [paper["title"] for paper in answer.own_papers] == ["Huurcontract"]
    assert answer.by_link


def test_it_is_fetched_by_the_receiver_itself_with_the_pin(world: DeskWorld) -> None:
    taken(world, pin="012 345")
    (order,) = world.orders
    assert (order.receiver.identifier, order.pin) == (r.IDENTIFIER, PIN)
    assert world.asked == [f"{LINK.address}/ophalen", f"{LINK.address}/ontvangst"]
    assert all("#" not in address for address in world.asked)


def test_the_person_gets_a_receipt_of_what_they_agreed_to(world: DeskWorld) -> None:
    answer = taken(world)
    (receipt,) = world.receipts
    assert receipt == answer.receipt
    known = verify_receipt(
        receipt, client_id=r.IDENTIFIER, asked=str(known_hash(answer)), consent=None, trust_list=r.trust_list(), at=x.NOW
    )
    assert known.record.id == s.RECORD_ID


def known_hash(answer: Answer) -> Any:
    return json.loads(jose.parse_jws(str(answer.consent), jose.SHARING_CONSENT).payload)["request_hash"]


def test_it_is_the_task_of_who_took_it_and_stands_in_the_log_of_the_staff(world: DeskWorld) -> None:
    answer = taken(world)
    services = world.desk().staff
    assert services.tasks.of_whom(answer.request_id) == {SANNE.id}
    assert [(line.deed, line.staff, line.about) for line in services.log.newest(most=1)] == [("link_taken", SANNE.id, answer.request_id)]


def test_the_key_of_the_consent_takes_it_back(world: DeskWorld) -> None:
    answer = taken(world)
    asking = world.desk().asking
    services = AfterwardsServices(asking.receiver.signer, asking.sharings, asking.clock)
    withdrawal = Withdrawal(r.IDENTIFIER, str(answer.receipt_id), "w" * 22, x.NOW)
    assert take_withdrawal(sign_withdrawal(withdrawal, s.holder()), services).count(".") == 2
    assert asking.answers.of_request(answer.request_id) is None
    assert asking.requests.by_id(answer.request_id) is None


def test_what_the_consent_does_not_name_is_not_kept(world: DeskWorld) -> None:
    world.behind.shared = (ALL[1], PiiInformation(DUO, "data/fase", optional=True))
    (item,) = taken(world).items
    assert item.claims == {"data": {"fase": x.DATA["fase"]}, "subject": {"given_name": "Çağla Đorđe"}}


def test_a_number_in_a_document_is_not_kept_without_a_law(world: DeskWorld) -> None:
    world.behind.documents = (x.document_saying(x.content(with_bsn=True)),)
    answer = taken(world)
    assert x.BSN not in json.dumps(answer.as_json())


def test_who_acted_for_the_person_is_kept_whatever_was_agreed(world: DeskWorld) -> None:
    acting: dict[str, JsonValue] = {"name": "A. de Bewindvoerder", "capacity": "bewindvoerder"}
    world.behind.documents = (x.document_saying(x.changed(x.content(), representative=acting)),)
    (item,) = taken(world).items
    assert item.claims["representative"] == acting


def test_a_record_names_who_acted_only_as_the_documents_do(world: DeskWorld) -> None:
    acting: dict[str, JsonValue] = {"name": "A. de Bewindvoerder", "capacity": "bewindvoerder"}
    world.behind.acting = ActedFor((Representative("A. de Bewindvoerder", Capacity.ADMINISTRATOR),))
    assert refused(world) == "link_consent"
    world.behind.documents = (x.document_saying(x.changed(x.content(), representative=acting)),)
    assert taken(world).by_link


def test_a_link_brings_no_agreement_to_updates(world: DeskWorld) -> None:
    world.behind.updates_until = x.NOW + 2 * r.DAY
    assert refused(world) == "link_consent"


def test_a_document_that_was_changed_is_a_line_without_data(world: DeskWorld) -> None:
    broken = x.good_document().replace(b"%%EOF", b"%%EOX")
    world.behind.documents = (x.good_document(), broken)
    good, bad = taken(world).items
    assert (good.colour, bad.colour, bad.reasons, bad.claims) == (Colour.GREEN, Colour.RED, (DOCUMENT_REFUSED,), {})


def test_a_document_of_another_id_than_the_list_says_is_not_taken(world: DeskWorld) -> None:
    world.behind.document_id = "1a" * 16
    assert refused(world) == "link_documents"


@pytest.mark.parametrize("content", [b"%PDF-1.7 niets", b"", b"x" * 1000])
def test_a_package_without_one_real_document_is_refused(world: DeskWorld, content: bytes) -> None:
    world.behind.documents = (content,)
    assert refused(world) == "link_documents"


def test_documents_of_two_people_say_so(world: DeskWorld) -> None:
    said = x.content()
    subject = said["subject"]
    assert isinstance(subject, dict)
    other = x.changed(said, subject={**subject, "given_name": "Piet"})
    world.behind.documents = (x.good_document(), x.document_saying(other))
    assert [(item.colour, PERSON_DIFFERS in item.reasons) for item in taken(world).items] == [(Colour.ORANGE, True)] * 2


def test_a_package_to_a_key_of_before_still_opens(world: DeskWorld) -> None:
    world.behind.key = OLD_KEY
    assert taken(world).by_link


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "link_form"),
        (LINK.address, "link_form"),
        (ShareLink("https://kwaad.example/mijn", LINK.id, LINK.key).as_text(), "link_place"),
        (ShareLink("http://127.0.0.1", LINK.id, LINK.key).as_text(), "link_place"),
        (ShareLink("https://mijn.example", LINK.id, LINK.key).as_text(), "link_place"),
    ],
)
def test_nothing_is_asked_of_another_place_than_those_of_the_settings(world: DeskWorld, text: str, code: str) -> None:
    assert (refused(world, text), world.asked) == (code, [])


@pytest.mark.parametrize("pin", ["", "12345", "abcdef", "1234567"])
def test_a_pin_of_another_form_uses_up_no_try(world: DeskWorld, pin: str) -> None:
    assert (refused(world, pin=pin), world.asked) == ("pin_form", [])


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (CallFailed("stil"), "link_silent"),
        (said("link_gone", 410), "link_gone"),
        (said("link_closed", 410), "link_closed"),
        (said("link_receiver"), "link_receiver"),
        (said("link_no_trust", 503), "link_silent"),
        (said("server_error", 503), "link_silent"),
        (Replied(429, b""), "link_silent"),
        (Replied(404, b"<html>"), "link_answer"),
        (Replied(403, b'{"error":"iets anders"}'), "link_answer"),
    ],
)
def test_what_comes_back_instead_is_told_in_words(world: DeskWorld, reply: Replied | CallFailed, code: str) -> None:
    world.behind.reply = reply
    assert refused(world) == code


def test_a_wrong_pin_tells_how_many_tries_are_left(world: DeskWorld) -> None:
    world.behind.reply = said("link_pin", tries_left=3)
    with pytest.raises(LinkRefused) as caught:
        take_link(LINK.as_text(), PIN, SANNE, world.desk())
    assert (caught.value.code, caught.value.left) == ("link_pin", 3)


def test_a_link_with_another_key_opens_nothing(world: DeskWorld) -> None:
    assert refused(world, replace(LINK, key=bytes(32)).as_text()) == "link_key"


@pytest.mark.parametrize("reply", [Replied(200, b""), Replied(200, b"x" * 200)])
def test_bytes_that_were_never_behind_a_link_open_nothing(world: DeskWorld, reply: Replied) -> None:
    world.behind.reply = reply
    assert refused(world) == "link_key"


def test_a_package_to_somebody_else_opens_nothing(world: DeskWorld) -> None:
    world.behind.key = STRANGE_KEY
    assert refused(world) == "link_encryption"


def test_a_package_that_names_another_receiver_is_refused(world: DeskWorld) -> None:
    world.behind.audience = "NTRNL-90009999"
    assert refused(world) == "link_package"


def test_a_package_that_is_over_is_refused(world: DeskWorld) -> None:
    world.behind.expires_in = timedelta(hours=1)
    world.staff.later(hours=2)
    assert refused(world) == "link_package"


@pytest.mark.parametrize(
    "changes",
    [
        {"retention": "P90Y"},
        {"purpose": Text("Iets anders", "Something else")},
        {"intended_use": "hypotheek.iets_anders"},
    ],
)
def test_a_registration_that_is_not_ours_of_today_is_refused(world: DeskWorld, changes: Any) -> None:
    world.behind.given = replace(registration(), **changes)
    assert refused(world) == "link_registration"


def test_our_registration_signed_anew_meanwhile_is_the_same(world: DeskWorld) -> None:
    world.ours = replace(
        registration(),
        issued_at=x.NOW - r.HOUR,
        expires_at=x.NOW + 200 * r.DAY,
        status=StatusReference(9, r.STATUS_URI),
        link_key=EncryptionKey(p256().public_key(), "link-2"),
    )
    assert taken(world).by_link


@pytest.mark.parametrize("changes", [{"expires_at": x.NOW - r.HOUR}, {"begins_at": x.NOW + r.HOUR}])
def test_a_registration_of_ours_that_is_over_or_has_not_begun_takes_nothing(world: DeskWorld, changes: Any) -> None:
    world.ours = replace(registration(), **changes)
    assert refused(world) == "link_registration"


@pytest.mark.parametrize(
    "shared",
    [
        (PiiInformation(DUO, "rechtsmiddel"),),
        (PiiInformation(DUO),),
        (PiiInformation("urn:anders", "data"),),
        (PiiInformation(DUO, "database"),),
    ],
)
def test_a_consent_to_more_than_the_registration_is_refused(world: DeskWorld, shared: Any) -> None:
    world.behind.shared = shared
    assert refused(world) == "link_consent"


def test_a_consent_in_other_words_or_of_another_way_is_refused(world: DeskWorld) -> None:
    world.behind.record_of = replace(registration(), purpose=Text("Iets anders", "Something else"))
    assert refused(world) == "link_consent"
    world.behind.record_of, world.behind.method = None, BY_WALLET
    assert refused(world) == "link_consent"


@pytest.mark.parametrize("paper", [("Foto", "image/png", b"%PDF-"), ("Kwaad", "text/html", b"<script>")])
def test_a_paper_that_is_not_what_it_says_is_refused(world: DeskWorld, paper: tuple[str, str, bytes]) -> None:
    world.behind.papers = (paper,)
    assert refused(world) == "link_papers"


@pytest.mark.parametrize("reply", [CallFailed("stil"), said("link_gone", 410)])
def test_a_receipt_that_does_not_arrive_leaves_the_dossier(world: DeskWorld, reply: Replied | CallFailed) -> None:
    world.behind.receipt_reply = reply
    assert taken(world).items


def test_the_link_stands_nowhere_in_what_is_kept(world: DeskWorld) -> None:
    answer = taken(world)
    assert LINK.as_text() not in json.dumps(answer.as_json())
    assert PLACE not in json.dumps(answer.as_json())
