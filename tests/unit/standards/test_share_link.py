import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import jose
from blauweknop.standards.share_link import (
    MAX_FETCH,
    FetchOrder,
    LinkProblem,
    ShareLink,
    VerifiedFetch,
    close_package,
    is_pin,
    open_package,
    read_share_link,
    sign_fetch,
    verify_fetch,
)
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.standards.pki import NOW

PLACE = "https://mijn.example/mijn"
LINK = ShareLink(PLACE, "i" * 21 + "A", bytes(range(32)))
TEXT = LINK.as_text()
ORDER = FetchOrder(LINK.address, "012345", NOW)


def chance(seed: int = 1) -> Any:
    return random.Random(seed).randbytes


def link_code(text: str, *places: str) -> str:
    with pytest.raises(LinkProblem) as caught:
        read_share_link(text, places=places or (PLACE,))
    return caught.value.code


def ordered(text: str, **changes: Any) -> VerifiedFetch:
    arguments: dict[str, Any] = {"address": LINK.address, "trust_list": r.trust_list(), "at": NOW} | changes
    return verify_fetch(text, **arguments)


def order_code(text: str, **changes: Any) -> str:
    with pytest.raises(LinkProblem) as caught:
        ordered(text, **changes)
    return caught.value.code


def signed(**changes: Any) -> str:
    return sign_fetch(replace(ORDER, **changes), r.RECEIVER.signer())


def told(**changes: Any) -> str:
    return s.told(signed(), jose.LINK_FETCH, **changes)


def test_a_link_reads_back_as_it_was_given() -> None:
    assert read_share_link(TEXT, places=(PLACE,)) == LINK


def test_a_link_that_a_mail_program_broke_over_lines_still_works() -> None:
    assert read_share_link(f"  {TEXT[:30]}\r\n {TEXT[30:]}\n", places=(PLACE,)) == LINK


def test_the_address_of_a_link_has_no_key() -> None:
    assert "#" not in LINK.address
    assert LINK.address in TEXT


@pytest.mark.parametrize(
    "text",
    ["", PLACE, LINK.address, f"{LINK.address}#", f"{LINK.address}#kort", f"{PLACE}/d/kort#{TEXT.split('#')[1]}", "x" * 3000, TEXT + "!"],
)
def test_what_is_no_whole_link_is_refused(text: str) -> None:
    assert link_code(text) == "link_form"


@pytest.mark.parametrize(
    "place",
    [
        "https://mijn.example",
        "http://mijn.example/mijn",
        "https://mijn.example.kwaad.example/mijn",
        "https://kwaad.example/?https://mijn.example/mijn",
        "https://iemand@mijn.example/mijn",
        "file:///etc",
    ],
)
def test_a_link_to_another_place_is_refused(place: str) -> None:
    assert link_code(ShareLink(place, LINK.id, LINK.key).as_text()) == "link_place"


@given(st.text(max_size=300))
def test_any_text_is_refused_by_a_rule(text: str) -> None:
    assert link_code(text) in ("link_form", "link_place")


@given(st.text(alphabet="abcXYZ019-_.", max_size=2000))
def test_only_the_key_of_a_link_opens_what_is_behind_it(message: str) -> None:
    sealed = close_package(message, LINK, random_bytes=chance())
    assert open_package(sealed, LINK) == message
    assert len(sealed) % (64 * 1024) == 28  # a nonce and a tag beside steps of one size
    for other in (replace(LINK, key=bytes(32)), replace(LINK, id="j" * 21 + "A"), replace(LINK, place="https://elders.example")):
        with pytest.raises(LinkProblem, match="key of the link"):
            open_package(sealed, other)


@pytest.mark.parametrize("sealed", [b"", b"x" * 12, b"x" * 100])
def test_what_was_not_closed_with_the_link_does_not_open(sealed: bytes) -> None:
    with pytest.raises(LinkProblem) as caught:
        open_package(sealed, LINK)
    assert caught.value.code == "link_key"


def test_a_receiver_says_who_it_is_and_the_pin() -> None:
    found = ordered(signed())
    assert (found.receiver.identifier, found.pin) == (r.IDENTIFIER, "012345")


@pytest.mark.parametrize("text", ["", "a.b", "x" * (MAX_FETCH + 1), told(pin=None), told(pin="12345"), told(pin="12345a"), told(iat="nu")])
def test_what_has_not_the_form_of_an_order_is_refused(text: str) -> None:
    assert order_code(text) == "fetch_malformed"


def test_an_order_by_nobody_on_the_trust_list_is_refused() -> None:
    assert order_code(signed(), trust_list=replace(r.trust_list(), entities=())) == "access_chain"


def test_an_order_that_was_changed_is_refused() -> None:
    head, _, signature = signed().split(".")
    _, body, _ = signed(pin="999999").split(".")
    assert order_code(f"{head}.{body}.{signature}") == "fetch_signature"


def test_an_order_for_another_link_is_refused() -> None:
    assert order_code(signed(address=f"{PLACE}/d/ander")) == "fetch_address"


def test_an_order_of_the_future_is_refused() -> None:
    assert order_code(signed(issued_at=NOW + timedelta(minutes=2))) == "fetch_not_yet"


def test_an_order_of_long_ago_is_refused() -> None:
    assert order_code(signed(issued_at=NOW - timedelta(minutes=6))) == "fetch_expired"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "\u0661\u0662\u0663\u0664\u0665\u0666"])
def test_only_six_digits_are_a_pin(text: str) -> None:
    assert not is_pin(text)
