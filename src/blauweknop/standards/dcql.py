"""What a receiver asks for (DCQL, OpenID4VP 1.0 section 6; PROTOCOL 6.3): which credentials, and which claims of each; reading and writing.

Members we do not know are not looked at, as the standard demands.
"""

import re
from dataclasses import dataclass, field
from typing import Literal, TypeGuard

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.json_members import (
    MalformedMember,
    Members,
    as_members,
    member_flag,
    member_list,
    member_object,
    member_objects,
    member_text,
    member_texts,
)

__all__ = [
    "ClaimQuery",
    "CredentialFormat",
    "CredentialQuery",
    "CredentialSet",
    "DcqlQuery",
    "MalformedQuery",
    "Path",
    "dcql_json",
    "meta_json",
    "read_claims",
    "read_dcql",
    "read_format",
    "read_types",
]

CredentialFormat = Literal["dc+sd-jwt", "mso_mdoc"]
Path = tuple[str | int | None, ...]
"""Where a claim stands: the name of a member, the place in a list, or None for all of a list; of an mdoc namespace and element."""

_FORMATS: tuple[CredentialFormat, ...] = ("dc+sd-jwt", "mso_mdoc")
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_TYPE = re.compile(r"[!-~]{1,500}")
_MAX_CREDENTIALS = 50  # a package of twelve items asks each in up to three ways
_MAX_CLAIMS = 200
_MAX_PATH = 16
_MAX_NAME = 200
_MAX_SETS = 50
_MAX_VALUES = 100


class MalformedQuery(BlauweKnopError):
    """No query that has one meaning; the text names the member."""


