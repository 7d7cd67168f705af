"""A plugin for mutation testing (docs/mutation.md): each test works out anew what is otherwise kept from one test to the next.

But for the catalogue, which nothing that is changed has a part in: reading it again would take longer than most tests.
"""

import gc
import sys
from functools import lru_cache

import pytest

from blauweknop.standards.kept import Kept

_Cached = type(lru_cache(lambda: None))
_found: dict[int, list[object]] = {}
"""What keeps things, by how many modules are loaded: looking for it takes as long as a short test."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    for thing in _keeping():
        if isinstance(thing, _Cached):
            thing.cache_clear()
        elif isinstance(thing, Kept):
            thing._kept.clear()


def _keeping() -> list[object]:
    loaded = len(sys.modules)
    if loaded not in _found:
        _found[loaded] = [thing for thing in gc.get_objects() if isinstance(thing, Kept) or _is_ours(thing)]
    return _found[loaded]


def _is_ours(thing: object) -> bool:
    return isinstance(thing, _Cached) and thing.__module__.startswith("blauweknop.") and ".catalogue." not in thing.__module__
