"""What a hostile wallet sends beside what `test_refused_answers` has: after the negative tests of the conformance plans for verifiers of
OpenID4VP 1.0 and HAIP. Nothing of it is kept, and it ends the question."""

import json
import secrets
from collections.abc import Mapping

import pytest
from httpx import Response

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, sd_jwt_vc
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, encrypt_jwe
from blauweknop.standards.signing import key_signer
from tests.unit.checking import credentials as c
from tests.unit.standards.pki import p256
from tests.unit.verifier.asking.asking_world import SITE, SUMMARY, AskingWorld, Browser, TestHolder, led_back, refused


@pytest.fixture
def path(world: AskingWorld) -> str:
    return world.request()


@pytest.fixture
def holder(browser: Browser, path: str) -> TestHolder:
    return browser.begin(path)


def good(holder: TestHolder) -> dict[str, JsonValue]:
    return {"vp_token": {"schuld-kort": [holder.shown()]}, "state": holder.known().state}


def ended(world: AskingWorld, holder: TestHolder, path: str) -> bool:
    """Whether nothing was kept, and a right answer comes too late."""
    return refused(holder.post({"response": holder.sealed(good(holder))})) == "response_unknown" and world.kept(path) is None


def with_header(message: str, **changes: JsonValue) -> str:
    """A message whose head says something else; a member is left out with None."""
    header, *rest = message.split(".")
    members = {name: value for name, value in {**json.loads(base64url.decode(header)), **changes}.items() if value is not None}
    return ".".join((base64url.encode(json.dumps(members).encode()), *rest))


def test_an_answer_in_clear_is_refused(world: AskingWorld, holder: TestHolder, path: str) -> None:
    form = {"vp_token": json.dumps({"schuld-kort": [holder.shown()]}), "state": str(holder.known().state)}
    assert refused(holder.post(form)) == "response_form"
    assert ended(world, holder, path)


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "dir"},
        {"alg": "ECDH-ES+A128KW"},
        {"alg": "RSA-OAEP-256"},
        {"alg": "none"},
        {"alg": None},
        {"enc": "A128CBC-HS256"},
        {"enc": "A192GCM"},
        {"enc": None},
        {"epk": None},
        {"epk": {"kty": "oct", "k": "AAAA"}},
        {"crit": ["exp"], "exp": 1},
        {"jku": "https://elders.example/keys"},
    ],
    ids=lambda changes: ",".join(f"{name}={value}" for name, value in changes.items()),
)
def test_a_message_in_another_encryption_is_refused(
    world: AskingWorld, holder: TestHolder, path: str, changes: Mapping[str, JsonValue]
) -> None:
    assert refused(holder.post({"response": with_header(holder.sealed(good(holder)), **changes)})) == "response_encryption"
    assert ended(world, holder, path)


@pytest.mark.parametrize("place", range(1, 5))
def test_a_message_of_which_a_part_was_changed_does_not_open(world: AskingWorld, holder: TestHolder, path: str, place: int) -> None:
    parts = holder.sealed(good(holder)).split(".")
    parts[place] = base64url.encode(secrets.token_bytes(max(len(base64url.decode(parts[place])), 8)))
    assert refused(holder.post({"response": ".".join(parts)})) == "response_encryption"
    assert ended(world, holder, path)


def test_a_signed_message_in_place_of_an_encrypted_one_is_refused(holder: TestHolder) -> None:
    content = base64url.encode(json.dumps(good(holder)).encode())
    signed = f"{base64url.encode(json.dumps({'alg': 'none', 'kid': holder.known().key.key_id}).encode())}.{content}."
    assert refused(holder.post({"response": signed})) == "response_encryption"


@pytest.mark.parametrize("content", [b"", b"[]", b'"x"', b"{", b'{"state": 1, "state": 2}', b"[" * 5000, b"\xff\xfe"])
def test_what_is_inside_must_be_one_object(holder: TestHolder, content: bytes) -> None:
    message = encrypt_jwe(content, holder.known().key, PRESENTATION_RESPONSE, random_bytes=secrets.token_bytes)
    assert refused(holder.post({"response": message})) == "response_form"


def test_a_presentation_of_which_something_was_left_out_after_it_was_signed_is_dropped(
    world: AskingWorld, holder: TestHolder, path: str
) -> None:
    issued, *disclosures, proof = holder.shown().split("~")
    assert len(disclosures) == len(SUMMARY)
    less = "~".join((issued, *disclosures[1:], proof))
    answer = holder.answer({"schuld-kort": [less]})
    assert (refused(answer), "proof_kb" in answer.json()["error_description"]) == ("response_incomplete", True)
    assert ended(world, holder, path)


def test_a_presentation_that_another_key_signed_is_dropped(holder: TestHolder) -> None:
    asked = holder.known()
    stolen = c.keep(c.of_wallet(), SUMMARY)
    bound = sd_jwt_vc.bind(stolen, key_signer(p256(), b""), audience=holder.client_id, nonce=asked.nonce, at=holder.browser.world.now)
    assert refused(holder.answer({"schuld-kort": [bound]})) == "response_incomplete"


def test_a_presentation_for_another_question_of_the_same_receiver_is_dropped(
    world: AskingWorld, browser: Browser, holder: TestHolder
) -> None:
    shown_there = holder.shown()
    with world.browser() as other:
        victim = other.begin(world.request())
        assert refused(victim.answer({"schuld-kort": [shown_there]})) == "response_incomplete"


def test_an_answer_sealed_for_another_question_does_not_fit_this_one(world: AskingWorld, holder: TestHolder) -> None:
    with world.browser() as other:
        there = other.begin(world.request())
        message = there.sealed(good(there))
        assert refused(holder.post({"response": message})) == "response_key"
        assert led_back(there.post({"response": message}))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_an_answer_is_posted(world: AskingWorld, holder: TestHolder, path: str, method: str) -> None:
    address = holder.known().response_uri.removeprefix(SITE)
    told = holder.browser.client.request(method, address, params={"response": holder.sealed(good(holder))})
    assert told.status_code == 405
    led_back(holder.answer())


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_an_answer_that_is_no_form_is_refused(world: AskingWorld, holder: TestHolder, path: str, media_type: str) -> None:
    address, body = holder.known().response_uri.removeprefix(SITE), json.dumps(good(holder)).encode()
    told: Response = holder.browser.client.post(address, content=body, headers={"Content-Type": media_type} if media_type else {})
    assert told.status_code in (400, 415)
    assert world.kept(path) is None


def test_a_member_of_the_form_that_stands_there_twice_is_refused(world: AskingWorld, holder: TestHolder, path: str) -> None:
    address, message = holder.known().response_uri.removeprefix(SITE), holder.sealed(good(holder))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    told = holder.browser.client.post(address, content=f"response={message}&response={message}".encode(), headers=headers)
    assert told.status_code == 400
    assert world.kept(path) is None


def test_what_stands_in_the_address_is_no_answer(world: AskingWorld, holder: TestHolder, path: str) -> None:
    address = holder.known().response_uri.removeprefix(SITE)
    assert holder.browser.client.post(f"{address}?response={holder.sealed(good(holder))}").status_code == 400
    assert world.kept(path) is None


def test_an_endless_body_is_cut_off(holder: TestHolder) -> None:
    address = holder.known().response_uri.removeprefix(SITE)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    chunks = (b"response=" + b"a" * 1_000_000 for _ in range(64))
    assert holder.browser.client.post(address, content=chunks, headers=headers).status_code == 413
