"""What the issuer says today of a document or credential that it gave out: still good, withdrawn, or suspended (PROTOCOL 5.1).

The list is given (`Trust.status_lists`), never fetched here. A list that is missing, too old or not right leaves the question open: it
is never a yes. Lists are of a million places, so each token is read once and kept.
"""

from datetime import datetime
from functools import lru_cache

from blauweknop.checking.steps import StopStep
from blauweknop.checking.trust import Trust
from blauweknop.domain.document import JsonValue
from blauweknop.standards.lote import ServiceKind, TrustedEntity
from blauweknop.standards.status_list import (
    INVALID,
    SUSPENDED,
    VALID,
    ReceivedStatusList,
    StatusListProblem,
    StatusListProblemCode,
    StatusReference,
    is_on_hosts,
    read_reference,
    read_status_list,
)

__all__ = ["may_be_asked", "reference_of", "status_in_words", "status_now"]

_CODES: dict[StatusListProblemCode, str] = {
    "malformed": "status_list_malformed",
    "signer": "status_list_signer",
    "signature": "status_list_signature",
    "subject": "status_list_subject",
    "not_yet": "status_list_not_yet",
    "expired": "status_list_expired",
    "index": "status_index",
}
_WORDS = {VALID: "valid", INVALID: "withdrawn", SUSPENDED: "suspended"}
_REASONS = {INVALID: "withdrawn", SUSPENDED: "suspended"}


def reference_of(value: JsonValue, entity: TrustedEntity, *, exercise: bool) -> StatusReference:
    """Where the status stands, at an address of the issuer itself (threat T-32: nobody else may make us go anywhere).

    Raises:
        StopStep: `status_form`, `status_host`.
    """
    try:
        reference = read_reference(value)
    except StatusListProblem as problem:
        raise StopStep("status_form") from problem
    if not may_be_asked(reference.uri, entity, exercise=exercise):
        raise StopStep("status_host")
    return reference


def may_be_asked(uri: str, entity: TrustedEntity, *, exercise: bool) -> bool:
    """Whether this is an address of the issuer itself; see `is_on_hosts`."""
    return is_on_hosts(uri, entity.status_list_hosts, exercise=exercise)


def status_now(reference: StatusReference, entity: TrustedEntity, trust: Trust, at: datetime) -> int:
    """The status in the list that is at hand.

    Raises:
        StopStep: `status_unknown` without a list, `status_list_...` with one that does not count, `status_index`.
    """
    token = trust.status_lists.get(reference.uri)
    if token is None:
        raise StopStep("status_unknown")
    signers = (*entity.certificates(ServiceKind.STATUS_LIST, at), *entity.certificates(ServiceKind.CREDENTIAL, at))
    try:
        received = _received(token, reference.uri, signers)
        received.require_current(at)
        return received.statuses.status(reference.index)
    except StatusListProblem as problem:
        raise StopStep(_CODES[problem.code]) from problem


def status_in_words(status: int) -> tuple[str, str | None]:
    """The word for a report, and the reason when it is not valid; a value of an issuer's own leaves open what it means."""
    return _WORDS.get(status, "unknown"), None if status == VALID else _REASONS.get(status, "status_other")


@lru_cache(maxsize=8)
def _received(token: bytes, uri: str, signers: tuple[bytes, ...]) -> ReceivedStatusList:
    return read_status_list(token, uri=uri, signers=signers)
