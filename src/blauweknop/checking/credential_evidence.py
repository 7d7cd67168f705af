"""What is given to the check of a credential or presentation, and what its steps find."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cryptography import x509

from blauweknop.catalogue import Catalogue
from blauweknop.checking.trust import Trust
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import CheckedKind
from blauweknop.standards.lote import TrustedEntity, TrustService
from blauweknop.standards.sd_jwt_receiving import Validity

__all__ = ["Asked", "Carrier", "CredentialEvidence"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that a presentation must answer; that its nonce is used once is for whoever keeps requests to see.

    `audience` is we as the holder was told, with its prefix. `types` are the types that were asked for (`vct` or docType), None for any.
    `session_transcript` is what an mdoc is signed over, in CBOR.
    """

    audience: str
    nonce: str = field(repr=False)
    types: frozenset[str] | None = None
    session_transcript: bytes | None = field(default=None, repr=False)


@dataclass(slots=True)
class CredentialEvidence:
    """A later step takes what an earlier one put here. `asked` is None when nobody here asked for it."""

    kind: CheckedKind
    data: bytes = field(repr=False)
    trust: Trust
    at: datetime
    catalogue: Catalogue = field(repr=False)
    asked: Asked | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    type: str | None = None
    claims: dict[str, JsonValue] | None = field(default=None, repr=False)
    signed: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    validity: Validity | None = None
    dataset: Dataset | None = None
    entity: TrustedEntity | None = None
    service: TrustService | None = None
    status: str | None = None
    status_uri: str | None = None
    status_index: int | None = None


class Carrier(Protocol):
    """The steps that differ between the forms in which claims travel. Each raises StopStep or SkipStep, or gives a remark."""

    def read(self, evidence: CredentialEvidence) -> None:
        """Step 1: the form; finds the certificates that came along."""
        ...

    def verify(self, evidence: CredentialEvidence) -> None:
        """Step 2: the signature of the issuer; finds the type and what the issuer signed, with `status` in it."""
        ...

    def put_back(self, evidence: CredentialEvidence) -> None:
        """Step 3: what was disclosed belongs to it; finds the claims."""
        ...

    def dataset_of(self, evidence: CredentialEvidence) -> Dataset | None:
        """The data set of the type, for step 7."""
        ...

    def require_form(self, evidence: CredentialEvidence) -> None:
        """Step 9: the claims have the form of their type."""
        ...

    def validity(self, evidence: CredentialEvidence) -> Validity:
        """From when until when, for steps 10 and 12."""
        ...

    def require_holder(self, evidence: CredentialEvidence) -> str | None:
        """Step 11: by whom and for whom it is presented."""
        ...
