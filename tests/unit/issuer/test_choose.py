from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.document.content import choose as chosen_content
from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import Selection
from blauweknop.issuer.choose import Choice, ChoiceProblem, everything, needed_level, preselection, read_choices, typed
from tests.unit.document.content_samples import snapshot_of
from tests.unit.issuer.source_world import DEBT, GRANT, JOBS

ALL = (DEBT, GRANT, JOBS)
HIGH_ENOUGH = AssuranceLevel.SUBSTANTIAL
Form = dict[str, list[str]]
OPTIONAL = replace(DEBT, id="duo.los", parts=tuple(replace(part, required=False) for part in DEBT.parts))


def read(form: Form, level: AssuranceLevel = HIGH_ENOUGH, datasets: tuple[Dataset, ...] = ALL) -> Choice:
    return read_choices(form, datasets, level)


def problems(form: Form, level: AssuranceLevel = HIGH_ENOUGH, datasets: tuple[Dataset, ...] = ALL) -> tuple[ChoiceProblem, ...]:
    return read(form, level, datasets).problems


def test_an_empty_form_chose_nothing() -> None:
    assert problems({}) == (ChoiceProblem("nothing_chosen"),)


def test_a_data_set_that_is_not_here_is_refused() -> None:
    assert problems({"dataset": ["gem.brp"]}) == (ChoiceProblem("unknown_dataset"),)


def test_a_part_of_another_data_set_is_refused() -> None:
    assert problems({"dataset": [DEBT.id], f"part.{DEBT.id}": ["toekenning"]}) == (ChoiceProblem("unknown_part", DEBT.id),)


def test_a_required_part_is_in_whatever_the_form_says() -> None:
    assert read({"dataset": [DEBT.id]}).selections == (Selection(DEBT.id, frozenset({"schuld"})),)


def test_without_any_part_there_is_no_document() -> None:
    assert problems({"dataset": [OPTIONAL.id]}, datasets=(OPTIONAL,)) == (ChoiceProblem("no_parts", OPTIONAL.id),)


@pytest.mark.parametrize("written", [["7"], ["36", "12"], [""], ["-36"], ["３６"], ["None"]])
def test_a_period_that_is_not_offered_is_refused(written: list[str]) -> None:
    assert problems({"dataset": [JOBS.id], f"months.{JOBS.id}": written}) == (ChoiceProblem("unknown_period", JOBS.id),)


@pytest.mark.parametrize(("written", "months"), [([], 36), (["12"], 12), (["all"], None)])
def test_the_period_is_the_proposed_the_chosen_or_the_whole(written: list[str], months: int | None) -> None:
    assert read({"dataset": [JOBS.id], f"months.{JOBS.id}": written}).selections[0].months == months


def test_a_period_for_a_data_set_without_one_means_nothing() -> None:
    assert read({"dataset": [DEBT.id], f"months.{DEBT.id}": ["3"]}).selections[0].months is None


def test_a_data_set_above_the_level_of_the_login_is_refused_and_the_others_are_not() -> None:
    choice = read({"dataset": [DEBT.id, GRANT.id]}, AssuranceLevel.LOW)
    assert choice.problems == (ChoiceProblem("level_too_low", GRANT.id),)
    assert [selection.dataset_id for selection in choice.selections] == [DEBT.id]


def test_the_bsn_needs_level_substantial_even_for_lower_data() -> None:
    form = {"dataset": [DEBT.id], "bsn": ["with"]}
    assert problems(form, AssuranceLevel.LOW) == (ChoiceProblem("bsn_level_too_low"),)
    assert read(form).selections[0].with_bsn


@pytest.mark.parametrize("written", [[], ["without"], ["with", "without"], ["WITH"], ["1"]])
def test_anything_but_a_plain_yes_is_without_bsn(written: list[str]) -> None:
    assert not read({"dataset": [DEBT.id], "bsn": written}).selections[0].with_bsn


def test_a_data_set_that_is_ticked_twice_is_one_document() -> None:
    assert len(read({"dataset": [DEBT.id, DEBT.id]}).selections) == 1


def test_fields_that_nobody_asked_for_change_nothing() -> None:
    assert read({"dataset": [DEBT.id], "level": ["high"], "source": ["uwv"]}) == read({"dataset": [DEBT.id]})


def test_what_was_typed_stays_also_when_it_was_not_ticked() -> None:
    form = {f"part.{JOBS.id}": ["arbeidsverleden", "bestaat-niet"], f"months.{JOBS.id}": ["12"], "bsn": ["with"]}
    required = {part.id for part in JOBS.parts if part.required}
    assert typed(form, JOBS) == Selection(JOBS.id, frozenset({*required, "arbeidsverleden"}), 12, with_bsn=True)


def test_a_typed_period_that_does_not_exist_becomes_the_proposed_one() -> None:
    assert typed({f"months.{JOBS.id}": ["7"]}, JOBS).months == 36


def test_the_proposal_is_without_bsn_and_everything_is_too() -> None:
    assert not preselection(JOBS).with_bsn
    assert not everything(JOBS).with_bsn


def test_everything_is_all_parts_over_the_whole_period() -> None:
    assert everything(JOBS) == Selection(JOBS.id, frozenset(part.id for part in JOBS.parts), None)


def test_the_needed_level_is_the_highest_of_all() -> None:
    assert needed_level((DEBT,)) is AssuranceLevel.LOW
    assert needed_level((DEBT, GRANT)) is AssuranceLevel.SUBSTANTIAL
    assert needed_level((DEBT,), with_bsn=True) is AssuranceLevel.SUBSTANTIAL
    assert needed_level(()) is AssuranceLevel.LOW


_WORDS = st.sampled_from(
    ["duo.studieschuld", "uwv.verzekeringsbericht", "schuld", "onderdelen", "inkomstenverhoudingen", "12", "all", "with"]
)
_FIELDS = st.sampled_from(
    ["dataset", "bsn", *(f"{kind}.{dataset.id}" for kind in ("part", "months") for dataset in ALL)],
)


@given(st.dictionaries(_FIELDS, st.lists(_WORDS | st.text(max_size=5), max_size=4)), st.sampled_from(AssuranceLevel))
def test_no_form_leads_to_a_selection_that_the_document_refuses_or_the_login_does_not_allow(form: Form, level: AssuranceLevel) -> None:
    known = {dataset.id: dataset for dataset in ALL}
    choice = read(form, level)
    assert choice.selections or choice.problems
    for selection in choice.selections:
        dataset = known[selection.dataset_id]
        assert needed_level((dataset,)).rank <= level.rank
        chosen_content(snapshot_of(dataset, "full"), selection, dataset)
