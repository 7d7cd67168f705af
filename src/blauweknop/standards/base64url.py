"""Base64url without padding (RFC 7515 section 2), with one text for each value."""

import binascii
from collections.abc import Sequence

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["MalformedBase64", "decode", "decode_standard", "encode", "encode_ascii", "encode_each", "encode_standard"]

_TO_URL = bytes.maketrans(b"+/", b"-_")
# Characters of the other alphabet, and padding, become one that no decoder takes.
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")
_LAST_BITS = {2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}
"""What the last character of an unfinished group may be: the others have bits that belong to nothing."""


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
    if not values:
        return []
    size = len(values[0])
    fill = bytes(-size % 3)
    text = encode(b"".join([value + fill for value in values]))
    width, used = (size + len(fill)) // 3 * 4, (size * 4 + 2) // 3
    return [text[start : start + used] for start in range(0, width * len(values), width)]


def decode(text: str) -> bytes:
    """Bytes of base64url without padding.

    Raises:
        MalformedBase64: padding, other characters, or bits that belong to nothing.
    """
    left = len(text) % 4
    if left == 1 or (left and text[-1] not in _LAST_BITS[left]):
        raise MalformedBase64("expected base64url in its canonical form, without padding")
    try:
        return binascii.a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"==="[: -left % 4], strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
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
