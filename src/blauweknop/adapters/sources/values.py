"""Read the values of sources: texts, numbers and dates in the forms that registers write them, one function per form.

Every function takes a raw value that is not empty and gives the JSON value of our field, or raises MalformedValue, which never holds
the value. Nothing is rounded, guessed or cut.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from blauweknop.adapters.sources.mapping import Reading, object_value
from blauweknop.catalogue.patterns import compiled_pattern
from blauweknop.domain.dataset import Field, FieldType
from blauweknop.domain.dates import AMSTERDAM, PartialDate
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.money import cents_from_euro_text
from blauweknop.domain.periods import Month

__all__ = ["READINGS", "partial_date", "read_value"]

Reader = Callable[[object, Reading, date], JsonValue]
_LONGEST_TEXT = 4000
_LARGEST = 2**53 - 1


def read_value(field: Field, raw: object, reading: Reading, *, today: date) -> JsonValue:
    """The JSON value of `field` from what a source wrote; `today` only counts for ages. None: there is no value after all.

    Raises:
        MalformedValue: the source wrote it in another form than the configuration says.
    """
    reader = _FORMS[reading.kind][1] if reading.kind in _FORMS else _OWN[field.type]
    value = reader(raw, reading, today)
    if field.codes is not None and value not in field.codes:
        raise MalformedValue("expected one of the codes of the field")
    if field.pattern is not None and isinstance(value, str) and not compiled_pattern(field.pattern).search(value):
        raise MalformedValue("expected the pattern of the field")
    return value


def partial_date(raw: object, reading: Reading) -> PartialDate:
    """A date that may be known in part: register digits (eight, or four or six of them), ISO, day-month-year, or a Haal Centraal object.

    Raises:
        MalformedValue: none of these, or not the one that the configuration says.
    """
    match reading.kind, raw:
        case "register_date", str(text):
            return PartialDate.parse_register(text + "0" * (8 - len(text)) if len(text) in (4, 6) else text)
        case "dutch_date", str(text) if re.fullmatch(r"[0-9]{2}-[0-9]{2}-[0-9]{4}", text):
            return PartialDate.parse_register(text[6:] + text[3:5] + text[:2])
        case "iso_date" | "own", str() | date():
            day = date.fromisoformat(_iso_date(raw))
            return PartialDate(day.year, day.month, day.day)
        case "own", Mapping():
            return PartialDate.parse_json(dict(raw))
    raise MalformedValue("expected a date in the form that the configuration says")


def _text(raw: object, _reading: Reading, _today: date) -> JsonValue:
    if not isinstance(raw, str) or len(raw) > _LONGEST_TEXT or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", raw):
        raise MalformedValue("expected a text without control characters")
    return raw


def _url(raw: object, reading: Reading, today: date) -> JsonValue:
    if not str(raw).startswith("https://"):
        raise MalformedValue("expected an https address")
    return _text(raw, reading, today)


def _text_of_number(raw: object, reading: Reading, today: date) -> JsonValue:
    whole = isinstance(raw, int) and not isinstance(raw, bool)
    return _text(str(raw) if whole else raw, reading, today)


def _integer(raw: object, _reading: Reading, _today: date) -> int:
    if isinstance(raw, str) and re.fullmatch(r"-?[0-9]{1,16}", raw):
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool) or abs(raw) > _LARGEST:
        raise MalformedValue("expected a whole number")
    return raw


def _year(raw: object, reading: Reading, today: date) -> int:
    year = _integer(raw, reading, today)
    if not 1 <= year <= 9999:
        raise MalformedValue("expected a year")
    return year


def _euro_text(raw: object, _reading: Reading, _today: date) -> int:
    """Euros as text or number: `1234,56`, `1234.5`; floats count as the digits they print."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise MalformedValue("expected an amount in euros")
    return cents_from_euro_text(raw if isinstance(raw, str) else _with_decimals(_decimal(raw), 2))


