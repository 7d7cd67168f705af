"""The steps that every credential and presentation takes, in whatever form its claims travel; `check_credential` has the list.

A credential is judged at the moment of the check: nothing proves when it was made. Whoever signs must be on the trust list with this very
certificate, so a certificate is taken back by taking it from the list, and nobody has to be asked for revocation lists (PROTOCOL 5.2, 12).
"""

from datetime import date

from cryptography.x509.oid import NameOID

from blauweknop.checking.concluding import conclude, named_in
from blauweknop.checking.credential_evidence import Carrier, CredentialEvidence
from blauweknop.checking.sd_jwt_carrier import PROOF_CODES
from blauweknop.checking.status import reference_of, status_in_words, status_now
from blauweknop.checking.steps import SkipStep, Steps, StopStep, run_step
from blauweknop.checking.summary_form import is_day
from blauweknop.checking.trust_steps import credential_service, require_trust_list
from blauweknop.domain.dates import dutch_day
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import REPRESENTATIVE
from blauweknop.domain.verdict import Verdict, VerdictFacts
from blauweknop.standards.disclosures import SdJwtProblem
from blauweknop.standards.lote import ServiceStatus
from blauweknop.standards.sd_jwt_receiving import Validity, require_status, require_valid
from blauweknop.standards.x509 import name_value

__all__ = ["SHORT_LIVED", "run_credential_steps"]

SHORT_LIVED = "status_short_lived"
"""The remark of step 12 when a credential ends within a day, so that nobody has to withdraw it; it is no reason for doubt."""

_DAYS = ("reference_date", "valid_until")


def run_credential_steps(evidence: CredentialEvidence, carrier: Carrier) -> Verdict:
    """All steps, each when what it stands on went well."""
    steps = Steps(evidence.kind)
    run_step("format", carrier.read, evidence, steps)  # 1
    run_step("trust_list", _check_trust_list, evidence, steps)  # 4
    if steps.passed("format"):
        run_step("signature", carrier.verify, evidence, steps)  # 2
    if steps.passed("signature"):
        run_step("disclosures", carrier.put_back, evidence, steps)  # 3
        run_step("chain", _check_chain, evidence, steps)  # 5
        run_step("type", lambda given: _check_type(given, carrier), evidence, steps)  # 7
        run_step("validity", lambda given: _check_validity(given, carrier), evidence, steps)  # 10
        run_step("holder", carrier.require_holder, evidence, steps)  # 11
    if steps.passed("disclosures"):
        run_step("claims", lambda given: _check_claims(given, carrier), evidence, steps)  # 9
    if steps.passed("chain"):
        run_step("revocation", _check_revocation, evidence, steps)  # 6
        run_step("issuer", _check_issuer, evidence, steps)  # 8
        run_step("status", lambda given: _check_status(given, carrier), evidence, steps)  # 12
    return conclude(_facts(evidence, steps), evidence.claims)


def _check_trust_list(evidence: CredentialEvidence) -> None:
    """Step 4 (5.2)."""
    require_trust_list(evidence.trust, evidence.at)


def _check_chain(evidence: CredentialEvidence) -> None:
    """Step 5 (4.3 step 2): never to a root that came along."""
    if evidence.trust.trust_list is None:
        raise SkipStep
    leaf, *others = evidence.certificates
    evidence.entity, evidence.service = credential_service(leaf, others, evidence.trust.trust_list, evidence.at)


def _check_revocation(evidence: CredentialEvidence) -> None:
    """Step 6: the scheme stands behind this certificate at the moment of the check."""
    if evidence.service is None:
        raise SkipStep
    match evidence.service.status_at(evidence.at):
        case ServiceStatus.WITHDRAWN:
            raise StopStep("service_withdrawn")
        case None:
            raise StopStep("service_not_started")


def _check_type(evidence: CredentialEvidence, carrier: Carrier) -> None:
    """Step 7 (4.3 step 7): a type that was asked for, where somebody asked, and that we know."""
    asked = evidence.asked.types if evidence.asked else None
    if evidence.type is None or (asked is not None and evidence.type not in asked):
        raise StopStep("proof_vct")
    evidence.dataset = carrier.dataset_of(evidence)
    if evidence.dataset is None:
        raise StopStep("dataset_unknown")


