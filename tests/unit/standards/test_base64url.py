import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64


@given(st.binary(max_size=200))
def test_bytes_come_back_and_others_write_them_alike(data: bytes) -> None:
    text = base64url.encode(data)
    assert text == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert base64url.decode(text) == data


@given(st.text(st.characters(codec="latin-1"), max_size=12) | st.text('AQgwB-_+/="\\~,', max_size=9))
def test_a_value_has_one_text(text: str) -> None:
    try:
        data = base64url.decode(text)
    except MalformedBase64:
        return
    assert base64url.encode(data) == text


@given(st.integers(0, 40), st.lists(st.randoms(use_true_random=False), max_size=5))
def test_many_values_of_one_length_are_written_as_one_by_one(size: int, chances: list[object]) -> None:
    values = [chance.randbytes(size) for chance in chances]  # type: ignore[attr-defined] # hypothesis gives a Random
    assert base64url.encode_each(values) == [base64url.encode(value) for value in values]


@given(st.lists(st.binary(max_size=9)))
def test_many_texts_are_read_as_one_by_one(values: list[bytes]) -> None:
    assert base64url.decode_each([base64url.encode(value) for value in values]) == values


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AB",
        "AAB",
        "AA=",
        "AA==",
        "AA==\n",
        "AA A",
        "A+/A",
        "AAAA=",
        "====",
        '","',
        'AAAA","AAAA',
        "AA~AA",
        "\\u0041",
        "ÀAAA",
        "AAAA\x00",
    ],
)
def test_another_text_of_a_value_is_refused(text: str) -> None:
    with pytest.raises(MalformedBase64):
        base64url.decode(text)
