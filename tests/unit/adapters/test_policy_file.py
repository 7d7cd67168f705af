import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.adapters.policy_file import load_policy
from blauweknop.adapters.settings_table import SettingsError
from blauweknop.catalogue import load_catalogue
from blauweknop.checking.policy import DatasetRules, Policy
from blauweknop.domain.durations import Duration
from blauweknop.domain.verdict import CheckedKind
from tests.suites import PROJECT

OIN = "00000001003214345000"


def read(folder: Path, content: str) -> Policy:
    (folder / "policy.toml").write_text(content, "utf-8")
    return load_policy(folder / "policy.toml", load_catalogue())


def test_all_rules(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        f'maximum_age = "P3M"\nissuers = ["{OIN}"]\ndatasets = ["duo.studieschuld"]\nkinds = ["document"]\nseal_level = "B-LT"\n'
        f'[per_dataset."duo.studieschuld"]\nmaximum_age = 30\n',
    )
    assert policy == Policy(
        DatasetRules(Duration(3, 0), frozenset({OIN})),
        {"duo.studieschuld": DatasetRules(Duration(0, 30))},
        frozenset({"duo.studieschuld"}),
        frozenset({CheckedKind.DOCUMENT}),
        "B-LT",
    )


def test_the_example_of_the_documentation_works(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "roles" / "verifier.md").read_text("utf-8")
    policy = read(tmp_path, page.partition("A **policy** says")[2].partition("```toml\n")[2].partition("```")[0])
    assert (policy.seal_level, policy.maximum_age("duo.studieschuld")) == ("B-LT", Duration(0, 30))


def test_no_rules(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Policy()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("maximum_ages = 3", r"line 1: maximum_ages is not a known setting"),
        ("maximum_age = 0", r"line 1: maximum_age must be a number of days"),
        ("maximum_age = true", r"maximum_age must be"),
        ("maximum_age = 1.5", r"maximum_age must be"),
        ("maximum_age = 36501", r"maximum_age must be"),
        ('maximum_age = "3 months"', r"maximum_age must be"),
        ('issuers = ["123"]', r"issuers must be OINs"),
        ("issuers = []", r"issuers is empty"),
        ('issuers = "x"', r"issuers must be a list"),
        ('\ndatasets = ["duo.onbekend"]', r"line 2: datasets names a data set that is not there"),
        ("datasets = []", r"datasets is empty"),
        ('kinds = ["paper"]', r"kinds has an unknown value"),
        ('kinds = ["other_seal"]', r"kinds has an unknown value"),
        ("kinds = []", r"kinds is empty"),
        ('seal_level = "B-B"', r"seal_level has an unknown value"),
        ('[per_dataset."duo.onbekend"]\nmaximum_age = 3', r"line 1: .*duo\.onbekend.* names a data set that is not there"),
        ('[per_dataset."duo.studieschuld"]\nage = 3', r"line 2: .*age is not a known setting"),
        ("per_dataset = 3", r"per_dataset must be a table"),
        ("x = [", r"this is not TOML"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused_with_its_line_and_what_to_do(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        read(tmp_path, content)
    assert caught.value.remedy


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml"):
        load_policy(tmp_path / "absent.toml", load_catalogue())


@given(st.text(max_size=60))
def test_any_text_is_a_policy_or_a_fault_of_usage(content: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        try:
            policy = read(Path(name), content.encode("utf-8", "replace").decode())
        except SettingsError:
            return
    assert policy == Policy()
