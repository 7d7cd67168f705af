import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.standards.dcql import CredentialSet, DcqlQuery
from blauweknop.standards.jwe import PRESENTATION_RESPONSE
from blauweknop.standards.jwk import EncryptionKey
from blauweknop.standards.status_list import INVALID
from blauweknop.verifier.asking.questions import Question
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.standards.pki import p256
from tests.unit.verifier.asking.asking_world import (
    BOTH,
    DOCUMENT,
    ITEM,
    PATH,
    SHORT,
    SUMMARY,
    AskingWorld,
    Browser,
    TestHolder,
    led_back,
    refused,
)


@pytest.fixture
def holder(world: AskingWorld, browser: Browser) -> TestHolder:
    return browser.begin(world.request())


def test_an_answer_counts_once(holder: TestHolder) -> None:
    message = holder.sealed({"vp_token": {"schuld-kort": [holder.shown()]}, "state": holder.known().state})
    led_back(holder.post({"response": message}))
    assert refused(holder.post({"response": message})) == "response_unknown"


def test_after_a_wrong_answer_there_is_no_second_try(holder: TestHolder) -> None:
    assert refused(holder.answer(state="x" * 43)) == "response_state"
    assert refused(holder.answer()) == "response_unknown"


def test_a_question_that_nobody_fetched_is_not_answered(world: AskingWorld, browser: Browser) -> None:
    first, second = browser.begin(world.request()), browser.begin(world.request())
    address = second.request_uri.replace("/requests/", "/responses/")
    first_message = {"error": "access_denied", "state": address.rpartition("/")[2]}
    assert refused(first.call(address, first_message)) == "response_unknown"


@pytest.mark.parametrize("state", [None, "x" * 43, 1])
def test_another_state_is_refused(holder: TestHolder, state: JsonValue) -> None:
    assert refused(holder.answer(state=state)) == "response_state"


@pytest.mark.parametrize("name", [None, "1"])
def test_a_message_to_a_key_by_another_name_is_refused(holder: TestHolder, name: str | None) -> None:
    key = EncryptionKey(holder.known().key.public, name)
    assert refused(holder.post({"response": holder.sealed({}, key)})) == "response_key"


def test_the_key_of_another_question_is_of_no_use(world: AskingWorld, browser: Browser, holder: TestHolder) -> None:
    stale = holder.known().key
    fresh = browser.begin(world.request())
    assert refused(fresh.post({"response": fresh.sealed({"state": fresh.known().state}, stale)})) == "response_key"


def test_a_message_to_another_key_does_not_open(holder: TestHolder) -> None:
    other = EncryptionKey(p256().public_key(), holder.known().key.key_id)
    assert refused(holder.post({"response": holder.sealed({}, other)})) == "response_encryption"


@pytest.mark.parametrize("message", ["", ".", "a.b.c.d.e", "e30.e30.e30", "ey" * 1000])
def test_what_is_no_encrypted_message_is_refused(holder: TestHolder, message: str) -> None:
    assert refused(holder.post({"response": message} if message else {"other": "1"})) in ("response_encryption", "response_form")


def test_a_compressed_message_is_not_opened(holder: TestHolder) -> None:
    header, *rest = holder.sealed({}).split(".")
    import json

    members = json.loads(base64.urlsafe_b64decode(header + "==")) | {"zip": "DEF"}
    zipped = base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()
    assert refused(holder.post({"response": ".".join((zipped, *rest))})) == "response_encryption"


def test_response_and_error_at_once_are_refused(holder: TestHolder) -> None:
    form = {"response": holder.sealed({}), "error": "access_denied", "state": holder.known().state}
    assert refused(holder.post(form)) == "response_form"


def test_more_than_a_message_may_be_is_not_read(holder: TestHolder) -> None:
    assert holder.post({"response": "a" * (PRESENTATION_RESPONSE.most + 8192)}).status_code == 413


