"""pyHanko as a second judge of seals: does the signature hold, who made it, and was anything changed after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus, SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

__all__ = ["SecondOpinion", "pyhanko_verdict"]


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """The findings of pyHanko on the only signature of a document."""

    intact: bool
    """The bytes have the digest that was signed."""
    valid: bool
    """The signature belongs to the certificate."""
    trusted: bool
    """The chain ends at a given root, and revocation lists say nothing against it."""
    unmodified: bool
    """Nothing was added after the signature."""
    whole_file: bool
    """The signature covers the file from its first byte to its last."""
    certification_kept: bool
    """The rules of the certifying signature (DocMDP) were followed."""
    time_stamp: datetime | None
    """The moment of a time stamp that itself holds and is trusted."""
    summary: str
    """pyHanko's own words, for the message of a failing test."""

    @property
    def good(self) -> bool:
        return self.intact and self.valid and self.trusted and self.unmodified and self.whole_file and self.certification_kept


def pyhanko_verdict(
    pdf: bytes,
    *,
    roots: Iterable[bytes],
    at: datetime | None = None,
    revocation: bool = True,
    time_stamp_roots: Iterable[bytes] | None = None,
) -> SecondOpinion:
    """Judge the only signature of a document with the trusted roots given (DER) and nothing from the network.

    Revocation lists are taken from the signed attribute adbe-revocationInfoArchival only; with `revocation` a certificate without
    one is not trusted. `time_stamp_roots` are the same roots unless given.

    Raises:
        ValueError: not exactly one signature.
        pyhanko.pdf_utils.misc.PdfReadError: no PDF that pyHanko can read.
        pyhanko.sign.validation.errors.SignatureValidationError: a signature of another kind than PDF signatures have.
    """
    signatures = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    if len(signatures) != 1:
        raise ValueError(f"expected one signature, found {len(signatures)}")
    signature = signatures[0]
    signer_roots = list(roots)
    status = validate_pdf_signature(
        signature,
        signer_validation_context=_context(signer_roots, signature, at=at, revocation=revocation),
        ts_validation_context=_context(list(time_stamp_roots or signer_roots), signature, at=at, revocation=revocation),
    )
    return _opinion(status)


def _opinion(status: PdfSignatureStatus) -> SecondOpinion:
    stamp = status.timestamp_validity
    return SecondOpinion(
        intact=status.intact,
        valid=status.valid,
        trusted=status.trusted,
        unmodified=status.modification_level == ModificationLevel.NONE,
        whole_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        certification_kept=bool(status.docmdp_ok),
        time_stamp=stamp.timestamp if stamp is not None and stamp.intact and stamp.valid and stamp.trusted else None,
        summary=status.pretty_print_details(),
    )


def _context(roots: list[bytes], signature: EmbeddedPdfSignature, *, at: datetime | None, revocation: bool) -> ValidationContext:
    return ValidationContext(
        trust_roots=[Certificate.load(root) for root in roots],
        allow_fetching=False,
        crls=_embedded_revocation_lists(signature),
        revocation_mode="hard-fail" if revocation else "soft-fail",
        moment=at,
    )


def _embedded_revocation_lists(signature: EmbeddedPdfSignature) -> list[bytes]:
    return [
        revocation_list.dump()
        for attribute in signature.signer_info["signed_attrs"]
        if attribute["type"].native == "adobe_revocation_info_archival"
        for archive in attribute["values"]
        for revocation_list in archive["crl"]
    ]
