"""Selective disclosure of JSON (RFC 9901), the reading side: put back what was disclosed.

Putting back, in steps of PROTOCOL 4.3:
4. A table from digest to disclosure; the same disclosure twice is `disclosure_duplicate`.
5. A walk over the payload: each digest at most once (`digest_duplicate`); in an object a disclosure of three, in a list of two
   (`disclosure_shape`); a name that is not ours to give (`claim_name`), not there yet (`claim_collision`), and not one that must
   always be visible (`never_sd`). Digests without disclosure are dropped.
6. A disclosure without digest is `disclosure_unreferenced`.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.plain_json import NotPlain, read_plain_each
from blauweknop.standards.strict_json import MalformedJson, parse_json

__all__ = [
    "DIGESTS_NAME",
    "DIGEST_ALGORITHM",
    "ELEMENT_NAME",
    "MAX_DISCLOSURES",
    "Place",
    "Placed",
    "Resolved",
    "SdJwtProblem",
    "SdJwtProblemCode",
    "digests_of",
    "resolve",
]

Place = tuple[str | int, ...]
"""Where a value stands: names of members and numbers of list elements, counted with the undisclosed ones."""

SdJwtProblemCode = Literal[
    "size",
    "format",
    "alg",
    "typ",
    "crit",
    "x5c",
    "chain",
    "signature",
    "issuer_not_entitled",
    "revocation_unknown",
    "sd_alg",
    "disclosure_duplicate",
    "digest_duplicate",
    "claim_name",
    "claim_collision",
    "never_sd",
    "disclosure_shape",
    "disclosure_unreferenced",
    "vct",
    "claim_missing",
    "expired",
    "not_yet_valid",
    "cnf",
    "kb_required",
    "kb_alg",
    "kb_typ",
    "kb_signature",
    "kb_aud",
    "kb_nonce",
    "kb_iat",
    "kb_sd_hash",
]

MAX_DISCLOSURES = 500
_MAX_DISCLOSURE = 128 * 1024
_MAX_DEPTH = 32
DIGESTS_NAME = "_sd"
DIGEST_ALGORITHM = "_sd_alg"
ELEMENT_NAME = "..."
_FORMAT_NAMES = frozenset({DIGESTS_NAME, DIGEST_ALGORITHM, ELEMENT_NAME})
_CONTAINERS = frozenset({dict, list})
_Read = tuple[int, list[JsonValue]]
"""The number of a disclosure, and its parts."""


class SdJwtProblem(BlauweKnopError):
    """An SD-JWT that is refused; `code` is that of PROTOCOL 4.3."""

    def __init__(self, code: SdJwtProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: SdJwtProblemCode = code


class Placed(msgspec.Struct, frozen=True, gc=False):
    """One disclosure: where it stands, which other disclosures hold it (outermost first), and its text."""

    place: Place
    within: tuple[int, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """The claims with everything disclosed put back, and the place of each disclosure."""

    claims: dict[str, JsonValue] = field(repr=False)
    places: tuple[Placed, ...]


def resolve(payload: dict[str, JsonValue], disclosures: Sequence[str], never: Collection[str]) -> Resolved:
    """Put disclosures back (steps 4 to 6); names in `never` may not be disclosed at the top.

    Raises:
        SdJwtProblem: by the first rule that is broken.
    """
    if len(disclosures) > MAX_DISCLOSURES:
        raise SdJwtProblem("size", f"expected at most {MAX_DISCLOSURES} disclosures")
    if payload.get(DIGEST_ALGORITHM, "sha-256") != "sha-256":
        raise SdJwtProblem("sd_alg", "expected digests with sha-256")
    # Step 4.
    read = _read_each(disclosures)
    digests = digests_of([text.encode("ascii") for text in disclosures])
    table = dict(zip(digests, enumerate(read), strict=True))
    if len(table) != len(disclosures):
        raise SdJwtProblem("disclosure_duplicate", "expected each disclosure once")
    # Step 5.
    work = _Resolving(table, never)
    claims = work.object({name: value for name, value in payload.items() if name != DIGEST_ALGORITHM}, (), ())
    # Step 6.
    if len(work.places) != len(disclosures):
        raise SdJwtProblem("disclosure_unreferenced", "expected every disclosure to belong to a digest")
    return Resolved(claims, tuple(work.places))


class _Resolving:
    """The digests seen so far, and where each disclosure went."""

    def __init__(self, table: dict[str, _Read], never: Collection[str]) -> None:
        self._table = table
        self._never = never
        self._seen: set[str] = set()
        self.places: list[Placed] = []

    def object(self, members: dict[str, JsonValue], place: Place, within: tuple[int, ...]) -> dict[str, JsonValue]:
        if ELEMENT_NAME in members:
            raise SdJwtProblem("claim_name", "expected a digest of an element only in a list")
        names = members.get(DIGESTS_NAME, [])
        if not isinstance(names, list):
            raise SdJwtProblem("format", "expected a list of digests")
        if names:
            self._require_hidable(place)
        elif _CONTAINERS.isdisjoint(map(type, members.values())):
            return members
        found = self._found_of(names)  # before the walk: a digest that comes back inside is twice there, whatever its disclosure is like
        claims = {
            name: self._value(value, (*place, name), within) if type(value) in _CONTAINERS else value
            for name, value in members.items()
            if name != DIGESTS_NAME
        }
        never, add = self._never, self.places.append
        for number, parts in found:
            if len(parts) != 3:
                raise SdJwtProblem("disclosure_shape", "expected salt, name and value in the disclosure of a member")
            _, name, value = parts
            if not isinstance(name, str):
                raise SdJwtProblem("disclosure_shape", "expected a name that is text in the disclosure of a member")
            if name in claims or name in _FORMAT_NAMES or name in never:
                self._require_free(name, claims, place)  # which of them may be there depends on the place
            inner = (*place, name)
            add(Placed(inner, within, number))
            claims[name] = self._value(value, inner, (*within, number)) if type(value) in _CONTAINERS else value
        return claims

    def _value(self, value: JsonValue, place: Place, within: tuple[int, ...]) -> JsonValue:
        if len(place) > _MAX_DEPTH:
            raise SdJwtProblem("size", f"expected claims of at most {_MAX_DEPTH} levels")
        if isinstance(value, dict):
            return self.object(value, place, within)
        if isinstance(value, list):
            return self._elements(value, place, within)
        return value

    def _elements(self, elements: list[JsonValue], place: Place, within: tuple[int, ...]) -> list[JsonValue]:
        kept: list[JsonValue] = []
        for position, element in enumerate(elements):
            inner = (*place, position)
            if not isinstance(element, dict) or len(element) != 1 or ELEMENT_NAME not in element:
                kept.append(self._value(element, inner, within))
                continue
            self._require_hidable(place)
            found = self._found_of([element[ELEMENT_NAME]])
            if not found:
                continue
            ((number, parts),) = found
            if len(parts) != 2:
                raise SdJwtProblem("disclosure_shape", "expected salt and value in the disclosure of a list element")
            self.places.append(Placed(inner, within, number))
            kept.append(self._value(parts[1], inner, (*within, number)))
        return kept

    def _found_of(self, digests: list[JsonValue]) -> list[_Read]:
        """The disclosures of these digests; a digest without one hides something still."""
        texts = [digest for digest in digests if isinstance(digest, str)]
        if len(texts) != len(digests):
            raise SdJwtProblem("format", "expected digests that are text")
        seen = len(self._seen)
        self._seen.update(texts)
        if len(self._seen) != seen + len(texts):
            raise SdJwtProblem("digest_duplicate", "expected each digest once")
        return [self._table[text] for text in texts if text in self._table]

    def _require_hidable(self, place: Place) -> None:
        if place and place[0] in self._never:
            raise SdJwtProblem("never_sd", "expected claims about validity and issuer to be wholly visible")

    def _require_free(self, name: str, claims: dict[str, JsonValue], place: Place) -> None:
        if name in (DIGESTS_NAME, ELEMENT_NAME):
            raise SdJwtProblem("claim_name", "expected disclosed names other than those the format itself needs")
        if not place and (name in self._never or name == DIGEST_ALGORITHM):
            raise SdJwtProblem("never_sd", "expected claims about validity and issuer to be always visible")
        if name in claims:
            raise SdJwtProblem("claim_collision", "expected no disclosure of a claim that is already there")


def digests_of(texts: Sequence[bytes]) -> list[str]:
    """The digests under which disclosures are known (RFC 9901 section 4.2.3)."""
    sha256 = hashlib.sha256
    return base64url.encode_texts([sha256(text).digest() for text in texts])


def _read_each(texts: Sequence[str]) -> list[list[JsonValue]]:
    try:
        encoded = base64url.decode_each(texts)
        if max(map(len, encoded), default=0) > _MAX_DISCLOSURE:
            raise SdJwtProblem("format", f"expected disclosures of at most {_MAX_DISCLOSURE} bytes")
        values = _parse_each(encoded)
    except (MalformedBase64, MalformedJson) as error:
        raise SdJwtProblem("format", f"disclosure: {error}") from error
    read = [value for value in values if isinstance(value, list) and len(value) in (2, 3) and isinstance(value[0], str)]
    if len(read) != len(values):
        raise SdJwtProblem("disclosure_shape", "expected a disclosure of a salt, perhaps a name, and a value")
    return read


def _parse_each(encoded: list[bytes]) -> list[JsonValue]:
    try:
        return read_plain_each(encoded)
    except NotPlain:
        return [parse_json(data, max_bytes=_MAX_DISCLOSURE, fractions=True) for data in encoded]
