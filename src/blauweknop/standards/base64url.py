"""Base64url without padding (RFC 7515 section 2), with one text for each value."""

import binascii
from collections.abc import Sequence

import msgspec

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["MalformedBase64", "decode", "decode_each", "decode_standard", "encode", "encode_ascii", "encode_each", "encode_standard"]

_TO_URL = bytes.maketrans(b"+/", b"-_")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# What is not of the alphabet becomes a character that no decoder takes; the mark between two texts stays.
_FROM_URL = bytes(octet if octet in _ALPHABET + b"~" else ord("!") for octet in range(256)).translate(bytes.maketrans(b"-_", b"+/"))
_decode_list = msgspec.json.Decoder(list[bytes]).decode
# What the last character may be, by the length in groups of four: all others have bits that belong to nothing.
_LAST: Sequence[frozenset[int]] = (frozenset(range(256)), frozenset(), frozenset(b"AQgw"), frozenset(b"AEIMQUYcgkosw048"))
_PADDING = (b"", b"", b"==", b"=")


class MalformedBase64(BlauweKnopError):
    """Not base64, or not the one way to write the value."""


def encode(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return encode_ascii(data).decode("ascii")


def encode_ascii(data: bytes) -> bytes:
    """As `encode`, for who goes on with bytes."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL, b"=")


def encode_each(values: Sequence[bytes]) -> list[str]:
    """As `encode` for many values of one length, in one go: zeros between them fill the last group of each."""
    size = len(values[0]) if values else 0
    if size == 0:
        return [""] * len(values)
    fill = bytes(-size % 3)
    text = encode(b"".join([value + fill for value in values]))
    width, used = (size + len(fill)) // 3 * 4, (size * 4 + 2) // 3
    return [text[start : start + used] for start in range(0, width * len(values), width)]


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
    try:
        parts = "~".join(texts).encode("ascii").translate(_FROM_URL).split(b"~")
        if len(parts) != len(texts) or not all(_LAST[len(part) % 4].issuperset(part[-1:]) for part in parts):
            raise MalformedBase64("expected base64url in its canonical form, without padding")
        padded = [part + _PADDING[len(part) % 4] for part in parts]
        # The quickest decoder of base64 at hand is one that reads a list of texts in JSON.
        return _decode_list(b'["' + b'","'.join(padded) + b'"]')
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise MalformedBase64("expected base64url without padding") from error


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
