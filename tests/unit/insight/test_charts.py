import re
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.insight.charts import Chart
from blauweknop.insight.debt_chart import debt_chart
from blauweknop.insight.documents import InsightDocument
from blauweknop.insight.income_chart import income_chart
from blauweknop.insight.overview import Overview
from blauweknop.insight.svg import element, harmless
from tests.suites import PROJECT
from tests.unit.insight import papers as p
from tests.unit.insight.lives import documents
from tests.unit.insight.test_income import assistance, months_of_pay
from tests.unit.insight.test_properties import _quick

SVG = "{http://www.w3.org/2000/svg}"
TOP, PLOT = 40, 240


def life(*extra: InsightDocument, at: date = p.AT) -> Overview:
    jobs = p.relation(*months_of_pay(200_000, 210_000, 190_000, first=5))
    return p.overview(p.insured(jobs, months=12), assistance(("2026-08", "2026-08-27", 130_000)), *extra, at=at, months=12)


def income(overview: Overview, language: str = "nl") -> Chart:
    return income_chart(overview.income, language)


def drawing(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg)  # noqa: S314 - our own


def bars(chart: Chart, style: str) -> list[ElementTree.Element]:
    return [rect for group in drawing(chart).iter(f"{SVG}g") for rect in group.findall(f"{SVG}rect") if rect.get("class") == style]


def test_a_chart_has_a_title_and_a_description_that_screen_readers_find() -> None:
    svg = drawing(income(life()))

    ids = (svg.get("aria-labelledby") or "").split()
    assert svg.get("role") == "img"
    assert [found.text for name in ids for found in svg.iter() if found.get("id") == name] == [
        "Uw inkomen per maand",
        "Een staaf per maand, 12 maanden. Van 4 maanden is inkomen bekend, van €\u00a01.300,00 tot €\u00a02.100,00. "
        "Dezelfde bedragen staan in de tabel.",
    ]


def test_bars_are_as_high_as_their_amounts() -> None:
    assert "€\u00a02.500</text>" in income(life()).svg  # the highest line
    heights = [float(bar.get("height") or 0) for bar in bars(income(life()), "chart-jobs")][1:]  # the first is the legend

    assert heights == pytest.approx([PLOT * cents / 250_000 for cents in (200_000, 210_000, 190_000)], abs=0.01)


def test_the_table_has_the_same_numbers_as_the_bars_and_an_empty_cell_where_nothing_is_known() -> None:
    overview = life()
    table = income(overview, "en").table

    assert table.columns == ("Month", "Pay", "Benefits", "Study grant", "Together", "What we know")
    assert table.cents[-6:-2] == (
        (200_000, None, None, 200_000),
        (210_000, None, None, 210_000),
        (190_000, None, None, 190_000),
        (None, 130_000, None, 130_000),
    )
    assert table.rows[0] == ("November 2025", "", "", "", "", "No income known")
    assert table.rows[-3] == ("August 2026", "", "€1,300.00", "", "€1,300.00", "Known")


def test_a_month_without_data_is_marked_and_is_not_a_bar_of_zero() -> None:
    chart = income_chart(p.overview(assistance(("2026-10", "2026-10-27", 100), months=3), months=12).income, "nl")

    assert len(bars(chart, "chart-absent")) == 9
    assert "Geen gegevens" in chart.svg


def test_kinds_differ_in_pattern_as_well_as_in_colour() -> None:
    chart = income(life())

    assert 'fill="url(#income-lines)"' in chart.svg
    assert len([rect for rect in drawing(chart).iter(f"{SVG}rect") if rect.get("fill") == "url(#income-lines)"]) == 2  # a month, the legend


def test_what_was_taken_back_goes_below_zero_and_hides_nothing() -> None:
    items = p.pay("2026-10-01", "2026-10-31", -60_000), p.pay("2026-09-01", "2026-09-30", 100_000)
    taken, paid = bars(income_chart(p.overview(p.insured(p.relation(*items))).income, "nl"), "chart-jobs")[:0:-1]

    assert float(taken.get("y") or 0) == pytest.approx(float(paid.get("y") or 0) + float(paid.get("height") or 0))


