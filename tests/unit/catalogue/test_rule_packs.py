from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from blauweknop.catalogue.load_rule_packs import load_rule_packs, parse_rule_pack
from blauweknop.catalogue.reading import CatalogueError
from blauweknop.domain.rule_pack import RulePack

TEXT = {"nl": "ja", "en": "yes"}
FIGURE = {"name": "least", "cents": 100, "about": TEXT, "source": "ergens"}
BANDS = {"name": "table", "about": TEXT, "source": "ergens", "rows": [{"up_to": "0.5", "value": "1.05"}, {"value": "1.1"}]}
PACK: dict[str, Any] = {
    "id": "a.rule",
    "version": 1,
    "title": TEXT,
    "about": TEXT,
    "legal_basis": [{"description": TEXT, "url": "https://wetten.overheid.nl/BWBR0011453"}],
    "valid_from": "2025-01-01",
    "valid_to": "2025-12-31",
    "validity": TEXT,
    "unknown": [TEXT],
    "figures": [FIGURE],
    "bands": [BANDS],
    "checks": [{"name": "one", "source": "ergens", "inputs": {"a": "1"}, "expected": {"b": "2"}}],
}


def test_a_rule_pack_is_read_with_its_numbers_exact() -> None:
    pack = parse_rule_pack(PACK, "x.yaml")

    assert pack.number("least") == 100
    assert pack.bands["table"].value_for(Fraction(1, 2)) == Fraction(105, 100)
    assert pack.bands["table"].value_for(Fraction(51, 100)) == Fraction(11, 10)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a key too many": ({"extra": 1}, "unknown extra"),
    "a day as a date": ({"valid_from": date(2025, 1, 1)}, "valid_from must be a text"),
    "a day that is none": ({"valid_from": "2025-02-30"}, "valid_from must be a day"),
    "an end before the beginning": ({"valid_to": "2024-12-31"}, "valid_to lies before valid_from"),
    "a figure without source": ({"figures": [{**FIGURE, "source": " "}]}, "needs a source"),
    "a figure without kind": ({"figures": [{key: FIGURE[key] for key in FIGURE if key != "cents"}]}, "expected one of cents, ratio, count"),
    "a figure of two kinds": ({"figures": [{**FIGURE, "ratio": "1"}]}, "expected one of cents, ratio, count"),
    "an amount with a point": ({"figures": [{**FIGURE, "cents": 1.5}]}, "cents must be a whole number"),
    "a figure twice": ({"figures": [FIGURE, FIGURE]}, "least stands there twice"),
    "a ratio that is no number": ({"bands": [{**BANDS, "rows": [{"value": "veel"}]}]}, "value must be a number"),
    "a ratio by nothing": ({"bands": [{**BANDS, "rows": [{"value": "1/0"}]}]}, "value must be a number"),
    "bands that do not end": ({"bands": [{**BANDS, "rows": [{"up_to": "1", "value": "1"}]}]}, "only the last band has none"),
    "bands that fall": (
        {"bands": [{**BANDS, "rows": [{"up_to": "2", "value": "1"}, {"up_to": "1", "value": "1"}, {"value": "1"}]}]},
        "bounds must rise",
    ),
    "no bands": ({"bands": [{**BANDS, "rows": []}]}, "bounds must rise"),
    "an input that is a number": ({"checks": [{"name": "one", "source": "s", "inputs": {"a": 1}, "expected": {}}]}, "a must be a text"),
}


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_rule_pack_is_refused_by_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogueError, match=rf"x\.yaml.*{said}"):
        parse_rule_pack({**PACK, **change}, "x.yaml")


@pytest.mark.parametrize("key", sorted(set(PACK) - {"bands"}))
def test_a_rule_pack_without_one_of_its_keys_is_refused(key: str) -> None:
    with pytest.raises(CatalogueError, match=f"{key} is missing"):
        parse_rule_pack({name: value for name, value in PACK.items() if name != key}, "x.yaml")


def test_two_versions_of_a_rule_never_hold_on_one_day(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(yaml.safe_dump(PACK))
    (tmp_path / "2.yaml").write_text(yaml.safe_dump({**PACK, "version": 2, "valid_from": "2025-12-31", "valid_to": "2026-12-31"}))

    with pytest.raises(CatalogueError, match="two versions hold on 2025-12-31"):
        load_rule_packs(tmp_path)


def test_the_version_that_holds_on_a_day_is_found(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(yaml.safe_dump(PACK))
    (tmp_path / "2.yaml").write_text(yaml.safe_dump({**PACK, "version": 2, "valid_from": "2026-01-01", "valid_to": "2026-12-31"}))
    packs = load_rule_packs(tmp_path)
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1), date(2027, 1, 1))

    assert [found.version if (found := packs.on("a.rule", day)) else None for day in days] == [None, 1, 1, 2, None]


@pytest.mark.parametrize("pack", load_rule_packs().packs, ids=lambda pack: f"{pack.id}/{pack.version}")
def test_every_rule_of_the_product_has_law_sources_open_points_and_checks(pack: RulePack) -> None:
    assert pack.legal_basis
    assert pack.unknown
    assert pack.checks
    assert all(basis.url.startswith("https://") for basis in pack.legal_basis)


def test_no_rule_of_the_product_computes_what_must_be_attested() -> None:
    assert {pack.id for pack in load_rule_packs().packs} == {
        "duo.terugbetalen",
        "hypotheek.studieschuld",
        "hypotheek.toetsinkomen",
        "rijk.betalingsregeling",
    }
