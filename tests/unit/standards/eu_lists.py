"""European trusted lists for tests: small ones, signed by signxml as somebody who knows nothing of how we read."""

import base64
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.util import SigningSettings
from signxml.xades.xades import XAdESSigner

from blauweknop.standards.eu_trusted_list_reading import LIST_OF_LISTS, NATIONAL_LIST
from tests.unit.standards import pki

__all__ = ["CA_QC", "GRANTED", "Service", "inside", "pointer", "scheme_signer", "sign", "unsigned", "written"]

CA_QC = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
QTST = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
WITHDRAWN = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn"
SEALS = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSeals"
_TSL = 'xmlns="http://uri.etsi.org/02231/v2#"'
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ISSUED = pki.NOW - timedelta(days=10)
_SINCE = pki.NOW - timedelta(days=900)

Change = Callable[[str], str]


@dataclass(frozen=True)
class Service:
    certificates: Sequence[bytes] = field(repr=False)
    kind: str = CA_QC
    status: str = GRANTED
    since: datetime = _SINCE
    uses: Sequence[str] = (SEALS,)
    history: Sequence[tuple[str, datetime]] = ()
    critical: str = ""  # an extension that a reader must understand


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _identity(certificates: Sequence[bytes]) -> str:
    ids = "".join(f"<DigitalId><X509Certificate>{base64.b64encode(one).decode()}</X509Certificate></DigitalId>" for one in certificates)
    return f"<ServiceDigitalIdentity>{ids}</ServiceDigitalIdentity>"


def _extensions(service: Service) -> str:
    information = [f'<AdditionalServiceInformation><URI xml:lang="en">{use}</URI></AdditionalServiceInformation>' for use in service.uses]
    uses = "".join(f'<Extension Critical="false">{one}</Extension>' for one in information)
    critical = f'<Extension Critical="true"><{service.critical}/></Extension>' if service.critical else ""
    return f"<ServiceInformationExtensions>{uses}{critical}</ServiceInformationExtensions>"


def _service(service: Service) -> str:
    def state(status: str, since: datetime) -> str:
        return f"<ServiceStatus>{status}</ServiceStatus><StatusStartingTime>{_text(since)}</StatusStartingTime>{_extensions(service)}"

    head = f"<ServiceTypeIdentifier>{service.kind}</ServiceTypeIdentifier>"
    history = "".join(f"<ServiceHistoryInstance>{head}{state(status, since)}</ServiceHistoryInstance>" for status, since in service.history)
    information = f"<ServiceInformation>{head}{_identity(service.certificates)}{state(service.status, service.since)}</ServiceInformation>"
    return f"<TSPService>{information}<ServiceHistory>{history}</ServiceHistory></TSPService>"


def pointer(territory: str, signers: Sequence[bytes], location: str = "https://lijst.example/tsl.xml") -> str:
    information = f"<SchemeTerritory>{territory}</SchemeTerritory>"
    return (
        f"<OtherTSLPointer><ServiceDigitalIdentities>{_identity(signers)}</ServiceDigitalIdentities><TSLLocation>{location}</TSLLocation>"
        f"<AdditionalInformation><OtherInformation><TSLType>{NATIONAL_LIST}</TSLType></OtherInformation>"
        f"<OtherInformation>{information}</OtherInformation></AdditionalInformation></OtherTSLPointer>"
    )


def unsigned(
    *services: Service,
    territory: str = "NL",
    sequence: object = 7,
    issued: datetime = _ISSUED,
    next_update: datetime | None = _ISSUED + timedelta(days=180),
    pointers: Sequence[str] = (),
    name: str = "Vertrouwensdienst B.V.",
) -> str:
    list_type = LIST_OF_LISTS if pointers else NATIONAL_LIST
    until = f"<dateTime>{_text(next_update)}</dateTime>" if next_update else ""
    listed = "".join(map(_service, services))
    provider = (
        f'<TrustServiceProvider><TSPInformation><TSPName><Name xml:lang="nl">Nederlandse naam</Name><Name xml:lang="en">{name}</Name>'
        f"</TSPName></TSPInformation><TSPServices>{listed}</TSPServices></TrustServiceProvider>"
    )
    return (
        f'<TrustServiceStatusList {_TSL} TSLTag="http://uri.etsi.org/19612/TSLTag"><SchemeInformation>'
        f"<TSLVersionIdentifier>6</TSLVersionIdentifier><TSLSequenceNumber>{sequence}</TSLSequenceNumber><TSLType>{list_type}</TSLType>"
        f"<SchemeTerritory>{territory}</SchemeTerritory>"
        f"<PointersToOtherTSL>{''.join(pointers)}</PointersToOtherTSL>"
        f"<ListIssueDateTime>{_text(issued)}</ListIssueDateTime><NextUpdate>{until}</NextUpdate></SchemeInformation>"
        f'<TrustServiceProviderList Id="diensten">{provider}</TrustServiceProviderList></TrustServiceStatusList>'
    )


@functools.cache
def scheme_signer(name: str = "Ondertekenaar van de lijst") -> pki.Issued:
    return pki.certify(name, None, pki.MESSAGES)


class _Signer(XAdESSigner):
    """Says of each part how it was made canonical, as the standard asks; signxml leaves that out for the signed properties."""

    def _build_xades_ds_object(self, sig_root: etree._Element, signing_settings: SigningSettings) -> None:
        super()._build_xades_ds_object(sig_root, signing_settings)
        for reference in sig_root.iter(f"{_DS}Reference"):
            if reference.find(f"{_DS}Transforms") is None:
                transforms = etree.Element(f"{_DS}Transforms")
                etree.SubElement(transforms, f"{_DS}Transform", Algorithm=self.c14n_alg.value)
                reference.insert(0, transforms)


def sign(
    xml: str,
    who: pki.Issued | None = None,
    *,
    c14n: str = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0.value,
    method: SignatureMethod = SignatureMethod.ECDSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
) -> bytes:
    """The list with an enveloped XAdES signature; what is not said otherwise is as TS 119 612 asks."""
    signer = who or scheme_signer()
    tool = _Signer(signature_algorithm=method, digest_algorithm=digest, c14n_algorithm=c14n)
    root = tool.sign(etree.fromstring(xml.encode()), key=signer.key, cert=[signer.certificate], always_add_key_value=False)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def written(*services: Service, who: pki.Issued | None = None, **how: object) -> bytes:
    """A signed list with these services."""
    return sign(unsigned(*services, **how), who)  # type: ignore[arg-type] # the arguments of `unsigned`


def inside(data: bytes, mark: str, more: str, *, after: bool = False) -> bytes:
    """More text before, or after, the first place where this stands."""
    text = data.decode()
    assert mark in text
    return text.replace(mark, mark + more if after else more + mark, 1).encode()
