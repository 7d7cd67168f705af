"""The doors of links: to the register, and from a receiver to Mijn Blauwe Knop."""

import json
from datetime import timedelta

import pytest

from blauweknop.adapters.http_client import FetchProblem
from blauweknop.assembly.link_desks import guarded_post
from blauweknop.assembly.links import PublishedReceivers
from blauweknop.verifier.links.ports import CallFailed
from tests.unit.assembly.test_sharing import INSIDE, as_written
from tests.unit.standards.pki import NOW

PLACE = "https://mijn.example/mijn"


@pytest.mark.parametrize(
    "address", [*INSIDE, "https://elders.example/d/x/ophalen", "http://mijn.example/d/x/ophalen", "https://a@mijn.example/x"]
)
def test_a_receiver_asks_mijn_blauwe_knop_and_nobody_else(address: str) -> None:
    with pytest.raises(CallFailed):
        guarded_post((PLACE,), exercise=False, look_up=as_written)(address, {"order": "x"})


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1"])
def test_a_name_of_the_settings_that_leads_inside_a_network_is_refused(inside: str) -> None:
    with pytest.raises(CallFailed, match="private"):
        guarded_post((PLACE,), exercise=False, look_up=lambda _name, _port: [inside])(f"{PLACE}/d/x/ophalen", {"order": "x"})


class Register:
    """What it publishes, and how often it was asked."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self) -> bytes:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def published(*registrations: str) -> bytes:
    return json.dumps({"registrations": [*registrations]}).encode()


def test_registrations_are_read_anew_every_five_minutes() -> None:
    register = Register(published("a.b.c"), published("d.e.f"))
    receivers = PublishedReceivers(register)
    assert [*receivers(NOW), *receivers(NOW + timedelta(minutes=4))] == ["a.b.c", "a.b.c"]
    assert receivers(NOW + timedelta(minutes=5)) == ("d.e.f",)
    assert register.asked == 2


@pytest.mark.parametrize("answer", [FetchProblem("timeout", "stil"), b"", b"[]", b'{"registrations": [1]}', b'{"registrations": ["<x>"]}'])
def test_a_register_that_is_silent_or_speaks_nonsense_leaves_the_last_that_was_good(answer: bytes | Exception) -> None:
    receivers = PublishedReceivers(Register(published("a.b.c"), answer, published("d.e.f")))
    receivers(NOW)
    later = NOW + timedelta(minutes=6)
    assert receivers(later) == ("a.b.c",)
    assert receivers(later + timedelta(seconds=30)) == ("d.e.f",)


def test_a_silent_register_does_not_hold_up_every_page() -> None:
    register = Register(FetchProblem("timeout", "stil"), published("a.b.c"))
    receivers = PublishedReceivers(register)
    assert [*receivers(NOW), *receivers(NOW + timedelta(seconds=29))] == []
    assert register.asked == 1
    assert receivers(NOW + timedelta(seconds=30)) == ("a.b.c",)
