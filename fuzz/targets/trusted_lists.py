"""European trusted lists: XML and the signature inside it."""

import functools
import re
from random import Random

from blauweknop.standards.eu_trusted_list import EuTrustedList
from blauweknop.standards.eu_trusted_list_reading import EuListRefused, read_eu_trusted_list
from fuzz.mutators.octets import change_octets
from fuzz.target import Target
from tests.unit.standards import eu_lists, pki

__all__ = ["TRUSTED_LIST_TARGETS"]

_TOKEN = re.compile(rb'</?[A-Za-z:]+|[A-Za-z]+="[^"]*"|>[^<>]+<')
_ODD = (b"<!DOCTYPE x>", b"&a;", b'Id="x"', b"<!-- -->", b"<![CDATA[", b"")


@functools.cache
def _list() -> bytes:
    authority = pki.certify("Uitgever")
    return eu_lists.written(eu_lists.Service([authority.der]), eu_lists.Service([authority.der], kind=eu_lists.QTST))


def _check_list(data: bytes) -> str:
    """A list that is read says what was signed, however it was written."""
    try:
        found = _read(data)
    except EuListRefused as error:
        return error.code
    assert found == _read(_list())
    return "accepted"


def _read(data: bytes) -> EuTrustedList:
    return read_eu_trusted_list(data, pinned=[eu_lists.scheme_signer().certificate], at=pki.NOW)


def _change_list(random: Random, data: bytes) -> bytes:
    """One to three tags, attributes or texts become others of the list, or odd ones."""
    for _ in range(random.randint(1, 3)):
        places = list(_TOKEN.finditer(data))
        if not places or random.random() < 0.2:
            data = change_octets(random, data)
            continue
        place, other = random.choice(places), random.choice((*_ODD, random.choice(places)[0]))
        data = data[: place.start()] + other + data[place.end() :]
    return data


TRUSTED_LIST_TARGETS = (
    Target("eu-trusted-list", "European trusted lists: XML and its signature", lambda: [_list()], _check_list, _change_list),
)
