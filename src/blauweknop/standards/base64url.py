"""Base64url without padding (RFC 7515 section 2), with one text for each value."""

import binascii
from collections.abc import Sequence

import msgspec

from blauweknop.domain.errors import BlauweKnopError

__all__ = [
    "MalformedBase64",
    "decode",
    "decode_each",
    "decode_standard",
    "encode",
    "encode_ascii",
    "encode_each",
    "encode_standard",
    "encode_texts",
]

_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_PADDING = ("", "", "==", "=")
# The quickest coder of base64 at hand is one that reads and writes a list of bytes as JSON.
_decode_list = msgspec.json.Decoder(list[bytes]).decode
_encode_list = msgspec.json.Encoder().encode


class MalformedBase64(BlauweKnopError):
    """Not base64, or not the one way to write the value."""


def encode(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return encode_ascii(data).decode("ascii")


def encode_ascii(data: bytes) -> bytes:
    """As `encode`, for who goes on with bytes."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL, b"=")


def encode_each(values: Sequence[bytes]) -> list[bytes]:
    """As `encode_ascii` for many values."""
    return _joined(values).split(b",") if values else []


def encode_texts(values: Sequence[bytes]) -> list[str]:
    """As `encode` for many values."""
    return _joined(values).decode("ascii").split(",") if values else []


def decode(text: str) -> bytes:
    """Bytes of base64url without padding.

    Raises:
        MalformedBase64: padding, other characters, or bits that belong to nothing.
    """
    return decode_each([text])[0]


def decode_each(texts: Sequence[str]) -> list[bytes]:
    """As `decode` for many texts.

    Raises:
        MalformedBase64: one of them is malformed.
    """
    if not texts:
        return []
    padded = '","'.join([text + _PADDING[len(text) % 4] for text in texts])
    try:
        values = _decode_list(f'["{padded}"]'.encode("ascii").translate(_FROM_URL))
        same = len(values) == len(texts) and _joined(values) == ",".join(texts).encode("ascii")
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise MalformedBase64("expected base64url without padding") from error
    # One value has one text: padding, other characters and bits that belong to nothing do not come back.
    if not same:
        raise MalformedBase64("expected base64url in its canonical form, without padding")
    return values


def _joined(values: Sequence[bytes]) -> bytes:
    return _encode_list(values).translate(_TO_URL, b'="[]')


def encode_standard(data: bytes) -> str:
    """Bytes as base64 with padding."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode_standard(text: str) -> bytes:
    """Bytes of base64 with padding, as in `x5c` (RFC 7515 section 4.1.6).

    Raises:
        MalformedBase64: otherwise.
    """
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise MalformedBase64("expected base64") from error
    if encode_standard(data) != text:
        raise MalformedBase64("expected base64 in its canonical form")
    return data
