import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from blauweknop.verifier.api.requests import FILE_TYPES
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.api.api_world import BUSY, LOST, OTHER_KEY, SMALL_KEY, World, headers, problem_of, world


@pytest.fixture(scope="module")
def api() -> Iterator[World]:
    with world(requests_per_hour=100_000) as opened:
        yield opened


def verify(api: World, query: str = "", *, file: bytes | None = None, given: Mapping[str, str] | None = None) -> Any:
    content = x.good_document() if file is None else file
    return api.client.post(f"/v1/verifications{query}", content=content, headers=dict(headers() if given is None else given))


def test_a_green_document_gets_its_verdict_and_an_address(api: World) -> None:
    answer = verify(api)
    said = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/verifications/{said['id']}"
    assert (said["state"], said["verdict"], said["indication"]) == ("completed", "green", "TOTAL_PASSED")
    assert said["issuer"] == {"oin": x.DUO.oin.digits, "name": "DUO"}
    assert said["digest"] == f"sha-256:{hashlib.sha256(x.good_document()).hexdigest()}"
    assert said["checkedAt"] == "2026-11-23T14:12:00Z"
    assert len(said["checks"]) == 16
    assert "file" not in said


def test_a_red_document_gets_a_verdict_too(api: World) -> None:
    answer = verify(api, file=x.good_document() + b"\n")
    assert (answer.status_code, answer.json()["verdict"], answer.json()["subIndication"]) == (201, "red", "FORMAT_FAILURE")


def test_something_that_is_no_document_is_red_and_no_fault_of_the_request(api: World) -> None:
    assert verify(api, file=b"hello").json()["verdict"] == "red"


def test_an_answer_holds_no_data_unless_they_are_asked(api: World) -> None:
    text = verify(api, "?explain=true").text
    assert "Łukasz" not in text
    assert "1234567" not in text


def test_the_data_of_a_green_document_are_given_when_asked(api: World) -> None:
    assert verify(api, "?withData=true").json()["data"] == x.content()


def test_there_are_no_data_of_a_red_document(api: World) -> None:
    assert "data" not in verify(api, "?withData=true", file=x.good_document() + b"\n").json()


def test_data_are_not_kept_for_later(api: World) -> None:
    place = verify(api, "?withData=true").headers["location"]
    assert "Łukasz" not in api.client.get(place, headers=headers()).text


@pytest.mark.parametrize(
    ("query", "accept", "languages"),
    [
        ("", "", ["nl"]),
        ("", "en-GB,en;q=0.9", ["en"]),
        ("?language=en", "nl", ["en"]),
        ("?language=nl,en", "", ["nl", "en"]),
    ],
)
def test_reasons_are_told_in_the_languages_that_are_asked(api: World, query: str, accept: str, languages: list[str]) -> None:
    said = verify(api, query, file=x.good_document() + b"\n", given=headers(Accept_Language=accept)).json()
    assert list(said["texts"]) == languages
    if "nl" in languages:
        assert said["texts"]["nl"]["reasons"][0]["reason"] == "Er is iets achter het einde van het document gezet."


def test_each_step_is_explained_when_asked(api: World) -> None:
    words = verify(api, "?language=en&explain=true").json()["texts"]["en"]
    assert len(words["steps"]) == 16
    assert words["limits"]


def test_a_form_with_one_file_is_taken_whatever_its_field_is_called(api: World) -> None:
    form = {"iets": ("naam van een mens.pdf", x.good_document(), "application/pdf")}
    answer = api.client.post("/v1/verifications", files=form, headers={"X-API-Key": "bk_one"})
    assert (answer.status_code, answer.json()["verdict"]) == (201, "green")
    assert "naam van een mens" not in answer.text


@pytest.mark.parametrize("kind", [kind for kind in FILE_TYPES if kind != "multipart/form-data"])
def test_what_a_file_calls_itself_does_not_make_it_green(api: World, kind: str) -> None:
    assert verify(api, file=b"{}", given={**headers(), "Content-Type": kind}).json()["verdict"] == "red"


def test_a_verification_can_be_asked_again_in_another_language(api: World) -> None:
    first = verify(api, "?language=nl")
    again = api.client.get(f"{first.headers['location']}?language=en", headers=headers()).json()
    assert again["verdict"] == "green"
    assert list(again["texts"]) == ["en"]
    assert {name: again[name] for name in ("id", "digest", "checkedAt", "checks")} == {
        name: first.json()[name] for name in ("id", "digest", "checkedAt", "checks")
    }


