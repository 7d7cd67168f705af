"""The steps for a document that its holder made smaller: no seal is over its bytes, the credential inside vouches for what it says.

Only a file without any signature, whose data say that it is reduced, goes this way; a sealed document of which the seal was taken off
does not say so, and one that is made to say so must say it on every page too. All other steps are those of `check_document`:

 4 seal_coverage   nothing in the file passes for a seal                                        `reduced`
 5 seal            the signature of the credential is right                                     PROTOCOL 4.3 step 2, `reduced`
 6 time_stamp      there is none: all is judged at the moment of the check                      `reduced`
 8 chain           the certificate of the credential is on the list, for credentials            EN 319 102-1 5.2.6
 9 revocation      lists in the document, of now, say that nothing was taken back               EN 319 102-1 5.2.5
12 schema          the form of the data set, in which all that can be left out may be absent    7.2
13 credential      its values are the data, and what it holds back is what is said to be left out  4.3 steps 3 to 7
15 validity        and it was made after the document, and not in the future                    7.4
"""

from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography import x509

from blauweknop.checking.content_steps import CREDENTIAL_NAME, DATA_NAME, check_validity
from blauweknop.checking.credential_step import REGISTERED, check_claims, credential_parts
from blauweknop.checking.partial_schema import reduced_validator
from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.checking.trust_steps import credential_service
from blauweknop.document.content import IN_INVESTIGATION, Content
from blauweknop.document.pdf_parts import EmbeddedFile, embedded_files
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.document.places import value_at
from blauweknop.document.reduction import LISTS_NAME, REDUCED, read_lists, reduction_content, reduction_of
from blauweknop.domain.errors import MalformedValue
from blauweknop.standards import jose
from blauweknop.standards.disclosures import SdJwtProblem
from blauweknop.standards.jose import JwsProblem, ReceivedJws
from blauweknop.standards.pades import VerifiedSeal
from blauweknop.standards.strict_json import MalformedJson, parse_json_object, same_json
from blauweknop.standards.undisclosed import take_inventory_of_parts
from blauweknop.standards.x509 import MalformedCertificate, read_certificate

__all__ = [
    "REDUCED_REMARK",
    "check_no_seal",
    "check_no_time_stamp",
    "check_reduced_chain",
    "check_reduced_credential",
    "check_reduced_schema",
    "check_reduced_validity",
    "check_signature_of_credential",
    "says_it_is_reduced",
]

REDUCED_REMARK = "reduced"
"""The remark of steps 4 to 6 for a reduced document; it is no reason."""

_MAX_DATA = 8 * 1024 * 1024
_CLOCK_SKEW = timedelta(seconds=60)
_SIGNATURE_MARKS = {"ByteRange", "SubFilter"}


def says_it_is_reduced(evidence: Evidence) -> bool:
    """Whether this is a file without a form, whose data say that they are of a reduced document; anything odd is no."""
    if evidence.file is None or "AcroForm" in evidence.file.root:
        return False
    try:
        attached = embedded_files(evidence.file).get(DATA_NAME)
        return attached is not None and REDUCED in parse_json_object(attached.content, max_bytes=_MAX_DATA)
    except (MalformedPdf, MalformedJson):
        return False


def check_no_seal(evidence: Evidence) -> str:
    """Step 4."""
    if evidence.file is None:
        raise SkipStep
    for value in evidence.file.objects.values():
        if isinstance(value, MappingProxyType) and (value.get("Type") in ("Sig", "DocTimeStamp") or _SIGNATURE_MARKS & value.keys()):
            raise StopStep("seal_form")
    if evidence.file.later or "Perms" in evidence.file.root:
        raise StopStep("certification")
    return REDUCED_REMARK


def check_signature_of_credential(evidence: Evidence) -> str:
    """Step 5. Who signed it then stands where the signer of a seal would, with the lists that came along."""
    if evidence.file is None:
        raise SkipStep
    try:
        attached = embedded_files(evidence.file)
    except MalformedPdf as error:
        raise StopStep(error.code) from error
    message, _ = credential_parts(attached.get(CREDENTIAL_NAME))
    received, certificates = _read_message(message)
    try:
        jose.verify_jws(received, certificates[0].public_key())
    except JwsProblem as error:
        raise StopStep("credential_format" if error.code == "format" else "credential_signature") from error
    leaf, *others = certificates
    evidence.verified_seal = VerifiedSeal(leaf, tuple(others), _lists(attached.get(LISTS_NAME)), received.signature, None)
    return REDUCED_REMARK


