from datetime import UTC, date, datetime

import pytest

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.texts import Text
from blauweknop.web.templates import template_environment


@pytest.mark.parametrize(
    ("template", "value", "language", "words"),
    [
        ("{{ value|money }}", 123456, "nl", "€\u00a01.234,56"),
        ("{{ value|money }}", -123456, "en", "-€1,234.56"),
        ("{{ value|euros }}", 312000, "nl", "€\u00a0312.000"),
        ("{{ value|day }}", "2026-11-03", "nl", "3 november 2026"),
        ("{{ value|day }}", date(2026, 11, 3), "en", "3 November 2026"),
        ("{{ value|day }}", PartialDate(1985), "nl", "1985"),
        ("{{ value|day }}", PartialDate(None), "en", "unknown"),
        ("{{ value|moment }}", datetime(2026, 11, 23, 14, 12, tzinfo=UTC), "nl", "23 november 2026 om 15.12 uur"),
        ("{{ value|month }}", "2026-11", "nl", "november 2026"),
        ("{{ value|month }}", date(2026, 11, 3), "en", "November 2026"),
        ("{{ value|in_language }}", Text(nl="bron", en="source"), "en", "source"),
        ("{{ value|machine_date }}", PartialDate(1985, 8), "nl", ""),
        ("{{ value|machine_date }}", PartialDate(1985, 8, 12), "nl", "1985-08-12"),
    ],
)
def test_values_become_words_of_the_language(template: str, value: object, language: str, words: str) -> None:
    assert template_environment().from_string(template).render(value=value, language=language) == words


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["DUO", 0]], '<span class="money">€\u00a00,00</span>'),
        ([["DUO", None]], "<td></td>"),
        ([["DUO", "<b>"]], "&lt;b&gt;"),
    ],
)
def test_a_table_cell_shows_zero_nothing_and_text_for_what_they_are(rows: list[list[object]], expected: str) -> None:
    source = '{% import "web/components.html" as ui with context %}{{ ui.table("T", [("Wie", "text"), ("Bedrag", "money")], rows) }}'
    assert expected in template_environment().from_string(source).render(rows=rows, language="nl")


@pytest.mark.parametrize(("current", "last", "numbers"), [(1, 1, []), (1, 3, ["1", "2", "3"]), (5, 9, ["1", "4", "5", "6", "9"])])
def test_pages_show_the_ends_and_the_neighbours(current: int, last: int, numbers: list[str]) -> None:
    source = '{% import "web/components.html" as ui with context %}{{ ui.pages(current, last, "/x?p={}") }}'
    html = template_environment().from_string(source).render(current=current, last=last, language="nl")
    assert [part.split("<")[0] for part in html.split("Pagina </span>")[1:]] == numbers
