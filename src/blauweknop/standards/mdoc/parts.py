"""What all of an mdoc is written in (ISO/IEC 18013-5 8.1, 9.1.2): CBOR in CBOR, moments, values; and the problems that it can have."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.strict_cbor import BYTES, TAG, CborValue, MalformedCbor, Tagged, read_cbor, write_head

__all__ = [
    "EMBEDDED",
    "FULL_DATE",
    "MAX_ELEMENTS",
    "MAX_MDOC",
    "TDATE",
    "VERSION",
    "Element",
    "MdocProblem",
    "MdocProblemCode",
    "embed",
    "members_of",
    "plain_value",
    "read_mdoc_cbor",
    "read_moment",
    "unembed",
]

MdocProblemCode = Literal[
    "size",
    "format",
    "alg",
    "crit",
    "x5c",
    "chain",
    "signature",
    "issuer_not_entitled",
    "revocation_unknown",
    "digest_alg",
    "digest",
    "digest_duplicate",
    "claim_collision",
    "doctype",
    "claim_missing",
    "expired",
    "not_yet_valid",
    "response_status",
    "device_key",
    "device_alg",
    "device_mac",
    "device_signature",
    "device_claims",
]

Element = bool | int | str | date
"""What the issuer can say of one data element; a date is a full-date (RFC 8943)."""

MAX_MDOC = 512 * 1024
VERSION = "1.0"
TDATE, EMBEDDED, FULL_DATE = 0, 24, 1004
_TAGS = frozenset({TDATE, EMBEDDED, FULL_DATE})
MAX_ELEMENTS = 500
_EMBEDDED = write_head(TAG, EMBEDDED)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class MdocProblem(BlauweKnopError):
    """An mdoc that is refused; `code` names the rule, in the words of `SdJwtProblemCode` where it is the same rule."""

    def __init__(self, code: MdocProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: MdocProblemCode = code


def read_mdoc_cbor(data: bytes, *, any_lengths: bool = False) -> CborValue:
    """One item of CBOR, as ISO/IEC 18013-5 has it.

    With `any_lengths` lengths may be longer than needed, which 8.1 forbids and Credo does in what wallets write: it changes no value.

    Raises:
        MdocProblem: `size`, `format`.
    """
    if len(data) > MAX_MDOC:
        raise MdocProblem("size", f"expected an mdoc of at most {MAX_MDOC} bytes")
    try:
        return read_cbor(data, max_bytes=MAX_MDOC, tags=_TAGS, any_lengths=any_lengths)
    except MalformedCbor as error:
        raise MdocProblem("format", f"mdoc: {error}") from error


def members_of(value: CborValue, what: str) -> Mapping[str, CborValue]:
    """The members of a map of which all keys are text.

    Raises:
        MdocProblem: `format`.
    """
    if not isinstance(value, dict):
        raise MdocProblem("format", f"expected {what} as a map")
    members = {name: member for name, member in value.items() if isinstance(name, str)}
    if len(members) != len(value):
        raise MdocProblem("format", f"expected names in {what}")
    return members


def embed(encoded: bytes) -> bytes:
    """CBOR as a value in other CBOR: `#6.24(bstr .cbor ...)` (8.1)."""
    return _EMBEDDED + write_head(BYTES, len(encoded)) + encoded


def unembed(value: CborValue) -> bytes:
    """The CBOR in a value.

    Raises:
        MdocProblem: `format`.
    """
    if isinstance(value, Tagged) and value.number == EMBEDDED and isinstance(value.value, bytes):
        return value.value
    raise MdocProblem("format", "expected CBOR in bytes with tag 24")


def plain_value(value: CborValue) -> JsonValue:
    """The value of a data element as JSON; dates and moments are text.

    Raises:
        MdocProblem: `format`; bytes, null, a date that is none.
    """
    match value:
        case bool() | int() | str():
            return value
        case Tagged(number=0):
            return read_moment(value).isoformat().replace("+00:00", "Z")
        case Tagged(number=1004, value=str(text)) if _DATE.fullmatch(text):
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError as error:
                raise MdocProblem("format", "expected a day that exists") from error
        case list():
            return [plain_value(inner) for inner in value]
        case dict():
            return {name: plain_value(inner) for name, inner in members_of(value, "a data element").items()}
    raise MdocProblem("format", "expected data elements that are text, a whole number, true or false, or a date")


def read_moment(value: CborValue) -> datetime:
    """A tdate: whole seconds of UTC (9.1.2.4).

    Raises:
        MdocProblem: `format`.
    """
    match value:
        case Tagged(number=0, value=str(text)) if _MOMENT.fullmatch(text):
            try:
                return datetime.fromisoformat(text)
            except ValueError as error:
                raise MdocProblem("format", "expected a moment that exists") from error
    raise MdocProblem("format", "expected a moment in whole seconds of UTC")
