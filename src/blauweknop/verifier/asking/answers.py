"""What a person answered, checked: for each thing what the check says, and the claims that were asked and are real."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.verdict import Colour
from blauweknop.verifier.asking.questions import Question

__all__ = [
    "AGE_UNKNOWN",
    "MOST_ITEMS",
    "MOST_KEPT",
    "PERSON_DIFFERS",
    "PERSON_UNKNOWN",
    "TOO_OLD",
    "Answer",
    "CheckedItem",
    "asked_of",
    "current_items",
    "last_came",
    "replaced_items",
]

PERSON_DIFFERS = "person_differs"
"""The remark of an item with another name or day of birth than the others: perhaps of somebody else."""
PERSON_UNKNOWN = "person_unknown"
"""The remark of an item that says nothing by which it can be compared with the others."""

TOO_OLD = "data_too_old"
"""The remark of an item whose data are of longer ago than the package takes (threat T-18)."""
AGE_UNKNOWN = "data_age_unknown"
"""The remark of an item that does not say of when its data are, where the package has a greatest age."""

DOCUMENT_REFUSED, DOCUMENT_UNSURE = "document_refused", "document_unsure"
"""The remark of a document that came by a link and is not real, or of which that could not be told: it has no claims."""


MOST_ITEMS = 64
"""In one answer."""
MOST_KEPT = 4 * MOST_ITEMS
"""In one dossier: of an answer, of its updates, and what these replaced. An update that does not fit is refused, so that nothing goes."""


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """One thing that was shown. `credential` is its id in the query; `reasons` are codes, of steps that did not go well and remarks.

    Without `claims` nothing of it may be used: the check did not say that it is real.
    """

    item: str
    credential: str
    dataset: str
    format: str
    colour: Colour
    reasons: tuple[str, ...] = ()
    issuer: str | None = None
    issuer_oin: str | None = None
    reference_date: str | None = None
    valid_until: str | None = None
    claims: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    status_uri: str | None = field(default=None, repr=False)
    """Where its source tells later whether it withdrew it, and the place there. No export tells them: they would tell copies apart."""
    status_index: int | None = field(default=None, repr=False)
    original: str | None = field(default=None, repr=False)
    """What was shown, as it came; only the sealed dossier has it. None when it showed more than was asked."""
    came_at: datetime | None = None
    """When it came, of what came later than the answer: an update."""
    came_as: tuple[str, str] | None = field(default=None, repr=False)
    """The name that its person gave to that update, and the hash of the question that it answers."""
    number: int = field(default=0, compare=False)
    """Its number in the dossier, which no later piece gets; 0 before it is kept."""

    @property
    def source(self) -> tuple[str, str, str | None]:
        """What a later piece with the same replaces."""
        return self.credential, self.dataset, self.issuer_oin

    def remarked(self, reason: str) -> "CheckedItem":
        """The same, orange for this reason."""
        return replace(self, colour=Colour.ORANGE, reasons=(*self.reasons, reason))

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "item": self.item,
            "credential": self.credential,
            "dataset": self.dataset,
            "format": self.format,
            "colour": self.colour.value,
            "reasons": [*self.reasons],
            "issuer": self.issuer,
            "issuer_oin": self.issuer_oin,
            "reference_date": self.reference_date,
            "valid_until": self.valid_until,
            "claims": dict(self.claims),
            "status_uri": self.status_uri,
            "status_index": self.status_index,
            "original": self.original,
            "came_at": self.came_at.isoformat() if self.came_at is not None else None,
            "came_as": [*self.came_as] if self.came_as is not None else None,
        }

    @classmethod
    def from_json(cls, value: JsonValue) -> "CheckedItem":
        """What `as_json` gave. Raises: MalformedValue."""
        if not isinstance(value, dict) or not isinstance(value.get("claims"), dict):
            raise MalformedValue("expected a kept item of an answer")
        claims, reasons, index = value["claims"], value.get("reasons"), value.get("status_index")
        return cls(
            item=str(value["item"]),
            credential=str(value["credential"]),
            dataset=str(value["dataset"]),
            format=str(value["format"]),
            colour=Colour(str(value["colour"])),
            reasons=tuple(str(reason) for reason in reasons) if isinstance(reasons, list) else (),
            issuer=_text(value.get("issuer")),
            issuer_oin=_text(value.get("issuer_oin")),
            reference_date=_text(value.get("reference_date")),
            valid_until=_text(value.get("valid_until")),
            claims=claims if isinstance(claims, dict) else {},
            status_uri=_text(value.get("status_uri")),
            status_index=index if isinstance(index, int) else None,
            original=_text(value.get("original")),
            came_at=_moment(value.get("came_at")),
            came_as=_two_texts(value.get("came_as")),
            number=number if isinstance(number := value.get("number"), int) else 0,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. `elsewhere` says that it came from another device, which is a little less sure (PROTOCOL 6.6).

    `consent` is the signed consent record of the person, and `own_papers` what they added themselves, each as it came in the answer;
    `receipt` is what we signed for it.
    """

    request_id: str
    question: Question
    items: tuple[CheckedItem, ...]
    received_at: datetime
    elsewhere: bool = False
    consent: str | None = field(default=None, repr=False)
    own_papers: tuple[Mapping[str, JsonValue], ...] = field(default=(), repr=False)
    receipt_id: str | None = None
    receipt: str | None = field(default=None, repr=False)
    erase_at: datetime | None = None
    """Before the retention ends, when the person agreed to less."""
    by_link: bool = False
    """It came as documents by a link: no key tells that its person gave it."""
    updates_until: datetime | None = None
    """Until when the person agreed that newer data may follow."""

    def as_json(self) -> dict[str, JsonValue]:
        return {
            "request_id": self.request_id,
            "question": self.question.as_text(),
            "items": [item.as_json() for item in self.items],
            "received_at": self.received_at.isoformat(),
            "elsewhere": self.elsewhere,
            "consent": self.consent,
            "own_papers": [dict(paper) for paper in self.own_papers],
            "receipt_id": self.receipt_id,
            "receipt": self.receipt,
            "erase_at": self.erase_at.isoformat() if self.erase_at is not None else None,
            "by_link": self.by_link,
            "updates_until": self.updates_until.isoformat() if self.updates_until is not None else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, JsonValue]) -> "Answer":
        """What `as_json` gave. Raises: MalformedValue, MalformedQuery."""
        items, papers = value.get("items"), value.get("own_papers")
        if not isinstance(items, list) or not isinstance(papers, list):
            raise MalformedValue("expected a kept answer")
        return cls(
            request_id=str(value["request_id"]),
            question=Question.from_text(value.get("question")),
            items=tuple(CheckedItem.from_json(item) for item in items),
            received_at=datetime.fromisoformat(str(value["received_at"])),
            elsewhere=value.get("elsewhere") is True,
            consent=_text(value.get("consent")),
            own_papers=tuple(paper for paper in papers if isinstance(paper, dict)),
            receipt_id=_text(value.get("receipt_id")),
            receipt=_text(value.get("receipt")),
            by_link=value.get("by_link") is True,
            erase_at=_moment(value.get("erase_at")),
            updates_until=_moment(value.get("updates_until")),
        )


