"""Does a document agree with itself: the same choice from the same data would give the same document again.

So fields are there exactly when their part was chosen, no row is older than the chosen period, what was left out is named, and rows
are counted right. Only how much the source had beyond the document is for the source to say.
"""

from collections.abc import Mapping
from datetime import datetime

from blauweknop.document.content import Content, DocumentFacts, SelectionRefused, compose_content
from blauweknop.document.places import value_at
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, SourceIdentity, Subject
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Bsn, Oin
from blauweknop.domain.representation import representative_in

__all__ = ["find_disagreement"]

_BSN = "burgerservicenummer"
_NOT_COMPOSED = frozenset({"status", "purpose"})


def find_disagreement(content: Mapping[str, JsonValue], dataset: Dataset) -> str | None:
    """The reason why this content, which fits the schema of the data set, could not have been composed; None when it could."""
    chosen = _texts(_object(content["selection"])["parts"])
    data = _object(content["data"])
    if any(field.required and field.part in chosen and value_at(data, field.path) is None for field in dataset.fields):
        return "selection_mismatch"
    try:
        again = _compose_again(content, dataset)
    except (SelectionRefused, MalformedValue, OverflowError):  # a day beyond the calendar has no last day of validity either
        return "selection_mismatch"
    for members, code in ((("data", "selection"), "selection_mismatch"), (again.keys() - {"volledigheid"}, "envelope_mismatch")):
        if any(again[name] != content[name] for name in members):
            return code
    if content.keys() - again.keys() - _NOT_COMPOSED:
        return "envelope_mismatch"
    return _compare_completeness(_object(content["volledigheid"]), _object(again["volledigheid"]))


def _compose_again(content: Mapping[str, JsonValue], dataset: Dataset) -> Content:
    subject, selection, source = (_object(content[name]) for name in ("subject", "selection", "source"))
    bsn, months = subject.get("bsn"), selection.get("months")
    snapshot = Snapshot(
        dataset.id,
        Subject(
            str(subject["given_name"]),
            str(subject["family_name"]),
            PartialDate.parse_json(subject["birth_date"]),
            None if bsn is None else Bsn.parse(str(bsn)),
        ),
        _object(content["data"]),
        datetime.fromisoformat(str(content["saldo_datumtijd"])),
    )
    facts = DocumentFacts(
        str(content["document_id"]),
        str(content["snapshot_id"]),
        str(content["trace_id"]) if "trace_id" in content else "",
        datetime.fromisoformat(str(content["issued_at"])),
        str(content["language"]),
        str(content["correctie_url"]),
        str(content["attestation_legal_category"]),
        str(content["controle_url"]),
        representative_in(content),
    )
    parts = frozenset(_texts(selection["parts"]))
    choice = Selection(dataset.id, parts, months if isinstance(months, int) else None, with_bsn=bsn is not None)
    oin = Oin.parse(str(source["oin"]))
    issuer = SourceIdentity(oin.digits, dataset.id, oin, str(source["name"]), str(content["issuing_authority"]))
    again = compose_content(snapshot, choice, dataset, issuer, facts)
    if "trace_id" not in content:
        del again["trace_id"]
    return again


def _compare_completeness(told: Mapping[str, JsonValue], again: Mapping[str, JsonValue]) -> str | None:
    if any(told[name] != again[name] for name in ("weggelaten_subsets", "in_onderzoek")):
        return "selection_mismatch"
    counts, counted = _rows(told["aantallen"]), _rows(again["aantallen"])
    if [(count["lijst"], count["opgenomen"]) for count in counts] != [(count["lijst"], count["opgenomen"]) for count in counted]:
        return "counts_mismatch"
    if any(_number(count["opgenomen"]) > _number(count["beschikbaar"]) for count in counts):
        return "counts_mismatch"
    cut = any(count["opgenomen"] != count["beschikbaar"] for count in counts)
    whole = not cut and set(_texts(told["weggelaten_subsets"])) <= {_BSN}
    return None if told["compleet"] is whole else "counts_mismatch"


def _object(value: JsonValue) -> dict[str, JsonValue]:
    """A value that the schema says is an object."""
    return value if isinstance(value, dict) else {}


def _rows(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
