"""Step 13: the credential inside says the same as the data, in the name of the same organisation (PROTOCOL 4.3, steps 1 to 7).

It is judged at the best-signature-time, as the seal is, since both were made together; that the data are not too old is step 15. A
document's credential has no holder key: a document travels without a wallet. Its status is that of the document, step 16.
"""

from collections.abc import Sequence

from cryptography import x509

from blauweknop.checking.content_steps import CREDENTIAL_NAME
from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.checking.trust_steps import anchors, encoded, revocation_of
from blauweknop.document.pdf_parts import EmbeddedFile
from blauweknop.domain.document import JsonValue
from blauweknop.standards import jose
from blauweknop.standards.disclosures import SdJwtProblem, resolve
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.revocation import RevocationUnknown, Revoked
from blauweknop.standards.sd_jwt_vc import NEVER_DISCLOSABLE
from blauweknop.standards.strict_json import same_json
from blauweknop.standards.trust_list import ServiceKind
from blauweknop.standards.x509 import MalformedCertificate, PathProblem, build_path, key_usages, read_certificate

__all__ = ["REGISTERED", "check_claims", "check_credential", "credential_parts"]

_CLOCK_SKEW = 60  # seconds
REGISTERED = frozenset({"iss", "iat", "nbf", "exp", "vct"})
"""What a credential says beside the content: not part of `gegevens.json`."""


def check_credential(evidence: Evidence) -> None:
    """Step 13."""
    content = evidence.content
    if content is None or evidence.dataset is None or evidence.entity is None:
        raise SkipStep
    message, disclosures = credential_parts(evidence.attachments.get(CREDENTIAL_NAME))
    try:
        received = jose.parse_jws(message, jose.SD_JWT_VC)
        certificates = [read_certificate(item) for item in received.certificates]
    except (JwsProblem, MalformedCertificate) as error:
        raise StopStep("credential_format") from error
    _check_signer(certificates, evidence)
    try:
        payload = jose.verify_jws(received, certificates[0].public_key()).claims()
    except JwsProblem as error:
        raise StopStep("credential_format" if error.code == "format" else "credential_signature") from error
    try:
        claims = resolve(payload, disclosures, NEVER_DISCLOSABLE).claims
    except SdJwtProblem as error:
        raise StopStep("credential_disclosures") from error
    check_claims(claims, evidence)
    said = {name: value for name, value in claims.items() if name not in REGISTERED}
    if not same_json(said, {name: value for name, value in content.items() if name != "$schema"}):
        raise StopStep("credential_differs")


def credential_parts(attached: EmbeddedFile | None) -> tuple[str, list[str]]:
    """The message of the issuer, and the disclosures."""
    if attached is None:
        raise StopStep("credential_missing")
    if (attached.mime, attached.relationship) != ("application/dc+sd-jwt", "Alternative"):
        raise StopStep("credential_format")
    if len(attached.content) > jose.MAX_JWS or not attached.content.isascii():
        raise StopStep("credential_format")
    message, *disclosures = attached.content.decode("ascii").split("~")
    # The last part is where a key binding would be.
    if not disclosures or disclosures.pop():
        raise StopStep("credential_format")
    return message, disclosures


def _check_signer(certificates: Sequence[x509.Certificate], evidence: Evidence) -> None:
    leaf, *others = certificates
    trust_list, moment = evidence.trust.trust_list, evidence.best_signature_time
    if trust_list is None or evidence.entity is None or evidence.verified_seal is None:
        raise SkipStep
    if encoded(leaf) not in evidence.entity.certificates(ServiceKind.CREDENTIAL, moment) or "digital_signature" not in key_usages(leaf):
        raise StopStep("credential_signer")
    try:
        path = build_path(leaf, others, anchors(trust_list, moment), moment)
    except PathProblem as error:
        raise StopStep("credential_expired" if error.code == "EXPIRED" else "credential_chain") from error
    match revocation_of(path, evidence, moment=moment, horizon=moment):
        case Revoked():
            raise StopStep("credential_revoked")
        case RevocationUnknown(reason=reason):
            raise StopStep(reason)


def check_claims(claims: dict[str, JsonValue], evidence: Evidence) -> None:
    """Type and time (PROTOCOL 4.3 step 7)."""
    moment = evidence.best_signature_time.timestamp()
    if evidence.dataset is None or claims.get("vct") != evidence.dataset.type_uri:
        raise StopStep("credential_type")
    begun = all(_seconds(claims, name) <= moment + _CLOCK_SKEW for name in ("nbf", "iat"))
    if not begun or _seconds(claims, "exp") < moment or not isinstance(claims.get("iss"), str):
        raise StopStep("credential_claims")


def _seconds(claims: dict[str, JsonValue], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise StopStep("credential_claims")
    return value
