"""A plugin for mutation testing (docs/mutation.md): each test works out anew what is otherwise kept from one test to the next.

But for the catalogue, which nothing that is changed has a part in: reading it again would take longer than most tests.
"""

import gc
from functools import lru_cache

import pytest

from blauweknop.standards.kept import Kept

_Cached = type(lru_cache(lambda: None))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    for thing in gc.get_objects():
        if isinstance(thing, _Cached) and thing.__module__.startswith("blauweknop."):
            if not thing.__module__.startswith("blauweknop.catalogue."):
                thing.cache_clear()
        elif isinstance(thing, Kept):
            thing._kept.clear()
