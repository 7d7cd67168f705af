"""How a value of a field reads on paper and on screen."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.dates import PartialDate, date_in_words, moment_in_words, month_in_words
from blauweknop.domain.document import JsonValue
from blauweknop.domain.money import format_cents, format_euros
from blauweknop.domain.periods import Month

__all__ = ["Printer", "column_printer", "format_value", "value_printer", "visible"]

_RATIO = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)

Printer = Callable[[JsonValue], str]
"""From a value to the words for it."""


def format_value(field: Field, value: JsonValue, language: str) -> str:
    """The value in words; one that is absent, or a text with nothing in it, reads as the catalogue's `letter.absent`.

    Raises:
        ValueError, TypeError, MalformedValue: the value has not the field's form (the schema refuses it before).
    """
    return value_printer(field, language)(value)


def value_printer(field: Field, language: str) -> Printer:
    """`format_value` for many values of one field."""
    absent = sentence("letter.absent", language)
    words = _printer(field, language)
    unit = f" {field.unit.in_language(language)}" if field.unit else ""

    def print_value(value: JsonValue) -> str:
        # A text that begins with a letter or a digit has something in it; only for others it is worth to look further.
        if value is None or (isinstance(value, str) and not value[:1].isalnum() and not visible(value)):
            return absent
        return words(value) + unit

    return print_value


def column_printer(field: Field, language: str) -> Callable[[list[JsonValue]], list[str]]:
    """The words for the values of one field in all rows of a table, where an absent value is an empty place."""
    print_value = value_printer(field, language)
    print_all = None if field.unit else _column_printer(field.type, language)

    def print_column(values: list[JsonValue]) -> list[str]:
        if values.count(None) == len(values):
            return [""] * len(values)
        if print_all is not None:
            try:
                return print_all(values)
            except (TypeError, ValueError):
                pass  # not all of them are of the field's own form; one by one each gets its words, or its error
        return ["" if value is None else print_value(value) for value in values]

    return print_column


def visible(text: str) -> str:
    """What of a text can be seen: any white space as one space, and no characters that only steer (Unicode category Cf)."""
    # A text of which all can be printed has no such character.
    shown = text if text.isascii() or text.isprintable() else "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(shown.split())


def _printer(field: Field, language: str) -> Printer:
    """The words for a value that is there; a value of another kind than the field's reads as plain text."""
    kind = field.type
    if kind in (FieldType.EUROCENT, FieldType.EURO):
        amount = format_cents if kind is FieldType.EUROCENT else format_euros
        return lambda value: amount(value, language) if isinstance(value, int) else _plain(value)
    if kind is FieldType.BOOLEAN:
        answers = sentence("letter.no", language), sentence("letter.yes", language)
        return lambda value: answers[value] if isinstance(value, bool) else _plain(value)
    if kind is FieldType.PARTIAL_DATE:
        return lambda value: PartialDate.parse_json(value).in_words(language)
    if kind is FieldType.CODE_TABLE:
        return _print_described
    if kind is FieldType.CODE and field.codes:
        names = {code: name.in_language(language) for code, name in field.codes.items()}
        return lambda value: names[value] if isinstance(value, str) else _plain(value)
    if kind is FieldType.CODE:
        return lambda value: value if isinstance(value, str) else _plain(value)
    of_text = _OF_TEXT.get(kind)
    if of_text is None:
        return _plain
    return lambda value: of_text(value, language) if isinstance(value, str) else _plain(value)


def _column_printer(kind: FieldType, language: str) -> Callable[[list[Any]], list[str]] | None:
    """The kinds that tables are full of, without a question about each value; a value of another form makes it raise."""
    if kind is FieldType.DATE:
        return lambda values: [_day(value, language) for value in values]
    if kind is FieldType.DECIMAL2:
        return lambda values: [_plain_decimal(value, language) for value in values]
    if kind in (FieldType.EUROCENT, FieldType.EURO):
        amount = format_cents if kind is FieldType.EUROCENT else format_euros
        return lambda values: [amount(value, language) for value in values]
    return None


def _plain(value: JsonValue) -> str:
    return visible(str(value))


def _print_described(value: JsonValue) -> str:
    words = value.get("omschrijving") if isinstance(value, dict) else None
    return visible(words) if isinstance(words, str) else _plain(value)


def _decimal(number: str, language: str) -> str:
    return number if language == "en" else number.replace(".", ",")


@lru_cache(maxsize=4096)
def _plain_decimal(number: str, language: str) -> str:
    if not number[:1].isalnum():
        raise ValueError("expected a number without a sign")
    return _decimal(number, language)


def _percentage(ratio: str, language: str) -> str:
    if not _RATIO.fullmatch(ratio):  # "1e999999" would be a million digits
        raise ValueError("expected a ratio such as 0.0257")
    percentage = f"{Decimal(ratio) * 100:.2f}"
    return f"{percentage}%" if language == "en" else f"{percentage.replace('.', ',')}%"


@lru_cache(maxsize=4096)
def _day(text: str, language: str) -> str:
    return date_in_words(date.fromisoformat(text), language)


@lru_cache(maxsize=1024)
def _month(text: str, language: str) -> str:
    month = Month.parse(text)
    return month_in_words(month.year, month.number, language)


def _moment(text: str, language: str) -> str:
    return moment_in_words(datetime.fromisoformat(text), language)


_OF_TEXT: dict[FieldType, Callable[[str, str], str]] = {
    FieldType.DECIMAL2: _decimal,
    FieldType.RATIO: _percentage,
    FieldType.DATE: _day,
    FieldType.DATETIME: _moment,
    FieldType.YEAR_MONTH: _month,
}