def test_a_verification_of_another_client_is_not_there(api: World) -> None:
    place = verify(api).headers["location"]
    assert problem_of(api.client.get(place, headers=headers(OTHER_KEY)))["status"] == 404
    assert problem_of(api.client.delete(place, headers=headers(OTHER_KEY)))["status"] == 404
    assert api.client.get(place, headers=headers()).status_code == 200


def test_another_key_of_the_same_client_sees_the_same(api: World) -> None:
    place = verify(api).headers["location"]
    assert api.client.get(place, headers=headers(SMALL_KEY)).status_code == 200


def test_a_verification_that_is_forgotten_is_gone(api: World) -> None:
    place = verify(api).headers["location"]
    assert api.client.delete(place, headers=headers()).status_code == 204
    assert api.client.get(place, headers=headers()).status_code == 404
    assert api.client.delete(place, headers=headers()).status_code == 404


def test_a_verification_is_gone_when_its_time_is_over() -> None:
    with world() as api:
        place = verify(api).headers["location"]
        api.clock.pass_by(hours=23, minutes=59)
        assert api.client.get(place, headers=headers()).status_code == 200
        api.clock.pass_by(minutes=1)
        assert api.client.get(place, headers=headers()).status_code == 404


QUERIES = {
    "?language=fr": "unknown-language",
    "?language=": "unknown-language",
    "?language=nl&language=en": "repeated",
    "?withData=ja": "not-boolean",
    "?withData=": "not-boolean",
    "?explain=1": "not-boolean",
    "?withReport=xml": "unknown-report",
    "?withReport=true": "unknown-report",
    "?withReport=json": "no-reports",
    "?at=2026-01-01": "unknown-parameter",
    "?with_data=true": "unknown-parameter",
    "?api_key=bk_one": "unknown-parameter",
    "?access_token=x": "unknown-parameter",
    "?watchUntil=2027-01-01": "without-watch",
    "?watch=true&watchUntil=morgen": "not-a-day",
    "?watch=true&watchUntil=20270101": "not-a-day",
    "?watch=true&watchUntil=2026-11-22": "day-out-of-range",
    "?watch=true&watchUntil=2028-01-01": "day-out-of-range",
    "?language=%ff": "not-readable",
    "?" + "a=b&" * 21: "not-readable",
    "?language=" + "n" * 2000: "not-readable",
}


@pytest.mark.parametrize(("query", "code"), QUERIES.items(), ids=[query[:40] for query in QUERIES])
def test_an_option_that_is_not_right_is_named_by_a_code(api: World, query: str, code: str) -> None:
    problem: Any = problem_of(verify(api, query))
    assert problem["status"] == 400
    assert [fault["code"] for fault in problem["errors"]] == [code]


def test_no_problem_says_what_was_sent(api: World) -> None:
    answer = verify(api, "?123456782=900000107&language=geheim")
    assert answer.status_code == 400
    assert not any(word in answer.text for word in ("123456782", "900000107", "geheim"))


BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "empty": (b"", {}, 400),
    "no type": (b"%PDF", {"Content-Type": ""}, 415),
    "another type": (b"%PDF", {"Content-Type": "text/html"}, 415),
    "a web form": (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "compressed": (b"%PDF", {"Content-Encoding": "gzip"}, 415),
    "a form without boundary": (b"%PDF", {"Content-Type": "multipart/form-data"}, 400),
    "too large": (b"%PDF" + bytes(20 << 20), {}, 413),
    "far too large": (b"%PDF" + bytes(45 << 20), {}, 413),
}


