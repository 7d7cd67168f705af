"""Changes of XML by its elements: names, attributes, text, nesting, and what XML has that a list must not have."""

import re
from random import Random

from fuzz.mutators.octets import change_octets, some_number

__all__ = ["change_xml"]

_ELEMENT = re.compile(rb"<([A-Za-z][\w:.-]*)[^<>]*>[^<]*</\1>|<[A-Za-z][^<>]*/>")
_TAG = re.compile(rb"<[/A-Za-z][^<>]*>")
_TEXT = re.compile(rb">([^<>]+)<")
_ATTRIBUTE = re.compile(rb"\s[\w:]+=\"[^\"]*\"")
_PIECES = (
    b"<!--x-->", b"<?p?>", b"<![CDATA[x]]>", b"&amp;", b"&lt;", b"&e;", b"&#0;", b"&#x10FFFF;", b'<!DOCTYPE a [<!ENTITY e "x">]>', b"]]>",
    b'<a xmlns="urn:x"/>', b"<Signature/>", b"<?xml version='1.1'?>", b"\xff",
    b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>',
)  # fmt: skip
_ATTRIBUTES = (
    b' Id="x"',
    b' id="x"',
    b' xml:lang="en"',
    b' xmlns:x="urn:x"',
    b' xml:base="http://elders.example/"',
    b' URI=""',
    b' Critical="true"',
)


def change_xml(random: Random, xml: bytes) -> bytes:
    """The text with one to three changes."""
    for _ in range(random.randint(1, 3)):
        xml = random.choice((_element, _element, _tag, _text, _attribute, _piece, change_octets))(random, xml)
    return xml


def _any(random: Random, pattern: re.Pattern[bytes], xml: bytes) -> re.Match[bytes] | None:
    return pattern.search(xml, random.randrange(len(xml) + 1)) or pattern.search(xml)


def _element(random: Random, xml: bytes) -> bytes:
    found, other = _any(random, _ELEMENT, xml), _any(random, _ELEMENT, xml)
    if found is None or other is None:
        return change_octets(random, xml)
    match random.randrange(4):
        case 0:
            return xml[: found.end()] + found[0] + xml[found.end() :]
        case 1:
            return xml[: found.start()] + xml[found.end() :]
        case 2:
            return xml[: found.start()] + other[0] + xml[found.end() :]
    depth = random.choice((1, 20, 300))
    return xml[: found.start()] + b"<a>" * depth + found[0] + b"</a>" * depth + xml[found.end() :]


def _tag(random: Random, xml: bytes) -> bytes:
    found = _any(random, _TAG, xml)
    if found is None:
        return change_octets(random, xml)
    changed = random.choice((b"", found[0] * 2, found[0].swapcase(), found[0][:-1] + b"/>"))
    return xml[: found.start()] + changed + xml[found.end() :]


def _text(random: Random, xml: bytes) -> bytes:
    found, other = _any(random, _TEXT, xml), _any(random, _TEXT, xml)
    if found is None or other is None:
        return change_octets(random, xml)
    changed = random.choice((b"", other[1], b" " + found[1], b"%d" % some_number(random), found[1] * 50, change_octets(random, found[1])))
    return xml[: found.start(1)] + changed + xml[found.end(1) :]


def _attribute(random: Random, xml: bytes) -> bytes:
    found = _any(random, _ATTRIBUTE, xml)
    if found is None:
        return change_octets(random, xml)
    return xml[: found.start()] + random.choice((b"", found[0] * 2, *_ATTRIBUTES)) + xml[found.end() :]


def _piece(random: Random, xml: bytes) -> bytes:
    found = _any(random, _TAG, xml)
    place = random.choice((0, len(xml), found.end() if found else 0))
    return xml[:place] + random.choice(_PIECES) + xml[place:]