def current_items(items: Sequence[CheckedItem]) -> tuple[tuple[int, CheckedItem], ...]:
    """Each with its number, without what something newer replaced."""
    return tuple((number, item) for number, item in _numbered(items) if not _is_replaced(item, items))


def replaced_items(items: Sequence[CheckedItem]) -> tuple[tuple[int, CheckedItem], ...]:
    """What something newer replaced, with its number."""
    return tuple((number, item) for number, item in _numbered(items) if _is_replaced(item, items))


def last_came(items: Sequence[CheckedItem]) -> datetime | None:
    """When the last update came; None when there was none."""
    return max((item.came_at for item in items if item.came_at is not None), default=None)


def asked_of(items: Sequence[CheckedItem], update_id: str) -> str | None:
    """The hash of the question that an update answered; None when no update of that name came."""
    return next((item.came_as[1] for item in items if item.came_as is not None and item.came_as[0] == update_id), None)


def _numbered(items: Sequence[CheckedItem]) -> Iterator[tuple[int, CheckedItem]]:
    return ((item.number or place, item) for place, item in enumerate(items, 1))


def _is_replaced(item: CheckedItem, items: Sequence[CheckedItem]) -> bool:
    came = [other.came_at for other in items if other.source == item.source and other.came_at is not None]
    return bool(came) and (item.came_at is None or item.came_at < max(came))


def _moment(value: JsonValue) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _two_texts(value: JsonValue) -> tuple[str, str] | None:
    match value:
        case [str(one), str(other)]:
            return one, other
    return None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
