"""What a kept copy says, in the two forms that sources issue: SD-JWT VC, and mdoc as base64url of an IssuerSigned (OpenID4VCI A.2.4).

Both passed the one check before they were kept; reading them here decides nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.dcql import CredentialFormat
from blauweknop.standards.disclosures import Place, SdJwtProblem
from blauweknop.standards.mdoc.parts import MdocProblem
from blauweknop.standards.mdoc.receiving import device_key, read_issued, shown_claims, signed_object
from blauweknop.standards.sd_jwt_receiving import Validity, holder_key, read_sd_jwt, resolved_claims, signed_payload, validity_of
from blauweknop.standards.status_list import StatusListProblem, StatusReference, read_reference

__all__ = ["FORMATS", "MDOC", "SD_JWT", "CopyContent", "certificates_of", "configuration_name", "read_copy"]

SD_JWT: CredentialFormat = "dc+sd-jwt"
MDOC: CredentialFormat = "mso_mdoc"
FORMATS: Mapping[str, CredentialFormat] = {"sd-jwt": SD_JWT, "mdoc": MDOC}
"""By the last part of the name by which a source gives them: `duo.studieschuld.mdoc`."""


@dataclass(frozen=True, slots=True)
class CopyContent:
    """What one copy can show. `claims` of an mdoc are by namespace, as its paths are; what stands at `concealable` is shown when chosen.

    `person` says of whom it is: the claims without a namespace.
    """

    type: str
    claims: dict[str, JsonValue] = field(repr=False)
    person: Mapping[str, JsonValue] = field(repr=False)
    concealable: tuple[Place, ...]
    validity: Validity
    status: StatusReference | None = field(repr=False)
    holder_key: ec.EllipticCurvePublicKey = field(repr=False)


def configuration_name(dataset: str, form: str) -> str:
    """The name by which a source gives a data set in this form."""
    return next(f"{dataset}.{word}" for word, known in FORMATS.items() if known == form)


def read_copy(text: str, form: str) -> CopyContent:
    """A copy in the form that it was kept in.

    Raises:
        MalformedValue: it is none of that form.
    """
    try:
        return _read_mdoc(text) if form == MDOC else _read_sd_jwt(text)
    except (SdJwtProblem, StatusListProblem, MdocProblem, MalformedBase64) as error:
        raise MalformedValue("expected a credential that was checked when it was kept") from error


def certificates_of(text: str, form: str) -> Sequence[x509.Certificate]:
    """Those that came with a credential, of a holder or of a document.

    Raises:
        MalformedValue: it is none of that form.
    """
    try:
        return (read_issued(base64url.decode(text)) if form == MDOC else read_sd_jwt(text)).certificates
    except (SdJwtProblem, MdocProblem, MalformedBase64) as error:
        raise MalformedValue("expected a credential that was checked when it was kept") from error


def _read_sd_jwt(text: str) -> CopyContent:
    received = read_sd_jwt(text)
    payload = signed_payload(received)
    resolved = resolved_claims(payload, received)
    return CopyContent(
        str(payload.get("vct")),
        resolved.claims,
        resolved.claims,
        tuple(placed.place for placed in resolved.places),
        validity_of(payload),
        read_reference(payload["status"]) if "status" in payload else None,
        holder_key(resolved.claims),
    )


def _read_mdoc(text: str) -> CopyContent:
    received = read_issued(base64url.decode(text))
    signed = signed_object(received)
    spaces = shown_claims(received, signed)
    return CopyContent(
        signed.doctype,
        {**spaces},
        spaces.get(signed.doctype, {}),
        tuple((namespace, name) for namespace, claims in spaces.items() for name in claims),
        Validity(signed.valid_from, signed.signed_at, signed.expires_at),
        signed.status,
        device_key(signed),
    )
