"""Base64url without padding (RFC 7515 section 2), with one text for each value."""

import base64
import binascii
import re

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["MalformedBase64", "decode", "decode_standard", "encode", "encode_standard"]

_TEXT = re.compile(r"[A-Za-z0-9_-]*")


class MalformedBase64(BlauweKnopError):
    """Not base64, or not the one way to write the value."""


def encode(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Bytes of base64url without padding.

    Raises:
        MalformedBase64: padding, other characters, or bits that belong to nothing.
    """
    if not _TEXT.fullmatch(text) or len(text) % 4 == 1:
        raise MalformedBase64("expected base64url without padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise MalformedBase64("expected base64url in its canonical form")
    return data


def encode_standard(data: bytes) -> str:
    """Bytes as base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_standard(text: str) -> bytes:
    """Bytes of base64 with padding, as in `x5c` (RFC 7515 section 4.1.6).

    Raises:
        MalformedBase64: otherwise.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedBase64("expected base64") from error
    if encode_standard(data) != text:
        raise MalformedBase64("expected base64 in its canonical form")
    return data
