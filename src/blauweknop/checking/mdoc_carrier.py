"""The steps of a credential that are of mdoc (ISO/IEC 18013-5 9.1 and 9.3); a rule that SD-JWT VC has too has the same reason."""

from collections.abc import Mapping

from blauweknop.checking.credential_evidence import CredentialEvidence
from blauweknop.checking.received_forms import mdoc_bytes
from blauweknop.checking.steps import SkipStep, StopStep
from blauweknop.checking.summary_form import has_form
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.verdict import CheckedKind
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.mdoc.parts import MdocProblem, MdocProblemCode
from blauweknop.standards.mdoc.receiving import (
    MobileSecurityObject,
    ReceivedMdoc,
    device_claims,
    device_key,
    read_issued,
    read_presented,
    require_signed_in_time,
    shown_claims,
    signed_object,
)
from blauweknop.standards.sd_jwt_receiving import Validity

__all__ = ["MDOC_CODES", "MdocCarrier"]

MDOC_CODES: Mapping[MdocProblemCode, str] = {
    "size": "proof_size",
    "format": "proof_format",
    "alg": "proof_alg",
    "crit": "proof_crit",
    "x5c": "proof_x5c",
    "chain": "proof_signed_out_of_time",
    "signature": "proof_signature",
    "digest_alg": "proof_digest_alg",
    "digest": "proof_digest",
    "digest_duplicate": "proof_digest_duplicate",
    "claim_collision": "proof_claim_collision",
    "doctype": "proof_doctype",
    "response_status": "proof_response_status",
    "device_key": "proof_device_key",
    "device_alg": "proof_device_alg",
    "device_mac": "proof_device_mac",
    "device_signature": "proof_device_signature",
    "device_claims": "proof_device_claims",
}
"""The reason for each problem of an mdoc, but for those that the steps on trust, type and validity give."""


class MdocCarrier:
    """One mdoc, alone (IssuerSigned) or as a device shows it (DeviceResponse), while it is checked.

    What the device adds itself is looked at and is no part of the claims: the issuer did not say it.
    """

    def __init__(self) -> None:
        self._received: ReceivedMdoc | None = None
        self._signed: MobileSecurityObject | None = None
        self._one_namespace = False

    def read(self, evidence: CredentialEvidence) -> None:
        try:
            data = mdoc_bytes(evidence.data)
            documents = (read_issued(data),) if evidence.kind is CheckedKind.CREDENTIAL else read_presented(data)
        except MalformedBase64 as error:
            raise StopStep("proof_format") from error
        except MdocProblem as problem:
            raise _stop(problem) from problem
        if len(documents) > 1:
            raise StopStep("proof_several")
        (self._received,) = documents
        evidence.certificates = self._received.certificates

    def verify(self, evidence: CredentialEvidence) -> None:
        try:
            self._signed = signed_object(self._read())
        except MdocProblem as problem:
            raise _stop(problem) from problem
        evidence.type = self._signed.doctype
        status = self._signed.status
        if status is not None:
            evidence.signed = {"status": {"status_list": {"idx": status.index, "uri": status.uri}}}

    def put_back(self, evidence: CredentialEvidence) -> None:
        try:
            spaces = shown_claims(self._read(), self._verified())
        except MdocProblem as problem:
            raise _stop(problem) from problem
        self._one_namespace = spaces.keys() <= {self._verified().doctype}
        evidence.claims = dict(spaces.get(self._verified().doctype, {}))

    def dataset_of(self, evidence: CredentialEvidence) -> Dataset | None:
        return next((dataset for dataset in evidence.catalogue.datasets.values() if dataset.doctype == evidence.type), None)

    def require_form(self, evidence: CredentialEvidence) -> None:
        """All claims stand in the one namespace of the data set, and have the form of its summary."""
        if evidence.dataset is None or evidence.claims is None:
            raise SkipStep
        summary = evidence.catalogue.summaries.get(evidence.dataset.id)
        if summary is None:
            raise StopStep("dataset_unknown")
        if not self._one_namespace or not has_form(evidence.claims, summary):
            raise StopStep("schema")

    def validity(self, evidence: CredentialEvidence) -> Validity:
        signed = self._verified()
        try:
            require_signed_in_time(signed, evidence.certificates[0])
        except MdocProblem as problem:
            raise _stop(problem) from problem
        return Validity(signed.valid_from, signed.signed_at, signed.expires_at)

    def require_holder(self, evidence: CredentialEvidence) -> str | None:
        asked = evidence.asked
        try:
            device_key(self._verified())
            if evidence.kind is CheckedKind.CREDENTIAL:
                raise StopStep("holder_unproved")
            if asked is None or asked.session_transcript is None:
                raise StopStep("holder_not_asked")
            device_claims(self._read(), self._verified(), asked.session_transcript)
        except MdocProblem as problem:
            raise _stop(problem) from problem
        return None

    def _read(self) -> ReceivedMdoc:
        if self._received is None:
            raise SkipStep
        return self._received

    def _verified(self) -> MobileSecurityObject:
        if self._signed is None:
            raise SkipStep
        return self._signed


def _stop(problem: MdocProblem) -> StopStep:
    return StopStep(MDOC_CODES[problem.code])
