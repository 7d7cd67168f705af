"""The benchmark of a receiver that asks: a real server of two processes and real presentations, a few of each."""

import json

import pytest

from blauweknop.cli import bench


def test_presenting_is_measured_beside_its_goals_and_the_best_rival(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.bench_presenting(bench.Plan.quick(), as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    figures = {figure["name"]: figure for figure in found["figures"]}
    assert (figures["presentations"]["goal"], figures["presentations"]["rival"], figures["presentation_most"]["goal"]) == (250, 28, 150)
    assert figures["presentations"]["value"] > 0
    assert found["presentation"] == {"claims": 10, "at_once": 2}
