import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.adapters.pkcs11_uri import KeyAddress, MalformedKeyAddress, parse_key_address


def test_an_address_says_which_token_and_which_key() -> None:
    assert parse_key_address("pkcs11:token=Bron%20een;object=zegel;id=%01%ff;type=private") == KeyAddress(
        token="Bron een", object="zegel", id=b"\x01\xff"
    )


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("keys/seal.pem", "starts with pkcs11:"),
        ("pkcs11:", "name=value"),
        ("pkcs11:token=a", "which token and which key"),
        ("pkcs11:object=a", "which token and which key"),
        ("pkcs11:token=a;token=b;object=c", "name=value"),
        ("pkcs11:token=a;object=c;type=public", "a private key"),
        ("pkcs11:token=a;object=c;slot-id=1", "not understood"),
        ("pkcs11:token=a;object=%ff", "not UTF-8"),
        ("pkcs11:token=a;object=%1", "name=value"),
        ("pkcs11:token=a;object=b c", "name=value"),
        ("pkcs11:token=a;object=c?pin-value=1234", "more than the place"),
        ("pkcs11:token=a;object=c;pin-value=1234", "more than the place"),
        ("pkcs11:token=a;object=c?module-path=/usr/lib/x.so", "more than the place"),
    ],
)
def test_another_address_is_refused_without_repeating_it(address: str, problem: str) -> None:
    with pytest.raises(MalformedKeyAddress, match=problem) as refused:
        parse_key_address(address)
    assert "1234" not in f"{refused.value} {refused.value.remedy}"


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        parse_key_address("pkcs11:" + text)
    except MalformedKeyAddress:
        pass
    else:
        assert "token=" in text or "serial=" in text
