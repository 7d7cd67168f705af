"""Changes of compact messages: parts between full stops and tildes, the JSON in a part, and its base64url."""

import base64
import binascii
from random import Random

from fuzz.mutators.json_members import change_json
from fuzz.mutators.octets import change_octets

__all__ = ["change_base64url", "change_message"]

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STRANGE = (b"=", b"==", b"+", b"/", b" ", b"\n", b".", b"~", b'"', b'","', b"\\u0041", b"\xc3\xa9", b"\x00")


def change_message(random: Random, message: bytes) -> bytes:
    """The message with one to three of its parts changed, left out, doubled or moved."""
    for _ in range(random.randint(1, 3)):
        separator = random.choice((b".", b"~")) if b"~" in message else b"."
        parts = message.split(separator)
        place = random.randrange(len(parts))
        match random.randrange(6):
            case 0:
                parts.insert(place, parts[place])
            case 1:
                del parts[place]
            case 2:
                parts.insert(random.randrange(len(parts)), parts.pop(place))
            case 3:
                parts[place] = change_base64url(random, parts[place])
            case _:
                parts[place] = _content(random, parts[place])
        message = separator.join(parts)
    return message


def change_base64url(random: Random, text: bytes) -> bytes:
    """Another text: a character more, less or other, or one that does not belong there."""
    place = random.randrange(len(text) + 1)
    match random.randrange(4):
        case 0:
            return text[:place] + bytes((random.choice(_ALPHABET),)) + text[place + 1 :]
        case 1:
            return text[:place] + random.choice(_STRANGE) + text[place:]
        case 2:
            return text[:-1] + bytes((random.choice(_ALPHABET),))
    return change_octets(random, text)


def _content(random: Random, part: bytes) -> bytes:
    """The part with its content changed, as JSON where it is that."""
    try:
        content = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        return change_base64url(random, part)
    return base64.urlsafe_b64encode(change_json(random, content)).rstrip(b"=")
