"""How the exercise judges: by its own trust list, with the status lists that its sources and its register publish at that moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Engine

from blauweknop.adapters.sandbox import Sandbox
from blauweknop.assembly.trust import KeptTrust
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import Trust
from blauweknop.demo.scheme import DemoScheme
from blauweknop.demo.status import published_lists, registrations_list
from blauweknop.domain.verdict import Verdict

__all__ = ["ExerciseJudge", "open_judge"]


@dataclass(frozen=True, slots=True)
class ExerciseJudge:
    """The check of the exercise, in a sandbox of its own until `close`."""

    kept: KeptTrust
    lists: Callable[[datetime], Mapping[str, bytes]]
    """What the sources publish."""
    registrations: Callable[[], bytes]
    """Which receivers may still ask."""
    registrations_at: str
    sandbox: Sandbox

    def trust(self, now: datetime) -> Trust:
        return replace(self.kept(now), status_lists={**self.lists(now), self.registrations_at: self.registrations()})

    def trust_with(self, _uri: str, now: datetime) -> Trust:
        """Every list of the exercise is at hand, whichever is asked for."""
        return self.trust(now)

    def check(self, data: bytes, at: datetime) -> CheckedFile:
        trust = self.trust(at)
        return CheckedFile.of(data, self.sandbox.check(data, trust=trust, at=at), trust)

    def verdict(self, data: bytes, at: datetime) -> Verdict:
        return self.check(data, at).verdict

    def close(self) -> None:
        self.sandbox.close()


def open_judge(scheme: DemoScheme, engine: Engine) -> ExerciseJudge:
    """The judge of a prepared folder.

    Raises:
        BlauweKnopError: the folder is broken.
    """
    registrations_at, registrations = registrations_list(scheme.folder / "keys", scheme.settings.scheme.base_url)
    kept = KeptTrust(scheme.settings.scheme, state=scheme.state, fetch=None)
    return ExerciseJudge(kept, published_lists(scheme.settings, engine), registrations, registrations_at, Sandbox())
