"""Gives memory that was freed back to the system."""

import ctypes
from functools import cache

__all__ = ["give_back_memory"]


def give_back_memory() -> None:
    """After work that took much memory for a moment, such as typesetting, of which the C library would keep the rest; 1 to 5 ms.

    Where the C library has no `malloc_trim` (it is of glibc) nothing happens.
    """
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> "ctypes._NamedFuncPointer | None":
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
