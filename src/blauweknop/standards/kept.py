"""What was worked out once about things that come back: certificates, lists and keys of the few authorities there are.

Only what depends on nothing but the things themselves may be kept: never what a moment, a message or a trust list decides.
"""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar, TypeVarTuple

__all__ = ["Kept"]

Things = TypeVarTuple("Things")
Fact = TypeVar("Fact")


class Kept(Generic[*Things, Fact]):
    """Facts by the identity of one or more things whose hash is dear; when there are `most`, the oldest makes way.

    A tuple counts by its members. Threads may share it: at worst two of them work out the same fact. A thing that is equal and not the
    same is worked out anew, and nothing is kept when that raises.
    """

    def __init__(self, make: Callable[[*Things], Fact], *, most: int) -> None:
        self._make = make
        self._most = most
        self._changing = Lock()
        # The things beside their fact keep their identities taken.
        self._kept: dict[tuple[object, ...], tuple[object, Fact]] = {}

    def of(self, *things: *Things) -> Fact:
        """The fact about these things. Raises: what working it out raises."""
        key = tuple([tuple(map(id, thing)) if type(thing) is tuple else id(thing) for thing in things])
        kept = self._kept.get(key)
        if kept is None:
            kept = things, self._make(*things)
            with self._changing:
                while len(self._kept) >= self._most:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = kept
        return kept[1]
