"""Work on what a person let us fetch, one part after the other; after each part it is written down how it stands.

So nothing is lost when the program is killed: who comes back goes on where it stopped. Two who work on one connection notice by its
version, and the second stops. A part that fails takes no other with it; when the source is silent, the rest is not tried at that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from blauweknop.holder.account_log import Happening, LogLine, read_log, write_log
from blauweknop.holder.collecting.asking import Came, Pending
from blauweknop.holder.collecting.calls import Bearer
from blauweknop.holder.collecting.connection_secrets import ConnectionSecrets
from blauweknop.holder.collecting.fetching import Copies, Later, exchange, fetch_copies, fetch_document, fetch_late_copies, notify
from blauweknop.holder.collecting.metadata import Endpoints, describe
from blauweknop.holder.collecting.ports import CollectingServices, Source, SourceProblem
from blauweknop.holder.credential_copies import Copy, CredentialCopies
from blauweknop.holder.credential_forms import FORMATS
from blauweknop.holder.credentials import require_right_copies
from blauweknop.holder.document_view import title_and_source
from blauweknop.holder.items import ConnectionItem, CredentialItem, DocumentItem, Part, PartState, UncheckedItem, head_of, read_head
from blauweknop.holder.keeping import Expected, NotKept, items_of, keep_document
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.vault import ItemHead, Vault, VaultFull
from blauweknop.standards.dcql import CredentialFormat

__all__ = [
    "BUSY_FOR",
    "can_go_on",
    "is_worked_on",
    "open_connection",
    "opened_connection",
    "try_again",
    "was_tried_lately",
    "work_on",
]

BUSY_FOR = timedelta(seconds=60)
"""So long after the last word nobody else begins to work on a connection."""


def open_connection(source: Source, pending: Pending, came: Came, vault: Vault, services: CollectingServices) -> ItemHead:
    """Exchange what the browser brought for a token, and keep what is to be fetched.

    A source that gives nothing is kept too, with the reason, so that the person sees how it stands.

    Raises:
        VaultFull: no room.
    """
    now = services.now()
    item = ConnectionItem(source.id, source.oin, source.name, now, None, ())
    bearer = Bearer(HolderKey.from_text(pending.key))
    if came.code is None:
        state: PartState = "not_given" if came.error == "access_denied" else "failed"
        return _added(replace(item, parts=_parts(pending.wanted, came.nothing, (), state, came.error)), None, vault)
    try:
        endpoints = describe(source, services.send)
        grant = exchange(came.code, pending.verifier, pending.wanted, bearer, endpoints, services)
    except SourceProblem as problem:
        # A code counts once, so that there is nothing to try again with.
        parts = _parts(pending.wanted, came.nothing, (), "failed", problem.code)
        return _added(replace(item, parts=parts, problem=problem.code), None, vault)
    bearer.token = grant.token
    parts = _parts(pending.wanted, came.nothing, grant.names, "not_given", "")
    given = replace(item, parts=parts, token_ends_at=grant.ends_at, renewable=grant.refresh is not None)
    return _added(given, ConnectionSecrets(bearer, refresh=grant.refresh), vault)


def can_go_on(item: ConnectionItem, now: datetime) -> bool:
    """Whether there is something to fetch, and nobody is at it."""
    return not was_tried_lately(item, now) and any(part.state in ("to_do", "waiting") for part in item.parts)


def is_worked_on(item: ConnectionItem, now: datetime) -> bool:
    """Whether somebody is at it, or was and was killed: then whoever looks again after a minute goes on."""
    return was_tried_lately(item, now) and any(part.state == "to_do" for part in item.parts)


def was_tried_lately(item: ConnectionItem, now: datetime) -> bool:
    """Whether somebody was at it a moment ago."""
    return item.worked_at is not None and timedelta() <= now - item.worked_at < BUSY_FOR


def try_again(item_id: bytes, vault: Vault, now: datetime) -> bool:
    """Let what failed for a reason that may pass be tried again; False when there is nothing of that."""
    opened = opened_connection(item_id, vault)
    if opened is None or opened[1].token_ends_at is None or opened[1].token_ends_at <= now:
        return False
    head, item, body = opened
    parts = tuple(
        replace(part, state="to_do", reason="") if part.state == "failed" and part.reason in ("silent", "busy") else part
        for part in item.parts
    )
    return parts != item.parts and vault.replace(head, head_of(replace(item, parts=parts, worked_at=None)), body) is not None


def work_on(item_id: bytes, vault: Vault, services: CollectingServices, *, language: str) -> None:
    """Fetch what is to be fetched.

    What there is no room for fails; what was kept before stays.
    """
    opened = opened_connection(item_id, vault)
    if opened is None or not can_go_on(opened[1], services.now()):
        return
    head, item, body = opened
    source = next((known for known in services.sources(services.now()) if known.id == item.source), None)
    work = _Work(head, item, ConnectionSecrets.from_bytes(body), vault)
    if not work.save(worked_at=services.now()):
        return
    problem = _reason_to_stop(item, source, services.now())
    endpoints: Endpoints | None = None
    if problem is None and source is not None:
        try:
            endpoints = describe(source, services.send)
        except SourceProblem as found:
            problem = found
    for part in item.parts:
        if part.state not in ("to_do", "waiting"):
            continue
        if problem is None and endpoints is not None:
            try:
                state, reason = _fetch(part, work, endpoints, services, language)
            except SourceProblem as found:
                state, reason = _after(found, part, work, services, language)
                problem = found if found.code in ("silent", "busy", "over", "unreachable") else None
        else:
            state, reason = _kept_waiting(part, problem)
        if not work.save(worked_at=services.now(), changed=replace(part, state=state, reason=reason)):
            return
    work.save(worked_at=None)


@dataclass(slots=True)
class _Work:
    """A connection somebody works on; `save` says whether nobody else did meanwhile."""

    head: ItemHead
    item: ConnectionItem
    secrets: ConnectionSecrets = field(repr=False)
    vault: Vault = field(repr=False)

    def save(self, *, worked_at: datetime | None, changed: Part | None = None) -> bool:
        parts = tuple(changed if changed is not None and part.name == changed.name else part for part in self.item.parts)
        self.item = replace(self.item, parts=parts, worked_at=worked_at)
        left: ConnectionSecrets | None = self.secrets
        if _ended(parts):
            has_copies = any(part.state == "fetched" and not part.is_document for part in parts)
            left = self.secrets.without_access() if has_copies else None
            self.item = replace(self.item, renewable=left is not None)
        saved = self.vault.replace(self.head, head_of(self.item), left.as_bytes() if left else b"")
        if saved is None:
            return False
        self.head = saved
        return True


def _reason_to_stop(item: ConnectionItem, source: Source | None, now: datetime) -> SourceProblem | None:
    if source is None:
        return SourceProblem("refused", "this source is not on the trust list any more")
    if item.token_ends_at is None or item.token_ends_at <= now:
        return SourceProblem("over", "the token ended")
    return None


def _fetch(part: Part, work: _Work, endpoints: Endpoints, services: CollectingServices, language: str) -> tuple[PartState, str]:
    try:
        if part.is_document:
            return _fetch_document(part, work, endpoints, services, language)
        return _fetch_credential(part, work, endpoints, services)
    except NotKept as refused:
        return "failed", refused.reason
    except VaultFull:
        return "failed", "full"


def _fetch_document(part: Part, work: _Work, endpoints: Endpoints, services: CollectingServices, language: str) -> tuple[PartState, str]:
    found = fetch_document(part.name, work.secrets.bearer, endpoints, services, language=language)
    if isinstance(found, Later):
        return "waiting", ""
    expected = Expected(work.item.source_oin, work.item.source_name, part.dataset, work.head.id.hex())
    kept = keep_document(found, work.vault, services.check, services.now(), expected=expected)
    if kept != "already":
        _log(part, work, services, language)
    return "fetched", "" if kept == "kept" else kept


def _log(part: Part, work: _Work, services: CollectingServices, language: str) -> None:
    """Once for each connection, however often somebody was killed just after it."""
    line = LogLine(services.now(), Happening.FETCHED, title_and_source(part.dataset, work.item.source_name, services.catalogue, language))
    since = work.item.begun_at.replace(microsecond=0)
    if not any((known.happening, known.about) == (line.happening, line.about) and known.at >= since for known in read_log(work.vault)):
        write_log(work.vault, line)


def _fetch_credential(part: Part, work: _Work, endpoints: Endpoints, services: CollectingServices) -> tuple[PartState, str]:
    bearer = work.secrets.bearer
    waiting = work.secrets.transactions.get(part.name)
    if waiting is not None:
        identifier, keys = waiting
        found = fetch_late_copies(identifier, len(keys), bearer, endpoints, services)
    else:
        keys = tuple(HolderKey.new(services.random) for _ in range(min(services.copies, endpoints.batch)))
        found = fetch_copies(part.name, keys, bearer, endpoints, services)
    if isinstance(found, Later):
        if found.transaction is not None:
            work.secrets.transactions[part.name] = (found.transaction, keys)
        return "waiting", ""
    work.secrets.transactions.pop(part.name, None)
    try:
        _keep_copies(part, found, keys, work, services)
    except NotKept:
        notify(found, "credential_failure", bearer, endpoints, services)
        raise
    notify(found, "credential_accepted", bearer, endpoints, services)
    return "fetched", ""


def _keep_copies(part: Part, found: Copies, keys: Sequence[HolderKey], work: _Work, services: CollectingServices) -> None:
    """Each copy is checked, and is for the key that was made for it."""
    now = services.now()
    copies = tuple(Copy(credential, key) for credential, key in zip(found.credentials, keys, strict=True))
    item = CredentialItem(
        part.dataset, _form_of(part), work.item.source_oin, work.item.source_name, now, len(copies), connection=work.head.id.hex()
    )
    require_right_copies(copies, item, services.check, now)
    work.vault.together(partial(_take_the_place, item=item, body=CredentialCopies(copies).as_bytes()))


def _take_the_place(vault: Vault, *, item: CredentialItem, body: bytes) -> None:
    """Of the credentials of that data set and source, in that form, that are here."""
    for head, known in list(items_of(vault)):
        if isinstance(known, CredentialItem) and _same(known) == _same(item):
            vault.remove(head.id)
    vault.add(head_of(item), body)
    _forget_unneeded(vault)


def _same(item: CredentialItem) -> tuple[str, str, str]:
    return item.dataset, item.source_oin, item.format


def _form_of(part: Part) -> CredentialFormat:
    return FORMATS[part.name.rpartition(".")[2]]


def _forget_unneeded(vault: Vault) -> None:
    """What opens a source for new copies of what is not here any more."""
    items = list(items_of(vault))
    needed = {item.connection for _, item in items if isinstance(item, CredentialItem)}
    for head, item in items:
        if isinstance(item, ConnectionItem) and item.renewable and _ended(item.parts) and head.id.hex() not in needed:
            vault.replace(head, head_of(replace(item, renewable=False)), b"")


def _ended(parts: Sequence[Part]) -> bool:
    """Whether nothing is to come, nor can be tried again."""
    return not any(part.state in ("to_do", "waiting") or part.reason in ("silent", "busy") for part in parts)


def _after(problem: SourceProblem, part: Part, work: _Work, services: CollectingServices, language: str) -> tuple[PartState, str]:
    """A part that the source gave before, and that is here, was fetched: the program ended before that was written down."""
    if problem.code == "denied":
        items = [item for _, item in items_of(work.vault)]
        if any(_came_by(item, part, work.head.id) for item in items):
            if part.is_document:
                _log(part, work, services, language)
            return "fetched", ""
        told = sum(each.reason == "unchecked" for each in work.item.parts)
        waiting = sum(isinstance(item, UncheckedItem) and item.connection == work.head.id.hex() for item in items)
        if part.is_document and waiting > told:
            return "fetched", "unchecked"
    return _kept_waiting(part, problem)


def _kept_waiting(part: Part, problem: SourceProblem | None) -> tuple[PartState, str]:
    """What waits at a source that is silent now goes on waiting."""
    if part.state == "waiting" and problem is not None and problem.may_pass:
        return "waiting", problem.code
    return "failed", problem.code if problem else "answer"


def _came_by(item: object, part: Part, item_id: bytes) -> bool:
    match item:
        case DocumentItem() if part.is_document:
            return (item.connection, item.dataset) == (item_id.hex(), part.dataset)
        case CredentialItem() if not part.is_document:
            return (item.connection, item.dataset, item.format) == (item_id.hex(), part.dataset, _form_of(part))
    return False


def _parts(wanted: Sequence[str], nothing: Sequence[str], given: Sequence[str], otherwise: PartState, reason: str) -> tuple[Part, ...]:
    def part(name: str) -> Part:
        dataset = name.rpartition(".")[0]
        if name in given:
            return Part(name, dataset, "to_do")
        return Part(name, dataset, "nothing") if dataset in nothing else Part(name, dataset, otherwise, reason)

    return tuple(part(name) for name in wanted)


def _added(item: ConnectionItem, secrets: ConnectionSecrets | None, vault: Vault) -> ItemHead:
    return vault.add(head_of(item), secrets.as_bytes() if secrets else b"")


def opened_connection(item_id: bytes, vault: Vault) -> tuple[ItemHead, ConnectionItem, bytes] | None:
    """A connection and its body; None when it is not here, or cannot be opened."""
    read = vault.read_if_possible(item_id)
    item = read_head(read[0].head) if read else None
    return (read[0], item, read[1]) if read is not None and isinstance(item, ConnectionItem) else None
