"""What a receiver asks of one person: the question of a package, and whether it may be sent at all (PROTOCOL 5.3 and 9.1).

A question is refused before it is sent, in steps:
1. The registration counts now (question_registration).
2. It says why (question_purpose), on which legal ground (question_legal_basis) and for how long (question_retention).
3. Something is asked, and at least one thing of it must be shown by whoever holds its key (question_empty, question_unbound).
4. The question stays within the registration (request_data_set, request_claim, request_bsn).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from blauweknop.document.package_claims import item_id_of
from blauweknop.domain.document import JsonValue
from blauweknop.domain.durations import Duration
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.texts import Text
from blauweknop.standards.dcql import DcqlQuery, dcql_json, read_dcql
from blauweknop.standards.registration import Registration
from blauweknop.standards.request_scope import Excess, ExcessKind, beyond_registration
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = ["AskedItem", "Question", "QuestionRefusal", "QuestionRefused", "require_askable", "require_within"]

_MOST_TEXT = 256 * 1024
QuestionRefusal = (
    Literal[
        "question_registration",
        "question_purpose",
        "question_legal_basis",
        "question_retention",
        "question_empty",
        "question_unbound",
    ]
    | ExcessKind
)


class QuestionRefused(BlauweKnopError):
    """A question that is not sent; `code` names the rule, `excess` what is asked without a right to it."""

    def __init__(self, code: QuestionRefusal, message: str, excess: tuple[Excess, ...] = ()) -> None:
        super().__init__(message)
        self.code: QuestionRefusal = code
        self.excess = excess


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One thing of a question: `id` within the question, the data sets that it may be of, and for people what it is and why it is asked.

    Of items that share `one_of` one is enough. `maximum_age` is how long before the answer the data may be of. `staff_title` is for the
    receiver itself, where the title speaks to the person.
    """

    id: str
    title: Text
    why: Text
    datasets: tuple[str, ...]
    required: bool = True
    one_of: str | None = None
    maximum_age: Duration | None = None
    staff_title: Text | None = None

    @property
    def title_for_staff(self) -> Text:
        return self.staff_title or self.title


@dataclass(frozen=True, slots=True)
class Question:
    """The question of one package, which is the intended use of one registration.

    The credentials of an item have its id, or its id with the way in which it is shown behind it.
    """

    package: str
    items: tuple[AskedItem, ...]
    query: DcqlQuery
    _text: str = field(default="", compare=False, repr=False)
    """As it was read; reading it again is what kept questions cost most."""

    def item_of(self, credential: str) -> AskedItem | None:
        """The item that a credential of the query belongs to."""
        item_id = item_id_of(credential)
        return next((item for item in self.items if item.id == item_id), None)

    def asked_as(self, query: DcqlQuery) -> "Question":
        """The same things, asked in other ways."""
        return replace(self, query=query, _text="")

    def as_json(self) -> dict[str, JsonValue]:
        """To be kept with a request: what was asked stays what was asked, whatever packages become."""
        items: list[JsonValue] = [
            {
                "id": item.id,
                "title": [item.title.nl, item.title.en],
                "why": [item.why.nl, item.why.en],
                "datasets": [*item.datasets],
                "required": item.required,
                "one_of": item.one_of,
                "maximum_age": [item.maximum_age.months, item.maximum_age.days] if item.maximum_age else None,
                "staff_title": [item.staff_title.nl, item.staff_title.en] if item.staff_title else None,
            }
            for item in self.items
        ]
        return {"package": self.package, "items": items, "query": dcql_json(self.query)}

    def as_text(self) -> str:
        """The same as JSON text, to be kept beside other things."""
        return self._text or canonical_json(self.as_json()).decode("utf-8")

    @classmethod
    def from_text(cls, text: JsonValue) -> "Question":
        """What `as_text` gave.

        Raises:
            MalformedValue, MalformedQuery: something else.
        """
        if not isinstance(text, str):
            raise MalformedValue("expected a kept question")
        return _read(text)

    @classmethod
    def from_json(cls, value: Mapping[str, JsonValue]) -> "Question":
        """What `as_json` gave.

        Raises:
            MalformedValue, MalformedQuery: something else.
        """
        package, items = value.get("package"), value.get("items")
        if not isinstance(package, str) or not isinstance(items, list):
            raise MalformedValue("expected a kept question")
        return cls(package, tuple(_item(one) for one in items), read_dcql(value.get("query")))


@lru_cache(maxsize=256)
def _read(text: str) -> Question:
    """Most people are asked one of a few questions, and nothing in one is of a person."""
    try:
        members = parse_json_object(text.encode("utf-8"), max_bytes=_MOST_TEXT)
    except (MalformedJson, UnicodeError) as error:
        raise MalformedValue("expected a kept question") from error
    return replace(Question.from_json(members), _text=text)


def require_askable(question: Question, registration: Registration, *, at: datetime) -> None:
    """Whether a receiver with this registration may ask this.

    Raises:
        QuestionRefused: by the first rule that is broken.
    """
    # Step 1.
    if not registration.counts_at(at):
        raise QuestionRefused("question_registration", "expected a registration that counts now")
    require_within(question, registration)


def require_within(question: Question, registration: Registration) -> None:
    """Steps 2 to 4, which no time changes. Raises: QuestionRefused."""
    # Step 2.
    if not (registration.purpose.nl.strip() and registration.purpose.en.strip()):
        raise QuestionRefused("question_purpose", "expected a registration that says why the data are asked")
    if not (registration.legal_basis.letter and registration.legal_basis.law.strip()):
        raise QuestionRefused("question_legal_basis", "expected a registration that says on which legal ground the data are asked")
    if not _is_some_time(registration.retention):
        raise QuestionRefused("question_retention", "expected a registration that says how long the data are kept")
    # Step 3.
    if not question.items or any(question.item_of(credential.id) is None for credential in question.query.credentials):
        raise QuestionRefused("question_empty", "expected a question of which each credential belongs to an item")
    if not any(credential.holder_binding for credential in question.query.credentials):
        raise QuestionRefused("question_unbound", "expected something that only its holder can show")
    # Step 4.
    excess = beyond_registration(question.query, registration)
    if excess:
        raise QuestionRefused(excess[0].kind, "expected a question within the registration", excess)


def _is_some_time(retention: str) -> bool:
    try:
        return Duration.lasting(retention) != Duration(0, 0)
    except MalformedValue:
        return False


def _item(value: JsonValue) -> AskedItem:
    members = value if isinstance(value, dict) else {}
    name, datasets, required = members.get("id"), members.get("datasets"), members.get("required")
    if not isinstance(name, str) or not isinstance(datasets, list) or not isinstance(required, bool):
        raise MalformedValue("expected a kept item of a question")
    one_of = members.get("one_of")
    return AskedItem(
        name,
        _words(members.get("title")),
        _words(members.get("why")),
        tuple(map(str, datasets)),
        required,
        one_of if isinstance(one_of, str) else None,
        _age(members.get("maximum_age")),
        _words(members["staff_title"]) if members.get("staff_title") is not None else None,
    )


def _age(value: JsonValue) -> Duration | None:
    match value:
        case [int() as months, int() as days]:
            return Duration(months, days)
    return None


def _words(value: JsonValue) -> Text:
    if not isinstance(value, list) or len(value) != 2:
        raise MalformedValue("expected words in two languages")
    return Text(str(value[0]), str(value[1]))
