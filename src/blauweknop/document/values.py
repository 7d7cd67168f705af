"""How a value of a field reads on paper and on screen."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.dates import PartialDate, date_in_words, moment_in_words, month_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.money import format_cents, format_euros
from blauweknop.domain.periods import Month

__all__ = ["format_value", "visible"]


def format_value(field: Field, value: JsonValue, language: str) -> str:
    """The value in words; one that is absent, or a text with nothing in it, reads as the catalogue's `letter.absent`.

    Raises:
        ValueError, TypeError, MalformedValue: the value has not the field's form (the schema refuses it before).
    """
    if value is None or (isinstance(value, str) and not visible(value)):
        return sentence("letter.absent", language)
    shown = _shown(field, value, language)
    return f"{shown} {field.unit.in_language(language)}" if field.unit else shown


def visible(text: str) -> str:
    """What of a text can be seen: any white space as one space, and no characters that only steer (Unicode category Cf)."""
    shown = text if text.isascii() else "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(shown.split())


def _shown(field: Field, value: JsonValue, language: str) -> str:
    match field.type, value:
        case FieldType.EUROCENT, int(cents):
            return format_cents(cents, language)
        case FieldType.EURO, int(euros):
            return format_euros(euros, language)
        case FieldType.DECIMAL2, str(number):
            return number if language == "en" else number.replace(".", ",")
        case FieldType.RATIO, str(ratio):
            percentage = f"{Decimal(ratio) * 100:.2f}"
            return f"{percentage}%" if language == "en" else f"{percentage.replace('.', ',')}%"
        case FieldType.BOOLEAN, bool(flag):
            return sentence("letter.yes" if flag else "letter.no", language)
        case FieldType.DATE, str(day):
            return date_in_words(date.fromisoformat(day), language)
        case FieldType.DATETIME, str(moment):
            return moment_in_words(datetime.fromisoformat(moment), language)
        case FieldType.YEAR_MONTH, str(month):
            parsed = Month.parse(month)
            return month_in_words(parsed.year, parsed.number, language)
        case FieldType.PARTIAL_DATE, _:
            return PartialDate.parse_json(value).in_words(language)
        case FieldType.CODE_TABLE, {"omschrijving": str(words)}:
            return visible(words)
        case FieldType.CODE, str(code):
            return field.codes[code].in_language(language) if field.codes else code
    return visible(str(value))
