"""Publish the trust list of a scheme: which sources take part, with which certificates, for which data sets; who vouches for receivers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.domain.document import SourceIdentity
from blauweknop.domain.identifiers import Oin
from blauweknop.domain.texts import Text
from blauweknop.register.exercise_keys import CHECK_SERVICE, OPERATOR_NAME, ExerciseScheme
from blauweknop.register.exercise_receiver_keys import REGISTER_URL, open_receivers, registrar_entity
from blauweknop.standards.trust_list import (
    ServiceKind,
    ServiceStatus,
    StatusPeriod,
    TrustedEntity,
    TrustList,
    TrustService,
    write_trust_list,
)

__all__ = ["CHECK_SERVICE_NAME", "exercise_trust_list", "publish_exercise_trust_list"]

_LIFE = timedelta(days=30)
_OPERATOR_OIN = Oin("00000099000000000001")
CHECK_SERVICE_NAME = Text("Controledienst Blauwe Knop (oefening)", "Blue Button check service (exercise)")


def exercise_trust_list(
    scheme: ExerciseScheme,
    sources: Sequence[SourceIdentity],
    datasets: Mapping[str, Sequence[str]],
    *,
    sequence: int,
    check_url: str,
    since: datetime,
    at: datetime,
    status_hosts: Mapping[str, Sequence[str]] = MappingProxyType({}),
    register_url: str = REGISTER_URL,
    withdrawn: Mapping[bytes, datetime] = MappingProxyType({}),
) -> TrustList:
    """The list of an exercise scheme. By source id `datasets` names what each may certify, `status_hosts` where its status lists are.

    `since` is when all services began, `register_url` where the status list of receivers is; those who vouch for receivers are on the
    list when the scheme has receivers. Of a source all keys are named that it has; the certificates (DER) in `withdrawn` count no more
    since that moment.
    """
    began = since.replace(microsecond=0)

    def service(kind: ServiceKind, *certificates: bytes) -> TrustService:
        return TrustService(kind, certificates, ServiceStatus.GRANTED, began)

    def services_of(source: str) -> tuple[TrustService, ...]:
        kinds = zip((ServiceKind.SEAL, ServiceKind.CREDENTIAL), scheme.source_certificates(source), strict=True)
        each = (service(kind, certificate) for kind, certificates in kinds for certificate in certificates)
        return tuple(_ended(known, withdrawn.get(known.certificates[0])) for known in each)

    root, _ = scheme.authorities()
    operator = TrustedEntity(
        oin=_OPERATOR_OIN,
        name=Text("Stelsel Blauwe Knop (oefening)", "Blue Button scheme (exercise)"),
        legal_name=OPERATOR_NAME,
        services=(
            service(ServiceKind.CERTIFICATE_AUTHORITY, root.public_bytes(Encoding.DER)),
            service(ServiceKind.TIME_STAMP, scheme.time_stamp_signer().certificate),
        ),
    )
    issuers = tuple(
        TrustedEntity(
            oin=source.oin,
            name=Text(source.name, source.name),
            legal_name=source.legal_name,
            services=services_of(source.id),
            datasets=tuple(datasets[source.id]),
            status_list_hosts=tuple(status_hosts.get(source.id, ())),
        )
        for source in sources
    )
    signers = scheme.check_service_signers()
    checker = (
        TrustedEntity(
            oin=CHECK_SERVICE.oin,
            name=CHECK_SERVICE_NAME,
            legal_name=CHECK_SERVICE.name,
            services=(service(ServiceKind.REPORT, *(signer.certificate for signer in signers or ())),),
        ),
    )
    receivers = open_receivers(scheme.folder)
    vouching = (registrar_entity(receivers, register_url=register_url, since=since.replace(microsecond=0)),) if receivers else ()
    issued = at.replace(microsecond=0)
    entities = (operator, *(checker if signers else ()), *vouching, *issuers)
    return TrustList(sequence, issued, issued + _LIFE, OPERATOR_NAME, entities, check_url, exercise=True)


def _ended(service: TrustService, moment: datetime | None) -> TrustService:
    if moment is None:
        return service
    before = StatusPeriod(service.status, service.since)
    return replace(service, status=ServiceStatus.WITHDRAWN, since=moment.replace(microsecond=0), history=(before,))


def publish_exercise_trust_list(scheme: ExerciseScheme, trust_list: TrustList) -> str:
    """The list signed by the operator, as the text to publish."""
    return write_trust_list(trust_list, signer=scheme.trust_list_signer(), at=trust_list.issued)
