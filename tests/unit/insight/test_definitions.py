import re

import pytest

from blauweknop.insight.figures import Definition, FigureId
from tests.suites import PROJECT
from tests.unit.insight import papers as p


@pytest.mark.parametrize("figure", FigureId)
def test_every_figure_has_words_and_data_sets_of_the_catalogue(figure: FigureId) -> None:
    definition = Definition.of(figure)

    assert all((text.nl and text.en) for text in (definition.title, definition.counts, definition.not_counted))
    assert definition.datasets
    assert set(definition.datasets) - {"fcid"} <= set(p.CATALOGUE.datasets)


def test_the_table_of_the_guide_has_every_figure_once() -> None:
    guide = (PROJECT / "docs" / "insight.md").read_text("utf-8").partition("## Definitions")[2].partition("### Months")[0]
    named = [name for row in guide.splitlines() if row.startswith("| `") for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])]

    assert sorted(named) == sorted(FigureId)
