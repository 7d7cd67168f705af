"""One entrance for whatever came in: a PDF, a credential that travels alone, or a presentation; told apart by its first bytes."""

from datetime import datetime
from typing import Protocol

from blauweknop.catalogue import Catalogue
from blauweknop.checking.check_credential import check_credential
from blauweknop.checking.check_document import check_document
from blauweknop.checking.check_presentation import check_presentation
from blauweknop.checking.concluding import rejected_unread
from blauweknop.checking.policy import Policy, apply_policy
from blauweknop.checking.received_forms import MOST_MESSAGE, kind_of
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import CheckedKind, Verdict
from blauweknop.standards.disclosures import SdJwtProblem
from blauweknop.standards.sd_jwt_json import compact_form

__all__ = ["CheckDocument", "check_received", "kind_of"]


class CheckDocument(Protocol):
    """`check_document`, or what gives the same verdicts sooner."""

    def __call__(self, pdf: bytes, /, *, trust: Trust, at: datetime, catalogue: Catalogue) -> Verdict: ...


def check_received(
    data: bytes,
    *,
    trust: Trust,
    at: datetime,
    catalogue: Catalogue,
    policy: Policy | None = None,
    documents: CheckDocument = check_document,
) -> Verdict:
    """The verdict on a file at the aware moment `at`; only `Verified` holds its data.

    `policy` is what the receiver accepts beyond that it is real. Nobody asked for a presentation that comes as a file, so it is at best
    undecided; who did ask calls `check_presentation`.
    """
    return apply_policy(_checked(data, trust, at, catalogue, documents), policy, at)


def _checked(data: bytes, trust: Trust, at: datetime, catalogue: Catalogue, documents: CheckDocument) -> Verdict:
    data = _compact(data)
    kind = kind_of(data)
    if kind is not CheckedKind.DOCUMENT and len(data) > MOST_MESSAGE:
        return rejected_unread(kind, "proof_size")
    match kind:
        case CheckedKind.CREDENTIAL:
            return check_credential(data, trust=trust, at=at, catalogue=catalogue)
        case CheckedKind.PRESENTATION:
            return check_presentation(data, asked=None, trust=trust, at=at, catalogue=catalogue)
    return documents(data, trust=trust, at=at, catalogue=catalogue)


def _compact(data: bytes) -> bytes:
    """An SD-JWT that came as JSON in its other form; anything else as it is."""
    if not data.startswith(b"{"):
        return data
    try:
        return compact_form(data).encode("ascii")
    except SdJwtProblem:
        return data
