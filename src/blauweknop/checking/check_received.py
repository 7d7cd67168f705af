"""One entrance for whatever came in: a PDF, a credential that travels alone, or a presentation; told apart by its first bytes."""

from datetime import datetime
from typing import Protocol

from blauweknop.catalogue import Catalogue
from blauweknop.checking.check_credential import check_credential
from blauweknop.checking.check_document import check_document
from blauweknop.checking.check_presentation import check_presentation
from blauweknop.checking.concluding import rejected_unread
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import CheckedKind, Verdict
from blauweknop.standards.jose import MAX_JWS

__all__ = ["CheckDocument", "check_received", "kind_of"]

_JSON_STARTS = (b"ey", b"ew")  # base64url of what begins with { and a name, a space or a line end
_LINE_ENDS = 2


class CheckDocument(Protocol):
    """`check_document`, or what gives the same verdicts sooner."""

    def __call__(self, pdf: bytes, /, *, trust: Trust, at: datetime, catalogue: Catalogue) -> Verdict: ...


def kind_of(data: bytes) -> CheckedKind:
    """What it claims to be by its first bytes; what we do not know is looked at as a document, and refused as one."""
    if data.startswith(_JSON_STARTS) and b"~" in data:
        return CheckedKind.CREDENTIAL if data.rstrip(b"\r\n").endswith(b"~") else CheckedKind.PRESENTATION
    return CheckedKind.DOCUMENT


def check_received(data: bytes, *, trust: Trust, at: datetime, catalogue: Catalogue, documents: CheckDocument = check_document) -> Verdict:
    """The verdict on a file at the aware moment `at`; only `Verified` holds its data.

    Nobody asked for a presentation that comes as a file, so it is at best undecided; who did ask calls `check_presentation`.
    """
    kind = kind_of(data)
    if kind is not CheckedKind.DOCUMENT and len(data) > MAX_JWS + _LINE_ENDS:
        return rejected_unread(kind, "proof_size")
    match kind:
        case CheckedKind.CREDENTIAL:
            return check_credential(data, trust=trust, at=at, catalogue=catalogue)
        case CheckedKind.PRESENTATION:
            return check_presentation(data, asked=None, trust=trust, at=at, catalogue=catalogue)
    return documents(data, trust=trust, at=at, catalogue=catalogue)
