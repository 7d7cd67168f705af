"""The credentials that a person keeps, as a supply: what they say, how they stand, and one copy for each time that one is shown.

Who presents a credential goes through these steps (PROTOCOL 6.8, 9.7):
1. `kept_credentials` lists what is here. What seems to be of somebody else is not in it.
2. `condition_of` says whether a receiver would accept it now, by the one check.
3. `take_copy` takes a copy out of the supply. Its private key leaves the vault, for good, and the use is written down, before this
   function returns: whatever becomes of the presentation, no copy goes to two receivers, or twice to one.
4. `presenting.present` makes of it what one receiver gets.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.verdict import CheckedKind, CheckResult, Rejected, Verdict
from blauweknop.holder.credential_copies import Copy, CredentialCopies
from blauweknop.holder.credential_forms import CopyContent, read_copy
from blauweknop.holder.items import CredentialItem, head_of, read_head
from blauweknop.holder.keeping import Check, NotKept, is_of_the_person, items_of, verdict_on
from blauweknop.holder.vault import ItemHead, Vault
from blauweknop.standards.disclosures import Place
from blauweknop.standards.sd_jwt_receiving import Validity
from blauweknop.standards.status_list import StatusReference

__all__ = [
    "LOW",
    "Condition",
    "KeptCredential",
    "NoCopy",
    "TakenCopy",
    "condition_of",
    "kept_credentials",
    "require_right_copies",
    "take_copy",
]

LOW = 3
"""With fewer unused copies than this it is time for new ones."""

Condition = Literal["good", "ended", "withdrawn", "suspended", "refused", "unknown"]
"""What the check says of a credential now; `refused` is every other reason for red, `unknown` what it cannot say."""

_ENDED = frozenset({"proof_expired", "data_expired"})
_TRIES = 20  # of as many tabs that take a copy at one moment


class NoCopy(BlauweKnopError):
    """No copy: the credential is not here any more (`gone`), all were used (`used_up`), or too many ask at once (`busy`)."""

    def __init__(self, code: Literal["gone", "used_up", "busy"]) -> None:
        super().__init__(f"there is no copy of this credential: {code}", remedy="fetch it again at its source")
        self.code = code


@dataclass(frozen=True, slots=True)
class KeptCredential:
    """A credential with its supply. `claims` has everything that it can show, of an mdoc by namespace; what stands at `concealable` is
    shown only when chosen.

    Copies differ in their key, status and salts; these are of the copy that is given away next.
    """

    id: bytes
    item: CredentialItem
    type: str
    """Its `vct`, or the document type of an mdoc."""
    claims: dict[str, JsonValue] = field(repr=False)
    concealable: tuple[Place, ...]
    validity: Validity
    status: StatusReference | None = field(repr=False)
    holder_key: ec.EllipticCurvePublicKey = field(repr=False)
    text: str = field(repr=False)

    @property
    def unused(self) -> int:
        return self.item.unused

    @property
    def runs_low(self) -> bool:
        return self.item.unused < LOW


@dataclass(frozen=True, slots=True)
class TakenCopy:
    """A copy for one presentation, with its private key. `left` are the unused ones that remain."""

    credential: str = field(repr=False)
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    left: int

    @property
    def runs_low(self) -> bool:
        return self.left < LOW


def kept_credentials(vault: Vault, types: Collection[str] | None = None) -> tuple[KeptCredential, ...]:
    """Those of the person, by type and then the newest first; of all types, or of these.

    Raises:
        MalformedValue: another version of this program kept one of them.
    """
    items = list(items_of(vault))
    found = [each for head, item in items if isinstance(item, CredentialItem) for each in _opened(head, item, vault)]
    documents = [item for _, item in items]
    own = [kept for kept, said in found if is_of_the_person(said.person, documents)]
    wanted = [kept for kept in own if types is None or kept.type in types]
    return tuple(sorted(sorted(wanted, key=lambda kept: kept.item.kept_at, reverse=True), key=lambda kept: kept.type))


def condition_of(kept: KeptCredential, check: Check, at: datetime) -> Condition:
    """How the copy that is given away next stands now: signature, trust list, validity, status."""
    verdict = verdict_on(kept.text.encode("ascii"), check, at)
    if verdict is None:
        return "unknown"
    if _is_right(verdict):
        return "good"
    status = verdict.facts.status
    if status == "withdrawn":
        return "withdrawn"
    if status == "suspended":
        return "suspended"
    if any(step.reason in _ENDED for step in verdict.facts.steps):
        return "ended"
    return "refused" if isinstance(verdict, Rejected) else "unknown"


def take_copy(item_id: bytes, vault: Vault, *, receiver: str, at: datetime) -> TakenCopy:
    """One unused copy, for this receiver and this one time.

    Raises:
        NoCopy: there is none.
        MalformedValue: another version of this program kept it.
    """
    for _ in range(_TRIES):
        read = vault.read_if_possible(item_id)
        item = read_head(read[0].head) if read else None
        if read is None or not isinstance(item, CredentialItem):
            raise NoCopy("gone")
        copies = CredentialCopies.from_bytes(read[1])
        if not copies.unused:
            raise NoCopy("used_up")
        taken, after = copies.unused[0], copies.without_first(receiver, at)
        head = head_of(replace(item, unused=len(after.unused)))
        if vault.replace(read[0], head, after.as_bytes()) is not None:
            return TakenCopy(taken.credential, taken.key.private, len(after.unused))
    raise NoCopy("busy")


def require_right_copies(copies: Collection[Copy], item: CredentialItem, check: Check | None, at: datetime) -> None:
    """Each copy passes the check, is of that source and data set, and belongs to the key that lies beside it.

    Raises:
        NotKept: `credential_not_green`, `other_issuer`, `other_key`.
    """
    for copy in copies:
        verdict = verdict_on(copy.credential.encode("utf-8"), check, at)
        if verdict is None or not _is_right(verdict):
            raise NotKept("credential_not_green")
        if verdict.facts.issuer_oin != item.source_oin or verdict.facts.dataset != item.dataset:
            raise NotKept("other_issuer")
        try:
            key = read_copy(copy.credential, item.format).holder_key
        except MalformedValue as error:
            raise NotKept("other_key") from error
        if key != copy.key.public:
            raise NotKept("other_key")


def _is_right(verdict: Verdict) -> bool:
    """Every step is right; that the key of the holder is somebody's to use is open to others, and we have that key."""
    open_steps = [step.reason for step in verdict.facts.steps if step.result is not CheckResult.OK]
    return verdict.facts.kind is CheckedKind.CREDENTIAL and not isinstance(verdict, Rejected) and open_steps == ["holder_unproved"]


def _opened(head: ItemHead, item: CredentialItem, vault: Vault) -> Iterator[tuple[KeptCredential, CopyContent]]:
    """Nothing when it was removed meanwhile, or cannot be opened."""
    read = vault.read_if_possible(head.id)
    if read is not None:
        text = CredentialCopies.from_bytes(read[1]).shown
        said = read_copy(text, item.format)
        yield (
            KeptCredential(head.id, item, said.type, said.claims, said.concealable, said.validity, said.status, said.holder_key, text),
            said,
        )