@pytest.mark.parametrize(
    ("vp_token", "code"),
    [
        ([], "response_form"),
        ("x", "response_form"),
        ({"schuld-kort": "x"}, "response_form"),
        ({"schuld-kort": [1]}, "response_form"),
        ({"schuld-kort": []}, "response_count"),
        ({"schuld-kort": ["x", "y"]}, "response_count"),
        ({}, "response_incomplete"),
        ({"schuld-kort": ["x"]}, "response_incomplete"),
    ],
    ids=str,
)
def test_an_answer_has_one_form(holder: TestHolder, vp_token: JsonValue, code: str) -> None:
    assert refused(holder.answer(vp_token)) == code


def test_a_credential_that_nobody_asked_for_is_refused(holder: TestHolder) -> None:
    shown = holder.shown()
    assert refused(holder.answer({"schuld-kort": [shown], "inkomen-kort": [shown]})) == "response_unasked"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"audience": "x509_hash:iemand-anders"}, "proof_kb_aud"),
        ({"nonce": "m" * 43}, "proof_kb_nonce"),
        ({"at": x.NOW.replace(year=2025)}, "proof_kb_iat"),
        ({"at": x.NOW.replace(year=2027)}, "proof_kb_iat"),
        ({"sd_jwt": c.of_wallet(vct="https://register.blauweknop.example/vct/uwv-loon/1")}, "proof_vct"),
        ({"sd_jwt": c.of_wallet(ends=x.NOW.replace(day=1))}, "proof_expired"),
        ({"sd_jwt": c.of_wallet(signer=x.exercise().credentials["uwv"])}, "signer_unknown"),
        ({"names": ("given_name", "family_name")}, "claims_missing"),
    ],
    ids=[
        "for another",
        "of another question",
        "of long ago",
        "of the future",
        "of another type",
        "expired",
        "of another issuer",
        "without a claim",
    ],
)
def test_a_presentation_that_is_not_good_is_dropped(holder: TestHolder, changes: dict[str, Any], reason: str) -> None:
    answer = holder.answer({"schuld-kort": [holder.shown(**changes)]})
    assert refused(answer) == "response_incomplete"
    assert reason in answer.json()["error_description"]


def test_a_presentation_without_the_key_of_its_holder_is_dropped(holder: TestHolder) -> None:
    alone = c.keep(c.of_wallet(), SUMMARY)
    holder.known()
    assert refused(holder.answer({"schuld-kort": [alone]})) == "response_incomplete"


def test_a_withdrawn_credential_is_dropped(world: AskingWorld, holder: TestHolder) -> None:
    world.trust = lambda: c.trust({c.URI: c.status_list({c.INDEX: INVALID})})
    assert refused(holder.answer()) == "response_incomplete"


def test_a_credential_without_status_that_lives_longer_than_a_day_is_dropped(holder: TestHolder) -> None:
    answer = holder.answer({"schuld-kort": [holder.shown(c.of_wallet(status=None))]})
    assert refused(answer) == "response_incomplete"


def test_a_credential_whose_status_nobody_can_tell_is_no_yes(world: AskingWorld, holder: TestHolder) -> None:
    world.trust = lambda: c.trust({})
    assert refused(holder.answer()) == "response_incomplete"


def test_a_value_that_was_not_asked_for_is_no_answer(world: AskingWorld, browser: Browser) -> None:
    claims = tuple(replace(claim, values=(1,)) if claim.path == (SUMMARY[2],) else claim for claim in SHORT.claims)
    path = world.request(Question("schuldhulp-1", (ITEM,), DcqlQuery((replace(SHORT, claims=claims),))))
    assert refused(browser.begin(path).answer()) == "response_incomplete"


def test_the_document_alone_is_not_enough(world: AskingWorld, browser: Browser) -> None:
    holder = browser.begin(world.request(BOTH))
    holder.known()
    assert refused(holder.answer({"schuld": [c.of_document()]})) == "response_incomplete"


def test_something_must_be_shown_by_whoever_holds_its_key(world: AskingWorld, browser: Browser) -> None:
    sets = (CredentialSet((("schuld",),)), CredentialSet((("schuld-kort",),), required=False))
    holder = browser.begin(world.request(Question("schuldhulp-1", (ITEM,), DcqlQuery((DOCUMENT, SHORT), sets))))
    holder.known()
    assert refused(holder.answer({"schuld": [c.of_document()]})) == "response_unbound"


