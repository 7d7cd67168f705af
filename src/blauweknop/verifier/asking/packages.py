"""The ready-made question of a package: what a receiver picks, with the numbers that it fills in."""

from collections.abc import Collection, Mapping

from blauweknop.catalogue import Catalogue
from blauweknop.document.package_claims import asked_items, compose_query
from blauweknop.domain.life_event import Need, Package
from blauweknop.verifier.asking.questions import AskedItem, Question

__all__ = ["question_of"]


def question_of(
    package: Package,
    catalogue: Catalogue,
    *,
    optional: Collection[str] = (),
    parameters: Mapping[str, int] | None = None,
    household: bool = False,
) -> Question:
    """All that the package always asks, and these of its optional items; of each person of a `household` so that two can be added up.

    Raises:
        PackageProblem: nothing certified in it, no such optional item, or a number that does not fit.
    """
    query = compose_query(package, catalogue, optional=optional, parameters=parameters, household=household)
    items = tuple(
        AskedItem(item.id, item.title, item.why, item.datasets, item.need is Need.REQUIRED, item.one_of, item.maximum_age, item.staff_title)
        for item in asked_items(package, optional)
    )
    return Question(package.id, items, query)
