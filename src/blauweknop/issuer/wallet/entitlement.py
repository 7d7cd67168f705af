"""What a person agreed to have in a wallet, from their consent until delivery. It exists encrypted, for minutes (PROTOCOL 2.11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Found, JsonValue, NoData, Outcome, Snapshot, Unavailable
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.kept_outcomes import outcomes_as_json, outcomes_from_json
from blauweknop.issuer.login import Mandate
from blauweknop.standards.oauth import OAuthProblem

__all__ = ["Entitlement", "can_come", "require_mandate", "with_number"]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """For whom, which configurations are still to be delivered, and what the systems of the source answered, by data set."""

    bsn: Bsn = field(repr=False)
    wanted: tuple[str, ...]
    with_bsn: frozenset[str]
    """The data sets that go with the burgerservicenummer."""
    outcomes: Mapping[str, Outcome] = field(repr=False)
    since: datetime | None = None
    """When the first copies were issued, where these are more of the same; None for the first."""
    mandate: Mandate | None = None
    """Who agreed for the person; None when they did so themselves."""

    def without(self, configuration_id: str, dataset_id: str) -> "Entitlement":
        """After delivery: what nobody wants any more is gone, values too."""
        wanted = tuple(name for name in self.wanted if name != configuration_id)
        still = any(name.rpartition(".")[0] == dataset_id for name in wanted)
        outcomes = {name: outcome for name, outcome in self.outcomes.items() if name != dataset_id or still}
        return replace(self, wanted=wanted, outcomes=outcomes)

    def only(self, configuration_id: str, dataset_id: str) -> "Entitlement":
        """This configuration, of which the data are still to come."""
        return replace(self, wanted=(configuration_id,), with_bsn=self.with_bsn & {dataset_id}, outcomes={})

    def without_values(self) -> "Entitlement":
        """For what waits longer than minutes: its values are asked again."""
        return replace(self, outcomes={name: outcome for name, outcome in self.outcomes.items() if not isinstance(outcome, Found)})

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "bsn": self.bsn.digits,
            "wanted": list(self.wanted),
            "with_bsn": [*sorted(self.with_bsn)],
            "outcomes": outcomes_as_json(self.outcomes),
            "since": self.since.isoformat() if self.since else None,
            **({"mandate": self.mandate.as_json()} if self.mandate else {}),
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> "Entitlement":
        """What `as_json` gave.

        Raises:
            MalformedValue: it was kept by another version.
        """
        match value:
            case {"bsn": str(digits), "wanted": list(wanted), "with_bsn": list(with_bsn), "outcomes": outcomes, "since": since, **rest}:
                bsn, others = Bsn.parse(digits), cast(Mapping[str, JsonValue], rest)
                names = (tuple(str(name) for name in wanted), frozenset(str(name) for name in with_bsn))
                mandate = Mandate.from_json(others["mandate"]) if "mandate" in others else None
                return cls(bsn, *names, outcomes_from_json(outcomes, bsn), datetime.fromisoformat(str(since)) if since else None, mandate)
        raise MalformedValue("expected an entitlement as this version keeps it")


def require_mandate(entitlement: Entitlement, at: datetime) -> None:
    """What waits for a slow source may wait longer than the mandate of who agreed to it.

    Raises:
        OAuthProblem: `credential_request_denied`, it ended.
    """
    until = entitlement.mandate.representative.until if entitlement.mandate is not None else None
    if until is not None and until < at.astimezone(AMSTERDAM).date():
        raise OAuthProblem("credential_request_denied", "expected a mandate that has not ended")


def with_number(snapshot: Snapshot, entitlement: Entitlement) -> Snapshot:
    """A system of a source is asked by the burgerservicenummer and does not say it back."""
    return replace(snapshot, subject=replace(snapshot.subject, bsn=entitlement.bsn))


def can_come(outcome: Outcome | None) -> bool:
    """Whether there are data, or they may still come: not asked yet, or the system did not answer in time."""
    match outcome:
        case None | Found():
            return True
        case Unavailable(_, retry_worthwhile):
            return retry_worthwhile
        case NoData():
            return False
    return False