def test_one_bad_presentation_does_not_spoil_what_is_not_required(world: AskingWorld, browser: Browser) -> None:
    sets = (CredentialSet((("schuld",),), required=False), CredentialSet((("schuld-kort",),)))
    path = world.request(Question("schuldhulp-1", (ITEM,), DcqlQuery((DOCUMENT, SHORT), sets)))
    holder = browser.begin(path)
    browser.come_back(led_back(holder.answer({"schuld": ["x"], "schuld-kort": [holder.shown()]})))
    kept = world.kept(path)
    assert kept is not None
    assert [item.credential for item in kept.answer.items] == ["schuld-kort"]


def test_a_credential_that_is_shown_twice_counts_once(world: AskingWorld, browser: Browser) -> None:
    path = world.request(Question("schuldhulp-1", (ITEM,), DcqlQuery((replace(SHORT, multiple=True),))))
    holder, one, other = browser.begin(path), c.of_wallet(), c.of_wallet()
    holder.known()
    shown: list[JsonValue] = [holder.shown(one), holder.shown(one, ("given_name",)), holder.shown(other)]
    browser.come_back(led_back(holder.answer({"schuld-kort": shown})))
    kept = world.kept(path)
    assert kept is not None
    assert [len(item.claims) for item in kept.answer.items] == [3, 3]


def test_an_answer_with_more_than_a_dossier_holds_is_refused(world: AskingWorld, browser: Browser) -> None:
    names = ("een", "twee", "drie", "vier")
    items = tuple(replace(ITEM, id=name) for name in names)
    query = DcqlQuery(tuple(replace(SHORT, id=f"{name}-kort", multiple=True) for name in names))
    holder = browser.begin(world.request(Question("schuldhulp-1", items, query)))
    shown: dict[str, JsonValue] = {f"{name}-kort": [f"{name}{number}" for number in range(17)] for name in names}
    assert refused(holder.answer(shown)) == "response_count"


def test_a_consent_to_something_else_spoils_the_answer(holder: TestHolder) -> None:
    assert refused(holder.answer(bk_consent="a.b.c")) == "response_consent"


PAPER: dict[str, JsonValue] = {
    "title": "Loonstrook",
    "media_type": "application/pdf",
    "sha256": hashlib.sha256(b"%PDF-1.7 papier").hexdigest(),
    "content": base64.b64encode(b"%PDF-1.7 papier").decode(),
}


@pytest.mark.parametrize(
    "papers",
    [
        {},
        [PAPER] * 11,
        [{**PAPER, "media_type": "text/html"}],
        [{**PAPER, "media_type": "image/png"}],
        [{**PAPER, "content": "PHN2Zz4=", "sha256": hashlib.sha256(b"<svg>").hexdigest()}],
        [{**PAPER, "title": "a\u202eb"}],
        [{**PAPER, "sha256": "0" * 64}],
        [{**PAPER, "content": "?"}],
        ["x"],
    ],
    ids=[
        "no list",
        "too many",
        "of another type",
        "another type than it says",
        "a drawing that can do things",
        "odd title",
        "another hash",
        "no base64",
        "no object",
    ],
)
def test_own_papers_have_one_form(holder: TestHolder, papers: JsonValue) -> None:
    assert refused(holder.answer(bk_own_papers=papers)) == "response_papers"


def test_own_papers_are_kept_as_they_came(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    browser.come_back(led_back(browser.begin(path).answer(bk_own_papers=[PAPER])))
    kept = world.kept(path)
    assert kept is not None
    assert kept.answer.own_papers == (PAPER,)


def test_who_gave_a_wrong_answer_reads_what_to_do_and_nothing_is_kept(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    answer = browser.begin(path).answer({})
    browser.come_back(answer.json()["redirect_uri"])
    assert "Er ontbreekt iets dat nodig is" in browser.get(f"{PATH}/klaar?taal=nl").text
    assert world.kept(path) is None
