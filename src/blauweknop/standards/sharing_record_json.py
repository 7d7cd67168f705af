"""A record of sharing as JSON: reading and writing (ISO/IEC TS 27560; PROTOCOL 9.2).

The standard names fields and no keys: the names in JSON are of this scheme. The fields that it demands must be there and say something.
Members that we do not know are not looked at.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from blauweknop.domain.document import JsonValue
from blauweknop.domain.durations import DURATION
from blauweknop.standards.json_members import (
    SHOWN_TEXT,
    MalformedMember,
    Members,
    member_flag,
    member_objects,
    member_text,
    member_texts,
)
from blauweknop.standards.sharing_records import (
    RECORD_ID,
    ConsentEvent,
    ConsentRecord,
    ConsentState,
    Party,
    PiiInformation,
    RecordPurpose,
)

__all__ = ["read_record", "record_json"]

_VERSION = "ISO-IEC-TS-27560:2023"
_NOTICE = re.compile(r"[a-z][a-z0-9+.-]{1,20}:[!-~]{1,1900}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PARTY = re.compile(r"[!-~]{1,200}")
_JURISDICTION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NAME = re.compile(r"[!-~]{1,500}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_MOST_PURPOSES, _MOST_PARTIES, _MOST_EVENTS, _MOST_NAMES, _MOST_PII = 10, 20, 50, 20, 2000


def record_json(record: ConsentRecord) -> dict[str, JsonValue]:
    """The record as JSON.

    Raises:
        MalformedMember: a field that the standard demands is empty or of another form.
    """
    members: dict[str, JsonValue] = {
        "schema_version": _VERSION,
        "record_id": record.id,
        "pii_principal_id": record.principal,
        "privacy_notice": record.privacy_notice,
        "language": record.language,
        "purposes": [*map(_purpose_json, record.purposes)],
        "party": [*map(_party_json, record.parties)],
        "events": [_event_json(event) for event in record.events],
    }
    # What stands in it is read back as others will read it; each purpose and party was when it was written.
    purposes, parties = iter(record.purposes), iter(record.parties)
    if _read(members, lambda _: next(purposes), lambda _: next(parties)) != record:
        raise MalformedMember("expected every moment of a record in whole seconds")
    return members


def read_record(members: Members) -> ConsentRecord:
    """A record from JSON.

    Raises:
        MalformedMember: a member that is missing or of another form, or a controller that is no party.
    """
    return _read(members, _read_purpose, _read_party)


def _read(members: Members, purpose: Callable[[Members], RecordPurpose], party: Callable[[Members], Party]) -> ConsentRecord:
    if members.get("schema_version") != _VERSION:
        raise MalformedMember(f"expected schema_version {_VERSION}")
    record = ConsentRecord(
        id=member_text(members, "record_id", RECORD_ID),
        principal=member_text(members, "pii_principal_id", RECORD_ID),
        privacy_notice=member_text(members, "privacy_notice", _NOTICE),
        language=member_text(members, "language", _LANGUAGE),
        purposes=tuple(map(purpose, member_objects(members, "purposes", least=1, most=_MOST_PURPOSES))),
        parties=tuple(map(party, member_objects(members, "party", least=1, most=_MOST_PARTIES))),
        events=tuple(map(_read_event, member_objects(members, "events", least=1, most=_MOST_EVENTS))),
    )
    known = [party.id for party in record.parties]
    if len(set(known)) != len(known) or not {name for purpose in record.purposes for name in purpose.controllers} <= set(known):
        raise MalformedMember("expected each party once, and every controller among them")
    return record


@lru_cache(maxsize=256)  # nearly all who share with one receiver share the same
def _purpose_json(purpose: RecordPurpose) -> JsonValue:
    members: dict[str, JsonValue] = {
        "purpose": purpose.purpose,
        "purpose_type": purpose.purpose_type,
        "lawful_basis": purpose.lawful_basis,
        "pii_information": [_pii_json(pii) for pii in purpose.pii],
        "pii_controllers": [*purpose.controllers],
        "storage_locations": [*purpose.storage_locations],
        "retention_period": purpose.retention,
        "jurisdiction": purpose.jurisdiction,
        "recipient_third_parties": [*purpose.recipients],
        "withdrawal_method": purpose.withdrawal_method,
    }
    members |= _said(
        service=purpose.service,
        collection_method=purpose.collection_method,
        processing_method=purpose.processing_method,
        privacy_rights=purpose.privacy_rights,
        authority_party=purpose.authority,
    )
    if _read_purpose(members) != purpose:
        raise MalformedMember("expected a purpose that can be written")
    return members


def _pii_json(pii: PiiInformation) -> JsonValue:
    flags: dict[str, JsonValue] = {
        "pii_optional": pii.optional,
        "sensitive_pii_category": pii.sensitive,
        "special_pii_category": pii.special,
    }
    return {"pii_type": pii.type} | _said(pii_attribute_id=pii.attribute) | flags


@lru_cache(maxsize=256)
def _party_json(party: Party) -> JsonValue:
    members: dict[str, JsonValue] = {
        "party_id": party.id,
        "party_name": party.name,
        "party_address": party.address,
        "party_contact": party.contact,
        "party_type": party.type,
    }
    members |= _said(party_role=party.role, party_email=party.email, party_url=party.url, party_phone=party.phone)
    if _read_party(members) != party:
        raise MalformedMember("expected a party that can be written")
    return members


def _event_json(event: ConsentEvent) -> JsonValue:
    return {
        "event_time": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "validity_duration": event.validity,
        "entity_id": event.entity,
        "event_type": event.type,
        "event_state": event.state.value,
    }


def _said(**members: str | None) -> dict[str, JsonValue]:
    return {name: value for name, value in members.items() if value is not None}


def _read_purpose(members: Members) -> RecordPurpose:
    return RecordPurpose(
        purpose=member_text(members, "purpose", SHOWN_TEXT),
        purpose_type=member_text(members, "purpose_type", _NAME),
        lawful_basis=member_text(members, "lawful_basis", SHOWN_TEXT),
        pii=tuple(map(_read_pii, member_objects(members, "pii_information", least=1, most=_MOST_PII))),
        controllers=member_texts(members, "pii_controllers", _PARTY, least=1, most=_MOST_NAMES),
        storage_locations=member_texts(members, "storage_locations", SHOWN_TEXT, least=1, most=_MOST_NAMES),
        retention=member_text(members, "retention_period", DURATION),
        jurisdiction=member_text(members, "jurisdiction", _JURISDICTION),
        recipients=member_texts(members, "recipient_third_parties", SHOWN_TEXT, most=_MOST_NAMES),
        withdrawal_method=member_text(members, "withdrawal_method", SHOWN_TEXT),
        service=_text_or_none(members, "service"),
        collection_method=_text_or_none(members, "collection_method"),
        processing_method=_text_or_none(members, "processing_method"),
        privacy_rights=_text_or_none(members, "privacy_rights"),
        authority=_text_or_none(members, "authority_party"),
    )


def _read_pii(members: Members) -> PiiInformation:
    flags: Sequence[bool] = [
        member_flag(members, name) if name in members else False
        for name in ("pii_optional", "sensitive_pii_category", "special_pii_category")
    ]
    attribute = member_text(members, "pii_attribute_id", SHOWN_TEXT) if "pii_attribute_id" in members else None
    return PiiInformation(member_text(members, "pii_type", _NAME), attribute, *flags)


def _read_party(members: Members) -> Party:
    return Party(
        id=member_text(members, "party_id", _PARTY),
        name=member_text(members, "party_name", SHOWN_TEXT),
        address=member_text(members, "party_address", SHOWN_TEXT),
        contact=member_text(members, "party_contact", SHOWN_TEXT),
        type=member_text(members, "party_type", _WORD),
        role=_text_or_none(members, "party_role"),
        email=_text_or_none(members, "party_email"),
        url=_text_or_none(members, "party_url"),
        phone=_text_or_none(members, "party_phone"),
    )


def _read_event(members: Members) -> ConsentEvent:
    state = member_text(members, "event_state")
    if state not in tuple(ConsentState):
        raise MalformedMember("expected event_state as one of the standard")
    return ConsentEvent(
        at=_read_moment(member_text(members, "event_time", _MOMENT)),
        validity=member_text(members, "validity_duration", DURATION),
        entity=member_text(members, "entity_id", _PARTY),
        type=member_text(members, "event_type", _WORD),
        state=ConsentState(state),
    )


def _read_moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedMember("expected event_time as a moment that exists") from error


def _text_or_none(members: Members, name: str) -> str | None:
    return member_text(members, name, SHOWN_TEXT) if name in members else None
