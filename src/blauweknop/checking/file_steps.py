"""Steps 1 to 5: is the file one whole document of the one kind we make, and does its seal fit every byte of it, but for proofs added later?

Nothing here says who sealed it. PROTOCOL 7.5 items 1, 2, 4, 5 and 6.
"""

from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import pages
from blauweknop.document.pdf_rules import content_problems
from blauweknop.document.pdf_seal import read_seal, sealed_digest
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.standards.cms_algorithms import CmsProblem
from blauweknop.standards.pades import parse_cms, verify_cms
from blauweknop.standards.x509 import MalformedCertificate

__all__ = ["check_active_content", "check_container", "check_seal", "check_seal_coverage", "check_structure"]

# What is wrong with the file as a whole; every other code of the reader is about what is in it.
_CONTAINER = frozenset(
    {
        "file_size",
        "header",
        "file_end",
        "startxref",
        "trailing_bytes",
        "revision_after_seal",
        "security_store",
        "time_stamp_coverage",
        "encrypted",
        "incremental_update",
    }
)
_SEAL_CODES = {
    "FORMAT_FAILURE": "seal_format",
    "HASH_FAILURE": "seal_hash",
    "SIG_CRYPTO_FAILURE": "seal_signature",
    "NO_SIGNING_CERTIFICATE_FOUND": "seal_certificate_missing",
    "CRYPTO_CONSTRAINTS_FAILURE": "seal_algorithm",
}


def check_container(evidence: Evidence) -> str | None:
    """Step 1. Gives the reason of the reader that belongs to step 2, if it is of that kind (7.5 item 1)."""
    if not evidence.pdf:
        raise StopStep("empty")
    if not evidence.pdf.startswith(b"%PDF-"):
        raise StopStep("not_a_pdf")
    try:
        evidence.file = read_file(evidence.pdf)
    except MalformedPdf as error:
        # A file with a password may be encrypted in a form the reader refuses before it sees that.
        if error.code == "encrypted" or b"/Encrypt" in evidence.pdf[-2048:]:
            raise StopStep("encrypted") from error
        if error.code in _CONTAINER:
            raise StopStep(error.code) from error
        return error.code
    return None


def check_structure(evidence: Evidence, reader_code: str | None) -> None:
    """Step 2 (7.5 items 4 and 6)."""
    if reader_code is not None:
        raise StopStep(reader_code)
    if evidence.file is None:
        raise SkipStep
    try:
        if not pages(evidence.file):
            raise StopStep("page_tree")
    except MalformedPdf as error:
        raise StopStep(error.code) from error


def check_active_content(evidence: Evidence) -> None:
    """Step 3 (7.5 item 5)."""
    if evidence.file is None:
        raise SkipStep
    problems = content_problems(evidence.file)
    if problems:
        raise StopStep(problems[0].code)


def check_seal_coverage(evidence: Evidence) -> None:
    """Step 4 (7.5 item 2; ISO 32000-1 clause 12.8.1)."""
    if evidence.file is None:
        raise SkipStep
    try:
        evidence.seal = read_seal(evidence.file)
    except MalformedPdf as error:
        raise StopStep(error.code) from error


def check_seal(evidence: Evidence) -> None:
    """Step 5 (EN 319 102-1 clause 5.2.7; EN 319 142-1 clause 6.3)."""
    if evidence.file is None or evidence.seal is None:
        raise SkipStep
    try:
        evidence.verified_seal = verify_cms(parse_cms(evidence.seal.cms), sealed_digest(evidence.file, evidence.seal))
    except CmsProblem as error:
        raise StopStep(_SEAL_CODES[error.code]) from error
    except MalformedCertificate as error:
        raise StopStep("seal_format") from error
