"""Look again at documents that were good when they came: a source may have withdrawn one since, or be trusted no more.

Only while the person is in, for only then the vault is open: each document once a day, in the background of the visit, by the one check.
1. Green is what passes every step again. That a document got old is no fault here: its page says so, and what it tells was true then.
2. Red is what fails a step; withdrawn is for good, and is not looked at again.
3. Everything else is orange, also when the check cannot be done: not found out is never green. It is looked at again after an hour. What
   was red stays red until a check says otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from blauweknop.catalogue import Catalogue
from blauweknop.domain.verdict import CheckResult, Colour, Undecided, Verdict
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.corrections import read_correction
from blauweknop.holder.document_view import title_and_source
from blauweknop.holder.keeping import Check, verdict_on
from blauweknop.holder.kept_documents import KeptDocument, KeptItems, LastCheck, keep_checks, kept_document
from blauweknop.holder.vault import Vault

__all__ = ["Looking", "due_of", "look_again", "outcome_of", "remember_outcomes"]

_EVERY, _EVERY_UNDECIDED = timedelta(days=1), timedelta(hours=1)
_MOST = 200  # in one go; the others come with the next page
_TOGETHER = 10  # outcomes that are kept in one change


@dataclass(frozen=True, slots=True)
class Looking:
    """What looking again needs; without a check nothing is looked at."""

    check: Check | None = field(repr=False)
    background: Background = field(repr=False)
    catalogue: Catalogue = field(repr=False)

    def begin(self, vault: Vault, items: KeptItems, now: datetime, *, language: str) -> None:
        """In the background, unless it is being done or nothing is due."""
        due = due_of(items, now)
        if self.check is not None and due:
            work = partial(look_again, vault, self.check, due, now, catalogue=self.catalogue, language=language)
            self.background.begin(b"look again " + vault.account, work)


def due_of(items: KeptItems, now: datetime) -> tuple[KeptDocument, ...]:
    """The documents that were not looked at for a while, the longest ago first."""
    due = [document for document in items.documents if _is_due(document.check, now)]
    return tuple(sorted(due, key=lambda document: document.check.at)[:_MOST])


def look_again(
    vault: Vault, check: Check, documents: Sequence[KeptDocument], now: datetime, *, catalogue: Catalogue, language: str
) -> None:
    """Check each, and remember what came out."""
    for start in range(0, len(documents), _TOGETHER):
        outcomes = {}
        for document in documents[start : start + _TOGETHER]:
            found = kept_document(vault, document.key)
            if found is not None:
                outcomes[document] = outcome_of(verdict_on(found[1], check, now), document.check, now)
        remember_outcomes(vault, outcomes, now, catalogue=catalogue, language=language)


def outcome_of(verdict: Verdict | None, before: LastCheck, now: datetime) -> LastCheck:
    """Steps 1 to 3; of a check that could not be done the verdict is None."""
    if verdict is None or isinstance(verdict, Undecided):
        reasons = {step.reason for step in verdict.facts.steps if step.result is not CheckResult.OK} if verdict else set()
        if reasons == {"data_expired"}:
            return LastCheck(Colour.GREEN, now)
        return LastCheck(Colour.RED if before.colour is Colour.RED else Colour.ORANGE, now, before.is_withdrawn)
    withdrawn = any(step.result is CheckResult.FAIL and step.reason == "withdrawn" for step in verdict.facts.steps)
    return LastCheck(verdict.colour, now, withdrawn)


def remember_outcomes(
    vault: Vault, outcomes: Mapping[KeptDocument, LastCheck], now: datetime, *, catalogue: Catalogue, language: str
) -> None:
    """Keep what came out; the log tells of what turned red, and a request for correction that its document was withdrawn."""
    turned = {document: check for document, check in outcomes.items() if check.colour is Colour.RED and document.counts_by_check}
    lines = [
        LogLine(
            now,
            Happening.WITHDRAWN if check.is_withdrawn else Happening.CHECKED_AGAIN,
            title_and_source(document.item.dataset, document.item.source_name, catalogue, language),
        )
        for document, check in turned.items()
    ]
    withdrawn = {document.item.document_id for document, check in outcomes.items() if check.is_withdrawn}

    def keep(staged: Vault) -> None:
        keep_checks(staged, {document.key: check for document, check in outcomes.items()})
        if lines:
            write_log(staged, *lines)
        for head in list(staged.heads()) if withdrawn else ():
            asked = read_correction(head.head)
            if asked is not None and asked.document_id in withdrawn and asked.standing != "withdrawn":
                staged.replace(head, asked.now("withdrawn", now).as_head(), b"")

    if outcomes:
        vault.together(keep)


def _is_due(check: LastCheck, now: datetime) -> bool:
    every = _EVERY_UNDECIDED if check.colour is Colour.ORANGE else _EVERY
    return not check.is_withdrawn and now - check.at >= every
