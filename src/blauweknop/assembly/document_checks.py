"""The whole check of a file of somebody else, as a receiver does it: in a process that may be lost, and then by its policy."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Protocol

from blauweknop.adapters.sandbox import Sandbox
from blauweknop.adapters.status_store import StatusStore
from blauweknop.checking.policy import Policy, apply_policy
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import Verdict

__all__ = ["LateSandbox", "document_check"]


class _Checks(Protocol):
    def check(self, data: bytes, *, trust: Trust, at: datetime) -> Verdict: ...


def document_check(
    sandbox: _Checks, statuses: StatusStore, trust: Callable[[datetime], Trust], policy: Policy | None
) -> Callable[[bytes, datetime], CheckedFile]:
    """Status lists that the check misses are fetched; the trust with which the verdict came is in what it gives."""

    def check(data: bytes, at: datetime) -> CheckedFile:
        judge = trust(at)

        def check_with(given: Trust) -> Verdict:
            nonlocal judge
            judge = given
            return sandbox.check(data, trust=given, at=at)

        verdict = statuses.check(check_with, judge, at)
        return CheckedFile.of(data, apply_policy(verdict, policy, at), judge)

    return check


class LateSandbox:
    """A sandbox that starts with the first file, for a server to which files seldom come; may be shared between threads."""

    def __init__(self, *, helpers: int) -> None:
        self._helpers = helpers
        self._lock = Lock()
        self._sandbox: Sandbox | None = None

    def check(self, data: bytes, *, trust: Trust, at: datetime) -> Verdict:
        """As `Sandbox.check`. Raises: SandboxFailure."""
        with self._lock:
            sandbox = self._sandbox = self._sandbox or Sandbox(helpers=self._helpers)
        return sandbox.check(data, trust=trust, at=at)

    def close(self) -> None:
        """Ends what was started."""
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()
