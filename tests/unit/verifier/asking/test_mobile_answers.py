"""A wallet that says that it knows mdocs is asked for one beside the summary, and may answer with that alone."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.verdict import Colour
from blauweknop.standards import base64url, mdoc
from blauweknop.standards.dcql import CredentialSet
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.signing import key_signer
from blauweknop.verifier.asking.wallets import SILENT, Wallet, read_wallet
from tests.unit.checking import mdocs as m
from tests.unit.standards.pki import p256
from tests.unit.verifier.asking.asking_world import (
    BOTH,
    IN_A_WAY,
    NONCE,
    REGISTRATION,
    SUMMARY,
    AskingWorld,
    Browser,
    TestHolder,
    led_back,
    refused,
)

KNOWS = json.dumps({"vp_formats_supported": {"mso_mdoc": {"issuerauth_alg_values": [-7]}, "dc+sd-jwt": {}}})
SAID = {"given_name": "Çağla Đorđe", "family_name": "van der Łukasz", "schuldsaldo_inclusief_rente": 1234567}
WHOLE = m.issued({**m.CLAIMS, "family_name": "van der Łukasz"})


def holder_of(world: AskingWorld, browser: Browser, path: str, metadata: str = KNOWS) -> TestHolder:
    holder = browser.begin(path)
    holder.read(holder.fetch(wallet_metadata=metadata).text)
    return holder


def asked_ways(holder: TestHolder) -> list[tuple[str, ...]]:
    (asked,) = holder.known().query.sets
    return [*asked.options]


def shown(device_response: bytes) -> dict[str, Any]:
    return {"schuld-mdoc": [base64url.encode(device_response)]}


def keep(names: tuple[str, ...], issued: bytes = WHOLE) -> bytes:
    return mdoc.select(issued, lambda _space, name: name in names)


def test_who_knows_mdocs_is_asked_for_one_too_as_the_last_choice(world: AskingWorld, browser: Browser) -> None:
    holder = holder_of(world, browser, world.request(BOTH))
    assert asked_ways(holder) == [("schuld", "schuld-kort"), ("schuld-kort",), ("schuld-mdoc",)]
    mobile = holder.known().query.credentials[-1]
    assert (mobile.format, mobile.types) == ("mso_mdoc", (m.DOCTYPE,))
    assert [(claim.path, claim.retained) for claim in mobile.claims] == [((m.DOCTYPE, name), True) for name in SUMMARY]


@pytest.mark.parametrize("metadata", ["{}", '{"vp_formats_supported":{"dc+sd-jwt":{}}}'])
def test_who_does_not_say_so_is_asked_as_the_question_was_made(world: AskingWorld, browser: Browser, metadata: str) -> None:
    assert asked_ways(holder_of(world, browser, world.request(IN_A_WAY), metadata)) == [("schuld-kort",)]


def test_no_receiver_asks_an_mdoc_that_it_is_not_registered_for(world: AskingWorld) -> None:
    world.registration = replace(REGISTRATION, credentials=REGISTRATION.credentials[:2])
    with world.browser() as browser:
        assert asked_ways(holder_of(world, browser, world.request(IN_A_WAY))) == [("schuld-kort",)]


def test_a_wallet_with_only_an_mdoc_answers_and_all_that_was_asked_is_kept(world: AskingWorld, browser: Browser) -> None:
    path = world.request(IN_A_WAY)
    holder = holder_of(world, browser, path)
    browser.come_back(led_back(holder.answer(shown(holder.device_response(keep(SUMMARY))))))
    kept = world.kept(path)
    assert kept is not None
    (item,) = kept.answer.items
    assert (item.item, item.credential, item.colour, item.format) == ("schuld", "schuld-mdoc", Colour.GREEN, "mso_mdoc")
    assert item.claims == {m.DOCTYPE: SAID}
    assert kept.answer.question.query.sets == (CredentialSet((("schuld-kort",), ("schuld-mdoc",))),)


def test_a_wallet_that_was_also_asked_for_an_mdoc_may_answer_with_the_summary(world: AskingWorld, browser: Browser) -> None:
    path = world.request(IN_A_WAY)
    browser.come_back(led_back(holder_of(world, browser, path).answer()))
    kept = world.kept(path)
    assert kept is not None
    assert kept.answer.items[0].claims == SAID


def test_claims_of_an_mdoc_that_nobody_asked_for_are_not_kept(world: AskingWorld, browser: Browser) -> None:
    path = world.request(IN_A_WAY)
    holder = holder_of(world, browser, path)
    browser.come_back(led_back(holder.answer(shown(holder.device_response(WHOLE)))))
    kept = world.kept(path)
    assert kept is not None
    assert kept.answer.items[0].claims == {m.DOCTYPE: SAID}


def test_a_claim_of_an_mdoc_that_is_missing_makes_it_no_answer(world: AskingWorld, browser: Browser) -> None:
    holder = holder_of(world, browser, world.request(IN_A_WAY))
    answer = holder.answer(shown(holder.device_response(keep(SUMMARY[:2]))))
    assert refused(answer) == "response_incomplete"
    assert "claims_missing" in answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "x509_hash:ander"},
        {"nonce": "een andere vraag"},
        {"response_uri": "https://ander.example/antwoord"},
        {"jwk_thumbprint": None},
        {"jwk_thumbprint": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_mdoc_that_was_signed_for_another_session_is_no_answer(world: AskingWorld, browser: Browser, change: dict[str, Any]) -> None:
    holder = holder_of(world, browser, world.request(IN_A_WAY))
    answer = holder.answer(shown(holder.device_response(WHOLE, **change)))
    assert refused(answer) == "response_incomplete"
    assert "proof_device_signature" in answer.text


def test_an_mdoc_that_another_device_signed_is_no_answer(world: AskingWorld, browser: Browser) -> None:
    holder = holder_of(world, browser, world.request(IN_A_WAY))
    answer = holder.answer(shown(holder.device_response(WHOLE, device=key_signer(p256(), b""))))
    assert refused(answer) == "response_incomplete"
    assert "proof_device_signature" in answer.text


def test_an_mdoc_that_no_device_signed_is_no_answer(world: AskingWorld, browser: Browser) -> None:
    answer = holder_of(world, browser, world.request(IN_A_WAY)).answer(shown(WHOLE))
    assert refused(answer) == "response_incomplete"
    assert "proof_format" in answer.text


def test_an_mdoc_of_another_type_is_no_answer(world: AskingWorld, browser: Browser) -> None:
    holder = holder_of(world, browser, world.request(IN_A_WAY))
    other = m.issued({**m.CLAIMS, "family_name": "van der Łukasz"}, doctype="org.blauweknop.uwv.verzekeringsbericht.1")
    answer = holder.answer(shown(holder.device_response(other)))
    assert refused(answer) == "response_incomplete"


def test_an_mdoc_and_a_summary_of_two_persons_are_orange(world: AskingWorld, browser: Browser) -> None:
    path = world.request(IN_A_WAY)
    holder = holder_of(world, browser, path)
    of_another = m.issued({**m.CLAIMS, "family_name": "Jansen"})
    both = {"schuld-kort": [holder.shown()], **shown(holder.device_response(of_another))}
    browser.come_back(led_back(holder.answer(both)))
    kept = world.kept(path)
    assert kept is not None
    assert [(item.credential, item.colour) for item in kept.answer.items] == [
        ("schuld-kort", Colour.ORANGE),
        ("schuld-mdoc", Colour.ORANGE),
    ]


def test_who_was_not_asked_for_an_mdoc_may_not_show_one(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request(IN_A_WAY))
    assert refused(holder.answer(shown(holder.device_response(WHOLE)))) == "response_unasked"


@pytest.mark.parametrize("metadata", ["[]", "x", '{"vp_formats_supported":[]}', '{"a":1,"a":2}', '{"vp_formats_supported":"mso_mdoc"}'])
def test_what_a_wallet_says_of_itself_in_another_form_is_refused_and_the_question_waits(
    world: AskingWorld, browser: Browser, metadata: str
) -> None:
    holder = browser.begin(world.request())
    assert holder.fetch(wallet_metadata=metadata).status_code == 400
    assert holder.fetch(wallet_nonce=NONCE).status_code == 200


@given(st.text(max_size=200))
def test_any_text_about_a_wallet_is_read_or_refused(metadata: str) -> None:
    with suppress(OAuthProblem):
        assert read_wallet({"wallet_metadata": metadata}) == SILENT


def test_a_form_of_a_wallet_is_read() -> None:
    assert read_wallet({"wallet_nonce": NONCE, "wallet_metadata": KNOWS}) == Wallet(NONCE, knows_mdocs=True)
