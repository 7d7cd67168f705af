"""Read the data sets from their YAML files, strictly: a misspelt key is an error that names the file and the key.

One file per data set: `data/<kind of source>/<name>.yaml`. Field groups that several data sets share stand in `data/shapes/<name>.yaml`
and come in with `extends: <name>`: the data set has the shape's keys, its own keys win, and own parts and fields are added after.
What a wallet credential says stands beside it in `<name>.wallet.yaml`, see `load_summary`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from blauweknop.catalogue.consistency import contradictions
from blauweknop.catalogue.load_summary import parse_summary
from blauweknop.catalogue.reading import CatalogueError, Reader, read_mapping
from blauweknop.domain.dataset import (
    AssuranceLevel,
    Condition,
    Dataset,
    Field,
    FieldType,
    LegalBasis,
    Objection,
    Part,
    PeriodChoice,
    Refusal,
)
from blauweknop.domain.summary import Summary

__all__ = ["Catalogue", "CatalogueError", "load_catalogue", "parse_dataset"]

_OF_WALLETS = ".wallet.yaml"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All data sets by id, and by the same id what a wallet credential of them says."""

    datasets: Mapping[str, Dataset]
    summaries: Mapping[str, Summary] = field(default_factory=dict)

    def dataset(self, dataset_id: str) -> Dataset:
        """The data set of this id.

        Raises:
            CatalogueError: there is none; the text lists what there is.
        """
        try:
            return self.datasets[dataset_id]
        except KeyError as error:
            known = ", ".join(sorted(self.datasets))
            raise CatalogueError("this data set is not in the catalogue", remedy=f"choose one of: {known}") from error

    def of_kind(self, source_kind: str) -> tuple[Dataset, ...]:
        """What a source of this kind can have, in the order of the catalogue."""
        return tuple(dataset for dataset in self.datasets.values() if source_kind in dataset.source_kinds)


