import json
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from blauweknop.checking.trust import NO_TRUST
from blauweknop.cli import bench, bench_processes
from blauweknop.cli.bench_credentials import DISCLOSURES, CredentialExercise
from blauweknop.cli.bench_exercise import bench_exercise
from blauweknop.cli.bench_mdocs import MdocExercise
from blauweknop.cli.bench_measuring import Cost, Effort, Pipeline, measure
from blauweknop.cli.bench_report import Figure, Report, this_machine
from blauweknop.standards.disclosures import SdJwtProblem
from blauweknop.standards.mdoc import MdocProblem

QUICK = bench.Plan.quick()


def test_sealing_is_measured_beside_its_goals_and_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.bench_sealing(QUICK) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "typst + pyHanko" in shown
    assert "≥ 4,000" in shown
    assert "≤ 150" in shown
    assert "(40 disclosures)" in shown
    assert "Python" in shown


def test_checking_is_measured_as_json_and_a_program_that_is_not_here_is_named_apart(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyhanko_certvalidator", None)
    monkeypatch.setitem(sys.modules, "jwcrypto.jwk", None)
    monkeypatch.setitem(sys.modules, "pymdoccbor.mdoc.issuer", None)
    assert bench.bench_checking(QUICK, as_json=True) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [way["name"] for way in found["pipelines"]] == [
        "known",
        "check",
        "child",
        "child_typeset",
        "floor_check",
        "verify_sd_jwt",
        "verify_mdoc",
    ]
    assert found["pipelines"][0]["goal_per_second_and_core"] == 3000
    assert [figure["name"] for figure in found["figures"]] == ["distance_check", "look_ups"]
    assert found["document"] == {"pages": 3, "disclosures": 40}
    assert found["credential"] == {"disclosures": 33}
    for program in ("pyHanko", "sd-jwt", "pymdoccbor"):
        assert f"{program} is not here. Install it with: make bench" in " ".join(err.split())


def test_the_credential_that_is_measured_has_33_disclosures_and_is_verified_by_every_rule() -> None:
    with bench_exercise() as exercise:
        credentials = CredentialExercise.on(exercise)
        message, *disclosures, end = credentials.sd_jwt().split("~")
        assert (len(disclosures), end) == (DISCLOSURES, "")
        with pytest.raises(SdJwtProblem, match=r"disclosure"):
            credentials.verify_sd_jwt("~".join((message, *disclosures, disclosures[0], "")))


def test_the_mdoc_that_is_measured_has_33_elements_and_is_verified_by_every_rule() -> None:
    with bench_exercise() as exercise:
        mdocs = MdocExercise.on(exercise)
        issued = mdocs.issued()
        assert issued.count(b"elementIdentifier") == DISCLOSURES
        with pytest.raises(MdocProblem, match="signed"):
            mdocs.verify(issued.replace(b"waarde 0-1", b"waarde 0-2", 1))


def test_the_status_list_that_is_measured_is_whole_and_one_in_twenty_is_withdrawn() -> None:
    with bench_exercise() as exercise:
        statuses = CredentialExercise.on(exercise).published()
        assert len(statuses) == 1 << 20
        assert sum(statuses.status(index) for index in range(1 << 20)) == (1 << 20) // 20


def test_no_two_people_of_the_benchmark_are_alike() -> None:
    with bench_exercise() as exercise:
        first, second = exercise.order(), exercise.order()
        assert first.snapshot.subject != second.snapshot.subject
        assert first.snapshot.data != second.snapshot.data


def test_a_check_that_fails_gives_no_figures() -> None:
    with bench_exercise() as exercise:
        pdf = exercise.make(exercise.order()).pdf
        with pytest.raises(bench.BenchmarkFailed, match="no_trust_list"):
            bench.require_good(replace(exercise, trust=NO_TRUST), pdf)


def test_what_the_authority_spends_is_counted_apart() -> None:
    with bench_exercise() as exercise:
        exercise.make(exercise.order())
        assert exercise.authority.answers == 1
        assert exercise.authority.seconds > 0


def test_a_pipeline_gets_only_fresh_things() -> None:
    given: list[int] = []
    numbers = iter(range(1000))
    (cost,) = measure([Pipeline("test", numbers.__next__, given.append)], Effort(rounds=3, seconds=1, most=5))
    assert len(set(given)) == len(given)
    assert cost.documents == 15


def test_a_slow_pipeline_gets_small_batches() -> None:
    assert [Effort(rounds=1, seconds=0.1, most=200).batch(each) for each in (0.0001, 0.01, 3.0)] == [200, 10, 1]


def test_what_is_done_elsewhere_is_no_cost() -> None:
    spent = iter([0.0, 1000.0])
    (cost,) = measure([Pipeline("test", int, str, elsewhere=spent.__next__)], Effort(rounds=1, seconds=1, most=1))
    assert cost.median < -999


@pytest.mark.parametrize(("each", "reached"), [(0.00025, True), (0.000251, False)])
def test_a_goal_per_second_is_reached_from_that_rate_on(each: float, reached: bool) -> None:
    assert Cost("test", (each,), 1, None, goal=4000, limit=None).reached is reached


@pytest.mark.parametrize(("each", "reached"), [(0.150, True), (0.151, False)])
def test_a_limit_is_reached_until_that_time(each: float, reached: bool) -> None:
    assert Cost("test", (each,), 1, None, goal=None, limit=0.150).reached is reached


def test_a_figure_says_whether_more_or_less_is_wanted() -> None:
    assert Figure("test", 2.0, 1.9, at_least=True).reached is True
    assert Figure("test", 2.0, 1.9).reached is False
    assert Figure("test", 2.0).reached is None


def test_what_others_reach_is_shown_beside_a_figure_where_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    figures = [Figure("flows_mdoc", 90, 80, at_least=True, rival=12), Figure("wallet_start", 2)]
    cost = Cost("status_list", (0.01,), 1, None, goal=None, limit=None)
    Report("issue", this_machine(), [cost], figures, {}).show(Console(width=200))
    rows = [[cell.strip() for cell in line.split("│")[-6:-1]] for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert [row[1:] for row in rows[-2:]] == [["90", "≥ 80", "reached", "12"], ["2", "-", "-", "-"]]


def test_a_process_that_cannot_hold_so_many_shapes_gives_no_figure() -> None:
    with pytest.raises(bench_processes.ProcessFailed):
        bench_processes.memory_with_shapes(-1)
