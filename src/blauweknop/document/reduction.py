"""What a reduced document says of itself: when its holder made it, and how much was left out where.

A person can leave things out of a certified document, and what is left stays certified: by the credential inside, whose signature
covers each value apart. What is left out is counted there by digests without a value, so nobody can leave out in silence:

    "reduced": {"made_at": "2026-11-23T15:12:00+01:00", "left_out": [{"path": "subject", "values": 1}, {"path": "data.rows", "rows": 2}]}

`values` are members of an object, `rows` are elements of a list. Paths are those of the reduced document, rows counted from 0.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blauweknop.document.content import Content
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue

__all__ = [
    "LISTS_NAME",
    "MOST_LISTS",
    "REDUCED",
    "Reduction",
    "path_of",
    "read_lists",
    "reduction_content",
    "reduction_of",
    "without_positions",
    "write_lists",
]

REDUCED = "reduced"
"""The member of `gegevens.json` that only a reduced document has."""

LISTS_NAME = "intrekking.pem"
"""The attachment with the revocation lists: signed by the authorities, so it does not matter who brings them."""

_BEGIN, _END = "-----BEGIN X509 CRL-----", "-----END X509 CRL-----"
MOST_LISTS = 20
_POSITION = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Reduction:
    """How many values of each object, and rows of each list, are left out; by path."""

    made_at: datetime
    values: Mapping[str, int]
    rows: Mapping[str, int]

    @property
    def lists(self) -> frozenset[str]:
        """Names of the lists of the data set of which rows are left out."""
        return frozenset(without_positions(path).removeprefix("data.") for path in self.rows)


def reduction_of(content: Mapping[str, JsonValue]) -> Reduction | None:
    """What the content says of its reduction; None when it is of a whole document.

    Raises:
        MalformedValue: it does not have the form that `reduction_content` gives it.
    """
    told = content.get(REDUCED)
    if told is None and REDUCED not in content:
        return None
    match told:
        case {"made_at": str(moment), "left_out": list(items), **others} if not others:
            counts = [_count(item) for item in items]
        case _:
            raise MalformedValue("expected of a reduced document when it was made and what was left out")
    paths = [path for path, _, _ in counts]
    if len(set(paths)) != len(paths):
        raise MalformedValue("expected each place once in what was left out")
    try:
        made_at = datetime.fromisoformat(moment)
        local = made_at.astimezone(AMSTERDAM)
    except (ValueError, OverflowError) as error:
        raise MalformedValue("expected the moment at which a reduced document was made") from error
    if made_at.tzinfo is None or local.isoformat(timespec="seconds") != moment:
        raise MalformedValue("expected that moment as Dutch clocks show it, in whole seconds")
    return Reduction(
        made_at,
        {path: number for path, kind, number in counts if kind == "values"},
        {path: number for path, kind, number in counts if kind == "rows"},
    )


def reduction_content(made_at: datetime, held_back: Mapping[tuple[str | int, ...], int], claims: Content) -> Content:
    """The member `reduced`, from what the credential holds back of these claims."""
    left_out: list[JsonValue] = []
    for place in sorted(held_back, key=path_of):
        kind = "rows" if isinstance(_at(claims, place), list) else "values"
        left_out.append({"path": path_of(place), kind: held_back[place]})
    return {"made_at": made_at.astimezone(AMSTERDAM).isoformat(timespec="seconds"), "left_out": left_out}


def write_lists(lists: Sequence[bytes]) -> bytes:
    """Revocation lists as PEM (RFC 7468 section 6)."""
    return "".join(f"{_BEGIN}\n{_lines(crl)}{_END}\n" for crl in lists).encode("ascii")


def read_lists(pem: bytes) -> tuple[bytes, ...]:
    """The lists (DER) of `write_lists`, in exactly its form.

    Raises:
        MalformedValue: another form, or too many of them.
    """
    try:
        blocks = pem.decode("ascii").split(f"{_BEGIN}\n")
        lists = tuple(base64.b64decode(block.removesuffix(f"{_END}\n").replace("\n", ""), validate=True) for block in blocks[1:])
    except ValueError as error:
        raise MalformedValue("expected revocation lists in PEM") from error
    if len(lists) > MOST_LISTS or write_lists(lists) != pem:
        raise MalformedValue("expected revocation lists in PEM, and no more than are needed")
    return lists


def path_of(place: Iterable[str | int]) -> str:
    """`data.inkomstenverhoudingen[0].loonitems`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def without_positions(path: str) -> str:
    """`data.inkomstenverhoudingen.loonitems`."""
    return _POSITION.sub("", path)


def _lines(crl: bytes) -> str:
    text = base64.b64encode(crl).decode("ascii")
    return "".join(f"{text[start : start + 64]}\n" for start in range(0, len(text), 64))


def _count(item: JsonValue) -> tuple[str, str, int]:
    match item:
        case {"path": str(path), "values": int(number), **others} if not others and number > 0:
            return path, "values", number
        case {"path": str(path), "rows": int(number), **others} if not others and number > 0:
            return path, "rows", number
    raise MalformedValue("expected of what was left out a place, and how many values or rows")


def _at(claims: Content, place: tuple[str | int, ...]) -> JsonValue:
    value: JsonValue = claims
    for step in place:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value
