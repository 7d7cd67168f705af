import pytest

from blauweknop.domain.durations import Duration
from blauweknop.web.durations import duration_in_words


@pytest.mark.parametrize(
    ("retention", "nl", "en"),
    [
        ("P5Y", "5 jaar", "5 years"),
        ("P1Y6M", "1 jaar en 6 maanden", "1 year and 6 months"),
        ("P1Y2M3D", "1 jaar, 2 maanden en 3 dagen", "1 year, 2 months and 3 days"),
        ("P1M", "1 maand", "1 month"),
        ("P2W", "14 dagen", "14 days"),
        ("PT12H", "1 dag", "1 day"),
        ("P0D", "1 dag", "1 day"),
        ("PT240H", "10 dagen", "10 days"),
        ("P10YT1S", "10 jaar en 1 dag", "10 years and 1 day"),
    ],
)
def test_how_long_it_is_kept_is_said_in_words(retention: str, nl: str, en: str) -> None:
    length = Duration.lasting(retention)
    assert (duration_in_words(length, "nl"), duration_in_words(length, "en")) == (nl, en)
