"""PDF objects as immutable values, read by us because a certified document may mean one thing only.

General PDF readers repair what they do not understand, and two readers that repair differently show two documents
(the "shadow" and "wrapping" attacks on signed files live there). This reader refuses instead: comments inside objects,
double keys, odd hexadecimal strings, endless nesting. ISO 32000-1, 7.2 and 7.3.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn, TypeAlias, Union

from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "MAX_NUMBER",
    "MAX_VALUES",
    "MalformedPdf",
    "Name",
    "ObjectReader",
    "PdfArray",
    "PdfDictionary",
    "PdfObject",
    "Reference",
    "Stream",
    "dictionary",
    "operations",
    "parse_object",
]

MAX_DEPTH = 100
MAX_VALUES = 1_000_000
MAX_NAME = 255
MAX_STRING = 1 << 20
MAX_NUMBER = 32
MAX_OPERANDS = 64


class MalformedPdf(BlauweKnopError):
    """The bytes are not a PDF as we write and accept it; `code` is stable and names the broken rule."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Name(str):
    """A PDF name, one character for each byte (ISO 32000-1, 7.3.5), so that /Pages equals "Pages"."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer to an indirect object."""

    number: int
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """A dictionary with bytes behind it, still encoded as its /Filter says."""

    dictionary: "PdfDictionary"
    raw: bytes = field(repr=False)


PdfObject: TypeAlias = Union[bool, int, float, bytes, Name, Reference, "PdfArray", "PdfDictionary", Stream, None]
PdfArray: TypeAlias = tuple[PdfObject, ...]
PdfDictionary: TypeAlias = MappingProxyType[str, PdfObject]


def dictionary(entries: Mapping[str, PdfObject]) -> PdfDictionary:
    """An immutable PDF dictionary with these entries."""
    return MappingProxyType(dict(entries))


def parse_object(data: bytes) -> PdfObject:
    """The one object these bytes hold.

    Raises: MalformedPdf when there is none, more than one, or it breaks a rule.
    """
    reader = ObjectReader(data)
    value = reader.value()
    if not reader.at_end():
        raise MalformedPdf("stray_bytes", "bytes follow after the object")
    return value


_SPACE = rb"[\x00\t\n\x0c\r ]"
_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_TOKEN = re.compile(
    _SPACE + rb"*+(?:"
    rb"(/" + _REGULAR + rb"*+)"
    rb"|(\d{1,10})" + _SPACE + rb"++(\d{1,5})" + _SPACE + rb"++R(?!" + _REGULAR + rb")"
    rb"|([+-]?\d++)(?!" + _REGULAR + rb")"
    rb"|([+-]?(?:\d++\.\d*+|\.\d++))(?!" + _REGULAR + rb")"
    rb"|\(((?:[^()\\\r]++|\\.)*+)\)"
    rb"|(<<)|(>>)|(\[)|(\])"
    rb"|<([0-9A-Fa-f\x00\t\n\x0c\r ]*+)>"
    rb"|([A-Za-z'\"]" + _REGULAR + rb"*+)"
    rb"|(\())",
    re.DOTALL,
)
_NAME, _REF, _REF_GENERATION, _INT, _REAL, _STRING, _OPEN, _CLOSE, _LIST, _LIST_END, _HEX, _WORD, _NESTED = range(1, 14)
_SKIP = re.compile(_SPACE + rb"*+")
_CLOSING = (b"]", b">>")
_CONSTANTS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}


class _Word(bytes):
    """What is no object: an operator or a closing bracket. Never leaves this module."""

    __slots__ = ()


