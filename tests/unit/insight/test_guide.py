import re
from types import ModuleType
from typing import Any

import pytest

import blauweknop.insight
import blauweknop.insight.rules
from blauweknop.catalogue.load_rule_packs import load_rule_packs
from blauweknop.domain.periods import Month
from tests.suites import PROJECT
from tests.unit.insight import papers as p

_GUIDE = (PROJECT / "docs" / "insight.md").read_text("utf-8")


def test_the_program_of_the_guide_runs() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", _GUIDE, re.DOTALL)
    months = [Month(2026, number).period for number in range(1, 11)]
    pay = {"inkomstenverhoudingen": [p.relation(*[p.pay(str(month.first), str(month.last), 100) for month in months])]}

    class Verdict:
        content = p.content("uwv.verzekeringsbericht", pay)

    names: dict[str, Any] = {"kept": [("k1", Verdict)], "today": p.AT}
    exec(program, names)  # noqa: S102 - our own guide
    assert names["year"].cents == 1_000


@pytest.mark.parametrize("package", [blauweknop.insight, blauweknop.insight.rules])
def test_every_public_name_is_there(package: ModuleType) -> None:
    names: list[str] = package.__all__
    assert [name for name in names if not hasattr(package, name)] == []
    assert names == sorted(names, key=lambda name: (not name[0].isupper(), name))


def test_the_guide_names_every_rule() -> None:
    rules = _GUIDE.partition("## Rules of others")[2].partition("## Charts")[0]

    assert set(re.findall(r"^\| `([a-z.]+)`", rules, re.MULTILINE)) == {pack.id for pack in load_rule_packs().packs}
