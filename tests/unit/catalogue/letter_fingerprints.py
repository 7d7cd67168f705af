"""What letters take from each version of a data set, as a hash, since a check composes the letter of an older document again.

`python -m tests.unit.catalogue.letter_fingerprints` adds the versions that are new. A version that is there already stays as it is: take
its line out by hand only when nobody was ever given a document of it.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import all_texts
from blauweknop.domain.dataset import Dataset, Field
from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Text

__all__ = ["add_new", "fingerprint", "fingerprints", "kept"]

FILE = Path(__file__).with_name("letter_fingerprints.json")
_NOT_ON_PAPER = ("letter.seal_", "letter.json_", "letter.sd_jwt_", "letter.qr_")


def fingerprints() -> dict[str, str]:
    """Of the catalogue as it is: `duo.studieschuld/1` and the hash; and of the lines that only letters of representatives have."""
    of_datasets = {f"{dataset.id}/{dataset.version}": fingerprint(dataset, all_texts()) for dataset in load_catalogue().datasets.values()}
    acting = {key: _words(text) for key, text in all_texts().items() if key.startswith("acting.")}
    return {**of_datasets, "acting/1": _hash(acting)}


def kept() -> dict[str, str]:
    """Of every version that documents may have been made of."""
    return {str(name): str(value) for name, value in json.loads(FILE.read_text("utf-8")).items()}


def fingerprint(dataset: Dataset, texts: Mapping[str, Text]) -> str:
    """SHA-256 over the words, the form and the rules that letter, data and check share."""
    period, objection = dataset.period, dataset.objection
    taken: JsonValue = {
        "title": _words(dataset.title),
        "intro": _words(dataset.letter_intro),
        "explanation": _words(dataset.letter_explanation),
        "not_included": [_words(text) for text in dataset.not_included],
        "parts": [[part.id, _words(part.title), part.required] for part in dataset.parts],
        "fields": _fields(dataset.fields),
        "legal_basis": [[_words(basis.description), basis.url] for basis in dataset.legal_basis],
        "objection": [objection.kind, _words(objection.about), objection.url, objection.weeks],
        "correction": _words(dataset.correction),
        "period": [period.list, period.date_field, list(period.months)] if period else None,
        "validity_days": dataset.validity_days,
        "common": {key: _words(text) for key, text in texts.items() if key.startswith("letter.") and not key.startswith(_NOT_ON_PAPER)},
    }
    return _hash(taken)


def add_new(old: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What to keep: all that was kept, and the versions that are new."""
    return dict(sorted({**now, **old}.items()))


def _hash(taken: JsonValue) -> str:
    return hashlib.sha256(json.dumps(taken, sort_keys=True).encode()).hexdigest()


def _fields(fields: Sequence[Field]) -> list[JsonValue]:
    return [
        [
            *(field.name, field.type.value, field.part, _words(field.label), field.required, field.total, field.on_paper, field.pattern),
            _words(field.unit) if field.unit else None,
            {code: _words(text) for code, text in field.codes.items()} if field.codes else None,
            _fields(field.fields),
        ]
        for field in fields
    ]


def _words(text: Text) -> JsonValue:
    return [text.nl, text.en]


if __name__ == "__main__":
    FILE.write_text(json.dumps(add_new(kept() if FILE.exists() else {}, fingerprints()), indent=2) + "\n", "utf-8")
    sys.exit(any(kept()[name] != value for name, value in fingerprints().items()))
