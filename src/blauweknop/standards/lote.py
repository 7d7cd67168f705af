"""The list of trusted entities (TS 119 602, JSON binding) as this scheme uses it: its types, and their one form in JSON.

What the standard has no member for (OIN, data sets, hosts of status lists) stands in one extension of our own, `BlauweKnop`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.identifiers import Oin
from blauweknop.domain.texts import Text
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.json_members import (
    MalformedMember,
    Members,
    as_members,
    member_languages,
    member_object,
    member_objects,
    member_text,
    member_texts,
)
from blauweknop.standards.x509 import MalformedCertificate, read_certificate

__all__ = [
    "MalformedLote",
    "ServiceKind",
    "ServiceStatus",
    "StatusPeriod",
    "TrustList",
    "TrustService",
    "TrustedEntity",
    "lote_from_json",
    "lote_to_json",
]

_LIST_TYPE = "https://register.example/lote/bronhouders"
_APPROACH = f"{_LIST_TYPE}/statusdetermination"
_RULES = f"{_LIST_TYPE}/schemerules"
_SERVICE = f"{_LIST_TYPE}/service/"
_STATUS = f"{_LIST_TYPE}/status/"
_EXTENSION = "BlauweKnop"
_LONGEST = timedelta(days=184)
"""A list that counts for ever would freeze what receivers know (TS 119 602 for lists of the Union: six months)."""
_DATASET = re.compile(r"[a-z0-9][a-z0-9._/-]{0,99}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class MalformedLote(BlauweKnopError):
    """Not a list of trusted entities of this scheme; the text names the member."""


class ServiceKind(StrEnum):
    """What a trusted entity does with the certificates of a service."""

    SEAL = "seal"
    CREDENTIAL = "credential"
    STATUS_LIST = "status-list"
    REPORT = "report"  # of checks: seals letters, signs what is in them
    TIME_STAMP = "time-stamp"
    CERTIFICATE_AUTHORITY = "certificate-authority"
    RECEIVER_ACCESS = "receiver-access"
    """Issues the certificates by which receivers are known."""
    RECEIVER_REGISTRATION = "receiver-registration"
    """Signs what each receiver may ask for."""


class ServiceStatus(StrEnum):
    """Whether the scheme stands behind a service."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StatusPeriod:
    """A status and the moment it began."""

    status: ServiceStatus
    since: datetime


@dataclass(frozen=True, slots=True)
class TrustService:
    """A use of certificates (DER) by an entity, with its status now and before; `history` is newest first."""

    kind: ServiceKind
    certificates: tuple[bytes, ...] = field(repr=False)
    status: ServiceStatus
    since: datetime
    history: tuple[StatusPeriod, ...] = ()

    def status_at(self, moment: datetime) -> ServiceStatus | None:
        """The status at an aware moment; None before the first one."""
        for period in (StatusPeriod(self.status, self.since), *self.history):
            if period.since <= moment:
                return period.status
        return None


@dataclass(frozen=True, slots=True)
class TrustedEntity:
    """An organisation of the scheme: `name` as people know it, `legal_name` as its certificates say it."""

    oin: Oin
    name: Text
    legal_name: str
    services: tuple[TrustService, ...]
    datasets: tuple[str, ...] = ()
    status_list_hosts: tuple[str, ...] = ()

    def certificates(self, kind: ServiceKind, at: datetime) -> tuple[bytes, ...]:
        """The certificates (DER) whose service of this kind was granted at that moment."""
        services = (service for service in self.services if service.kind == kind and service.status_at(at) is ServiceStatus.GRANTED)
        return tuple(certificate for service in services for certificate in service.certificates)


@dataclass(frozen=True, slots=True)
class TrustList:
    """The scheme at one moment. Times are aware and whole seconds.

    `check_url` is the check page that letters name, `exercise` whether its people are made up; letters print both.
    """

    sequence: int
    issued: datetime
    next_update: datetime
    operator: str
    entities: tuple[TrustedEntity, ...]
    check_url: str = ""
    exercise: bool = False

    def stale_at(self, moment: datetime) -> bool:
        """Whether a newer list should have been there by then."""
        return moment > self.next_update

    def entity(self, oin: Oin) -> TrustedEntity | None:
        """The organisation with this number."""
        return next((entity for entity in self.entities if entity.oin == oin), None)

    def service_of(self, certificate: bytes, kind: ServiceKind) -> tuple[TrustedEntity, TrustService] | None:
        """Who uses this certificate (DER) for this, with the status yet to be asked."""
        for entity in self.entities:
            for service in entity.services:
                if service.kind == kind and certificate in service.certificates:
                    return entity, service
        return None

    def certificates(self, kind: ServiceKind, at: datetime) -> tuple[bytes, ...]:
        """All certificates (DER) whose service of this kind was granted at that moment."""
        return tuple(certificate for entity in self.entities for certificate in entity.certificates(kind, at))


