"""A check that a client asked for, as it is kept: its verdict and the digest of the file; never the file, never a value of a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal, Protocol

from blauweknop.checking.explaining import explain_steps, limits_of
from blauweknop.checking.report import explain, report_json
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Verdict, Verified
from blauweknop.verifier.api.events import Event

__all__ = ["State", "Verification", "Verifications", "Watch", "answer_of", "moment_text", "without_data"]

State = Literal["pending", "completed", "interrupted"]


@dataclass(frozen=True, slots=True)
class Watch:
    """What is kept to tell a client later that a document was withdrawn: where its status stands, and nothing about whom it is of."""

    verification_id: str = field(repr=False)
    client: str
    issuer_oin: str
    dataset: str
    uri: str = field(repr=False)
    index: int = field(repr=False)
    status: str
    until: date


@dataclass(frozen=True, slots=True)
class Verification:
    """`verdict` is without data. A pending one has no verdict yet; an interrupted one never gets it: send the file again."""

    id: str = field(repr=False)
    client: str
    state: State
    sha256: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    checked_at: datetime | None = None
    verdict: Verdict | None = field(default=None, repr=False)
    watched_until: date | None = None


class Verifications(Protocol):
    """Keeps verifications until they expire. Whoever asks gets their own only."""

    def keep(self, verification: Verification, *, watch: Watch | None = None) -> None:
        """Raises: BlauweKnopError, when it cannot be kept."""
        ...

    def finish(self, verification: Verification, *, event: Event, watch: Watch | None = None) -> bool:
        """Put the end of a pending one in its place, and its event in the post, both or neither; False when it is pending no more."""
        ...

    def find(self, verification_id: str, client: str, now: datetime) -> Verification | None: ...

    def forget(self, verification_id: str, client: str) -> bool:
        """Forget it and stop watching; False when there was nothing of this client."""
        ...


def without_data(verdict: Verdict) -> Verdict:
    """The verdict as it may be kept."""
    return replace(verdict, content={}) if isinstance(verdict, Verified) else verdict


def answer_of(
    verification: Verification, languages: Sequence[str], *, explained: bool, data: Mapping[str, JsonValue] | None = None
) -> dict[str, JsonValue]:
    """What a client gets: the members of PROTOCOL 7.4, with words, and the certified data when they are given."""
    verdict = verification.verdict
    answer: dict[str, JsonValue] = {
        "id": verification.id,
        "state": verification.state,
        "digest": f"sha-256:{verification.sha256}",
        "createdAt": moment_text(verification.created_at),
        "expiresAt": moment_text(verification.expires_at),
        "checkedAt": moment_text(verification.checked_at) if verification.checked_at else None,
        "watchedUntil": verification.watched_until.isoformat() if verification.watched_until else None,
    }
    if verdict is None:
        return answer
    report = report_json("", verdict)
    answer |= {name: value for name, value in report.items() if name != "file"}
    answer["texts"] = {language: _words(verdict, language, explained=explained) for language in languages}
    if data is not None:
        answer["data"] = dict(data)
    return answer


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _words(verdict: Verdict, language: str, *, explained: bool) -> dict[str, JsonValue]:
    words = explain(verdict, language)
    said: dict[str, JsonValue] = {
        "title": words.title,
        "summary": words.summary,
        "reasons": [{"reason": reason, "remedy": remedy} for reason, remedy in words.reasons],
        "sealedBy": words.sealed_by or None,
    }
    if explained:
        said["steps"] = [
            {"id": step.id, "name": step.name, "looked": step.looked, "result": step.result.value, "found": step.found}
            for step in explain_steps(verdict, language)
        ]
        said["limits"] = list(limits_of(verdict, language))
    return said
