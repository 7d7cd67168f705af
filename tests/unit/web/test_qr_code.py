import re

from blauweknop.web.qr_code import qr_code

ADDRESS = "https://proef.example/verzoek/" + "a" * 43


def size(svg: str) -> int:
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert found is not None
    assert found[1] == found[2]
    return int(found[1])


def test_a_code_grows_with_its_place_and_brings_no_style_of_its_own() -> None:
    head = qr_code(ADDRESS).partition(">")[0]
    assert not any(word in head for word in ("width", "height", "class", "style"))


def test_a_code_has_the_quiet_zone_that_is_asked_on_each_side() -> None:
    assert size(qr_code(ADDRESS)) - size(qr_code(ADDRESS, quiet_zone=2)) == 4


def test_a_short_address_is_a_code_that_every_phone_knows() -> None:
    assert size(qr_code("a", quiet_zone=0)) == 21
