"""What is here for a question, checked now: a receiver would refuse what was good when it came and was withdrawn since.

In steps:
1. What would go along is found as always, with all that the person may choose from.
2. Each credential of it that belongs to a key is checked by the one check: signature, trust list, validity, status. Documents are looked at
   again by themselves (`holder.looking_again`), and those that turned red are never chosen.
3. What is withdrawn, suspended, ended or refused is left out, and is chosen anew without it: so it is missing, and can be fetched again.
4. What cannot be checked now may go along, and it is said: not found out is never green.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from blauweknop.catalogue import Catalogue
from blauweknop.holder.credentials import Condition, condition_of, kept_credentials
from blauweknop.holder.keeping import Check
from blauweknop.holder.sharing.asking import Asked
from blauweknop.holder.sharing.consent import View, view_of
from blauweknop.holder.sharing.holdings import dataset_of
from blauweknop.holder.sharing.matching import Holding
from blauweknop.holder.vault import Vault
from blauweknop.standards.request_object import VerifiedRequest

__all__ = ["CheckedView", "Remark", "checked_view"]

Remark = Literal["withdrawn", "bad", "unknown"]
_MOST = 40
"""So many credentials are checked for one page."""


@dataclass(frozen=True, slots=True)
class CheckedView:
    """A view of a question, and by the number of a set what the check says of it, when that is not all well."""

    view: View
    remarks: Mapping[int, Remark] = field(default_factory=dict)


def checked_view(
    asked: Asked,
    verified: VerifiedRequest,
    holdings: Sequence[Holding],
    vault: Vault,
    catalogue: Catalogue,
    check: Check | None,
    at: datetime,
) -> CheckedView:
    """Steps 1 to 4. Without a check nothing is found out."""
    known: dict[bytes, Condition] = {}
    while True:
        # Step 1.
        view = view_of(asked, verified, [one for one in holdings if known.get(one.item) in (None, "good", "unknown")])
        shown = [one.chosen.holding for ways in view.ways for way in ways for one in way]
        bound = {holding.item: holding for holding in shown if holding.is_bound}
        new = [item for item in bound if item not in known]
        # Step 2.
        if new:
            types = {bound[item].type for item in new}
            for kept in kept_credentials(vault, types):
                if kept.id in new and len(known) < _MOST:
                    known[kept.id] = condition_of(kept, check, at) if check is not None else "unknown"
            known |= {item: "unknown" for item in new if item not in known}
        # Step 3.
        if all(known[item] in ("good", "unknown") for item in bound):
            return CheckedView(view, dict(_remarks(view, holdings, known, catalogue)))


def _remarks(view: View, holdings: Sequence[Holding], known: Mapping[bytes, Condition], catalogue: Catalogue) -> list[tuple[int, Remark]]:
    """Step 4; of what was left out the sets say it that it would have answered."""
    left_out = {holding.dataset.id: known[holding.item] for holding in holdings if known.get(holding.item) not in (None, "good", "unknown")}
    found: list[tuple[int, Remark]] = []
    for matched, ways in zip(view.sets, view.ways, strict=True):
        datasets = {dataset.id for query in matched.wanted for kind in query.types if (dataset := dataset_of(kind, catalogue)) is not None}
        gone = [left_out[name] for name in datasets & left_out.keys()]
        if gone and not matched.is_here:
            found.append((matched.number, "withdrawn" if "withdrawn" in gone else "bad"))
        elif any(known.get(one.chosen.holding.item) == "unknown" for way in ways for one in way):
            found.append((matched.number, "unknown"))
    return found