def lote_to_json(trust_list: TrustList) -> dict[str, JsonValue]:
    """The list as JSON."""
    information: dict[str, JsonValue] = {
        "LoTEVersionIdentifier": 1,
        "LoTESequenceNumber": trust_list.sequence,
        "LoTEType": _LIST_TYPE,
        "SchemeOperatorName": [{"lang": "nl", "value": trust_list.operator}],
        "SchemeTerritory": "NL",
        "StatusDeterminationApproach": _APPROACH,
        "SchemeTypeCommunityRules": [{"lang": "en", "uriValue": _RULES}],
        "HistoricalInformationPeriod": 65535,
        "ListIssueDateTime": _time(trust_list.issued),
        "NextUpdate": _time(trust_list.next_update),
        "SchemeExtensions": [{_EXTENSION: {"checkUrl": trust_list.check_url, "exercise": trust_list.exercise}}],
    }
    entities: list[JsonValue] = [_entity_json(entity) for entity in trust_list.entities]
    return {"LoTE": {"ListAndSchemeInformation": information, "TrustedEntitiesList": entities}}


def lote_from_json(value: Members) -> TrustList:
    """The list from JSON.

    Raises:
        MalformedLote: a member that is missing or of another form, an OIN twice, a certificate with two owners or twice for one use,
            a life of more than half a year.
    """
    try:
        return _list(value)
    except MalformedMember as error:
        raise MalformedLote(str(error)) from error


def _list(value: Members) -> TrustList:
    lote = member_object(value, "LoTE")
    information = member_object(lote, "ListAndSchemeInformation")
    for name, expected in (("LoTEVersionIdentifier", 1), ("LoTEType", _LIST_TYPE), ("SchemeTerritory", "NL")):
        if information.get(name) != expected or isinstance(information.get(name), bool):
            raise MalformedLote(f"expected {name} to be that of this scheme")
    issued, next_update = _moment(information, "ListIssueDateTime"), _moment(information, "NextUpdate")
    if not timedelta() < next_update - issued <= _LONGEST:
        raise MalformedLote("expected NextUpdate after ListIssueDateTime, within half a year")
    sequence = information.get("LoTESequenceNumber")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 1:
        raise MalformedLote("expected LoTESequenceNumber of at least one")
    operator = member_languages(information, "SchemeOperatorName").nl
    entities = tuple(_entity(item) for item in member_objects(lote, "TrustedEntitiesList"))
    _require_one_owner(entities)
    check_url, exercise = _scheme_extension(information)
    return TrustList(sequence, issued, next_update, operator, entities, check_url, exercise)


def _scheme_extension(information: Members) -> tuple[str, bool]:
    """What this scheme adds of its own; a list without it is of a scheme whose letters cannot be compared."""
    if "SchemeExtensions" not in information:
        return "", False
    found = [as_members(item[_EXTENSION], _EXTENSION) for item in member_objects(information, "SchemeExtensions") if _EXTENSION in item]
    exercise = found[0].get("exercise") if len(found) == 1 else None
    if not isinstance(exercise, bool):
        raise MalformedLote(f"expected one extension {_EXTENSION} of the scheme, with checkUrl and exercise")
    return member_text(found[0], "checkUrl"), exercise


def _entity_json(entity: TrustedEntity) -> JsonValue:
    extension: dict[str, JsonValue] = {
        "oin": entity.oin.digits,
        "datasets": [*entity.datasets],
        "statusListHosts": [*entity.status_list_hosts],
    }
    information: dict[str, JsonValue] = {
        "TEName": [{"lang": "nl", "value": entity.legal_name}],
        "TETradeName": [{"lang": "nl", "value": entity.name.nl}, {"lang": "en", "value": entity.name.en}],
        "TEInformationExtensions": [{_EXTENSION: extension}],
    }
    services: list[JsonValue] = [_service_json(service) for service in entity.services]
    return {"TrustedEntityInformation": information, "TrustedEntityServices": services}


