"""Check what came by a link: every document again, as if a stranger brought it, whatever the list of the person says (PROTOCOL 6.9).

1. The check says that it is real, of a source on the trust list, and not withdrawn. What it does not say so of is kept as a line without
   data, red or orange, so that staff see that it came and was not taken.
2. It is the document that the list names, by data set and id.
3. Of its data only what the consent names and falls within the registration is kept. The rest is dropped at once.
4. Data that are older than the package takes are orange, and say so.
5. All are of one person, as far as names and days of birth tell; else they are orange, and say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import REPRESENTATIVE
from blauweknop.domain.verdict import CheckedKind, Colour, Verdict, Verified
from blauweknop.standards.dcql import ClaimQuery, Path
from blauweknop.standards.dcql_answers import asked_claims
from blauweknop.standards.delivery import GivenDocument
from blauweknop.standards.registration import Registration
from blauweknop.standards.request_scope import may_hold_bsn
from blauweknop.standards.sharing_composing import attribute_name
from blauweknop.standards.sharing_records import PiiInformation
from blauweknop.verifier.asking.answers import DOCUMENT_REFUSED, DOCUMENT_UNSURE, PERSON_DIFFERS, CheckedItem
from blauweknop.verifier.asking.judging import dated
from blauweknop.verifier.asking.persons import person_in
from blauweknop.verifier.asking.questions import AskedItem, Question

__all__ = ["FORMAT", "Agreed", "ReceivedDocument", "item_of_type", "judge_documents"]

FORMAT = "pdf"
"""Of an item that came as a sealed document, or one made smaller by its person."""


@dataclass(frozen=True, slots=True)
class ReceivedDocument:
    """A document with what the list says of it, and what the check does."""

    given: GivenDocument
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the person agreed to give, under which registration."""

    shared: tuple[PiiInformation, ...]
    registration: Registration

    @property
    def is_within(self) -> bool:
        """Whether all of it is something that the registration has, or a part of that."""
        return all(self._covers(one) for one in self.shared)

    def paths_of(self, kind: str) -> tuple[Path, ...]:
        """Of documents of this type; the number of a person only by law."""
        named = [_path(one.attribute) for one in self.shared if one.type == kind and one.attribute is not None]
        return tuple(path for path in named if self.registration.bsn_law is not None or not may_hold_bsn(path))

    def _covers(self, one: PiiInformation) -> bool:
        registered = [attribute_name(path) for each in self.registration.credentials if one.type in each.types for path in each.claims]
        return one.attribute is not None and any(one.attribute == name or one.attribute.startswith(f"{name}/") for name in registered)


@dataclass(frozen=True, slots=True)
class _Judged:
    item: CheckedItem
    person: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)


def judge_documents(
    documents: Sequence[ReceivedDocument], question: Question, agreed: Agreed, catalogue: Catalogue, *, at: datetime
) -> tuple[CheckedItem, ...]:
    """In the order in which they came."""
    judged = [_judged(one, question, agreed, catalogue) for one in documents]
    # Steps 4 and 5.
    return tuple(dated(_compared(one, judged), question, at) if one.item.claims else one.item for one in judged)


def item_of_type(kind: str, items: Sequence[AskedItem], catalogue: Catalogue) -> AskedItem | None:
    """The item of a package that documents of this type answer."""
    dataset = next((dataset.id for dataset in catalogue.datasets.values() if dataset.type_uri == kind), None)
    return next((item for item in items if dataset in item.datasets), None)


def _judged(one: ReceivedDocument, question: Question, agreed: Agreed, catalogue: Catalogue) -> _Judged:
    given, verdict = one.given, one.verdict
    dataset = next((known for known in catalogue.datasets.values() if known.type_uri == given.type), None)
    asked = item_of_type(given.type, question.items, catalogue)
    name = asked.id if asked is not None else given.type
    # Step 1.
    if not isinstance(verdict, Verified):
        reason = DOCUMENT_REFUSED if verdict.colour is Colour.RED else DOCUMENT_UNSURE
        return _Judged(CheckedItem(name, name, dataset.id if dataset else "", FORMAT, verdict.colour, (reason,)))
    # Step 2.
    facts, content = verdict.facts, verdict.content
    is_named = dataset is not None and facts.dataset == dataset.id and content.get("document_id") == given.document_id
    paths = agreed.paths_of(given.type)
    if facts.kind is not CheckedKind.DOCUMENT or not is_named or not paths or asked is None:
        return _Judged(CheckedItem(name, name, dataset.id if dataset else "", FORMAT, Colour.RED, (DOCUMENT_REFUSED,)))
    # Step 3.
    kept = asked_claims(content, [ClaimQuery(path) for path in paths])
    # Who acted for the person is always shown, and nobody has to agree to it.
    kept |= {member: value for member, value in content.items() if member == REPRESENTATIVE}
    item = CheckedItem(
        item=name,
        credential=name,
        dataset=facts.dataset or "",
        format=FORMAT,
        colour=verdict.colour,
        issuer=facts.issuer_name,
        issuer_oin=facts.issuer_oin,
        reference_date=facts.reference_date,
        valid_until=facts.valid_until,
        claims=kept,
        status_uri=facts.status_uri,
        status_index=facts.status_index,
    )
    return _Judged(item, person_in(content))


def _compared(one: _Judged, judged: Sequence[_Judged]) -> CheckedItem:
    others = [other.person for other in judged if other is not one]
    differs = any(one.person[name] != other[name] for other in others for name in one.person.keys() & other.keys())
    return one.item.remarked(PERSON_DIFFERS) if differs else one.item


def _path(attribute: str) -> Path:
    """What `attribute_name` was given."""
    return tuple(None if step == "*" else step for step in attribute.split("/"))
