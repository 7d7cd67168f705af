"""Made-up data for any data set, from its fields alone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from blauweknop.catalogue.schema import schema_uri
from blauweknop.domain.dataset import Dataset, Field, FieldType
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Snapshot, Subject

_WITH_PATTERN = {
    "^VZB-[0-9]{3}$": "VZB-006",
    "^[0-9]{9}L[0-9]{2}$": "001234567L01",
    "^[a-z]{1,5}_[a-z0-9_]{1,50}$": "duo_studieschuld",
    "^[1-9][0-9]{3}[A-Z]{2}$": "1234AB",
    "^[0-9]{16}$": "0518010000000001",
    "^[0-9]{12}$": "051800000001",
    "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$": "NL00EXPL0123456789",
}
_OF_TYPE: dict[FieldType, JsonValue] = {
    FieldType.TEXT: "Voorbeeld",
    FieldType.INTEGER: 12,
    FieldType.EUROCENT: 123456,
    FieldType.EURO: 431000,
    FieldType.DECIMAL2: "-173.33",
    FieldType.RATIO: "0.0257",
    FieldType.BOOLEAN: True,
    FieldType.DATE: "2026-11-03",
    FieldType.PARTIAL_DATE: {"type": "JaarDatum", "jaar": 1985, "langFormaat": "1985"},
    FieldType.DATETIME: "2026-11-03T15:12:00+01:00",
    FieldType.YEAR: 2026,
    FieldType.YEAR_MONTH: "2026-11",
    FieldType.CODE_TABLE: {"code": "0518", "omschrijving": "'s-Gravenhage"},
    FieldType.URL: "https://wetten.overheid.nl/BWBR0005537",
}
MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def sample_data(fields: Sequence[Field], *, only_required: bool = False) -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = {}
    for field in fields:
        if only_required and not field.required:
            continue
        node = data
        for step in field.path[:-1]:
            inner = node.setdefault(step, {})
            assert isinstance(inner, dict)
            node = inner
        node[field.path[-1]] = _value(field, only_required=only_required)
    return data


def sample_snapshot(dataset: Dataset) -> Snapshot:
    subject = Subject("Zoë", "van der Berg", PartialDate(1985, 8, 12))
    return Snapshot(dataset.id, subject, sample_data(dataset.fields), MOMENT)


def sample_document(dataset: Dataset) -> dict[str, JsonValue]:
    """A whole `gegevens.json` with all parts, written by hand: what the schema must accept."""
    return {
        "$schema": schema_uri(dataset),
        "document_id": "0" * 32,
        "snapshot_id": "1" * 32,
        "document_type": dataset.type_uri,
        "type": dataset.id,
        "version": dataset.version,
        "language": "nl",
        "source": {"oin": "0" * 20, "name": "Bron"},
        "issuing_authority": "Bron",
        "issuing_authority_oin": "0" * 20,
        "issuing_country": "NL",
        "attestation_legal_category": "EAA",
        "reference_date": "2026-11-23",
        "saldo_datumtijd": "2026-11-23T10:00:00+01:00",
        "issued_at": "2026-11-23T10:00:00+01:00",
        "valid_until": "2027-02-21",
        "subject": {
            "given_name": "Zoë",
            "family_name": "van der Berg",
            "birth_date": {"type": "JaarDatum", "jaar": 1985, "langFormaat": "1985"},
        },
        "data": dict(sample_data(dataset.fields)),
        "selection": {"parts": [part.id for part in dataset.parts]},
        "volledigheid": {"compleet": True, "weggelaten_subsets": [], "in_onderzoek": [], "aantallen": []},
        "juridische_grondslag": [{"omschrijving": basis.description.nl, "bron": basis.url} for basis in dataset.legal_basis],
        "rechtsmiddel": {"soort": dataset.objection.kind, "intake_url": dataset.objection.url},
        "correctie_url": "https://register.blauweknop.example/correctie",
        "controle_url": "https://controle.example",
        "trace_id": "2" * 32,
    }


def _value(field: Field, *, only_required: bool) -> JsonValue:
    if field.type is FieldType.LIST:
        return [sample_data(field.fields, only_required=only_required), sample_data(field.fields, only_required=only_required)]
    if field.codes:
        return next(iter(field.codes))
    if field.pattern:
        return _WITH_PATTERN[field.pattern]
    return _OF_TYPE[field.type]