def _service_json(service: TrustService) -> JsonValue:
    certificates: list[JsonValue] = [{"val": base64url.encode_standard(encoded)} for encoded in service.certificates]
    kind = _SERVICE + service.kind
    information: dict[str, JsonValue] = {
        "ServiceTypeIdentifier": kind,
        "ServiceName": [{"lang": "en", "value": service.kind.value}],
        "ServiceDigitalIdentity": {"X509Certificates": certificates},
        "ServiceStatus": _STATUS + service.status,
        "StatusStartingTime": _time(service.since),
    }
    history: list[JsonValue] = [
        {"ServiceTypeIdentifier": kind, "ServiceStatus": _STATUS + period.status, "StatusStartingTime": _time(period.since)}
        for period in service.history
    ]
    return {"ServiceInformation": information} | ({"ServiceHistory": history} if history else {})


def _entity(value: Members) -> TrustedEntity:
    information = member_object(value, "TrustedEntityInformation")
    extensions = [item[_EXTENSION] for item in member_objects(information, "TEInformationExtensions") if _EXTENSION in item]
    if len(extensions) != 1:
        raise MalformedLote(f"expected one extension {_EXTENSION} of each entity")
    extension = as_members(extensions[0], _EXTENSION)
    if extension.keys() != {"oin", "datasets", "statusListHosts"}:
        raise MalformedLote(f"expected oin, datasets and statusListHosts in the extension {_EXTENSION}")
    try:
        oin = Oin.parse(member_text(extension, "oin"))
    except MalformedValue as error:
        raise MalformedLote("expected an OIN of twenty digits") from error
    return TrustedEntity(
        oin,
        member_languages(information, "TETradeName"),
        member_languages(information, "TEName").nl,
        tuple(_service(item) for item in member_objects(value, "TrustedEntityServices")),
        member_texts(extension, "datasets", _DATASET),
        member_texts(extension, "statusListHosts", _HOST),
    )


def _service(value: Members) -> TrustService:
    information = member_object(value, "ServiceInformation")
    identity = member_object(information, "ServiceDigitalIdentity")
    certificates = tuple(_certificate(item) for item in member_objects(identity, "X509Certificates"))
    if not certificates:
        raise MalformedLote("expected at least one certificate of each service")
    periods = [_period(item) for item in (information, *(member_objects(value, "ServiceHistory") if "ServiceHistory" in value else ()))]
    if any(later.since <= earlier.since for later, earlier in pairwise(periods)):
        raise MalformedLote("expected ServiceHistory from new to old")
    try:
        kind = ServiceKind(_word(information, "ServiceTypeIdentifier", _SERVICE))
    except ValueError as error:
        raise MalformedLote("expected ServiceTypeIdentifier to be one of this scheme") from error
    return TrustService(kind, certificates, periods[0].status, periods[0].since, tuple(periods[1:]))


def _period(value: Members) -> StatusPeriod:
    try:
        status = ServiceStatus(_word(value, "ServiceStatus", _STATUS))
    except ValueError as error:
        raise MalformedLote("expected ServiceStatus granted or withdrawn") from error
    return StatusPeriod(status, _moment(value, "StatusStartingTime"))


def _certificate(value: Members) -> bytes:
    try:
        encoded = base64url.decode_standard(member_text(value, "val"))
        read_certificate(encoded)
    except (MalformedBase64, MalformedCertificate) as error:
        raise MalformedLote("expected X509Certificates that can be read") from error
    return encoded


def _require_one_owner(entities: Iterable[TrustedEntity]) -> None:
    owners: dict[bytes, Oin] = {}
    numbers: set[Oin] = set()
    for entity in entities:
        if entity.oin in numbers:
            raise MalformedLote("expected each OIN once")
        numbers.add(entity.oin)
        uses = [(service.kind, certificate) for service in entity.services for certificate in service.certificates]
        if len(set(uses)) != len(uses):  # one may be withdrawn where the other is not
            raise MalformedLote("expected each certificate in one service of its kind")
        for _, certificate in uses:
            if owners.setdefault(certificate, entity.oin) != entity.oin:
                raise MalformedLote("expected each certificate to belong to one entity")


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _moment(value: Members, name: str) -> datetime:
    text = member_text(value, name)
    if not _MOMENT.fullmatch(text):
        raise MalformedLote(f"expected {name} as YYYY-MM-DDTHH:MM:SSZ")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedLote(f"expected {name} to be a moment of the calendar") from error


def _word(value: Members, name: str, prefix: str) -> str:
    text = member_text(value, name)
    return text[len(prefix) :] if text.startswith(prefix) else ""
