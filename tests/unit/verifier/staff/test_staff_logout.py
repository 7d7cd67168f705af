"""Somebody leaves the organisation, and is out at once: what its provider says of sessions that ended, and what is no such message."""

import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.unit.verifier.asking.asking_world import SITE
from tests.unit.verifier.staff.staff_world import ISSUER, StaffBrowser, StaffWorld

ADDRESS = f"{SITE}/huur/uitloggen-bij-inlogdienst"


def message(world: StaffWorld, name: str = "sanne-huur") -> str:
    told = world.provider.end_all_of(name)
    assert told is not None
    assert told[0].startswith(SITE)
    return told[1]


def is_in(browser: StaffBrowser) -> bool:
    return browser.get("/verzoeken").status_code == 200


def signed(world: StaffWorld, key: ECKey | None = None, **changes: Any) -> str:
    """A message of the provider, changed by one member; None takes it away."""
    right = message(world)
    claims = json.loads(base64.urlsafe_b64decode(right.split(".")[1] + "=="))
    for name, value in changes.items():
        claims.pop(name, None)
        if value is not None:
            claims[name] = value
    own = key or world.provider._signing
    return jwt.encode({"alg": "ES256", "kid": world.provider._signing.kid, "typ": "logout+jwt"}, claims, own)


def test_who_leaves_is_out_at_once_in_every_browser_and_colleagues_stay(world: StaffWorld) -> None:
    with world.browser() as here, world.browser() as there, world.browser() as colleague:
        here.log_in("sanne")
        there.log_in("sanne")
        colleague.log_in("youssef")
        assert world.tell(ADDRESS, message(world))
        assert (is_in(here), is_in(there), is_in(colleague)) == (False, False, True)
    lines = [(line.deed, line.staff) for line in world.services["huur"].log.lines()]
    assert lines[-1] == ("ended_by_organisation", lines[0][1])


def test_one_session_of_the_provider_ends_and_the_others_stay(world: StaffWorld) -> None:
    with world.browser() as here, world.browser() as there:
        here.log_in("sanne")
        there.log_in("sanne")
        services = world.services["huur"]
        session = services.sessions.touch(here.client.cookies[services.session_cookie.name], now=world.now)
        assert session is not None
        assert world.tell(ADDRESS, signed(world, sid=session.who.provider_session))
        assert (is_in(here), is_in(there)) == (False, True)


def test_a_message_for_one_receiver_says_nothing_at_another(world: StaffWorld) -> None:
    with world.browser("schuldhulp") as elsewhere:
        elsewhere.log_in("sanne")
        assert not world.tell(f"{SITE}/schuldhulp/uitloggen-bij-inlogdienst", message(world))
        assert is_in(elsewhere)


def test_the_same_message_again_does_not_end_a_session_of_later(world: StaffWorld) -> None:
    with world.browser() as browser:
        told = message(world)
        assert world.tell(ADDRESS, told)
        browser.log_in("sanne")
        assert not world.tell(ADDRESS, told)
        assert is_in(browser)
        assert world.tell(ADDRESS, message(world))
        assert not is_in(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elders.example"},
        {"iss": None},
        {"aud": "medewerkers-hypotheek"},
        {"aud": None},
        {"iat": 1},
        {"iat": None},
        {"exp": 1},
        {"exp": None},
        {"jti": None},
        {"jti": 1},
        {"events": None},
        {"events": {}},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": 1}},
        {"sub": None},
        {"nonce": "n"},
    ],
)
def test_a_message_that_is_not_wholly_right_ends_nothing(world: StaffWorld, changes: dict[str, Any]) -> None:
    with world.browser() as browser:
        browser.log_in("sanne")
        assert not world.tell(ADDRESS, signed(world, **changes))
        assert is_in(browser)


def test_a_message_that_another_signed_ends_nothing(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in("sanne")
        forged = signed(world, ECKey.generate_key("P-256"))
        unsigned = ".".join([base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("="), forged.split(".")[1], ""])
        for told in (forged, unsigned, "", "x.y.z", signed(world)[:-4]):
            assert not world.tell(ADDRESS, told)
        assert is_in(browser)


def test_an_id_token_is_no_logout_token(world: StaffWorld) -> None:
    with world.browser() as browser:
        browser.log_in("sanne")
        services = world.services["huur"]
        session = services.sessions.touch(browser.client.cookies[services.session_cookie.name], now=world.now)
        assert session is not None
        assert not world.tell(ADDRESS, session.who.id_token or "")
        assert is_in(browser)


def test_the_exercise_logs_somebody_out_from_its_page(world: StaffWorld) -> None:
    with world.browser() as browser, world.browser() as organisation:
        browser.log_in("sanne")
        assert "Sanne Oefening" in organisation.client.get(f"{ISSUER}/").text
        organisation.get("/uitgelogd")
        token = organisation.client.cookies["__Host-bk-form"]
        said = organisation.client.post(f"{ISSUER}/weg", data={"person": "sanne-huur", "_csrf_token": token}).text
        assert "is overal uitgelogd" in said
        assert not is_in(browser)
