"""European trusted lists: XML and the signature inside it, also with changed content under a right signature."""

import functools
from datetime import timedelta

from blauweknop.standards.eu_trusted_list_reading import EuListRefused, read_eu_trusted_list
from fuzz.mutators.xml_elements import change_xml
from fuzz.target import Target
from tests.unit.standards import eu_lists as e
from tests.unit.standards import pki
from tests.unit.standards.pki import NOW

__all__ = ["TRUSTED_LIST_TARGETS"]

_AUTHORITY = pki.certify("Uitgever van zegels")


def _unsigned() -> str:
    pointers = [e.pointer("NL", [e.scheme_signer().der])]
    return e.unsigned(e.Service([_AUTHORITY.der], history=[(e.WITHDRAWN, NOW - timedelta(days=1000))]), pointers=pointers)


def _check_eu_list(data: bytes) -> str:
    """A changed list: what is accepted says what was signed."""
    pinned = [e.scheme_signer().certificate]
    try:
        found = read_eu_trusted_list(data, pinned=pinned, at=NOW)
    except EuListRefused as refused:
        return refused.code
    assert found in [read_eu_trusted_list(one, pinned=pinned, at=NOW) for one in _eu_lists()]
    return "accepted"


@functools.cache
def _signed_lists() -> tuple[bytes, ...]:
    return e.sign(_unsigned()), e.written(e.Service([_AUTHORITY.der]))


def _eu_lists() -> list[bytes]:
    return [*_signed_lists()]


def _check_eu_list_inside(data: bytes) -> str:
    """A changed list under a right signature."""
    try:
        signed = e.sign(data.decode("utf-8"))
    except Exception as error:  # noqa: BLE001 # signxml as a signer is not under attack
        return f"cannot be signed: {type(error).__name__}"
    try:
        read_eu_trusted_list(signed, pinned=[e.scheme_signer().certificate], at=NOW)
    except EuListRefused as refused:
        return refused.code
    return "accepted"


TRUSTED_LIST_TARGETS = (
    Target("eu-trusted-list", "European trusted lists: XML and its signature", _eu_lists, _check_eu_list, change_xml),
    Target(
        "eu-trusted-list-inside",
        "changed European trusted lists under a right signature",
        lambda: [_unsigned().encode()],
        _check_eu_list_inside,
        change_xml,
        tries=60,
    ),
)
