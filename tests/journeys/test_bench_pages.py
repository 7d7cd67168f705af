"""The benchmark of the pages of Mijn Blauwe Knop: a real server, a real store, two people."""

import json

import pytest

from blauweknop.cli.bench_pages import PagesPlan, bench_pages


def test_pages_are_measured_beside_their_goals(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_pages(PagesPlan.quick(), as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    pages = {page["name"]: page for page in found["pages"]}
    assert list(pages) == ["unlock", "overview_first", "overview", "overview_36_first", "overview_36", "list", "document", "log", "rights"]
    assert {page["goal"] for name, page in pages.items() if name != "unlock"} == {0.3}
    assert all(page["visits"] == 2 and 0 < page["server_half"] <= page["server_95"] for page in pages.values())
    assert {figure["name"]: figure["goal"] for figure in found["figures"]}["web_memory"] == 250
    assert found["store"]["accounts"] == 5
