"""A request in the words of its page: who asks, why, on which ground, for how long, and what."""

from dataclasses import dataclass

from blauweknop.catalogue.texts import sentence
from blauweknop.standards.sharing_composing import retention_length
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.questions import Question
from blauweknop.web.durations import duration_in_words

__all__ = ["ShownItem", "ShownQuestion", "shown_question"]


@dataclass(frozen=True, slots=True)
class ShownItem:
    id: str
    title: str
    why: str
    required: bool
    one_of: str | None


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """`law` is the ground as people say it, and the law or agreement behind it."""

    name: str
    legal_name: str
    purpose: str
    ground: str
    law: str
    retention: str
    recipients: tuple[str, ...]
    """Who else gets it; nobody when none are named."""
    privacy_policy: str
    support: str
    items: tuple[ShownItem, ...]
    bsn_law: str | None

    @property
    def required(self) -> tuple[ShownItem, ...]:
        return tuple(item for item in self.items if item.required and item.one_of is None)

    @property
    def choices(self) -> tuple[tuple[ShownItem, ...], ...]:
        """Of each of these one is enough, and needed."""
        names = dict.fromkeys(item.one_of for item in self.items if item.required and item.one_of is not None)
        return tuple(tuple(item for item in self.items if item.one_of == name) for name in names)

    @property
    def optional(self) -> tuple[ShownItem, ...]:
        return tuple(item for item in self.items if not item.required)


def shown_question(question: Question, services: AskingServices, language: str) -> ShownQuestion:
    """Raises: QuestionRefused, the receiver may not ask it any more."""
    registration = services.receiver.use_of(question).registration
    return ShownQuestion(
        name=registration.name,
        legal_name=registration.legal_name,
        purpose=registration.purpose.in_language(language),
        ground=sentence(f"web.ground.{registration.legal_basis.letter}", language),
        law=registration.legal_basis.law,
        retention=duration_in_words(retention_length(registration.retention), language),
        recipients=tuple(recipient.in_language(language) for recipient in registration.recipients),
        privacy_policy=registration.privacy_policy,
        support=registration.support_uri,
        items=tuple(
            ShownItem(item.id, item.title.in_language(language), item.why.in_language(language), item.required, item.one_of)
            for item in question.items
        ),
        bsn_law=registration.bsn_law,
    )