@dataclass(frozen=True, slots=True)
class ClaimQuery:
    """A claim that is asked for; with `values`, only when it has one of them.

    Of an mdoc it is said whether who asks will keep it (`intent_to_retain`, OpenID4VP 1.0 appendix B.2.4).
    """

    path: Path
    id: str | None = None
    values: tuple[str | int | bool, ...] | None = field(default=None, repr=False)
    retained: bool = False


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """A credential that is asked for, of one of `types` (`vct`, or the document type of an mdoc).

    Without claims only what can never be left out is asked for. `claim_sets` are ids of claims, the best choice first.
    """

    id: str
    format: CredentialFormat
    types: tuple[str, ...]
    claims: tuple[ClaimQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()
    multiple: bool = False
    holder_binding: bool = True
    trusted_authorities: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """Sets of ids of credentials of which one is enough, the best choice first."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class DcqlQuery:
    """What is asked for. Without sets all credentials are."""

    credentials: tuple[CredentialQuery, ...]
    sets: tuple[CredentialSet, ...] = ()


def read_dcql(value: JsonValue) -> DcqlQuery:
    """Read `dcql_query`.

    Raises:
        MalformedQuery: a member that is missing or of another form, an id that is used twice or leads nowhere.
    """
    try:
        members = as_members(value, "dcql_query")
        credentials = tuple(_credential(item) for item in member_objects(members, "credentials", least=1, most=_MAX_CREDENTIALS))
        ids = frozenset(credential.id for credential in credentials)
        if len(ids) != len(credentials):
            raise MalformedMember("expected each id of a credential once")
        sets = member_objects(members, "credential_sets", least=1, most=_MAX_SETS) if "credential_sets" in members else []
        return DcqlQuery(credentials, tuple(_credential_set(item, ids) for item in sets))
    except MalformedMember as error:
        raise MalformedQuery(f"query: {error}") from error


def dcql_json(query: DcqlQuery) -> dict[str, JsonValue]:
    """The query as `dcql_query`, with what is otherwise understood left out; `read_dcql` reads the same again."""
    members: dict[str, JsonValue] = {"credentials": [_credential_json(credential) for credential in query.credentials]}
    if query.sets:
        members["credential_sets"] = [{"options": _lists(item.options), "required": item.required} for item in query.sets]
    return members


def meta_json(form: CredentialFormat, types: tuple[str, ...]) -> JsonValue:
    """`meta` with the types: what `read_types` reads."""
    return {"doctype_value": types[0]} if form == "mso_mdoc" else {"vct_values": [*types]}


def read_types(members: Members, form: CredentialFormat) -> tuple[str, ...]:
    """The types that `meta` names: `vct_values` or `doctype_value`. Raises: MalformedMember."""
    meta = member_object(members, "meta")
    if form == "mso_mdoc":
        return (member_text(meta, "doctype_value", _TYPE),)
    return member_texts(meta, "vct_values", _TYPE, least=1, most=_MAX_VALUES)


def read_format(members: Members) -> CredentialFormat:
    """One of the two formats of the scheme. Raises: MalformedMember."""
    form = next((known for known in _FORMATS if known == members.get("format")), None)
    if form is None:
        raise MalformedMember("expected format dc+sd-jwt or mso_mdoc")
    return form


def read_claims(members: Members, name: str, form: CredentialFormat) -> tuple[ClaimQuery, ...]:
    """The claims of this name; none when it is absent. Raises: MalformedMember."""
    if name not in members:
        return ()
    return tuple(_claim(item, form) for item in member_objects(members, name, least=1, most=_MAX_CLAIMS))


def _credential_json(credential: CredentialQuery) -> JsonValue:
    members: dict[str, JsonValue] = {
        "id": credential.id,
        "format": credential.format,
        "meta": meta_json(credential.format, credential.types),
    }
    if credential.claims:
        members["claims"] = [_claim_json(claim) for claim in credential.claims]
    if credential.claim_sets:
        members["claim_sets"] = _lists(credential.claim_sets)
    if credential.multiple:
        members["multiple"] = True
    if not credential.holder_binding:
        members["require_cryptographic_holder_binding"] = False
    if credential.trusted_authorities:
        members["trusted_authorities"] = [{"type": kind, "values": [*values]} for kind, values in credential.trusted_authorities]
    return members


def _claim_json(claim: ClaimQuery) -> JsonValue:
    members: dict[str, JsonValue] = {"path": [*claim.path]}
    if claim.id is not None:
        members["id"] = claim.id
    if claim.values is not None:
        members["values"] = [*claim.values]
    if claim.retained:
        members["intent_to_retain"] = True
    return members


def _lists(names: tuple[tuple[str, ...], ...]) -> JsonValue:
    return [[*each] for each in names]


def _credential(members: Members) -> CredentialQuery:
    form = read_format(members)
    claims = read_claims(members, "claims", form)
    ids = [claim.id for claim in claims if claim.id is not None]
    if len(set(ids)) != len(ids):
        raise MalformedMember("expected each id of a claim once in a credential")
    claim_sets = _references(members, "claim_sets", frozenset(ids)) if "claim_sets" in members else ()
    if claim_sets and len(ids) != len(claims):
        raise MalformedMember("expected an id of each claim where there are claim_sets")
    authorities = member_objects(members, "trusted_authorities", least=1, most=_MAX_SETS) if "trusted_authorities" in members else []
    return CredentialQuery(
        member_text(members, "id", _ID),
        form,
        read_types(members, form),
        claims,
        claim_sets,
        _flag(members, "multiple", otherwise=False),
        _flag(members, "require_cryptographic_holder_binding", otherwise=True),
        tuple((member_text(item, "type", _TYPE), member_texts(item, "values", _TYPE, least=1, most=_MAX_VALUES)) for item in authorities),
    )


def _claim(members: Members, form: CredentialFormat) -> ClaimQuery:
    items = member_list(members, "path", least=1, most=_MAX_PATH)
    path = tuple(item for item in items if _is_step(item))
    if len(path) != len(items) or path[0] is None or isinstance(path[0], int):
        raise MalformedMember("expected path as names, places from zero and nulls, with a name first")
    if form == "mso_mdoc" and not (len(path) == 2 and isinstance(path[1], str)):
        raise MalformedMember("expected path of an mdoc as a namespace and an element")
    identifier = member_text(members, "id", _ID) if "id" in members else None
    retained = form == "mso_mdoc" and _flag(members, "intent_to_retain", otherwise=False)
    return ClaimQuery(path, identifier, _values(members) if "values" in members else None, retained)


def _is_step(item: JsonValue) -> TypeGuard[str | int | None]:
    match item:
        case bool():
            return False
        case str():
            return 0 < len(item) <= _MAX_NAME
        case int():
            return item >= 0
    return item is None


def _values(members: Members) -> tuple[str | int | bool, ...]:
    items = member_list(members, "values", least=1, most=_MAX_VALUES)
    values = tuple(item for item in items if isinstance(item, str | int))
    if len(values) != len(items):
        raise MalformedMember("expected values as texts, whole numbers and booleans")
    return values


def _credential_set(members: Members, ids: frozenset[str]) -> CredentialSet:
    return CredentialSet(_references(members, "options", ids), _flag(members, "required", otherwise=True))


def _references(members: Members, name: str, known: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Lists of ids that all lead somewhere."""
    found = []
    for item in member_list(members, name, least=1, most=_MAX_SETS):
        ids = member_texts({name: item}, name, _ID, least=1, most=_MAX_CLAIMS)
        if not set(ids) <= known:
            raise MalformedMember(f"expected {name} to name what the query holds")
        found.append(ids)
    return tuple(found)


def _flag(members: Members, name: str, *, otherwise: bool) -> bool:
    return member_flag(members, name) if name in members else otherwise
