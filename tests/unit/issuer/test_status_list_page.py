import gzip
from datetime import timedelta

import pytest
from httpx import Response

from blauweknop.issuer.status_lists import ListToken
from tests.unit.issuer.source_world import NOON, World

TOKEN = ListToken(b"eyJ0eXAi.eyJzdWIi.c2ln" * 40, b"\xd2\x84cbor", NOON)


def asked(world: World, name: str = "bcd", **headers: str) -> Response:
    world.lists["bcd"] = TOKEN
    return world.browser().open(f"/statuslists/{name}", **{"accept-encoding": "identity", **headers})


def test_a_list_is_given_to_anybody_and_any_site(world: World) -> None:
    answer = asked(world)
    assert (answer.status_code, answer.content) == (200, TOKEN.jwt)
    assert answer.headers["content-type"] == "application/statuslist+jwt"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_list_comes_without_a_cookie(world: World) -> None:
    assert "set-cookie" not in asked(world).headers


def test_a_list_that_is_not_there(world: World) -> None:
    assert asked(world, "nergens").status_code == 404


@pytest.mark.parametrize(("minutes", "seconds"), [(0, 3600), (14, 2760), (60, 0), (90, 0), (-1, 3600)])
def test_a_cache_may_keep_a_list_until_receivers_ask_again(world: World, minutes: int, seconds: int) -> None:
    world.now = NOON + timedelta(minutes=minutes)
    assert asked(world).headers["cache-control"] == f"public, max-age={seconds}"


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "gzip ; q=1", "gzip;q=0.001", "gzip;q=x"])
def test_a_list_is_packed_for_who_takes_that(world: World, accepted: str) -> None:
    answer = asked(world, **{"accept-encoding": accepted})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(TOKEN.jwt)
    assert answer.content == TOKEN.jwt  # unpacked by the client


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip"])
def test_a_list_is_not_packed_for_who_does_not(world: World, accepted: str) -> None:
    answer = asked(world, **{"accept-encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.content == TOKEN.jwt


@pytest.mark.parametrize(
    "accepted",
    ["application/statuslist+cwt", "application/statuslist+cwt, */*", "application/statuslist+jwt;q=0.5, Application/StatusList+CWT"],
)
@pytest.mark.parametrize("packed", ["identity", "gzip"])
def test_a_list_is_given_in_cbor_to_who_asks_that(world: World, accepted: str, packed: str) -> None:
    answer = asked(world, accept=accepted, **{"accept-encoding": packed})
    assert (answer.headers["content-type"], answer.content) == ("application/statuslist+cwt", TOKEN.cwt)
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "accepted",
    ["*/*", "", "text/html", "application/statuslist+jwt, application/statuslist+cwt", "application/statuslist+cwt;q=0", "application/*"],
)
def test_a_list_is_given_in_text_to_all_others(world: World, accepted: str) -> None:
    assert asked(world, accept=accepted).content == TOKEN.jwt


def test_the_forms_have_names_of_their_own_and_say_what_they_depend_on(world: World) -> None:
    answers = (asked(world), asked(world, **{"accept-encoding": "gzip"}), asked(world, accept="application/statuslist+cwt"))
    assert len({answer.headers["etag"] for answer in answers}) == 3
    assert {answer.headers["vary"] for answer in answers} == {"Accept, Accept-Encoding"}


@pytest.mark.parametrize("given", ["{}", "W/{}", '"other", {}'])
def test_who_has_the_list_already_gets_nothing(world: World, given: str) -> None:
    answer = asked(world, **{"if-none-match": given.format(asked(world).headers["etag"])})
    assert (answer.status_code, answer.content) == (304, b"")
    assert "etag" in answer.headers
    assert "content-encoding" not in answer.headers


def test_who_has_an_older_list_gets_the_new_one(world: World) -> None:
    assert asked(world, **{"if-none-match": '"older"'}).status_code == 200


def test_a_packed_list_is_the_same_each_time(world: World) -> None:
    assert gzip.compress(TOKEN.jwt, mtime=0) == gzip.compress(TOKEN.jwt, mtime=0)
    assert asked(world, **{"accept-encoding": "gzip"}).headers["etag"] == asked(world, **{"accept-encoding": "gzip"}).headers["etag"]
