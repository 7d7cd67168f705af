"""Take back what was shared, until the receiver proves that it is gone (PROTOCOL 9.2 and 9.4).

In steps:
1. The withdrawal goes into the outbox, from where it is told until somebody listens, whether or not the vault is open; then the sharing
   stands as `withdrawn`: "nog niet bevestigd".
2. Each time it is signed anew, for a receiver takes one of the last ten minutes. After an answer without proof it is asked again later,
   each time after a longer while.
3. A proof waits in the outbox, without what was needed to ask for it. When the person is in, it is verified against the trust list, and
   only then the sharing stands as `erased`. One that breaks a rule is no proof: it is asked for again.

A receiver is told twice rather than never; what is erased stays erased.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.holder.account_log import Happening, LogLine, write_log
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.records import Sharing
from blauweknop.holder.sharing.requests import KeptRequest, change
from blauweknop.holder.vault import Vault
from blauweknop.standards import base64url
from blauweknop.standards.sharing_messages import SharingProblem, Withdrawal, sign_withdrawal
from blauweknop.standards.sharing_receipts import verify_erasure
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = ["can_withdraw", "deliver_due", "look_for_proof", "withdraw"]

_MOST_AT_ONCE = 20
_MOST_ROW = 512 * 1024
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=12)
_ID_BYTES = 24
_LOG = structlog.get_logger("blauweknop.holder")


@dataclass(frozen=True, slots=True)
class _Errand:
    """What the outbox holds: what to tell, or with `proof` what came back."""

    address: str = field(repr=False)
    audience: str
    receipt_id: str = field(repr=False)
    key: str = field(repr=False)
    tries: int = 0
    proof: str = field(default="", repr=False)
    came_at: datetime | None = None

    def as_bytes(self) -> bytes:
        kept: dict[str, JsonValue] = {
            "address": self.address,
            "audience": self.audience,
            "receipt_id": self.receipt_id,
            "key": self.key,
            "tries": self.tries,
            "proof": self.proof,
            "came_at": self.came_at.isoformat() if self.came_at else None,
        }
        return canonical_json(kept)

    @classmethod
    def from_bytes(cls, kept: bytes) -> "_Errand":
        """Raises: MalformedValue."""
        try:
            match parse_json_object(kept, max_bytes=_MOST_ROW):
                case {
                    "address": str(address),
                    "audience": str(audience),
                    "receipt_id": str(receipt_id),
                    "key": str(key),
                    "tries": int(tries),
                    "proof": str(proof),
                    "came_at": came_at,
                }:
                    moment = datetime.fromisoformat(came_at) if isinstance(came_at, str) else None
                    return cls(address, audience, receipt_id, key, tries, proof, moment)
        except (MalformedJson, ValueError) as error:
            raise MalformedValue("expected a withdrawal on its way") from error
        raise MalformedValue("expected a withdrawal on its way")


def can_withdraw(kept: KeptRequest) -> bool:
    """Whether the receiver gave a receipt by which it can be told, and was not told yet or did not prove it."""
    return kept.item.state in ("sent", "withdrawn") and bool(kept.sharing.withdrawal_uri)


def withdraw(kept: KeptRequest, vault: Vault, services: SharingServices) -> KeptRequest | None:
    """Step 1, and a first try at once; how it stands then. None when there was nothing to do, or somebody else did it.

    Raises:
        BlauweKnopError: the outbox is full.
    """
    sharing, now = kept.sharing, services.now()
    if not can_withdraw(kept) or (kept.item.state == "withdrawn" and _row(sharing, services) is not None):
        return None
    errand = _Errand(sharing.withdrawal_uri, sharing.client_id, sharing.receipt_id, sharing.key)
    reference = services.outbox.put(errand.as_bytes(), now=now)
    if reference is None:
        raise BlauweKnopError("too many withdrawals are on their way", remedy="try again later")
    changed = change(kept, vault, replace(kept.item, state="withdrawn", at=now), replace(sharing, outbox=reference))
    row = services.outbox.row_of(reference)
    if changed is None or row is None:
        if row is not None:
            services.outbox.forget(row)
        return None
    write_log(vault, LogLine(now, Happening.SHARING_WITHDRAWN, sharing.receiver))
    _deliver(row, services)
    return look_for_proof(changed, vault, services)


def look_for_proof(kept: KeptRequest, vault: Vault, services: SharingServices) -> KeptRequest:
    """Step 3: how it stands now."""
    if kept.item.state != "withdrawn":
        return kept
    sharing = kept.sharing
    row = _row(sharing, services)
    errand = _read(row, services) if row is not None else None
    trusted = services.trust(services.now()).trust_list
    if row is None or errand is None or not errand.proof or errand.came_at is None or trusted is None:
        return kept
    try:
        erasure = verify_erasure(
            errand.proof, receiver=sharing.identifier, receipt_id=sharing.receipt_id, trust_list=trusted, at=errand.came_at
        )
    except SharingProblem as problem:
        _LOG.warning("erasure_refused", reason=problem.code)
        services.outbox.keep(row, _again(sharing, errand).as_bytes(), due_at=services.now() + _wait(errand.tries))
        return kept
    proved = replace(sharing, erasure=errand.proof, outbox="", key="", kept_by_law=tuple((each.what, each.law) for each in erasure.kept))
    changed = change(kept, vault, replace(kept.item, state="erased", at=erasure.erased_at), proved)
    if changed is None:
        return kept
    services.outbox.forget(row)
    write_log(vault, LogLine(services.now(), Happening.SHARING_ERASED, sharing.receiver))
    return changed


def deliver_due(services: SharingServices) -> Callable[[datetime], int]:
    """Step 2, as work for upkeep: tell what is due; how many receivers were asked."""

    def deliver(now: datetime) -> int:
        rows = services.outbox.due(now=now, most=_MOST_AT_ONCE)
        for row in rows:
            _deliver(row, services)
        return len(rows)

    return deliver


def _deliver(row: bytes, services: SharingServices) -> None:
    errand = _read(row, services)
    if errand is None:
        services.outbox.forget(row)
        return
    proof = _told(errand, services)
    if proof:
        # Nothing is left with which anybody could ask, or find out whom.
        came = _Errand("", "", "", "", errand.tries, proof, services.now())
        services.outbox.keep(row, came.as_bytes(), due_at=None)
    else:
        later = replace(errand, tries=errand.tries + 1)
        services.outbox.keep(row, later.as_bytes(), due_at=services.now() + _wait(later.tries))


def _told(errand: _Errand, services: SharingServices) -> str:
    """The proof; empty when there is none yet."""
    now = services.now()
    withdrawal = Withdrawal(errand.audience, errand.receipt_id, base64url.encode(services.random(_ID_BYTES)), now.replace(microsecond=0))
    form = urlencode({"withdrawal": sign_withdrawal(withdrawal, HolderKey.from_text(errand.key).signer)}).encode("ascii")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        return _proof(services.send("POST", errand.address, headers=headers, content=form))
    except SourceProblem:
        return ""


def _proof(answer: Answer) -> str:
    if answer.status != 200:
        return ""
    try:
        proof = parse_json_object(answer.body, max_bytes=_MOST_ROW).get("bk_erasure")
    except MalformedJson:
        return ""
    return proof if isinstance(proof, str) else ""


def _again(sharing: Sharing, errand: _Errand) -> _Errand:
    return _Errand(sharing.withdrawal_uri, sharing.client_id, sharing.receipt_id, sharing.key, errand.tries + 1)


def _wait(tries: int) -> timedelta:
    return min(_FIRST_WAIT * (1 << min(tries, 20)), _LONGEST_WAIT)


def _row(sharing: Sharing, services: SharingServices) -> bytes | None:
    """Where it is on its way; None when it is not, or not any more."""
    row = services.outbox.row_of(sharing.outbox) if sharing.outbox else None
    return row if row is not None and services.outbox.read(row) is not None else None


def _read(row: bytes, services: SharingServices) -> _Errand | None:
    kept = services.outbox.read(row)
    try:
        return _Errand.from_bytes(kept) if kept is not None else None
    except MalformedValue:
        return None