def check_no_time_stamp(_: Evidence) -> str:
    """Step 6."""
    return REDUCED_REMARK


def check_reduced_chain(evidence: Evidence) -> None:
    """Step 8."""
    trust_list, signer = evidence.trust.trust_list, evidence.verified_seal
    if trust_list is None or signer is None:
        raise SkipStep
    evidence.entity, evidence.service = credential_service(signer.certificate, signer.others, trust_list, evidence.at)


def check_reduced_schema(evidence: Evidence) -> None:
    """Step 12."""
    content = evidence.content
    if content is None:
        raise SkipStep
    dataset = evidence.catalogue.datasets.get(str(content.get("type")))
    if dataset is None:
        raise StopStep("dataset_unknown")
    if isinstance(content.get("version"), int) and content["version"] != dataset.version:
        raise StopStep("dataset_version")
    if not reduced_validator(dataset).is_valid(content):
        raise StopStep("schema")
    try:
        reduction_of(content)
    except MalformedValue as error:
        raise StopStep("schema") from error
    if not _indications_came_along(content):
        raise StopStep("reduced_mismatch")
    evidence.dataset = dataset


def check_reduced_credential(evidence: Evidence) -> None:
    """Step 13; the signature itself was step 5."""
    content = evidence.content
    if content is None or evidence.dataset is None or evidence.entity is None:
        raise SkipStep
    message, disclosures = credential_parts(evidence.attachments.get(CREDENTIAL_NAME))
    received, _ = _read_message(message)
    try:
        payload = parse_json_object(received.payload, max_bytes=jose.MAX_JWS)
        inventory = take_inventory_of_parts(payload, disclosures)
    except MalformedJson as error:
        raise StopStep("credential_format") from error
    except SdJwtProblem as error:
        raise StopStep("credential_disclosures") from error
    expires = inventory.claims.get("exp")
    if isinstance(expires, int) and expires < evidence.at.timestamp():
        raise StopStep("data_expired")
    check_claims(inventory.claims, evidence)
    said = {name: value for name, value in inventory.claims.items() if name not in REGISTERED}
    if REDUCED in said or not same_json(said, {name: value for name, value in content.items() if name not in ("$schema", REDUCED)}):
        raise StopStep("credential_differs")
    reduction = reduction_of(content)
    if reduction is None or reduction_content(reduction.made_at, inventory.held_back, said) != content[REDUCED]:
        raise StopStep("reduced_mismatch")


def check_reduced_validity(evidence: Evidence) -> None:
    """Step 15."""
    check_validity(evidence)
    reduction = reduction_of(evidence.content or {})
    if reduction is None or evidence.content is None:
        raise SkipStep
    if datetime.fromisoformat(str(evidence.content["issued_at"])) - reduction.made_at > _CLOCK_SKEW:
        raise StopStep("reduced_order")
    if reduction.made_at - evidence.at > _CLOCK_SKEW:
        raise StopStep("reduced_in_future")


def _read_message(message: str) -> tuple[ReceivedJws, list[x509.Certificate]]:
    try:
        received = jose.parse_jws(message, jose.SD_JWT_VC)
        return received, [read_certificate(item) for item in received.certificates]
    except (JwsProblem, MalformedCertificate) as error:
        raise StopStep("credential_format") from error


def _lists(attached: EmbeddedFile | None) -> tuple[bytes, ...]:
    """Absent or unreadable ones are no reason here: without an answer step 9 stays open."""
    if attached is None:
        return ()
    try:
        return read_lists(attached.content)
    except MalformedValue as error:
        raise StopStep("crl_malformed") from error


def _indications_came_along(content: Content) -> bool:
    """An indication that a value is looked into is where that value is; the list of them is always there."""
    names = value_at(content, ("volledigheid", "in_onderzoek"))
    for name in names if isinstance(names, list) else []:
        path = str(name).split(".")
        about = [step for step in path if step != IN_INVESTIGATION]
        data = content["data"]
        if value_at(data, about) is not None and value_at(data, path) is not True and _is_single(data, path):
            return False
    return True


def _is_single(data: object, path: list[str]) -> bool:
    """Whether the path does not lead into rows, of which each travels as one."""
    return not any(isinstance(value_at(data, path[:length]), list) for length in range(1, len(path)))  # type: ignore[arg-type] # JSON
