import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.redirect_address import may_be_redirect_address

NO_APPS = ["about", "blob", "content", "data", "file", "filesystem", "ftp", "intent", "jar", "javascript", "mailto", "sms"]
NO_APPS += ["tel", "urn", "vbscript", "view-source", "ws", "wss"]


@pytest.mark.parametrize(
    "address",
    [
        "https://portemonnee.example/terug",
        "https://portemonnee.example:8443/terug?a=b",
        "http://127.0.0.1:51004/terug",
        "http://[::1]:51004/terug",
        "http://localhost/terug",
        "example.portemonnee:/terug",
        "eu.europa.ec.euidi://authorization",
        "openid4vc://terug",
    ],
)
def test_where_a_wallet_may_be(address: str) -> None:
    assert may_be_redirect_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/terug",
        "//portemonnee.example/terug",
        "portemonnee.example/terug",
        "https://portemonnee.example/terug#",
        "https://portemonnee.example/terug#deel",
        "https:///terug",
        "https:terug",
        "https://portemonnee.example:haven/terug",
        "https://[::1/terug",
        "https://iemand@portemonnee.example/terug",
        "https://portemonnee.example\\@vreemde.example/terug",
        "https://portemonnee.example\\terug",
        "HTTPS://portemonnee.example/terug",
        "https://portemonnee.example/te rug",
        "https://portemonnee.example/terug\n",
        "https://portemonnée.example/terug",
        "https://portemonnee.example/" + "a" * 2000,
        "http://portemonnee.example/terug",
        "http://127.0.0.1.vreemde.example/terug",
        "http://localhost.vreemde.example/terug",
        "c:/terug",
        "app:",
    ],
)
def test_what_is_no_address_of_a_wallet(address: str) -> None:
    assert not may_be_redirect_address(address)


@pytest.mark.parametrize("scheme", NO_APPS)
@pytest.mark.parametrize("rest", ["://terug", ":terug"])
def test_a_scheme_that_no_app_has_is_refused(scheme: str, rest: str) -> None:
    assert not may_be_redirect_address(f"{scheme}{rest}")


@given(st.text(max_size=50))
def test_no_text_is_an_address_with_a_fragment_or_beyond_ascii(text: str) -> None:
    assert not may_be_redirect_address(f"https://portemonnee.example/{text}#")
    if may_be_redirect_address(text):
        assert text.isascii()
