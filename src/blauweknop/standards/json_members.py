"""Read the members of a JSON object of others, each in its form; whatever is wrong is one kind of error that names the member.

Numbers are whole by `strict_json`; what is not asked for is not looked at.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Text

__all__ = [
    "ANY_TEXT",
    "SHOWN_TEXT",
    "MalformedMember",
    "Members",
    "as_members",
    "member_address",
    "member_flag",
    "member_languages",
    "member_list",
    "member_moment",
    "member_object",
    "member_objects",
    "member_text",
    "member_texts",
]

Members = Mapping[str, JsonValue]

ANY_TEXT = re.compile(r"[\s\S]*")
SHOWN_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]{1,2000}")
"""What may be shown to people: no control characters, and none that turn the order of writing around."""

_ADDRESS = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?][!-~]{0,1800})?")
_THIS_MACHINE = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?(?:[/?][!-~]{0,1800})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_LATEST = 253402214400  # the year 9999, the last that a datetime can hold
_MOST_ITEMS = 100_000


class MalformedMember(BlauweKnopError):
    """A member that is missing or of another form; the text names it, never its value."""


def as_members(value: JsonValue, name: str) -> Members:
    """An object.

    Raises:
        MalformedMember: something else.
    """
    if not isinstance(value, dict):
        raise MalformedMember(f"expected {name} as an object")
    return value


def member_object(members: Members, name: str) -> Members:
    """The object of this name. Raises: MalformedMember."""
    return as_members(members.get(name), name)


def member_list(members: Members, name: str, *, least: int = 0, most: int = _MOST_ITEMS) -> list[JsonValue]:
    """The list of this name, of `least` to `most` items. Raises: MalformedMember."""
    items = members.get(name)
    if not isinstance(items, list) or not least <= len(items) <= most:
        raise MalformedMember(f"expected {name} as a list of {least} to {most} items")
    return items


def member_objects(members: Members, name: str, *, least: int = 0, most: int = _MOST_ITEMS) -> list[Members]:
    """The list of objects of this name. Raises: MalformedMember."""
    return [as_members(item, name) for item in member_list(members, name, least=least, most=most)]


def member_text(members: Members, name: str, form: re.Pattern[str] = ANY_TEXT) -> str:
    """The text of this name, all of it in a form. Raises: MalformedMember."""
    text = members.get(name)
    if not isinstance(text, str):
        raise MalformedMember(f"expected {name} as text")
    if not form.fullmatch(text):
        raise MalformedMember(f"expected {name} in its form")
    return text


def member_texts(members: Members, name: str, form: re.Pattern[str], *, least: int = 0, most: int = _MOST_ITEMS) -> tuple[str, ...]:
    """The list of texts of this name, each in a form. Raises: MalformedMember."""
    items = member_list(members, name, least=least, most=most)
    texts = tuple(item for item in items if isinstance(item, str) and form.fullmatch(item))
    if len(texts) != len(items):
        raise MalformedMember(f"expected every item of {name} in its form")
    return texts


def member_address(members: Members, name: str, *, exercise: bool = False) -> str:
    """The https address of this name: a host, no user in front of it, no fragment behind it; an exercise may be on this machine.

    Raises:
        MalformedMember: otherwise.
    """
    text = member_text(members, name)
    if not (_ADDRESS.fullmatch(text) or (exercise and _THIS_MACHINE.fullmatch(text))):
        raise MalformedMember(f"expected {name} as an https address")
    if "#" in text:
        raise MalformedMember(f"expected {name} without a fragment")
    return text


def member_flag(members: Members, name: str) -> bool:
    """The true or false of this name. Raises: MalformedMember."""
    value = members.get(name)
    if not isinstance(value, bool):
        raise MalformedMember(f"expected {name} as true or false")
    return value


def member_moment(members: Members, name: str) -> datetime:
    """The moment of this name, in seconds since 1970. Raises: MalformedMember."""
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise MalformedMember(f"expected {name} in seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def member_languages(members: Members, name: str, form: re.Pattern[str] = SHOWN_TEXT) -> Text:
    """A text with its languages, `[{lang, value}]`: each language once, Dutch among them; without English the Dutch is shown.

    Raises:
        MalformedMember: otherwise.
    """
    found: dict[str, str] = {}
    for item in member_objects(members, name, least=1, most=50):
        language = member_text(item, "lang", _LANGUAGE)
        if language in found:
            raise MalformedMember(f"expected each language of {name} once")
        found[language] = member_text(item, "value", form)
    if not found.get("nl"):
        raise MalformedMember(f"expected {name} in Dutch")
    return Text(found["nl"], found.get("en") or found["nl"])
