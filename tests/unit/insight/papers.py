"""Documents to make figures of, put together by hand: each with only what the test is about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.catalogue.load import parse_dataset
from blauweknop.catalogue.reading import read_mapping
from blauweknop.domain.dates import PartialDate
from blauweknop.insight.documents import InsightDocument, read_document
from blauweknop.insight.overview import Overview, overview_of
from tests.suites import PROJECT

AT = date(2026, 11, 23)
CATALOGUE = load_catalogue()
DUO, UWV, CAK, THE_HAGUE, BOXTEL, CJIB = ("0" * 7 + f"9900000000000{number}" for number in range(1, 7))
NAMES = {DUO: "DUO", UWV: "UWV", CAK: "CAK", THE_HAGUE: "Gemeente Den Haag", BOXTEL: "Gemeente Boxtel", CJIB: "CJIB"}
OF = {"duo": DUO, "uwv": UWV, "cak": CAK, "gem": THE_HAGUE, "cjib": CJIB}
SUBJECT = {"given_name": "Zoë", "family_name": "de Wit", "birth_date": PartialDate(1985, 8, 12).as_json()}


def with_collector() -> Catalogue:
    """The catalogue with a data set of CJIB, which is not in the product yet."""
    folder = PROJECT / "src" / "blauweknop" / "catalogue" / "data"
    source = {**read_mapping(folder / "uwv" / "betaaloverzicht.yaml"), "id": "cjib.vorderingen", "source_kinds": ["cjib"]}
    made = parse_dataset(source, {"fcid": read_mapping(folder / "shapes" / "fcid.yaml")}, "cjib")
    return Catalogue({**CATALOGUE.datasets, made.id: made})


def content(
    dataset: str,
    data: Mapping[str, Any],
    *,
    on: date = AT,
    months: int | None = None,
    source: str | None = None,
    number: str | None = None,
    version: int = 1,
    subject: Mapping[str, Any] = SUBJECT,
    reduced: bool = False,
) -> dict[str, Any]:
    oin = source or OF[dataset.partition(".")[0]]
    moment = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return {
        "document_id": number or f"{dataset}/{oin}/{on}/{months}",
        "type": dataset,
        "version": version,
        "source": {"oin": oin, "name": NAMES[oin]},
        "saldo_datumtijd": moment.isoformat(),
        "issued_at": moment.isoformat(),
        "valid_until": (on + timedelta(days=90)).isoformat(),
        "subject": dict(subject),
        "selection": {"parts": [], **({"months": months} if months else {})},
        "data": dict(data),
        **({"reduced": {"made_at": moment.isoformat(), "left_out": []}} if reduced else {}),
    }


def paper(dataset: str, data: Mapping[str, Any], *, key: str | None = None, certified: bool = True, **envelope: Any) -> InsightDocument:
    said = content(dataset, data, **envelope)
    return read_document(key or f"key of {said['document_id']}", said, certified=certified)


def overview(*documents: InsightDocument, at: date = AT, months: int = 36, expected: Sequence[str] = ()) -> Overview:
    return overview_of(documents, catalogue=CATALOGUE, at=at, months=months, expected=expected)


def pay(first: str, last: str, cents: int, hours: str = "160.00") -> dict[str, Any]:
    return {"periode_start": first, "periode_einde": last, "aantal_uren": hours, "sv_loon": cents}


def relation(*items: Mapping[str, Any], payer: str = "Bakkerij Bos", benefit: bool = False, number: str = "812345678L01") -> dict[str, Any]:
    return {"werkgever_naam": payer, "loonheffingennummer": number, "is_uitkering": benefit, "loonitems": [*items]}


def insured(*relations: Mapping[str, Any], **envelope: Any) -> InsightDocument:
    return paper("uwv.verzekeringsbericht", {"aanmaakdatum": "2026-11-23", "inkomstenverhoudingen": [*relations]}, **envelope)


def case(number: str, obliged: int, settled: int = 0, arrears: int | None = 0, **more: Any) -> dict[str, Any]:
    row = {
        "zaakkenmerk": number,
        "totaal_financieel_verplicht": obliged,
        "totaal_financieel_vereffend": settled,
        "saldo": obliged - settled,
    }
    return {**row, **({} if arrears is None else {"achterstand": arrears}), **more}


def event(number: str, kind: str, reference: str, cents: int, moment: str = "2026-06-01T09:00:00Z", **more: Any) -> dict[str, Any]:
    fixed = {"zaakkenmerk": number, "gebeurtenis_type": kind, "gebeurtenis_kenmerk": reference, "bedrag": cents}
    return {**fixed, "datumtijd_gebeurtenis": moment, **more}


def owed(dataset: str, cases: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]] = (), **envelope: Any) -> InsightDocument:
    return paper(dataset, {"financiele_zaken": [*cases], "gebeurtenissen": [*events]}, **envelope)
