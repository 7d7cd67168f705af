"""Whether the certificate of an issuer leads to an anchor of the trust list: the same question for every kind of credential.

In steps:
1. The first certificate, of the issuer, is not signed by itself (`chain`).
2. A path to an anchor that the reader trusts, never to a root that came along (`chain`).
3. Its key usage allows signing messages (`chain`).
4. No authority took back a certificate of the path (`chain`), and where lists are looked at they answer (`revocation_unknown`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.revocation import RevocationUnknown, Revoked, check_revocation
from blauweknop.standards.x509 import PathProblem, build_path, key_usages

__all__ = ["IssuerPathProblem", "IssuerPathProblemCode", "IssuerTrust", "issuer_path"]

IssuerPathProblemCode = Literal["chain", "revocation_unknown"]


class IssuerPathProblem(BlauweKnopError):
    """A certificate of an issuer that is not trusted; `code` names the rule."""

    def __init__(self, code: IssuerPathProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: IssuerPathProblemCode = code


@dataclass(frozen=True, slots=True)
class IssuerTrust:
    """Whom the reader trusts: anchors, given revocation lists (None: not looked at), and who may issue which type (`vct`, doctype)."""

    anchors: tuple[x509.Certificate, ...]
    entitled: Callable[[x509.Certificate, str], bool]
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[bytes, ...] | None = None


def issuer_path(certificates: Sequence[x509.Certificate], trust: IssuerTrust, at: datetime) -> tuple[x509.Certificate, ...]:
    """The path from the issuer, the first of these certificates, to an anchor; both included.

    Raises:
        IssuerPathProblem: by the first rule that is broken.
    """
    leaf, *others = certificates
    # Step 1.
    if leaf.subject == leaf.issuer:
        raise IssuerPathProblem("chain", "expected an issuer whose certificate is not signed by itself")
    # Step 2.
    try:
        path = build_path(leaf, [*others, *trust.intermediates], trust.anchors, at)
    except PathProblem as error:
        raise IssuerPathProblem("chain", f"certificate of the issuer: {error}") from error
    # Step 3.
    if "digital_signature" not in key_usages(leaf):
        raise IssuerPathProblem("chain", "expected a certificate of the issuer that may sign messages")
    # Step 4.
    if trust.crls is not None:
        answer = check_revocation(path, trust.crls, at)
        if isinstance(answer, Revoked):
            raise IssuerPathProblem("chain", "expected an issuer whose certificate was not taken back")
        if isinstance(answer, RevocationUnknown):
            raise IssuerPathProblem("revocation_unknown", "expected a revocation list that answers for the certificate of the issuer")
    return path
