"""A dossier for other programs, as JSON. Every line names the pieces that it is from, and whether each of them is certain.

`dossier.json` has all, `fcid.json` the debts by organisation with the names that payment overviews of the State have (FCID). Amounts are
cents. What it is as tables is in `tables`.
"""

import json
from collections.abc import Mapping

from blauweknop.domain.document import JsonValue
from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.figures import DebtLine, MonthLine, TotalLine
from blauweknop.verifier.dossier.pieces import Piece

__all__ = ["dossier_json", "fcid_json"]


def dossier_json(dossier: Dossier) -> str:
    """All of the dossier but the content of own papers."""
    figures = dossier.figures
    return _json(
        {
            "dossier": dossier.id,
            "package": dossier.package,
            "received_at": dossier.received_at.isoformat(),
            "erase_at": dossier.erase_at.isoformat(),
            "from_another_device": dossier.elsewhere,
            "by_link": dossier.by_link,
            "room_for_pieces": dossier.room,
            "representative": bool(dossier.representatives),
            "representatives": [{**one.as_json()} for one in dossier.representatives],
            "checklist": [
                {
                    "item": line.item.id,
                    "title": {"nl": line.item.title_for_staff.nl, "en": line.item.title_for_staff.en},
                    "required": line.item.required,
                    "standing": line.standing.value,
                    "pieces": [piece.number for piece in line.pieces],
                }
                for line in dossier.lines
            ],
            "pieces": [_piece(piece, dossier) for piece in dossier.pieces],
            "debts": {"total": figures.debt, "arrears": figures.arrears, "lines": [_debt(line) for line in figures.debts]},
            "totals_without_cases": [_total(line) for line in figures.totals],
            "income": {
                "total": figures.income,
                "months_missing": figures.missing,
                "months": [_month(month) for month in figures.months],
            },
            "remarks": [*figures.remarks],
            "own_papers": [
                {
                    "number": paper.number,
                    "title": paper.title,
                    "media_type": paper.media_type,
                    "certified": False,
                    "came_at": (paper.came_at or dossier.received_at).isoformat(),
                }
                for paper in dossier.own_papers
            ],
            "notes": [{"written_at": note.written_at.isoformat(), "text": note.text} for note in dossier.notes],
        }
    )


def fcid_json(dossier: Dossier) -> str:
    """Debts by organisation."""
    by_creditor: dict[str, list[DebtLine]] = {}
    for line in dossier.figures.debts:
        by_creditor.setdefault(line.creditor_oin, []).append(line)
    return _json(
        {
            "ontvangen_datumtijd": dossier.received_at.isoformat(),
            "bronorganisaties": [
                {
                    "oin": oin,
                    "naam": lines[0].creditor,
                    "saldo": sum(line.cents for line in lines),
                    "financiele_zaken": [
                        {
                            "zaakkenmerk": line.reference or None,
                            "omschrijving": line.kind,
                            "saldo": line.cents,
                            "achterstand": line.arrears,
                            "incassant": line.collector,
                            "peildatum": line.as_of.isoformat(),
                            "stukken": [*line.pieces],
                            "zeker": line.sure,
                        }
                        for line in lines
                    ],
                }
                for oin, lines in by_creditor.items()
            ],
            "alleen_totalen": [
                {"oin": line.organisation_oin, "naam": line.organisation, "saldo": line.cents, "stukken": [line.piece], "zeker": line.sure}
                for line in dossier.figures.totals
            ],
        }
    )


def _json(content: Mapping[str, JsonValue]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _piece(piece: Piece, dossier: Dossier) -> JsonValue:
    """Without its place in the status list and what it came in or as, which would tell copies apart."""
    until, members = piece.fresh_until, piece.item.as_json()
    return {
        "number": piece.number,
        **{name: value for name, value in members.items() if not name.startswith("status_") and name not in ("original", "came_as")},
        "colour_at_reception": piece.received.colour.value,
        "standing": dossier.standing(piece).value,
        "checked_at": piece.checked_at.isoformat(),
        "counts": piece.counts,
        "fresh_until": until.isoformat() if until is not None else None,
    }


def _debt(line: DebtLine) -> JsonValue:
    return {
        "creditor": line.creditor,
        "creditor_oin": line.creditor_oin,
        "collector": line.collector,
        "reference": line.reference or None,
        "kind": line.kind,
        "balance": line.cents,
        "arrears": line.arrears,
        "as_of": line.as_of.isoformat(),
        "pieces": [*line.pieces],
        "certain": line.sure,
    }


def _total(line: TotalLine) -> JsonValue:
    day = line.as_of.isoformat() if line.as_of is not None else None
    return {"organisation": line.organisation, "balance": line.cents, "as_of": day, "pieces": [line.piece], "certain": line.sure}


def _month(month: MonthLine) -> JsonValue:
    return {
        "month": str(month.month),
        "jobs": month.jobs,
        "benefits": month.benefits,
        "study": month.study,
        "total": month.total,
        "pieces": [*month.pieces],
        "certain": month.sure,
    }
