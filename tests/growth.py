"""Whether work grows with its input, or with the square of it, as a busy machine can tell.

Measured is processor time of this thread at one and at sixteen times the size, in turns, and compared is the best of each: linear work
takes sixteen times as long, the square 256 times. The bound lies fourfold from both: memory is slower the more of it is used, and beside a
busy neighbour a processor has run the larger input at less than half its speed.
"""

import math
import time
from collections.abc import Callable

TIMES = 16
_MOST = 64.0
_LEAST_SECONDS = 0.001  # below that a clock says little


def took(work: Callable[[], object]) -> float:
    """Seconds of processor time of this thread."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


def grows_with_its_input(small: Callable[[], object], large: Callable[[], object]) -> bool:
    """Whether the larger work, on `TIMES` as much, stays under the bound in one of some turns, against the best of the smaller so far."""
    once = math.inf
    for _ in range(6):
        once = min(once, *(took(small) for _ in range(3)))
        if took(large) < _MOST * max(once, _LEAST_SECONDS):
            return True
    return False
