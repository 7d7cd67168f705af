"""Reading European trusted lists and the list of lists (TS 119 612 version 2, XML), with lxml and signxml of the extra `[seals]`.

Steps:
1. The XML is of a form that means one thing, and a pinned certificate signed it: `eu_list_xml`.
2. What we use of it reads in one way (malformed): who, which number, from when to when, services with their history, pointers.
3. It is not of the future (malformed), and its sequence number is not lower than one seen before (rollback).

A list that is too old is not refused here: `EuTrustedList.usable_at` says so, and who was only on that list is somebody we do not know.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, fromstring

from cryptography import x509

from blauweknop.standards.eu_list_xml import TSL, EuListProblemCode, EuListRefused, signed_list
from blauweknop.standards.eu_trusted_list import EuPeriod, EuPointer, EuService, EuServiceKind, EuTrustedList
from blauweknop.standards.x509 import MalformedCertificate, read_certificate

__all__ = ["LIST_OF_LISTS", "NATIONAL_LIST", "EuListProblemCode", "EuListRefused", "read_eu_trusted_list"]

NATIONAL_LIST = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric"
LIST_OF_LISTS = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists"

_GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
_FOR_SEALS = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSeals"
_SIE = "{http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#}"
_KNOWN_EXTENSIONS = frozenset({f"{TSL}AdditionalServiceInformation", f"{_SIE}Qualifications", f"{TSL}ExpiredCertsRevocationInfo"})
"""Of the critical ones: which certificates are qualified, and how far lists go back, is not what we ask. Another may narrow the service."""
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_VERSIONS = ("5", "6")
_CLOCK_SKEW = timedelta(seconds=60)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})")
_MOST_TEXT = 2000
_MOST_CERTIFICATES = 64


def read_eu_trusted_list(data: bytes, *, pinned: Sequence[x509.Certificate], at: datetime, minimum_sequence: int = 0) -> EuTrustedList:
    """The list, when one of the `pinned` certificates signed it; `at` is now, `minimum_sequence` the highest number seen before.

    The certificates are pinned by whoever asks, or come from the pointers of a list of lists that was read before.

    Raises: EuListRefused, by the first rule that is broken.
    """
    # 1
    signed = signed_list(data, pinned=pinned, at=at)
    root = fromstring(signed)  # noqa: S314 # canonical XML of a list that was found to have no document type and to be bounded
    # 2
    found = _list(root)
    # 3
    if found.issued - at > _CLOCK_SKEW:
        raise _malformed("expected a list that was not issued in the future")
    if found.sequence < minimum_sequence:
        raise EuListRefused("rollback", "expected a trusted list that is not older than the one seen before")
    return found


def _malformed(message: str) -> EuListRefused:
    return EuListRefused("malformed", f"trusted list: {message}")


def _list(root: Element) -> EuTrustedList:
    scheme = _one(root, "SchemeInformation")
    if _text(_one(scheme, "TSLVersionIdentifier")) not in _VERSIONS:
        raise _malformed("expected version 5 or 6")
    sequence = _text(_one(scheme, "TSLSequenceNumber"))
    if not re.fullmatch(r"[1-9]\d{0,8}", sequence):
        raise _malformed("expected a sequence number above 0")
    list_type = _text(_one(scheme, "TSLType"))
    if list_type not in (NATIONAL_LIST, LIST_OF_LISTS):
        raise _malformed("expected a national list or the list of lists")
    pointers = tuple(_pointers(scheme)) if list_type == LIST_OF_LISTS else ()
    return EuTrustedList(
        _territory(_one(scheme, "SchemeTerritory")),
        list_type,
        int(sequence),
        _moment(_one(scheme, "ListIssueDateTime")),
        _next_update(_one(scheme, "NextUpdate")),
        tuple(_services(root)),
        pointers,
    )


def _one(element: Element, name: str) -> Element:
    found = element.findall(f"{TSL}{name}")
    if len(found) != 1:
        raise _malformed(f"expected one {name}")
    return found[0]


def _text(element: Element) -> str:
    """The text of an element that holds only that."""
    text = element.text or ""
    if len(element) or len(text) > _MOST_TEXT:
        raise _malformed("expected a short text")
    return text.strip()


def _territory(element: Element) -> str:
    territory = _text(element)
    if not re.fullmatch(r"[A-Z]{2}", territory):
        raise _malformed("expected two letters for a territory")
    return territory


def _moment(element: Element) -> datetime:
    text = _text(element)
    if not _MOMENT.fullmatch(text):
        raise _malformed("expected a moment with its zone")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _malformed("expected a moment that exists") from error


def _next_update(element: Element) -> datetime | None:
    return _moment(_one(element, "dateTime")) if len(element) else None


def _pointers(scheme: Element) -> Iterator[EuPointer]:
    for listed in scheme.findall(f"{TSL}PointersToOtherTSL/{TSL}OtherTSLPointer"):
        more = {}
        for information in _one(listed, "AdditionalInformation").findall(f"{TSL}OtherInformation"):
            for child in information:
                more[child.tag] = child
        territory, list_type = more.get(f"{TSL}SchemeTerritory"), more.get(f"{TSL}TSLType")
        if territory is None or list_type is None:
            raise _malformed("expected a pointer to say of which territory and type its list is")
        certificates = tuple(
            certificate
            for identity in _one(listed, "ServiceDigitalIdentities").findall(f"{TSL}ServiceDigitalIdentity")
            for certificate in _certificates(identity)
        )
        yield EuPointer(_text(territory), _text(list_type), _text(_one(listed, "TSLLocation")), certificates)


def _services(root: Element) -> Iterator[EuService]:
    """Those of a kind that we use; others are not read."""
    kinds = {kind.value: kind for kind in EuServiceKind}
    for provider in root.findall(f"{TSL}TrustServiceProviderList/{TSL}TrustServiceProvider"):
        name = _name(_one(_one(provider, "TSPInformation"), "TSPName"))
        for service in _one(provider, "TSPServices").findall(f"{TSL}TSPService"):
            information = _one(service, "ServiceInformation")
            kind = kinds.get(_text(_one(information, "ServiceTypeIdentifier")))
            if kind is not None:
                yield EuService(name, kind, _certificates(_one(information, "ServiceDigitalIdentity")), _periods(service, information))


def _name(element: Element) -> str:
    """In English where that is given, as clause 5.4.1 asks, else the first."""
    names = element.findall(f"{TSL}Name")
    if not names:
        raise _malformed("expected a name of a provider")
    return _text(next((one for one in names if one.get(_LANGUAGE, "").lower() == "en"), names[0]))


def _certificates(identity: Element) -> tuple[bytes, ...]:
    """Those that we can read; one that we cannot stands for nobody."""
    found: dict[bytes, None] = {}
    listed = identity.findall(f"{TSL}DigitalId/{TSL}X509Certificate")
    if len(listed) > _MOST_CERTIFICATES:
        raise _malformed(f"expected at most {_MOST_CERTIFICATES} certificates")
    for element in listed:
        text = element.text or ""
        try:
            encoded = base64.b64decode("".join(text.split()), validate=True)
        except ValueError as error:
            raise _malformed("expected certificates in base64") from error
        try:
            read_certificate(encoded)
        except MalformedCertificate:
            continue
        found[encoded] = None
    return tuple(found)


def _periods(service: Element, information: Element) -> tuple[EuPeriod, ...]:
    history = service.findall(f"{TSL}ServiceHistory/{TSL}ServiceHistoryInstance")
    periods = [_period(instance) for instance in (information, *history)]
    if len({period.starts for period in periods}) != len(periods):
        raise _malformed("expected the periods of a service to begin at moments of their own")
    newest, *older = periods
    if any(period.starts > newest.starts for period in older):
        raise _malformed("expected the history of a service to be older than what holds now")
    return tuple(sorted(periods, key=lambda period: period.starts))


def _period(element: Element) -> EuPeriod:
    extensions = element.findall(f"{TSL}ServiceInformationExtensions/{TSL}Extension")
    understood = all(_is_understood(extension) for extension in extensions)
    seals = any(
        _text(uri) == _FOR_SEALS for extension in extensions for uri in extension.findall(f"{TSL}AdditionalServiceInformation/{TSL}URI")
    )
    granted = _text(_one(element, "ServiceStatus")) == _GRANTED and understood
    return EuPeriod(_moment(_one(element, "StatusStartingTime")), granted, seals)


def _is_understood(extension: Element) -> bool:
    """A critical extension that we do not know may take away what we read of the service (clause 5.5.9)."""
    return extension.get("Critical", "").strip() not in ("true", "1") or all(child.tag in _KNOWN_EXTENSIONS for child in extension)
