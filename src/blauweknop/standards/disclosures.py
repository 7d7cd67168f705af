"""Selective disclosure of JSON (RFC 9901): hide members and list elements behind digests, and put back what was disclosed.

Putting back, in steps of PROTOCOL 4.3:
4. A table from digest to disclosure; the same disclosure twice is `disclosure_duplicate`.
5. A walk over the payload: each digest at most once (`digest_duplicate`); in an object a disclosure of three, in a list of two
   (`disclosure_shape`); a name that is not ours to give (`claim_name`), not there yet (`claim_collision`), and not one that must
   always be visible (`never_sd`). Digests without disclosure are dropped.
6. A disclosure without digest is `disclosure_unreferenced`.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.plain_json import NotPlain, read_plain_each, write_checked
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json

__all__ = ["MAX_DISCLOSURES", "Concealment", "Place", "Placed", "Resolved", "SdJwtProblem", "SdJwtProblemCode", "conceal", "resolve"]

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
_DIGESTS_NAME = "_sd"
_DIGEST_ALGORITHM = "_sd_alg"
_ELEMENT_NAME = "..."
_FORMAT_NAMES = frozenset({_DIGESTS_NAME, _DIGEST_ALGORITHM, _ELEMENT_NAME})
_PARTS_OF_FORMAT_NAMES = (b"_sd", b"...")
_CONTAINERS = frozenset({dict, list})
_SALT_BYTES, _SALT_CHARACTERS = 18, 24
_SALTS_AT_ONCE = 40


class SdJwtProblem(BlauweKnopError):
    """An SD-JWT that is refused; `code` is that of PROTOCOL 4.3."""

    def __init__(self, code: SdJwtProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: SdJwtProblemCode = code


@dataclass(frozen=True, slots=True)
class Placed:
    """One disclosure: where it stands, which other disclosures hold it (outermost first), and its text."""

    place: Place
    within: tuple[int, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """The claims with everything disclosed put back, and the place of each disclosure."""

    claims: dict[str, JsonValue] = field(repr=False)
    places: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Concealment:
    """Which parts of an object or a list are disclosures of their own, and the same for what is inside them.

    Made once for a data set, it is quicker than a question for every place; asked about a place, it answers.
    """

    parts: frozenset[str | int] = frozenset()
    """Names of members, or numbers of elements."""
    inside: Mapping[str | int, "Concealment"] = field(default_factory=dict)
    every: bool = False
    """Every member or element."""
    each: "Concealment | None" = None
    """Inside every member or element; then `inside` is not looked at."""

    def __call__(self, place: Place) -> bool:
        """Whether this place is a disclosure of its own."""
        *way, last = place
        plan: Concealment | None = self
        for step in way:
            if plan is None:
                return False
            plan = plan.each or plan.inside.get(step)
        return plan is not None and (plan.every or last in plan.parts)


def conceal(
    claims: dict[str, JsonValue],
    *,
    disclosable: Callable[[Place], bool],
    random_bytes: Callable[[int], bytes],
    decoys: bool,
    never: Collection[str] = (),
    text: bytes | None = None,
) -> tuple[dict[str, JsonValue], tuple[str, ...]]:
    """The payload with digests in the place of every disclosable value, and the disclosures.

    `disclosable` is a `Concealment`, or is asked for every place; names in `never` stay wholly visible at the top.
    `random_bytes` gives so many fresh random bytes. With `decoys` every list of digests is filled up to a
    multiple of eight, so that its length does not tell how much there is. `text` is what `canonical_json` made of the claims,
    perhaps with more beside them, when the caller has it: then they need not be looked through again.

    Raises:
        SdJwtProblem: `claim_name`; a member has one of the names that the format needs.
        MalformedJson: a value that can not be written in one way.
    """
    text = text or canonical_json(claims)
    if any(part in text for part in _PARTS_OF_FORMAT_NAMES):
        _require_free_names(claims)
    plan = disclosable if isinstance(disclosable, Concealment) else _plan_for(claims, disclosable, ())
    work = _Concealing(random_bytes, decoys)
    payload = work.object(claims, _apart_from(never, claims, plan or _NOTHING))
    return payload, tuple(text.decode("ascii") for text in work.disclosures)


def resolve(payload: dict[str, JsonValue], disclosures: Sequence[str], never: Collection[str]) -> Resolved:
    """Put disclosures back (steps 4 to 6); names in `never` may not be disclosed at the top.

    Raises:
        SdJwtProblem: by the first rule that is broken.
    """
    if len(disclosures) > MAX_DISCLOSURES:
        raise SdJwtProblem("size", f"expected at most {MAX_DISCLOSURES} disclosures")
    if payload.get(_DIGEST_ALGORITHM, "sha-256") != "sha-256":
        raise SdJwtProblem("sd_alg", "expected digests with sha-256")
    # Step 4.
    table: dict[str, tuple[int, list[JsonValue]]] = {}
    read = _read_each(disclosures)
    for number, (digest, parts) in enumerate(zip(_digests([text.encode("ascii") for text in disclosures]), read, strict=True)):
        if digest in table:
            raise SdJwtProblem("disclosure_duplicate", "expected each disclosure once")
        table[digest] = (number, parts)
    # Step 5.
    work = _Resolving(table, never)
    claims = work.object({name: value for name, value in payload.items() if name != _DIGEST_ALGORITHM}, (), ())
    # Step 6.
    if len(work.places) != len(disclosures):
        raise SdJwtProblem("disclosure_unreferenced", "expected every disclosure to belong to a digest")
    return Resolved(claims, tuple(work.places))


_NOTHING = Concealment()


class _Concealing:
    """The disclosures made so far."""

    def __init__(self, random_bytes: Callable[[int], bytes], decoys: bool) -> None:
        self._salts = _salts(random_bytes)
        self._decoys = decoys
        self.disclosures: list[bytes] = []

    def object(self, members: dict[str, JsonValue], plan: Concealment) -> dict[str, JsonValue]:
        visible: dict[str, JsonValue] = {}
        hidden: list[list[JsonValue]] = []
        for name, value in members.items():
            inner = plan.each or plan.inside.get(name)
            if inner is not None:
                value = self._inside(value, inner)
            if plan.every or name in plan.parts:
                hidden.append([name, value])
            else:
                visible[name] = value
        if hidden:
            digests = self._disclose(hidden)
            missing = -len(digests) % 8 if self._decoys else 0
            digests += _digests([next(self._salts).encode() for _ in range(missing)])
            visible[_DIGESTS_NAME] = [*sorted(digests)]
        return visible

    def _inside(self, value: JsonValue, plan: Concealment) -> JsonValue:
        if isinstance(value, dict):
            return self.object(value, plan)
        return self._list(value, plan) if isinstance(value, list) else value

    def _list(self, elements: list[JsonValue], plan: Concealment) -> list[JsonValue]:
        if plan.each is not None or plan.inside:
            elements = [
                self._inside(element, inner) if (inner := plan.each or plan.inside.get(number)) else element
                for number, element in enumerate(elements)
            ]
        places = [number for number in range(len(elements)) if plan.every or number in plan.parts]
        digests = self._disclose([[elements[number]] for number in places])
        shown = [*elements]
        for number, digest in zip(places, digests, strict=True):
            shown[number] = {_ELEMENT_NAME: digest}
        return shown

    def _disclose(self, contents: list[list[JsonValue]]) -> list[str]:
        texts = [base64url.encode_ascii(write_checked([next(self._salts), *content])) for content in contents]
        self.disclosures += texts
        return _digests(texts)


def _salts(random_bytes: Callable[[int], bytes]) -> Iterator[str]:
    """Texts of 144 random bits, which need no padding; drawn by many, for each draw asks the system."""
    while True:
        text = base64url.encode(random_bytes(_SALT_BYTES * _SALTS_AT_ONCE))
        for start in range(0, len(text), _SALT_CHARACTERS):
            yield text[start : start + _SALT_CHARACTERS]


def _require_free_names(value: JsonValue) -> None:
    if isinstance(value, dict) and not _FORMAT_NAMES.isdisjoint(value):
        raise SdJwtProblem("claim_name", "expected claims without the names that the format itself needs")
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _require_free_names(part)


def _apart_from(never: Collection[str], names: Collection[str], plan: Concealment) -> Concealment:
    """The same plan for an object with these names, of which some stay wholly visible."""
    if not plan.every and plan.each is None and plan.parts.isdisjoint(never) and plan.inside.keys().isdisjoint(never):
        return plan
    free = [name for name in names if name not in never]
    inside: dict[str | int, Concealment] = {name: inner for name in free if (inner := plan.each or plan.inside.get(name)) is not None}
    return Concealment(frozenset(name for name in free if plan.every or name in plan.parts), inside)


def _plan_for(value: JsonValue, disclosable: Callable[[Place], bool], place: Place) -> Concealment | None:
    """The answers of `disclosable` for every place in a value; None for a value without parts."""
    if not isinstance(value, dict | list):
        return None
    parts: list[tuple[str | int, JsonValue]] = [*value.items()] if isinstance(value, dict) else [*enumerate(value)]
    inside = {name: plan for name, part in parts if (plan := _plan_for(part, disclosable, (*place, name))) is not None}
    return Concealment(frozenset(name for name, _ in parts if disclosable((*place, name))), inside)


class _Resolving:
    """The digests seen so far, and where each disclosure went."""

    def __init__(self, table: dict[str, tuple[int, list[JsonValue]]], never: Collection[str]) -> None:
        self._table = table
        self._never = never
        self._seen: set[str] = set()
        self.places: list[Placed] = []

    def object(self, members: dict[str, JsonValue], place: Place, within: tuple[int, ...]) -> dict[str, JsonValue]:
        if _ELEMENT_NAME in members:
            raise SdJwtProblem("claim_name", "expected a digest of an element only in a list")
        names = members.get(_DIGESTS_NAME, [])
        if not isinstance(names, list):
            raise SdJwtProblem("format", "expected a list of digests")
        if names:
            self._require_hidable(place)
        claims = {
            name: self._value(value, (*place, name), within) if type(value) in _CONTAINERS else value
            for name, value in members.items()
            if name != _DIGESTS_NAME
        }
        for digest in names:
            found = self._found(digest)
            if found is None:
                continue
            number, parts = found
            if len(parts) != 3:
                raise SdJwtProblem("disclosure_shape", "expected salt, name and value in the disclosure of a member")
            name = parts[1]
            if not isinstance(name, str):
                raise SdJwtProblem("disclosure_shape", "expected a name that is text in the disclosure of a member")
            self._require_free(name, claims, place)
            self.places.append(Placed((*place, name), within, number))
            claims[name] = self._value(parts[2], (*place, name), (*within, number))
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
            if not isinstance(element, dict) or element.keys() != {_ELEMENT_NAME}:
                kept.append(self._value(element, (*place, position), within))
                continue
            self._require_hidable(place)
            found = self._found(element[_ELEMENT_NAME])
            if found is None:
                continue
            number, parts = found
            if len(parts) != 2:
                raise SdJwtProblem("disclosure_shape", "expected salt and value in the disclosure of a list element")
            self.places.append(Placed((*place, position), within, number))
            kept.append(self._value(parts[1], (*place, position), (*within, number)))
        return kept

    def _found(self, digest: JsonValue) -> tuple[int, list[JsonValue]] | None:
        if not isinstance(digest, str):
            raise SdJwtProblem("format", "expected digests that are text")
        if digest in self._seen:
            raise SdJwtProblem("digest_duplicate", "expected each digest once")
        self._seen.add(digest)
        return self._table.get(digest)

    def _require_hidable(self, place: Place) -> None:
        if place and place[0] in self._never:
            raise SdJwtProblem("never_sd", "expected claims about validity and issuer to be wholly visible")

    def _require_free(self, name: str, claims: dict[str, JsonValue], place: Place) -> None:
        if name in (_DIGESTS_NAME, _ELEMENT_NAME):
            raise SdJwtProblem("claim_name", "expected disclosed names other than those the format itself needs")
        if not place and (name in self._never or name == _DIGEST_ALGORITHM):
            raise SdJwtProblem("never_sd", "expected claims about validity and issuer to be always visible")
        if name in claims:
            raise SdJwtProblem("claim_collision", "expected no disclosure of a claim that is already there")


def _digests(texts: Sequence[bytes]) -> list[str]:
    return base64url.encode_each([hashlib.sha256(text).digest() for text in texts])


def _read_each(texts: Sequence[str]) -> list[list[JsonValue]]:
    try:
        encoded = [base64url.decode(text) for text in texts]
        if any(len(data) > _MAX_DISCLOSURE for data in encoded):
            raise SdJwtProblem("format", f"expected disclosures of at most {_MAX_DISCLOSURE} bytes")
        values = _parse_each(encoded)
    except (MalformedBase64, MalformedJson) as error:
        raise SdJwtProblem("format", f"disclosure: {error}") from error
    return [_parts(value) for value in values]


def _parse_each(encoded: list[bytes]) -> list[JsonValue]:
    try:
        return read_plain_each(encoded)
    except NotPlain:
        return [parse_json(data, max_bytes=_MAX_DISCLOSURE) for data in encoded]


def _parts(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list) or len(value) not in (2, 3) or not isinstance(value[0], str):
        raise SdJwtProblem("disclosure_shape", "expected a disclosure of a salt, perhaps a name, and a value")
    return value