def _decimal(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise MalformedValue("expected a number")
    if isinstance(raw, str) and not re.fullmatch(r"-?[0-9]{1,15}([.,][0-9]{1,10})?", raw):
        raise MalformedValue("expected a number without thousands separator")
    try:
        number = Decimal(str(raw).replace(",", "."))
    except InvalidOperation as error:
        raise MalformedValue("expected a number") from error
    if not number.is_finite() or not -12 <= number.adjusted() < 15:
        raise MalformedValue("expected a number of a believable size")
    return number


def _with_decimals(number: Decimal, decimals: int) -> str:
    if not number.is_finite() or abs(number) >= 10**12:
        raise MalformedValue("expected a number of a believable size")
    text = f"{number:.{decimals}f}"
    if Decimal(text) != number:
        raise MalformedValue(f"expected at most {decimals} decimals")
    return text.removeprefix("-") if number == 0 else text


def _decimal2(raw: object, _reading: Reading, _today: date) -> str:
    return _with_decimals(_decimal(raw), 2)


def _ratio(raw: object, _reading: Reading, _today: date) -> str:
    return _with_decimals(_decimal(raw), 4)


def _percentage(raw: object, _reading: Reading, _today: date) -> str:
    """`2,57` percent is ratio `0.0257`."""
    return _with_decimals(_decimal(raw) / 100, 4)


def _boolean(raw: object, _reading: Reading, _today: date) -> bool:
    if not isinstance(raw, bool):
        raise MalformedValue("expected true or false")
    return raw


def _boolean_of(raw: object, reading: Reading, _today: date) -> bool:
    """`boolean:J/N` or `boolean:1,2,3/0`: the words for yes, and the words for no."""
    yes, no = (words.split(",") for words in reading.argument.split("/"))
    word = str(raw)
    if word not in yes and word not in no:
        raise MalformedValue("expected one of the words for yes and no")
    return word in yes


def _present(raw: object, _reading: Reading, _today: date) -> bool | None:
    """Any value means yes; an empty object, list, `false` or zero is no value."""
    return True if raw else None


def _iso_date(raw: object) -> str:
    if isinstance(raw, datetime):
        raise MalformedValue("expected a date without time")
    if isinstance(raw, date):
        return raw.isoformat()
    if not isinstance(raw, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
        raise MalformedValue("expected a date as YYYY-MM-DD")
    try:
        return date.fromisoformat(raw).isoformat()
    except ValueError as error:
        raise MalformedValue("expected a date of the calendar") from error


def _date(raw: object, reading: Reading, _today: date) -> str:
    known = partial_date(raw, reading)
    if known.kind != "Datum":
        raise MalformedValue("expected a whole date")
    return f"{known.year:04d}-{known.month:02d}-{known.day:02d}"


def _partial_date(raw: object, reading: Reading, _today: date) -> JsonValue:
    return dict(partial_date(raw, reading).as_json())


def _datetime(raw: object, _reading: Reading, _today: date) -> str:
    return _utc_text(_moment(raw, local=False))


def _local_datetime(raw: object, _reading: Reading, _today: date) -> str:
    """A moment as Dutch clocks show it, without zone."""
    return _utc_text(_moment(raw, local=True))


def _moment(raw: object, *, local: bool) -> datetime:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError as error:
        raise MalformedValue("expected a moment as YYYY-MM-DDThh:mm:ss") from error
    if (moment.tzinfo is None) != local:
        raise MalformedValue("expected a moment without zone" if local else "expected a moment with a zone")
    return moment.replace(tzinfo=AMSTERDAM) if local else moment


def _utc_text(moment: datetime) -> str:
    try:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError) as error:
        raise MalformedValue("expected a moment of the calendar") from error


def _year_month(raw: object, _reading: Reading, _today: date) -> str:
    return str(Month.parse(raw if isinstance(raw, str) else ""))


def _compact_month(raw: object, reading: Reading, today: date) -> str:
    """`202610`, as text or number."""
    digits = str(_integer(raw, reading, today))
    return str(Month.parse(f"{digits[:4]}-{digits[4:]}"))


def _code_object(raw: object, reading: Reading, today: date) -> JsonValue:
    """The Haal Centraal waardetabel; a place abroad has a description and no code."""
    if not isinstance(raw, Mapping) or set(raw) - {"code", "omschrijving", "soort"} or "omschrijving" not in raw:
        raise MalformedValue("expected an object with code and omschrijving")
    return {"code": _text(raw.get("code", ""), reading, today), "omschrijving": _text(raw["omschrijving"], reading, today)}


def _code_table(raw: object, reading: Reading, today: date) -> JsonValue:
    """A code of a table from a file; a code that is not in it stays readable as such."""
    code = _text(raw, reading, today)
    return {"code": code, "omschrijving": reading.table.get(str(code), f"onbekend (code {code})")}


def _code_or_text(raw: object, reading: Reading, today: date) -> JsonValue:
    """Four digits are a code; anything else is the name itself, as LO GBA writes places abroad."""
    text = _text(raw, reading, today)
    return _code_table(text, reading, today) if re.fullmatch(r"[0-9]{4}", str(text)) else {"code": "", "omschrijving": text}


def _age(raw: object, reading: Reading, today: date) -> int | None:
    """Whole years on `today`; none when the date is not known well enough."""
    form = Reading(reading.argument or "own")
    born = partial_date(raw, form)
    if born.year is None:
        return None
    earliest = _years_between(born.year, born.month or 1, born.day or 1, today)
    latest = _years_between(born.year, born.month or 12, born.day or 31, today)
    return earliest if earliest == latest else None


def _adult(raw: object, reading: Reading, today: date) -> bool | None:
    """Eighteen or older on `today`."""
    age = _age(raw, reading, today)
    if age is not None:
        return age >= 18
    year = partial_date(raw, Reading(reading.argument or "own")).year
    return None if year is None or today.year - year == 18 else today.year - year > 18


def _years_between(year: int, month: int, day: int, today: date) -> int:
    return today.year - year - ((today.month, today.day) < (month, day))


def _count(raw: object, _reading: Reading, _today: date) -> int:
    """How many rows a list of the source has; `when_empty = "0"` says that no list means none."""
    if raw == "0":
        return 0
    if not isinstance(raw, list | tuple):
        raise MalformedValue("expected a list")
    return len(raw)


def _count_minors(raw: object, reading: Reading, today: date) -> int | None:
    """`count_minors:geboorte.datum`: how many rows are younger than eighteen by the date at that name; none when one is not known."""
    if raw == "0":
        return 0
    if not isinstance(raw, list | tuple):
        raise MalformedValue("expected a list")
    column, _, form = reading.argument.partition(":")
    if not all(isinstance(row, Mapping) for row in raw):
        raise MalformedValue("expected a list of objects")
    dates = [object_value(row, column) for row in raw]
    adults = [None if born in (None, "") else _adult(born, Reading("adult", form), today) for born in dates]
    return None if None in adults else adults.count(False)


def _under_investigation(raw: object, reading: Reading, _today: date) -> bool | None:
    """LO GBA 83.10: category, group and element under investigation, where zeros stand for all: `080000` covers `081110`."""
    code, wanted = str(raw), reading.argument
    if not re.fullmatch(r"[0-9]{6}", code):
        raise MalformedValue("expected the six digits of a value under investigation")
    former = code[0] == "5"  # 58 is a former address
    covers = code == wanted or (code[4:] == "00" and code[:4] in (wanted[:4], wanted[:2] + "00")) or code[2:] == "9999"
    return True if covers and not former else None


_OWN: Mapping[FieldType, Reader] = {
    FieldType.TEXT: _text,
    FieldType.INTEGER: _integer,
    FieldType.EUROCENT: _integer,
    FieldType.EURO: _integer,
    FieldType.DECIMAL2: _decimal2,
    FieldType.RATIO: _ratio,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.PARTIAL_DATE: _partial_date,
    FieldType.DATETIME: _datetime,
    FieldType.YEAR: _year,
    FieldType.YEAR_MONTH: _year_month,
    FieldType.CODE: _text,
    FieldType.CODE_TABLE: _code_object,
    FieldType.URL: _url,
}


_DATES = (FieldType.DATE, FieldType.PARTIAL_DATE)
_DATE_FORMS = ("register_date", "iso_date", "dutch_date")
_FORMS: Mapping[str, tuple[tuple[FieldType, ...], Reader]] = {
    "text": ((FieldType.TEXT, FieldType.CODE), _text_of_number),
    "cents": ((FieldType.EUROCENT,), _integer),
    "euro_text": ((FieldType.EUROCENT,), _euro_text),
    "decimal2": ((FieldType.DECIMAL2,), _decimal2),
    "ratio": ((FieldType.RATIO,), _ratio),
    "percentage": ((FieldType.RATIO,), _percentage),
    "boolean": ((FieldType.BOOLEAN,), _boolean_of),
    "present": ((FieldType.BOOLEAN,), _present),
    "local_datetime": ((FieldType.DATETIME,), _local_datetime),
    "compact_month": ((FieldType.YEAR_MONTH,), _compact_month),
    "code_table": ((FieldType.CODE_TABLE,), _code_table),
    "code_or_text": ((FieldType.CODE_TABLE,), _code_or_text),
    "age": ((FieldType.INTEGER,), _age),
    "adult": ((FieldType.BOOLEAN,), _adult),
    "count": ((FieldType.INTEGER,), _count),
    "count_minors": ((FieldType.INTEGER,), _count_minors),
    "under_investigation": ((FieldType.BOOLEAN,), _under_investigation),
}
READINGS: Mapping[str, tuple[FieldType, ...]] = {kind: form[0] for kind, form in _FORMS.items()} | dict.fromkeys(_DATE_FORMS, _DATES)
