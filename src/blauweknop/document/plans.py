"""Plans: what can be worked out from a data set before the first document is made of it, kept for the documents after it."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from blauweknop.domain.dataset import Dataset

__all__ = ["Plans"]

Key = TypeVar("Key", bound=Hashable)
Plan = TypeVar("Plan")


class Plans(Generic[Key, Plan]):
    """Plans by data set and by what else they are made from; when there are `most`, the oldest makes way.

    Threads may share it: at worst two of them make the same plan.
    """

    def __init__(self, make: Callable[[Dataset, Key], Plan], *, most: int) -> None:
        self._make = make
        self._most = most
        # A data set holds mappings and has no hash; the one kept beside its plan keeps its identity taken.
        self._kept: dict[tuple[int, Key], tuple[Dataset, Plan]] = {}

    def of(self, dataset: Dataset, key: Key) -> Plan:
        """The plan, made now when it is not there yet. Raises: what making it raises; then nothing is kept."""
        kept = self._kept.get((id(dataset), key))
        if kept is None:
            kept = dataset, self._make(dataset, key)
            while len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[(id(dataset), key)] = kept
        return kept[1]