def test_a_debt_bar_is_as_long_as_the_debt_and_marks_what_is_late() -> None:
    cases = [p.case("A", 60_000, arrears=15_000), p.case("B", 20_000)]
    debts = p.overview(p.owed("cak.betaaloverzicht", cases), p.owed("gem.betaaloverzicht", [p.case("C", 40_000, arrears=90_000)])).debts
    chart = debt_chart(debts, "nl")

    assert [float(bar.get("width") or 0) for bar in bars(chart, "chart-debt")[1:]] == [540, 180, 360]
    assert [float(bar.get("width") or 0) for bar in bars(chart, "chart-late")[1:]] == [135, 360]  # never more than the debt
    assert chart.table.cents == ((60_000, 15_000), (20_000, 0), (40_000, 90_000))


@pytest.mark.parametrize(("arrears", "legend"), [(None, {"unknown"}), (0, {"not"}), (10, {"late", "not"})])
def test_a_debt_of_which_nobody_says_what_is_late_is_not_drawn_as_in_time(arrears: int | None, legend: set[str]) -> None:
    chart = debt_chart(p.overview(p.owed("cak.betaaloverzicht", [p.case("A", 60_000, arrears=arrears)])).debts, "en")
    words = {"late": ">Overdue<", "not": ">Not overdue<", "unknown": ">Not known whether it is overdue<"}

    assert {name for name, label in words.items() if label in chart.svg} == legend
    assert ('fill="url(#debts-dots)"' in chart.svg) is (arrears is None)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_without_anything_a_chart_says_so(language: str) -> None:
    empty = p.overview()

    for chart in (income(empty, language), debt_chart(empty.debts, language)):
        description = drawing(chart).find(f"{SVG}desc")
        assert description is not None
        assert description.text in ("Van geen enkele maand is inkomen bekend.", "In uw documenten staan geen schulden.",
                                    "No income is known of any month.", "There are no debts in your documents.")  # fmt: skip


@_quick
@given(documents())
def test_every_chart_is_well_formed_and_has_no_style_script_or_link(found: list[InsightDocument]) -> None:
    overview = p.overview(*found)
    for chart in (income(overview), debt_chart(overview.debts, "en")):
        for each in drawing(chart).iter():
            assert each.tag.removeprefix(SVG) in {"svg", "title", "desc", "defs", "pattern", "path", "circle", "g", "rect", "text", "line"}
            assert not {"style", "onclick", "href", "{http://www.w3.org/1999/xlink}href"} & set(each.keys())
            assert all(float(each.get(size) or 0) >= 0 for size in ("width", "height"))


@given(st.text())
def test_any_text_stays_text(text: str) -> None:
    made = element("text", {"x": text}, harmless(text))
    read = ElementTree.fromstring(made)  # noqa: S314 - our own

    assert read.tag == "text"
    assert len(read) == 0
    kept = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert (read.text or "").split() == kept.split()


def test_ids_of_two_charts_on_a_page_differ() -> None:
    one, other = (income_chart(life().income, "nl", name=name).svg for name in ("one", "other"))

    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', other))


def test_every_class_of_a_chart_gets_its_colour_from_the_tokens_of_the_look() -> None:
    look = PROJECT / "src" / "blauweknop" / "web" / "static" / "look"
    rules, tokens = (look / "charts.css").read_text("utf-8"), (look / "tokens.css").read_text("utf-8")
    drawn = set(re.findall(r'class="([^"]+)"', income(life()).svg + debt_chart(life().debts, "nl").svg))

    assert drawn <= set(re.findall(r"\.([a-z-]+)", rules))
    assert all(f"{token}:" in tokens for token in re.findall(r"var\((--bk-[a-z-]+)\)", rules))


@pytest.mark.parametrize("cents", [1, -1, 99, 10_000, -10_001, 2**53 - 1, -(2**53 - 1)])
def test_every_amount_lies_between_the_lowest_and_the_highest_line(cents: int) -> None:
    chart = income_chart(p.overview(p.insured(p.relation(p.pay("2026-10-01", "2026-10-31", cents)))).income, "nl")
    (bar,) = bars(chart, "chart-jobs")[1:]
    y, height = float(bar.get("y") or 0), float(bar.get("height") or 0)

    assert TOP <= y <= y + height <= TOP + PLOT + 0.01
    assert len([line for line in drawing(chart).iter(f"{SVG}line") if line.get("class") in ("axis", "grid")]) < 20


@given(st.text(max_size=30) | st.integers() | st.floats(-1e6, 1e6))
def test_an_attribute_reads_back_as_what_it_was(value: str | int | float) -> None:
    """Whatever is harmless as it is, and what is not."""
    found = ElementTree.fromstring(element("g", {"id": value})).get("id")  # noqa: S314 - our own

    if isinstance(value, str):
        assert found == re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", value)
    else:
        assert found is not None
        assert abs(float(found) - value) <= 0.005