@cache
def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The catalogue shipped with the product, or another one in `folder`.

    Raises:
        CatalogueError: a file is broken.
    """
    root = folder or Path(str(files(__package__))) / "data"
    shapes = {path.stem: read_mapping(path) for path in sorted((root / "shapes").glob("*.yaml"))}
    datasets: dict[str, Dataset] = {}
    summaries: dict[str, Summary] = {}
    for path in sorted(root.glob("*/*.yaml")):
        if path.parent.name == "shapes" or path.name.endswith(_OF_WALLETS):
            continue
        dataset = parse_dataset(read_mapping(path), shapes, where=f"{path.parent.name}/{path.name}")
        if dataset.id in datasets:
            raise CatalogueError(f"{path.name}: data set {dataset.id} stands in two files")
        datasets[dataset.id] = dataset
        if (beside := path.with_name(path.stem + _OF_WALLETS)).is_file():
            summaries[dataset.id] = parse_summary(read_mapping(beside), shapes, dataset, where=f"{path.parent.name}/{beside.name}")
    for path in sorted(root.glob(f"*/*{_OF_WALLETS}")):
        if path.parent.name != "shapes" and not path.with_name(path.name.removesuffix(_OF_WALLETS) + ".yaml").is_file():
            raise CatalogueError(f"{path.parent.name}/{path.name}: there is no data set beside it")
    return Catalogue(datasets, summaries)


def parse_dataset(source: Mapping[str, Any], shapes: Mapping[str, Mapping[str, Any]], where: str) -> Dataset:
    """One data set from its parsed YAML.

    Raises:
        CatalogueError: something is missing, unknown or contradicts itself.
    """
    merged = _with_shape(dict(source), shapes, where)
    reader = Reader(merged, where)
    parts = tuple(_part(reader.child(f"parts[{index}]", part)) for index, part in enumerate(reader.rows("parts")))
    fields = tuple(_field(reader.child(f"fields[{index}]", field), None) for index, field in enumerate(reader.rows("fields")))
    dataset = Dataset(
        id=reader.string("id"),
        version=reader.integer("version"),
        title=reader.text("title"),
        about=reader.text("about"),
        source_kinds=tuple(reader.strings("source_kinds")),
        level=AssuranceLevel(reader.choice("level", tuple(AssuranceLevel))),
        validity_days=reader.integer("validity_days"),
        letter_intro=reader.text("letter_intro"),
        letter_explanation=reader.text("letter_explanation"),
        not_included=tuple(reader.child(f"not_included[{index}]", row).as_text() for index, row in enumerate(reader.rows("not_included"))),
        parts=parts,
        fields=fields,
        legal_basis=tuple(
            LegalBasis(child.text("description"), child.string("url"))
            for child in (reader.child(f"legal_basis[{index}]", row) for index, row in enumerate(reader.rows("legal_basis")))
        ),
        objection=_objection(reader.child("objection", reader.mapping("objection"))),
        correction=reader.text("correction"),
        period=_period(reader.child("period", reader.mapping("period"))) if "period" in merged else None,
        refusals=tuple(
            _refusal(reader.child(f"refusals[{index}]", row))
            for index, row in enumerate(reader.rows("refusals") if "refusals" in merged else ())
        ),
        family=reader.string("family") if "family" in merged else None,
    )
    reader.finish()
    wrong = list(contradictions(dataset))
    if wrong:
        raise CatalogueError(f"{where}: {'; '.join(wrong)}")
    return dataset


def _with_shape(source: dict[str, Any], shapes: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, Any]:
    name = source.pop("extends", None)
    if name is None:
        return source
    if not isinstance(name, str) or name not in shapes:
        raise CatalogueError(f"{where}: extends names shape {name}, which does not exist")
    shape = shapes[name]
    merged = {**shape, **source}
    for key in ("parts", "fields"):
        rows = shape.get(key, []), source.get(key, [])
        if not all(isinstance(value, list) for value in rows):
            raise CatalogueError(f"{where}: {key} must be a list of mappings, here and in shape {name}")
        merged[key] = [*rows[0], *rows[1]]
    return merged


def _part(reader: Reader) -> Part:
    part = Part(
        reader.string("id"), reader.text("title"), reader.text("about"), reader.flag("required"), reader.flag("preselected", default=True)
    )
    reader.finish()
    return part


def _field(reader: Reader, part: str | None) -> Field:
    kind = FieldType(reader.choice("type", tuple(FieldType)))
    own_part = part or reader.string("part")
    codes = None
    if reader.has("codes"):
        mapping = reader.mapping("codes")
        inner = reader.child("codes", mapping)
        codes = {str(code): inner.text(code) for code in mapping}
    rows = reader.rows("fields") if kind is FieldType.LIST else []
    field = Field(
        name=reader.string("name"),
        type=kind,
        part=own_part,
        label=reader.text("label"),
        required=reader.flag("required"),
        help=reader.optional_text("help"),
        codes=codes,
        fields=tuple(_field(reader.child(f"fields[{index}]", row), own_part) for index, row in enumerate(rows)),
        unit=reader.optional_text("unit"),
        pattern=reader.string("pattern") if reader.has("pattern") else None,
        sensitive=reader.flag("sensitive"),
        total=reader.flag("total"),
        on_paper=reader.flag("on_paper", default=True),
    )
    reader.finish()
    if (kind is FieldType.CODE) != (codes is not None) or (kind is FieldType.LIST) != bool(rows):
        raise CatalogueError(f"{reader.where}: type code needs codes, type list needs fields, and no other type has them")
    return field


def _period(reader: Reader) -> PeriodChoice:
    period = PeriodChoice(
        reader.string("list"), reader.string("date_field"), tuple(reader.integers("months")), reader.integer("preselected")
    )
    reader.finish()
    return period


def _objection(reader: Reader) -> Objection:
    weeks = reader.integer("weeks") if reader.has("weeks") else None
    kind = reader.choice("kind", ("bezwaar", "beroep", "verzet", "geen"))
    objection = Objection(kind, reader.text("about"), reader.string("url"), weeks)
    reader.finish()
    return objection


def _refusal(reader: Reader) -> Refusal:
    equals = tuple(reader.strings("equals")) if reader.has("equals") else None
    refusal = Refusal(Condition(reader.string("field"), equals), reader.string("code"), reader.text("message"))
    reader.finish()
    return refusal
