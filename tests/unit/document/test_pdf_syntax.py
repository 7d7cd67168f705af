import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, dictionary, operations, parse_object
from blauweknop.document.pdf_writing import decode_text, encode_text, write_object

names = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=12).map(Name)
keys: st.SearchStrategy[str] = names
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9, allow_subnormal=False).filter(lambda value: value == 0 or abs(value) > 1e-9),
    st.binary(max_size=30),
    names,
    st.builds(Reference, st.integers(1, 10**9), st.integers(0, 65535)),
)
objects: st.SearchStrategy[PdfObject] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4).map(lambda entries: dictionary(dict(entries.items()))),
    ),
    max_leaves=20,
)


def code_of(data: bytes) -> str:
    with pytest.raises(MalformedPdf) as caught:
        parse_object(data)
    return caught.value.code


@given(objects)
def test_what_is_written_reads_back_the_same(value: PdfObject) -> None:
    assert parse_object(write_object(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_give_an_object_or_our_own_error(data: bytes) -> None:
    try:
        value = parse_object(data)
    except MalformedPdf:
        return
    assert parse_object(write_object(value)) == value


@given(
    st.lists(st.sampled_from([b"<<", b">>", b"[", b"]", b"/A", b"1", b"0", b"R", b"(x", b")", b"<4", b"1>", b"%", b"null"]), max_size=30)
)
def test_any_order_of_tokens_gives_an_object_or_our_own_error(tokens: list[bytes]) -> None:
    try:
        parse_object(b" ".join(tokens))
    except MalformedPdf:
        return


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b"(a\\(b\\)c)", b"a(b)c"),
        (b"(a(b)c)", b"a(b)c"),
        (b"(\\101\\7x)", b"A\x07x"),
        (b"(a\\\nb)", b"ab"),
        (b"(a\r\nb\rc)", b"a\nb\nc"),
        (b"<48 65>", b"He"),
        (b"/A#42", Name("AB")),
        (b"-.5", -0.5),
        (b"+7", 7),
        (b"[1 0 R 2]", (Reference(1), 2)),
        (b"<</A/B/C(d)>>", dictionary({"A": Name("B"), "C": b"d"})),
    ],
)
def test_each_written_form_has_its_value(written: bytes, value: PdfObject) -> None:
    assert parse_object(written) == value


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<</A 1/A 2>>", "duplicate_key"),
        (b"<</A 1/#41 2>>", "duplicate_key"),
        (b"<414>", "hex_string"),
        (b"<</A 1 % hidden\n>>", "unexpected_token"),
        (b"% hidden\n1", "unexpected_token"),
        (b"[1 2", "unexpected_token"),
        (b"[1 >>", "unexpected_token"),
        (b"]", "unexpected_token"),
        (b"endobj", "unexpected_token"),
        (b"<</A>>", "dictionary"),
        (b"<<1 2>>", "dictionary"),
        (b"(open", "string_length"),
        (b"(\\777)", "string_escape"),
        (b"/A#4", "name_escape"),
        (b"/A#00", "name_escape"),
        (b"/" + b"a" * 300, "name_length"),
        (b"1" * 33, "number"),
        (b"--1", "unexpected_token"),
        (b"1e5", "unexpected_token"),
        (b"1 2", "stray_bytes"),
        (b"[" * 200 + b"]" * 200, "too_deep"),
        (b"(" + b"a" * (1 << 20) + b"b)", "string_length"),
        (b"", "unexpected_token"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_operators_come_with_their_operands() -> None:
    assert list(operations(b"q 1 0 Td [(a)-2]TJ T*")) == [(b"q", ()), (b"Td", (1, 0)), (b"TJ", ((b"a", -2),)), (b"T*", ())]


@pytest.mark.parametrize("data", [b"1 2", b"] Tj", b">> Tj", b"1 " * 70 + b"Td"])
def test_operands_without_an_operator_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedPdf):
        list(operations(data))


def test_the_number_of_values_is_limited() -> None:
    with pytest.raises(MalformedPdf, match="values"):
        list(operations(b"1 0 Td " * 10, max_values=20))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_text_string_reads_back_the_same(text: str) -> None:
    printable = "".join(char for char in text if char >= " " and char != "\x7f")
    assert decode_text(encode_text(printable)) == printable


@pytest.mark.parametrize("value", [b"\xfe\xff\xd8\x00", b"\xef\xbb\xbf\xff", b"a\x80", b"a\x01"])
def test_a_text_without_certain_meaning_is_refused(value: bytes) -> None:
    with pytest.raises(MalformedPdf) as caught:
        decode_text(value)
    assert caught.value.code == "text_string"
