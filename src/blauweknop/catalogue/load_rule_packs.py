"""Read the rule packs from `rule_packs/*.yaml`, as strictly as data sets: a number without a source is an error.

Amounts are cents. Ratios are texts, so that no binary fraction comes between. A rule may have several versions; their days never overlap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from blauweknop.catalogue.reading import CatalogueError, Reader, read_mapping
from blauweknop.domain.dataset import LegalBasis
from blauweknop.domain.rule_pack import Band, Bands, PackCheck, PackFigure, RulePack

__all__ = ["RulePacks", "load_rule_packs", "parse_rule_pack"]

_Named = TypeVar("_Named", PackFigure, Bands)
_KINDS = ("cents", "ratio", "count")


@dataclass(frozen=True, slots=True)
class RulePacks:
    """All versions of all rules."""

    packs: tuple[RulePack, ...]

    def on(self, pack_id: str, day: date) -> RulePack | None:
        """The version of this rule that holds on a day; None when none does."""
        return next((pack for pack in self.packs if pack.id == pack_id and pack.holds_on(day)), None)

    def versions(self, pack_id: str) -> tuple[RulePack, ...]:
        return tuple(pack for pack in self.packs if pack.id == pack_id)


@cache
def load_rule_packs(folder: Path | None = None) -> RulePacks:
    """The rule packs shipped with the product, or others in `folder`.

    Raises:
        CatalogueError: a file is broken, or two versions of a rule hold on the same day.
    """
    root = folder or Path(str(files(__package__))) / "rule_packs"
    packs = [parse_rule_pack(read_mapping(path), path.name) for path in sorted(root.glob("*.yaml"))]
    packs.sort(key=lambda pack: (pack.id, pack.valid_from))
    for pack, following in pairwise(packs):
        if pack.id == following.id and following.valid_from <= pack.valid_to:
            raise CatalogueError(f"rule {pack.id}: two versions hold on {following.valid_from}")
    return RulePacks(tuple(packs))


def parse_rule_pack(source: Mapping[str, Any], where: str) -> RulePack:
    """One rule pack from its parsed YAML.

    Raises:
        CatalogueError: something is missing, unknown, without source or contradicts itself.
    """
    reader = Reader(source, where)
    pack = RulePack(
        id=reader.string("id"),
        version=reader.integer("version"),
        title=reader.text("title"),
        about=reader.text("about"),
        legal_basis=tuple(LegalBasis(row.text("description"), row.string("url")) for row in _rows(reader, "legal_basis")),
        valid_from=_day(reader, "valid_from"),
        valid_to=_day(reader, "valid_to"),
        validity=reader.text("validity"),
        unknown=tuple(row.as_text() for row in _rows(reader, "unknown")),
        figures=_named(where, [_figure(row) for row in _rows(reader, "figures")]),
        bands=_named(where, [_bands(row) for row in (_rows(reader, "bands") if reader.has("bands") else [])]),
        words=_words(reader),
        checks=tuple(_check(row) for row in _rows(reader, "checks")),
    )
    reader.finish()
    if pack.valid_to < pack.valid_from:
        raise CatalogueError(f"{where}: valid_to lies before valid_from")
    return pack


def _rows(reader: Reader, key: str) -> list[Reader]:
    return [reader.child(f"{key}[{index}]", row) for index, row in enumerate(reader.rows(key))]


def _day(reader: Reader, key: str) -> date:
    try:
        return date.fromisoformat(reader.string(key))
    except ValueError as error:
        raise CatalogueError(f"{reader.where}: {key} must be a day, as a text: '2025-01-01'") from error


def _figure(reader: Reader) -> PackFigure:
    kinds = [kind for kind in _KINDS if reader.has(kind)]
    if len(kinds) != 1:
        raise CatalogueError(f"{reader.where}: expected one of {', '.join(_KINDS)}")
    value = _ratio(reader, "ratio") if kinds[0] == "ratio" else Fraction(reader.integer(kinds[0]))
    figure = PackFigure(reader.string("name"), value, reader.text("about"), _source(reader))
    reader.finish()
    return figure


def _ratio(reader: Reader, key: str) -> Fraction:
    text = reader.string(key)
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise CatalogueError(f"{reader.where}: {key} must be a number, as a text") from error


def _source(reader: Reader) -> str:
    source = reader.string("source").strip()
    if not source:
        raise CatalogueError(f"{reader.where}: a figure needs a source")
    return source


def _bands(reader: Reader) -> Bands:
    rows = tuple(_band(row) for row in _rows(reader, "rows"))
    bands = Bands(reader.string("name"), reader.text("about"), _source(reader), rows, reader.flag("below"))
    reader.finish()
    bounds = [row.up_to for row in rows]
    known = [bound for bound in bounds if bound is not None]
    if not rows or bounds[-1] is not None or len(known) != len(rows) - 1 or known != sorted(set(known)):
        raise CatalogueError(f"{reader.where}: bounds must rise, and only the last band has none")
    return bands


def _band(reader: Reader) -> Band:
    band = Band(_ratio(reader, "up_to") if reader.has("up_to") else None, _ratio(reader, "value"))
    reader.finish()
    return band


def _words(reader: Reader) -> dict[str, tuple[str, ...]]:
    if not reader.has("words"):
        return {}
    inner = reader.child("words", reader.mapping("words"))
    return {name: tuple(inner.strings(name)) for name in reader.mapping("words")}


def _check(reader: Reader) -> PackCheck:
    check = PackCheck(reader.string("name"), _source(reader), _texts(reader, "inputs"), _texts(reader, "expected"))
    reader.finish()
    return check


def _texts(reader: Reader, key: str) -> dict[str, str]:
    inner = reader.child(key, reader.mapping(key))
    return {name: inner.string(name) for name in reader.mapping(key)}


def _named(where: str, rows: list[_Named]) -> dict[str, _Named]:
    found: dict[str, _Named] = {}
    for row in rows:
        if row.name in found:
            raise CatalogueError(f"{where}: {row.name} stands there twice")
        found[row.name] = row
    return found