class ObjectReader:
    """Reads objects from bytes one after the other; its state is the position and the count of values read so far."""

    __slots__ = ("data", "position", "values_left")

    def __init__(self, data: bytes, position: int = 0, *, max_values: int = MAX_VALUES) -> None:
        self.data = data
        self.position = position
        self.values_left = max_values

    def at_end(self) -> bool:
        """Whether only white space follows."""
        skipped = _SKIP.match(self.data, self.position)
        return skipped is None or skipped.end() == len(self.data)

    def value(self) -> PdfObject:
        """The next object. Raises: MalformedPdf."""
        result = self._next(0)
        if isinstance(result, _Word):
            self._refuse("unexpected_token", "an object is expected, not a word or a closing bracket")
        return result

    def entry_spans(self) -> dict[str, tuple[int, int]]:
        """Where the value of each key of the dictionary here begins and ends, to tie a value to its bytes in the file."""
        self._expect(_OPEN)
        spans: dict[str, tuple[int, int]] = {}
        while True:
            token = self._token()
            if token.lastindex == _CLOSE:
                return spans
            if token.lastindex != _NAME:
                self._refuse("dictionary", "a dictionary key is not a name")
            skipped = _SKIP.match(self.data, self.position)
            start = self.position if skipped is None else skipped.end()
            self.value()
            spans[_name(token[_NAME])] = (start, self.position)

    def operation(self) -> tuple[bytes, PdfArray]:
        """The next operator of a content stream with its operands. Raises: MalformedPdf."""
        operands: list[PdfObject] = []
        while True:
            value = self._next(0)
            if isinstance(value, _Word) and value not in _CLOSING:
                return bytes(value), tuple(operands)
            if isinstance(value, _Word) or len(operands) == MAX_OPERANDS:
                self._refuse("operands", "the operands of an operator are not in order")
            operands.append(value)

    def _next(self, depth: int) -> PdfObject:
        if depth > MAX_DEPTH:
            self._refuse("too_deep", f"objects are nested deeper than {MAX_DEPTH}")
        if self.values_left <= 0:
            self._refuse("too_many_values", f"there are more than {MAX_VALUES} values")
        self.values_left -= 1
        token = self._token()
        match token.lastindex:
            case 1:
                return _name(token[_NAME])
            case 3:
                return Reference(int(token[_REF]), int(token[_REF_GENERATION]))
            case 4 | 5:
                return self._number(token)
            case 6:
                return _unescape(self._limited(token[_STRING]))
            case 7:
                return self._dictionary(depth)
            case 9:
                return self._array(depth)
            case 11:
                return self._hexadecimal(token[_HEX])
            case 12:
                return _CONSTANTS[token[_WORD]] if token[_WORD] in _CONSTANTS else _Word(token[_WORD])
            case 13:
                return self._nested_string()
            case _:
                return _Word(_CLOSING[token.lastindex == _CLOSE])

    def _dictionary(self, depth: int) -> PdfDictionary:
        entries: dict[str, PdfObject] = {}
        while True:
            token = self._token()
            if token.lastindex == _CLOSE:
                return MappingProxyType(entries)
            if token.lastindex != _NAME:
                self._refuse("dictionary", "a dictionary key is not a name")
            key = _name(token[_NAME])
            if key in entries:
                self._refuse("duplicate_key", "a dictionary has the same key twice")
            value = self._next(depth + 1)
            if isinstance(value, _Word):
                self._refuse("dictionary", "a dictionary key has no value")
            entries[key] = value

    def _array(self, depth: int) -> PdfArray:
        items: list[PdfObject] = []
        while True:
            value = self._next(depth + 1)
            if value == b"]" and isinstance(value, _Word):
                return tuple(items)
            if isinstance(value, _Word):
                self._refuse("unexpected_token", "an array holds a word that is no object")
            items.append(value)

    def _token(self) -> re.Match[bytes]:
        token = _TOKEN.match(self.data, self.position)
        if token is None:
            self._refuse("unexpected_token", "the bytes are no PDF object")
        self.position = token.end()
        return token

    def _expect(self, kind: int) -> None:
        if self._token().lastindex != kind:
            self._refuse("unexpected_token", "a dictionary is expected")

    def _number(self, token: re.Match[bytes]) -> int | float:
        text = token[_INT] or token[_REAL]
        if len(text) > MAX_NUMBER:
            self._refuse("number", f"a number has more than {MAX_NUMBER} characters")
        return int(text) if token.lastindex == _INT else float(text)

    def _limited(self, text: bytes) -> bytes:
        if len(text) > MAX_STRING:
            self._refuse("string_length", f"a string is longer than {MAX_STRING} bytes")
        return text

    def _hexadecimal(self, digits: bytes) -> bytes:
        digits = self._limited(digits).translate(None, b"\x00\t\n\x0c\r ")
        if len(digits) % 2:
            self._refuse("hex_string", "a hexadecimal string has an odd number of digits")
        return bytes.fromhex(digits.decode("ascii"))

    def _nested_string(self) -> bytes:
        start, depth = self.position, 1
        for token in _BRACKETS.finditer(self.data, start, start + MAX_STRING):
            depth += {b"(": 1, b")": -1}.get(token[0], 0)
            if depth == 0:
                self.position = token.end()
                break
        else:
            self._refuse("string_length", "a string has no end, or is too long")
        return _unescape(self.data[start : self.position - 1])

    def _refuse(self, code: str, message: str) -> NoReturn:
        raise MalformedPdf(code, f"{message} (at byte {self.position})")


_BRACKETS = re.compile(rb"\\.|[()]", re.DOTALL)


def operations(data: bytes, *, max_values: int = MAX_VALUES) -> Iterator[tuple[bytes, PdfArray]]:
    """The operators of a content stream in order, each with its operands (ISO 32000-1, 7.8.2).

    Raises: MalformedPdf; also for operands without an operator at the end.
    """
    reader = ObjectReader(data, max_values=max_values)
    while not reader.at_end():
        yield reader.operation()


_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|\r|\n)|(.))|\r\n?", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _unescape(raw: bytes) -> bytes:
    return _ESCAPE.sub(_escaped, raw) if b"\\" in raw or b"\r" in raw else raw


def _escaped(token: re.Match[bytes]) -> bytes:
    octal, continued, letter = token.groups()
    if octal is not None:
        return _octal(octal)
    if letter is not None:
        return _ESCAPES.get(letter, letter)
    return b"" if continued is not None else b"\n"


@functools.lru_cache(maxsize=2048)
def _octal(digits: bytes) -> bytes:
    number = int(digits, 8)
    if number > 255:
        raise MalformedPdf("string_escape", "an octal escape in a string is above 377")
    return bytes([number])


_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})?")


@functools.lru_cache(maxsize=4096)
def _name(raw: bytes) -> Name:
    if len(raw) > MAX_NAME:
        raise MalformedPdf("name_length", f"a name is longer than {MAX_NAME} bytes")
    return Name(_NAME_ESCAPE.sub(_name_byte, raw[1:]).decode("latin-1"))


def _name_byte(token: re.Match[bytes]) -> bytes:
    if token[1] is None or token[1] == b"00":
        raise MalformedPdf("name_escape", "a # in a name is not followed by two hexadecimal digits of a byte above zero")
    return bytes([int(token[1], 16)])
