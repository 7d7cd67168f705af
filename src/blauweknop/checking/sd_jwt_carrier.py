"""The steps of a credential that are of SD-JWT VC (PROTOCOL 4.3); the codes of that section each have a reason of their own here."""

from collections.abc import Mapping

from blauweknop.checking.credential_evidence import CredentialEvidence
from blauweknop.checking.credential_step import REGISTERED
from blauweknop.checking.partial_schema import credential_validator
from blauweknop.checking.steps import SkipStep, StopStep
from blauweknop.checking.summary_form import has_form
from blauweknop.document.type_metadata import type_integrity, vct_of
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.representation import REPRESENTATIVE, representative_in
from blauweknop.domain.summary import Summary
from blauweknop.domain.verdict import CheckedKind
from blauweknop.standards.disclosures import SdJwtProblem, SdJwtProblemCode
from blauweknop.standards.sd_jwt_receiving import (
    ReceivedSdJwt,
    Validity,
    holder_key,
    read_sd_jwt,
    require_binding,
    resolved_claims,
    signed_payload,
    validity_of,
)

__all__ = ["HELD_BY_NOBODY", "PROOF_CODES", "SdJwtCarrier"]

HELD_BY_NOBODY = "not_bound"
"""The remark of step 11 when the credential belongs to no key: it travels as a document does. It is no reason for doubt."""

PROOF_CODES: Mapping[SdJwtProblemCode, str] = {
    "size": "proof_size",
    "format": "proof_format",
    "alg": "proof_alg",
    "typ": "proof_typ",
    "crit": "proof_crit",
    "x5c": "proof_x5c",
    "signature": "proof_signature",
    "sd_alg": "proof_sd_alg",
    "disclosure_duplicate": "proof_disclosure_duplicate",
    "digest_duplicate": "proof_digest_duplicate",
    "claim_name": "proof_claim_name",
    "claim_collision": "proof_claim_collision",
    "never_sd": "proof_never_sd",
    "disclosure_shape": "proof_disclosure_shape",
    "disclosure_unreferenced": "proof_disclosure_unreferenced",
    "claim_missing": "proof_claim_missing",
    "expired": "proof_expired",
    "not_yet_valid": "proof_not_yet_valid",
    "cnf": "proof_cnf",
    "kb_required": "proof_kb_required",
    "kb_alg": "proof_kb_alg",
    "kb_typ": "proof_kb_typ",
    "kb_signature": "proof_kb_signature",
    "kb_aud": "proof_kb_aud",
    "kb_nonce": "proof_kb_nonce",
    "kb_iat": "proof_kb_iat",
    "kb_sd_hash": "proof_kb_sd_hash",
}
"""The reason for each code of PROTOCOL 4.3, but for those that the steps on trust and type give with more detail."""

_OF_WALLETS = REGISTERED | {"cnf", "status", "vct#integrity", REPRESENTATIVE}


class SdJwtCarrier:
    """One SD-JWT VC, with or without key binding, while it is checked."""

    def __init__(self) -> None:
        self._received: ReceivedSdJwt | None = None

    def read(self, evidence: CredentialEvidence) -> None:
        try:
            self._received = read_sd_jwt(evidence.data.decode("ascii").rstrip("\r\n"))
        except UnicodeError as error:
            raise StopStep("proof_format") from error
        except SdJwtProblem as problem:
            raise _stop(problem) from problem
        # At issuance nothing stands where a key binding would be.
        if self._received.binding and evidence.kind is CheckedKind.CREDENTIAL:
            raise StopStep("proof_format")
        evidence.certificates = self._received.certificates

    def verify(self, evidence: CredentialEvidence) -> None:
        try:
            payload = signed_payload(self._read())
        except SdJwtProblem as problem:
            raise _stop(problem) from problem
        # RFC 7519 section 4.1.1; who it is, the certificate says.
        if not isinstance(payload.get("iss", ""), str):
            raise StopStep("proof_format")
        evidence.signed = payload
        vct = payload.get("vct")
        evidence.type = vct if isinstance(vct, str) else None

    def put_back(self, evidence: CredentialEvidence) -> None:
        try:
            evidence.claims = resolved_claims(dict(evidence.signed), self._read()).claims
        except SdJwtProblem as problem:
            raise _stop(problem) from problem

    def dataset_of(self, evidence: CredentialEvidence) -> Dataset | None:
        """Documents and wallets have types of their own."""
        return next((one for one in evidence.catalogue.datasets.values() if evidence.type in (one.type_uri, vct_of(one))), None)

    def require_form(self, evidence: CredentialEvidence) -> None:
        """A credential of a wallet has the form of the summary, that of a document the form of the data set."""
        claims = evidence.claims
        if claims is None or evidence.dataset is None:
            raise SkipStep
        if evidence.type == vct_of(evidence.dataset):
            _require_summary(claims, evidence.catalogue.summaries.get(evidence.dataset.id))
            return
        said = {name: value for name, value in claims.items() if name not in REGISTERED}
        if not credential_validator(evidence.dataset).is_valid(said):
            raise StopStep("schema")

    def validity(self, evidence: CredentialEvidence) -> Validity:
        try:
            return validity_of(evidence.signed)
        except SdJwtProblem as problem:
            raise _stop(problem) from problem

    def require_holder(self, evidence: CredentialEvidence) -> str | None:
        alone = evidence.kind is CheckedKind.CREDENTIAL
        if alone and "cnf" not in evidence.signed:
            return HELD_BY_NOBODY
        asked = evidence.asked
        try:
            key = holder_key(evidence.signed)
            if alone:
                raise StopStep("holder_unproved")
            audience, nonce = (asked.audience, asked.nonce) if asked else (None, None)
            require_binding(self._read(), key, at=evidence.at, audience=audience, nonce=nonce)
        except SdJwtProblem as problem:
            raise _stop(problem) from problem
        if asked is None:
            raise StopStep("holder_not_asked")
        return None

    def _read(self) -> ReceivedSdJwt:
        if self._received is None:
            raise SkipStep
        return self._received


def _require_summary(claims: Mapping[str, JsonValue], summary: Summary | None) -> None:
    """The hash of the type is that of the metadata that the program knows; nothing is fetched (draft-ietf-oauth-sd-jwt-vc section 5)."""
    if summary is None:
        raise StopStep("dataset_unknown")
    if claims.get("vct#integrity", type_integrity(summary)) != type_integrity(summary):
        raise StopStep("schema")
    if "cnf" not in claims or not has_form(claims, summary, beside=_OF_WALLETS):
        raise StopStep("schema")
    try:
        representative = representative_in(claims)
    except MalformedValue as error:
        raise StopStep("schema") from error
    if representative is not None and claims[REPRESENTATIVE] != representative.as_json():
        raise StopStep("schema")


def _stop(problem: SdJwtProblem) -> StopStep:
    return StopStep(PROOF_CODES[problem.code])