def _check_issuer(evidence: CredentialEvidence) -> None:
    """Step 8 (4.3 step 2): the organisation may issue this type, and speaks in its own name."""
    entity, claims = evidence.entity, evidence.claims
    if entity is None or evidence.dataset is None or claims is None:
        raise SkipStep
    if name_value(evidence.certificates[0].subject, NameOID.SERIAL_NUMBER) != entity.oin.digits:
        raise StopStep("certificate_oin")
    if evidence.dataset.id not in entity.datasets:
        raise StopStep("issuer_not_entitled")
    numbers, names = _said_of_source(claims)
    if any(number != entity.oin.digits for number in numbers):
        raise StopStep("source_oin")
    if any(name not in (entity.name.nl, entity.name.en, entity.legal_name) for name in names):
        raise StopStep("source_name")


def _said_of_source(claims: dict[str, JsonValue]) -> tuple[list[JsonValue], list[JsonValue]]:
    """Each number and name by which claims name their source; what was not disclosed is not there. Text alone is its name."""
    source = claims.get("source")
    inside = source if isinstance(source, dict) else {"name": source}
    numbers = [inside.get("oin"), claims.get("issuing_authority_oin")]
    names = [inside.get("name"), claims.get("issuing_authority"), claims.get("source_name")]
    return [number for number in numbers if number is not None], [name for name in names if name is not None]


def _check_claims(evidence: CredentialEvidence, carrier: Carrier) -> None:
    """Step 9."""
    if evidence.claims is None:
        raise SkipStep
    if any(name in evidence.claims and not is_day(evidence.claims[name]) for name in _DAYS):
        raise StopStep("schema")
    carrier.require_form(evidence)


def _check_validity(evidence: CredentialEvidence, carrier: Carrier) -> None:
    """Step 10 (4.3 step 7)."""
    evidence.validity = carrier.validity(evidence)
    try:
        require_valid(evidence.validity, evidence.at)
    except SdJwtProblem as problem:
        raise StopStep(PROOF_CODES[problem.code]) from problem
    last = (evidence.claims or {}).get("valid_until")
    if is_day(last) and dutch_day(evidence.at) > date.fromisoformat(str(last)):
        raise StopStep("data_expired")


def _check_status(evidence: CredentialEvidence, carrier: Carrier) -> str | None:
    """Step 12 (5.1): not withdrawn, by the list of the source."""
    entity, trust_list = evidence.entity, evidence.trust.trust_list
    if entity is None or trust_list is None:
        raise SkipStep
    try:
        require_status(evidence.signed, evidence.validity or carrier.validity(evidence))
    except SdJwtProblem as problem:
        raise StopStep(PROOF_CODES[problem.code]) from problem
    if "status" not in evidence.signed:
        evidence.status = "none"
        return SHORT_LIVED
    evidence.status = "unknown"
    reference = reference_of(evidence.signed["status"], entity, exercise=trust_list.exercise)
    evidence.status_uri, evidence.status_index = reference.uri, reference.index
    evidence.status, reason = status_in_words(status_now(reference, entity, evidence.trust, evidence.at))
    if reason is not None:
        raise StopStep(reason)
    return None


def _facts(evidence: CredentialEvidence, steps: Steps) -> VerdictFacts:
    recognised = evidence.entity if steps.passed("chain") else None
    claims = (evidence.claims or {}) if steps.passed("claims") else {}
    validity, trust_list = evidence.validity, evidence.trust.trust_list
    signed = steps.passed("signature")
    return VerdictFacts(
        steps.as_list(),
        issuer_oin=recognised.oin.digits if recognised else None,
        issuer_name=recognised.name.nl if recognised else None,
        dataset=evidence.dataset.id if evidence.dataset else None,
        reference_date=_text(claims.get("reference_date")),
        valid_until=_text(claims.get("valid_until")) or (_last_day_of(validity) if validity else None),
        status=evidence.status,
        status_uri=evidence.status_uri,
        status_index=evidence.status_index,
        trust_list_sequence=trust_list.sequence if trust_list else None,
        sealed_by=named_in(evidence.certificates[0]) if signed else None,
        kind=evidence.kind,
        represented=REPRESENTATIVE in claims,
    )


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _last_day_of(validity: Validity) -> str:
    return dutch_day(validity.ends).isoformat()
