"""The next keys of a source in an exercise, beside those that it has: `seal-2.pem` and `credential-2.pem`, then `-3`, and so on.

The new certificates say the same as the first ones, by the same authority, for a new key of the same kind. No file is replaced.
"""

from datetime import datetime
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtensionOID

from blauweknop.register.exercise_certificates import (
    YEAR,
    Authority,
    ExerciseSchemeProblem,
    Life,
    end_entity,
    issue,
    new_key,
    read_authority,
    read_file,
    write_pair,
)
from blauweknop.standards.x509 import certificates_from_pem, key_usages

__all__ = ["add_source_keys"]

_QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_COPIED = (_QC_STATEMENTS, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)


def add_source_keys(folder: Path, source: str, *, now: datetime, years: int = 3) -> tuple[Path, Path]:
    """Make the next pair of a source; gives the certificates for seals and for credentials, each with its key beside it.

    Raises:
        ExerciseSchemeProblem: no scheme or no such source in this folder, or it cannot be written.
    """
    known = sorted(place.parent.name for place in (folder / "sources").glob("*/seal.pem"))
    if source not in known:
        remedy = f"choose one of: {', '.join(known)}" if known else "make a scheme first: blauweknop keys new"
        raise ExerciseSchemeProblem("expected a source of this exercise scheme", remedy=remedy)
    place, issuing = folder / "sources" / source, read_authority(folder / "ca" / "issuing.pem")
    number = next(number for number in count(2) if not (place / f"seal-{number}.pem").exists())
    seal, credential = place / f"seal-{number}.pem", place / f"credential-{number}.pem"
    for first, new in ((place / "seal.pem", seal), (place / "credential.pem", credential)):
        _make_again(first, new, (now, now + years * YEAR), issuing)
    return seal, credential


def _make_again(first: Path, new: Path, life: Life, issuing: Authority) -> None:
    before = certificates_from_pem(read_file(first))[0]
    key = new_key("RSA-3072" if isinstance(before.public_key(), rsa.RSAPublicKey) else "P-256")
    seals = "content_commitment" in key_usages(before)
    builder = end_entity(before.subject, key, life, "content_commitment" if seals else "digital_signature")
    for extension in before.extensions:
        if extension.oid in _COPIED:
            builder = builder.add_extension(extension.value, critical=extension.critical)
    try:
        write_pair(new, (issue(builder, issuing), issuing.certificate), key)
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error
