"""Bring in what somebody took along from another Mijn Blauwe Knop. Nothing is believed: documents are checked again, as if they were new.

All that may come in comes in together, or nothing does, whatever happens in between; and what is here already stays one. So who is
interrupted does it again, and nothing is lost or double.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.account_log import Happening, LogLine, decode_log, read_log, write_log
from blauweknop.holder.archive import Archived
from blauweknop.holder.corrections import read_correction
from blauweknop.holder.credential_copies import CredentialCopies
from blauweknop.holder.credentials import require_right_copies
from blauweknop.holder.items import CredentialItem, OwnPaperItem, head_of, read_head
from blauweknop.holder.keeping import Check, NotKept, items_of, keep_document
from blauweknop.holder.links.items import from_elsewhere, keep_link, made_links
from blauweknop.holder.own_papers import MOST_PAPER_BYTES, is_paper_title, paper_type_of
from blauweknop.holder.sharing.requests import answered_elsewhere
from blauweknop.holder.vault import Vault, VaultFull
from blauweknop.standards.strict_json import MalformedJson, canonical_json

__all__ = ["TakenIn", "take_in"]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many items came in, were here already, or were refused; reasons of refusal by code. `is_full`: no room, so nothing came in."""

    kept: int
    already: int
    refused: Mapping[str, int] = field(default_factory=dict)
    is_full: bool = False


def take_in(items: Iterable[Archived], vault: Vault, check: Check, now: datetime) -> TakenIn:
    """Keep what may be kept.

    Raises:
        BlauweKnopError: others changed the vault all the time.
    """
    archived = tuple(items)
    try:
        return vault.together(lambda staged: _take_all(archived, staged, check, now))
    except VaultFull:
        return TakenIn(0, 0, is_full=True)


def _take_all(items: Sequence[Archived], vault: Vault, check: Check, now: datetime) -> TakenIn:
    kept = already = 0
    refused: Counter[str] = Counter()
    known = _Known(vault)
    for item in items:
        try:
            is_new = _take(item, vault, check, now, known)
        except NotKept as error:
            refused[error.reason] += 1
        except (MalformedValue, MalformedJson):
            refused["form"] += 1
        else:
            kept += is_new
            already += not is_new
    write_log(vault, LogLine(now, Happening.IMPORTED))
    return TakenIn(kept, already, dict(refused))


class _Known:
    """Which papers, requests, sharings and links are here, so that none comes twice. What is here is read once, however much comes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._by_head: dict[bytes, list[bytes]] | None = None
        self._consents: set[str] | None = None

    def has(self, head: bytes, body: bytes) -> bool:
        if self._by_head is None:
            self._by_head = {}
            for item in self._vault.heads():
                self._by_head.setdefault(item.head, []).append(item.id)
        found = (self._vault.read_if_possible(item_id) for item_id in self._by_head.get(head, []))
        return any(read is not None and read[1] == body for read in found)

    def is_first(self, consent: str) -> bool:
        """Whether no link with this consent is here, nor came before."""
        if self._consents is None:
            self._consents = {made.body.sharing.consent for made in made_links(self._vault)}
        is_first = consent not in self._consents
        self._consents.add(consent)
        return is_first


def _take(item: Archived, vault: Vault, check: Check, now: datetime, known: _Known) -> bool:
    """Whether it is new here.

    Raises:
        NotKept, MalformedValue, MalformedJson: it is refused.
        VaultFull: no room.
    """
    match item.kind:
        case "document" | "unchecked":
            return keep_document(item.files["pdf"], vault, check, now, expected=None) != "already"
        case "own_paper":
            return _add(_paper(item), item.files["paper"], vault, known)
        case "credential":
            return _credential(item, vault, check, now)
        case "correction":
            return _add(_correction(item), b"", vault, known)
        case "request":
            shared = answered_elsewhere(canonical_json({**item.head}), item.files["body"])
            return shared is not None and _add(*shared, vault, known)
        case "link":
            return _link(canonical_json({**item.head}), item.files["body"], vault, known)
        case "log":
            return _log(item.files["body"], vault)
    return False  # a connection: a person connects again


def _add(head: bytes, body: bytes, vault: Vault, known: _Known) -> bool:
    if known.has(head, body):
        return False
    vault.add(head, body)
    return True


def _link(head: bytes, body: bytes, vault: Vault, known: _Known) -> bool:
    """Each has a consent of its own, which nothing else can have."""
    link, given = from_elsewhere(head, body)
    if not known.is_first(given.sharing.consent):
        return False
    keep_link(link, given, vault)
    return True


def _paper(item: Archived) -> bytes:
    paper = read_head(canonical_json({**item.head}))
    content = item.files["paper"]
    if not isinstance(paper, OwnPaperItem) or not is_paper_title(paper.title):
        raise MalformedValue("expected a paper with a title")
    if paper.size != len(content) or len(content) > MOST_PAPER_BYTES:
        raise MalformedValue("expected a paper with its size")
    if paper_type_of(content) != paper.media_type:
        raise MalformedValue("expected a paper of the type that it says")
    return head_of(paper)


def _credential(item: Archived, vault: Vault, check: Check, now: datetime) -> bool:
    """Not beside or instead of one that is as new: a copy that was used meanwhile must not come back as an unused one.

    The same one takes the place of what cannot be opened any more, with the copies that by its head were left: the first are used first.
    """
    credential = read_head(canonical_json({**item.head}))
    copies = CredentialCopies.from_bytes(item.files["copies"])
    if not isinstance(credential, CredentialItem) or credential.unused != len(copies.unused):
        raise MalformedValue("expected a credential with its copies")
    here = [(head.id, known) for head, known in items_of(vault) if isinstance(known, CredentialItem) and _is_same(known, credential)]
    same = [(item_id, known) for item_id, known in here if known.kept_at == credential.kept_at]
    if any(known.kept_at > credential.kept_at for _, known in here) or any(not vault.is_unreadable(item_id) for item_id, _ in same):
        return False
    left = min([credential.unused, *(known.unused for _, known in same)])
    copies = replace(copies, unused=copies.unused[credential.unused - left :])
    if not copies.unused and not copies.used:
        return False
    require_right_copies(copies.unused, credential, check, now)
    vault.add(head_of(replace(credential, unused=left)), copies.as_bytes())
    for item_id, _ in here:
        vault.remove(item_id)
    return True


def _is_same(one: CredentialItem, other: CredentialItem) -> bool:
    return (one.dataset, one.source_oin, one.format) == (other.dataset, other.source_oin, other.format)


def _correction(item: Archived) -> bytes:
    correction = read_correction(canonical_json({**item.head}))
    if correction is None:
        raise MalformedValue("expected a request for correction")
    return correction.as_head()


def _log(body: bytes, vault: Vault) -> bool:
    here = frozenset(read_log(vault))
    new = [line for line in decode_log(body) if line not in here]
    if new and not write_log(vault, *new):
        raise VaultFull("the log has no room for the lines of another", remedy="remove something first")
    return bool(new)
