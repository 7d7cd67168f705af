"""A dossier as tables for a spreadsheet: its debts, its income, and its pieces with how sure each is.

Amounts stand in cents, which every program reads in the same way, and in euros with a point (`1234.56`); days and months as in ISO 8601.
Cells that a spreadsheet could take for a formula get a quote before them (threat T-43).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from blauweknop.domain.csv_cells import safe_cell
from blauweknop.verifier.dossier.checklist import Standing, standing_of
from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["debts_csv", "income_csv", "pieces_csv"]

_DEBTS = (
    "schuldeiser",
    "incassant",
    "referentie",
    "soort",
    "bedrag_cent",
    "achterstand_cent",
    "peildatum",
    "telt_mee",
    "stukken",
    "zeker",
    "bedrag_euro",
    "achterstand_euro",
    "waarmerk",
)
_INCOME = (
    "maand",
    "loon_cent",
    "uitkering_cent",
    "studiefinanciering_cent",
    "totaal_cent",
    "stukken",
    "zeker",
    "totaal_euro",
    "waarmerk",
)
_PIECES = (
    "stuk",
    "onderdeel",
    "naam",
    "verplicht",
    "waarmerk",
    "bij_ontvangst",
    "bron",
    "bron_oin",
    "gegevens_van",
    "nieuw_genoeg_tot",
    "gecontroleerd_op",
    "telt_mee",
    "opmerkingen",
)
_STANDINGS = {
    Standing.CERTIFIED: "gewaarmerkt",
    Standing.DOUBTFUL: "niet_zeker",
    Standing.OLD: "te_oud",
    Standing.REFUSED: "telt_niet_meer",
    Standing.OTHERWISE: "niet_nodig",
    Standing.MISSING: "ontbreekt",
}
_COLOURS = {"green": "groen", "orange": "oranje", "red": "rood"}
_OWN_PAPER = "eigen_papier"


def debts_csv(dossier: Dossier) -> str:
    """A row for each debt; after them the totals of organisations that gave no more, which count in no sum."""
    debts = (
        (line.creditor, line.collector, line.reference, line.kind, line.cents, line.arrears, line.as_of, True, line.pieces, line.sure)
        for line in dossier.figures.debts
    )
    totals = (
        (line.organisation, None, "", "totaal", line.cents, None, line.as_of, False, (line.piece,), line.sure)
        for line in dossier.figures.totals
    )
    return _csv(_DEBTS, ((*row, _euros(row[4]), _euros(row[5]), _certainty(sure=row[9])) for row in (*debts, *totals)))


def income_csv(dossier: Dossier) -> str:
    """A row for each of the twelve months before the answer, also those of which nothing is known: that is not zero."""
    rows: dict[str, Sequence[object]] = {
        str(month): (str(month), None, None, None, None, (), None, "", _STANDINGS[Standing.MISSING])
        for month in dossier.figures.months_missing
    }
    for m in dossier.figures.months:
        sure = _certainty(sure=m.sure)
        rows[str(m.month)] = (str(m.month), m.jobs, m.benefits, m.study, m.total, m.pieces, m.sure, _euros(m.total), sure)
    return _csv(_INCOME, (rows[month] for month in sorted(rows)))


def pieces_csv(dossier: Dossier, language: str) -> str:
    """A row for each piece, each item that did not come, and each own paper."""
    return _csv(_PIECES, (*_pieces(dossier, language), *_papers(dossier)))


def _pieces(dossier: Dossier, language: str) -> Iterator[Sequence[object]]:
    for line in dossier.lines:
        name, required = line.item.title_for_staff.in_language(language), line.item.required
        if not line.pieces:
            yield ("", line.item.id, name, required, _STANDINGS[line.standing], "", "", "", None, None, None, False, "")
        for piece in line.pieces:
            yield (piece.number, line.item.id, name, required, _STANDINGS[standing_of(piece, on=dossier.today)], *_of_piece(piece))


def _of_piece(piece: Piece) -> Sequence[object]:
    item, reasons = piece.item, " ".join(piece.item.reasons)
    received = _COLOURS[piece.received.colour.value]
    return (received, item.issuer, item.issuer_oin, item.reference_date, piece.fresh_until, piece.checked_at, piece.counts, reasons)


def _papers(dossier: Dossier) -> Iterator[Sequence[object]]:
    for paper in dossier.own_papers:
        yield ("", "", paper.title, False, _OWN_PAPER, "", "", "", None, None, None, False, "")


def _certainty(*, sure: object) -> str:
    return _STANDINGS[Standing.CERTIFIED if sure else Standing.DOUBTFUL]


def _euros(cents: object) -> str:
    if not isinstance(cents, int):
        return ""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """Numbers stand as they are, also below zero."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nee"
        case int():
            return value
        case tuple():
            return " ".join(map(str, value))
        case datetime():
            return value.isoformat(timespec="seconds")
    return safe_cell(str(value))