@pytest.mark.parametrize(("body", "changed", "status"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_file_is_refused(api: World, body: bytes, changed: dict[str, str], status: int) -> None:
    assert problem_of(verify(api, file=body, given={**headers(), **changed}))["status"] == status


def test_a_large_body_of_unknown_length_is_refused(api: World) -> None:
    answer = api.client.post("/v1/verifications", content=iter([bytes(1 << 20)] * 25), headers=headers())
    assert "content-length" not in answer.request.headers
    assert problem_of(answer)["status"] == 413


def test_a_body_of_exactly_the_limit_is_checked(api: World) -> None:
    assert verify(api, file=bytes(20 << 20)).status_code == 201


def test_two_files_at_once_are_refused(api: World) -> None:
    files = [("a", ("a.pdf", b"%PDF", "application/pdf")), ("b", ("b.pdf", b"%PDF", "application/pdf"))]
    problem: Any = problem_of(api.client.post("/v1/verifications", files=files, headers={"X-API-Key": "bk_one"}))
    assert problem["errors"][0]["code"] == "not-one-file"


def test_a_refusal_of_a_type_says_which_are_taken(api: World) -> None:
    assert "application/pdf" in verify(api, given={**headers(), "Content-Type": "image/png"}).headers["accept-post"]


def test_too_busy_is_told_with_when_to_come_back(api: World) -> None:
    answer = verify(api, file=BUSY)
    assert problem_of(answer)["status"] == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_fault_of_ours_is_a_problem_without_its_text(api: World) -> None:
    answer = verify(api, file=LOST)
    assert problem_of(answer)["status"] == 500
    assert "a fault of ours" not in answer.text


@pytest.mark.parametrize("path", ["/v1/verifications/", "/v1/openapi.json/", "/v1/access-tokens/", "/v1/nothing", "/v1/verifications/x/y"])
def test_an_address_that_is_not_there_is_404(api: World, path: str) -> None:
    for method in ("GET", "POST"):
        assert problem_of(api.client.request(method, path, headers=headers()))["status"] == 404


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/verifications"), ("PUT", "/v1/verifications/x"), ("POST", "/v1/openapi.json")])
def test_a_method_that_an_address_does_not_have_is_405(api: World, method: str, path: str) -> None:
    answer = api.client.request(method, path, headers=headers())
    assert problem_of(answer)["status"] == 405
    assert answer.headers["allow"]


def test_every_answer_says_its_version_and_is_kept_by_nobody(api: World) -> None:
    for answer in (
        verify(api),
        verify(api, "?language=fr"),
        api.client.get("/v1/nothing"),
        api.client.get("/v1/verifications/x", headers=headers()),
        api.client.post("/v1/access-tokens"),
    ):
        assert answer.headers["api-version"] == "1.0.0"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("language", "title"), [("nl", "Dit is er niet"), ("en", "This is not here")])
def test_a_problem_speaks_the_language_of_who_asks(api: World, language: str, title: str) -> None:
    answer = api.client.get("/v1/nothing", headers={"Accept-Language": language})
    assert (problem_of(answer)["title"], answer.headers["content-language"]) == (title, language)


def later(api: World, file: bytes | None = None, query: str = "") -> Any:
    return verify(api, query, file=file, given=headers(Prefer="respond-async"))


def settled(api: World, place: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while (said := api.client.get(place, headers=headers()).json())["state"] == "pending":
        assert time.monotonic() < until
        time.sleep(0.02)
    found: dict[str, Any] = said
    return found


def test_a_verdict_can_be_fetched_later(api: World) -> None:
    answer = later(api)
    assert (answer.status_code, answer.json()["state"], answer.headers["preference-applied"]) == (202, "pending", "respond-async")
    assert "verdict" not in answer.json()
    said = settled(api, answer.headers["location"])
    assert (said["state"], said["verdict"]) == ("completed", "green")


def test_data_are_never_kept_so_who_wants_them_waits(api: World) -> None:
    answer = later(api, query="?withData=true")
    assert answer.status_code == 201
    assert "preference-applied" not in answer.headers
    assert answer.json()["data"] == x.content()


def test_a_check_that_fails_later_is_told(api: World) -> None:
    assert settled(api, later(api, LOST).headers["location"])["state"] == "interrupted"


@pytest.mark.parametrize("prefer", ["return=minimal, respond-async", "respond-async; wait=10", "RESPOND-ASYNC"])
def test_a_preference_is_read_as_the_standard_writes_it(api: World, prefer: str) -> None:
    assert verify(api, given=headers(Prefer=prefer)).status_code == 202


def test_a_verification_that_is_pending_is_of_its_client_only(api: World) -> None:
    assert api.client.get(later(api).headers["location"], headers=headers(OTHER_KEY)).status_code == 404


def test_what_is_kept_of_a_verification_holds_no_value_of_a_person(api: World) -> None:
    kept = json.dumps(api.client.get(verify(api).headers["location"], headers=headers()).json(), ensure_ascii=False)
    assert not any(word in kept for word in ("Łukasz", "Çağla", "1985", "1234567"))
