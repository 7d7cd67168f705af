import pytest

from blauweknop.web.assets import asset_address, theme_address
from tests.unit.web.practice_site import browser


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("look/tokens.css", "text/css; charset=utf-8"),
        ("look.js", "text/javascript; charset=utf-8"),
        ("mark.svg", "image/svg+xml"),
        ("fonts/atkinson-hyperlegible-next-latin-400-normal.woff2", "font/woff2"),
    ],
)
def test_a_file_is_served_with_its_kind(name: str, kind: str) -> None:
    with browser() as client:
        answer = client.get(asset_address(name))
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


def test_the_button_has_an_address_that_others_can_link_to() -> None:
    with browser() as client:
        answer = client.get("/static/blauwe-knop.js")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_file_that_did_not_change_is_not_sent_again() -> None:
    with browser() as client:
        etag = client.get("/static/mark.svg").headers["etag"]
        assert client.get("/static/mark.svg", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/static/../page.py", "/static/%2e%2e/page.py", "/static//etc/passwd", "/static/fonts", "/static/theme/red.css"]
)
def test_nothing_else_is_served(path: str) -> None:
    with browser() as client:
        assert client.get(path).status_code == 404


def test_a_name_that_does_not_exist_is_an_error_at_once() -> None:
    with pytest.raises(KeyError):
        asset_address("look/missing.css")


def test_the_colour_of_an_organisation_becomes_one_token() -> None:
    with browser() as client:
        assert client.get(theme_address("#12AB34")).text == ":root{--bk-organisation:#12ab34}\n"


@pytest.mark.parametrize("colour", ["", "red", "#12ab3", "#12ab34;}body{"])
def test_what_is_not_a_colour_gives_no_theme(colour: str) -> None:
    assert theme_address(colour) == ""
