"""The time stamp authority of the benchmarks: in this process, with the CPU time of its answers counted apart."""

import itertools
import time
from datetime import UTC, datetime

from blauweknop.register.exercise_keys import TIME_STAMP_POLICY
from blauweknop.standards.signing import Signer
from blauweknop.standards.time_stamp_authority import TimeStampAuthority

__all__ = ["CountedAuthority"]

_FIRST_SERIAL = 1 << 62


class CountedAuthority:
    """`seconds` of CPU went into `answers` until now."""

    def __init__(self, signer: Signer) -> None:
        serial = itertools.count(_FIRST_SERIAL).__next__
        self._authority = TimeStampAuthority(signer, policy=TIME_STAMP_POLICY, now=lambda: datetime.now(UTC), serial=serial)
        self.seconds = 0.0
        self.answers = 0

    def respond(self, request: bytes) -> bytes:
        """The response (DER) to a request (DER)."""
        before = time.process_time()
        answer = self._authority.respond(request)
        self.seconds += time.process_time() - before
        self.answers += 1
        return answer
