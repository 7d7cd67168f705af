"""The record of one sharing, made from the registration of who asked: holder and receiver write the same (PROTOCOL 9.1, 9.2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache

from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.durations import Duration
from blauweknop.domain.texts import Language
from blauweknop.standards.dcql import Path
from blauweknop.standards.registration_claims import Registration
from blauweknop.standards.sharing_acting import ActedFor, acting_in, acting_parties
from blauweknop.standards.sharing_records import ConsentEvent, ConsentRecord, ConsentState, Party, PiiInformation, RecordPurpose

__all__ = [
    "BY_LINK",
    "BY_UPDATE",
    "BY_WALLET",
    "attribute_name",
    "compose_record",
    "end_of_day",
    "is_record_of",
    "retention_end",
    "retention_length",
]

BY_WALLET, BY_LINK, BY_UPDATE = "openid4vp", "bk-link", "bk-update"
"""How things come to a receiver, as records say it."""

_ALL = "*"


def compose_record(
    registration: Registration,
    shared: Sequence[PiiInformation],
    *,
    record_id: str,
    principal: str,
    language: Language,
    at: datetime,
    method: str = BY_WALLET,
    acting: ActedFor | None = None,
    updates: Sequence[PiiInformation] = (),
) -> ConsentRecord:
    """What the person whom this sharing calls `principal` agreed to, in the language that they read it in; `method` is how it goes.

    `acting` is who agreed for the person, if that was somebody else. What may be sent again when there is something newer is a purpose of
    its own: `updates`.
    """
    basis = registration.legal_basis
    purpose = RecordPurpose(
        purpose=registration.purpose.in_language(language),
        purpose_type=registration.intended_use,
        lawful_basis=f"GDPR 6(1)({basis.letter}); {basis.law}",
        pii=tuple(dict.fromkeys(shared)),
        controllers=(registration.identifier,),
        storage_locations=(registration.country,),
        retention=registration.retention,
        jurisdiction=registration.country,
        recipients=tuple(recipient.in_language(language) for recipient in registration.recipients),
        withdrawal_method=registration.support_uri,
        service=registration.service.in_language(language),
        collection_method=method,
        privacy_rights=registration.privacy_policy,
        authority=registration.authority.contact,
    )
    asks = Party(
        id=registration.identifier,
        name=registration.name,
        address=registration.info_uri,
        contact=registration.support_uri,
        type="public_body" if registration.public_body else "organisation",
        role="receiver",
    )
    between = [
        Party(identifier, name, registration.info_uri, registration.support_uri, "organisation", "intermediary")
        for identifier, name in ([registration.intermediary] if registration.intermediary else [])
        if identifier != registration.identifier
    ]
    given = ConsentEvent(at.replace(microsecond=0), registration.retention, principal, "explicit", ConsentState.GIVEN)
    return ConsentRecord(
        id=record_id,
        principal=principal,
        privacy_notice=registration.privacy_policy,
        language=language,
        purposes=(purpose, _updates(purpose, updates)) if updates else (purpose,),
        parties=(asks, *between, *acting_parties(acting, principal)),
        events=(given,),
    )


def is_record_of(record: ConsentRecord, registration: Registration, *, method: str = BY_WALLET) -> bool:
    """Whether a record says what the registration does, in Dutch or English, and nothing else but what was shared, and who acted."""
    language: Language = "en" if record.language == "en" else "nl"
    shared, *later = (purpose.pii for purpose in record.purposes)
    return record == compose_record(
        registration,
        shared,
        record_id=record.id,
        principal=record.principal,
        language=language,
        at=record.events[0].at,
        method=method,
        acting=acting_in(record.parties),
        updates=later[0] if later else (),
    )


def _updates(purpose: RecordPurpose, pii: Sequence[PiiInformation]) -> RecordPurpose:
    return replace(purpose, purpose_type=f"{purpose.purpose_type}#updates", pii=tuple(dict.fromkeys(pii)), collection_method=BY_UPDATE)


def attribute_name(path: Path) -> str:
    """A path of a query as one text: `data/naam`, `rows/*/bedrag`."""
    return "/".join(_ALL if step is None else str(step) for step in path)


@lru_cache(maxsize=64)
def retention_length(retention: str) -> Duration:
    """A retention (a duration of a registration) in whole days: a time of day lasts until the end of the day that it reaches."""
    return Duration.lasting(retention)


def retention_end(retention: str, at: datetime) -> datetime:
    """When a retention that begins now has ended: at the end of a day in the Netherlands."""
    return end_of_day(retention_length(retention).after(at.astimezone(AMSTERDAM).date()))


def end_of_day(day: date) -> datetime:
    """The last moment of a day in the Netherlands."""
    return datetime.combine(day, time(23, 59, 59), AMSTERDAM)
