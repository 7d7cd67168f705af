"""A receiver that asks an mdoc: it is shown in words as any other, signed for that receiver and that question, and goes once."""

import pytest

from blauweknop.checking.check_presentation import Asked
from blauweknop.domain.verdict import Verified
from blauweknop.holder.credentials import kept_credentials
from blauweknop.holder.sharing.requests import kept_requests
from blauweknop.standards import base64url
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.mdoc import openid4vp_transcript
from tests.unit.checking import credentials as c
from tests.unit.holder.holder_world import words
from tests.unit.holder.sharing.sharing_world import DEBT, SharingWorld, Visitor, asks, mobile, summary

ASKED = ("given_name", "schuldsaldo_inclusief_rente")


@pytest.fixture
def visitor(site: SharingWorld) -> Visitor:
    site.receiver.query = asks(mobile(*ASKED))
    found = site.visitor()
    found.has_credential(form="mso_mdoc")
    return found


def presented(site: SharingWorld, number: int = 0) -> str:
    (text,) = site.receiver.answers[number]["vp_token"]["schuld-mdoc"]
    return str(text)


def test_an_mdoc_is_shown_as_any_other_credential(visitor: Visitor) -> None:
    said = words(visitor.person.open(visitor.look()).text)
    assert "12.345,67" in said
    assert "Çağla Đorđe" in said
    assert "van der Łukasz" not in said


def test_a_yes_gives_what_was_shown_for_this_receiver_and_this_question(visitor: Visitor, site: SharingWorld) -> None:
    assert visitor.answer(visitor.look()).status_code == 200
    asked, receiver = site.receiver.question.members(), site.receiver
    session = openid4vp_transcript(
        client_id=receiver.client_id,
        nonce=asked["nonce"],
        response_uri=asked["response_uri"],
        jwk_thumbprint=base64url.decode(thumbprint(receiver.key.public_key())),
    )
    by = Asked(receiver.client_id, asked["nonce"], frozenset({DEBT.doctype}), session)
    verdict = c.presentation(presented(site), asked=by)
    assert isinstance(verdict, Verified)
    assert verdict.content == {"given_name": "Çağla Đorđe", "schuldsaldo_inclusief_rente": 1234567}


def test_a_copy_of_an_mdoc_goes_once(visitor: Visitor, site: SharingWorld) -> None:
    visitor.answer(visitor.look())
    visitor.answer(visitor.look())
    assert presented(site) != presented(site, 1)
    assert [kept.unused for kept in kept_credentials(visitor.vault)] == [0]


def test_what_was_shared_of_an_mdoc_has_words(visitor: Visitor) -> None:
    visitor.answer(visitor.look())
    (kept,) = kept_requests(visitor.vault)
    said = words(visitor.person.open(f"/gedeeld/{kept.key}").text)
    assert "Studieschuld" in said
    assert DEBT.doctype not in said


def test_what_is_asked_as_an_mdoc_alone_is_fetched_as_one(site: SharingWorld) -> None:
    site.receiver.query = asks(mobile(*ASKED))
    other = site.visitor()
    other.has_credential()
    assert other.fields(other.look())["mdoc"] == DEBT.id


def test_what_is_asked_in_both_ways_is_answered_with_what_is_here_and_fetched_as_always(site: SharingWorld) -> None:
    site.receiver.query = asks(summary(*ASKED), mobile(*ASKED), sets=[{"options": [["schuld-kort"], ["schuld-mdoc"]]}])
    nothing, has = site.visitor(), site.visitor("Jan")
    assert "mdoc" not in nothing.fields(nothing.look())
    has.has_credential(form="mso_mdoc")
    has.answer(has.look())
    assert site.receiver.answers[0]["vp_token"].keys() == {"schuld-mdoc"}
