import pytest

from blauweknop.catalogue import load_catalogue
from blauweknop.document.plans import Plans
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.errors import MalformedValue

DATASETS = list(load_catalogue().datasets.values())


class Maker:
    """Makes plans that say for whom they are, and counts them."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, dataset: Dataset, key: str) -> str:
        self.made += 1
        if not key:
            raise MalformedValue("expected a key")
        return f"{dataset.id} {key}"


def test_a_plan_is_made_once_for_each_data_set_and_key() -> None:
    maker = Maker()
    plans = Plans(maker, most=9)
    found = [plans.of(dataset, key) for _ in range(3) for dataset in DATASETS[:2] for key in "ab"]
    assert (maker.made, len(set(found))) == (4, 4)


def test_no_more_plans_are_kept_than_agreed() -> None:
    maker = Maker()
    plans = Plans(maker, most=2)
    for key in "abca":
        plans.of(DATASETS[0], key)
    assert maker.made == 4


def test_what_cannot_be_planned_is_refused_each_time() -> None:
    plans = Plans(Maker(), most=2)
    for _ in range(2):
        with pytest.raises(MalformedValue):
            plans.of(DATASETS[0], "")
