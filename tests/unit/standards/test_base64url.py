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


@given(st.lists(st.binary(max_size=40)))
def test_many_values_are_written_as_one_by_one(values: list[bytes]) -> None:
    assert base64url.encode_each(values) == [base64url.encode_ascii(value) for value in values]


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


@given(st.lists(st.text(st.sampled_from('Ab_-+/=,"~\\u0041 é\n'), max_size=6), min_size=1, max_size=4))
def test_many_texts_are_refused_when_one_of_them_is(texts: list[str]) -> None:
    def read(one: str) -> bytes | None:
        try:
            return base64url.decode(one)
        except MalformedBase64:
            return None

    expected = [read(one) for one in texts]
    if None not in expected:
        assert base64url.decode_each(texts) == expected
    else:
        with pytest.raises(MalformedBase64):
            base64url.decode_each(texts)
