"""The questions of a small form, and what was answered: nothing of it is kept anywhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.typed import MOST_TYPED, typed_cents, typed_day, typed_percentage

__all__ = ["Answers", "Asked", "Asking"]

Asking = Literal["money", "percentage", "day", "words", "choice", "tick"]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the page shows it, with what was typed; `complaint` is the kind of answer that was expected, when it was another."""

    name: str
    kind: Asking
    required: bool
    typed: str = field(repr=False)
    complaint: str = ""
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)


class Answers:
    """Asks one question after the other. `typed` is what came by a form, None when none was sent."""

    def __init__(self, typed: Mapping[str, str] | None) -> None:
        self._typed = typed
        self.asked: list[Asked] = []

    @property
    def were_given(self) -> bool:
        """Whether a form was sent that can be counted with."""
        return self._typed is not None and not self.are_wrong

    @property
    def are_wrong(self) -> bool:
        return any(question.complaint for question in self.asked)

    def money(self, name: str, *, required: bool) -> int | None:
        return self._read(name, "money", typed_cents, required=required)

    def percentage(self, name: str) -> Decimal | None:
        return self._read(name, "percentage", typed_percentage)

    def day(self, name: str, *, latest: date) -> date | None:
        def read(text: str) -> date:
            day = typed_day(text)
            if day > latest:
                raise MalformedValue("expected a day that has been")
            return day

        return self._read(name, "day", read)

    def words(self, name: str) -> str | None:
        def read(text: str) -> str:
            if not text.isprintable():
                raise MalformedValue("expected a text that can be shown")
            return text.strip()

        return self._read(name, "words", read)

    def choice(self, name: str, options: Sequence[tuple[str, str]]) -> str | None:
        """One of these values, each with its words."""

        def read(text: str) -> str:
            if text not in {value for value, _ in options}:
                raise MalformedValue("expected one of the choices")
            return text

        return self._read(name, "choice", read, options=tuple(options))

    def tick(self, name: str) -> bool:
        return self._read(name, "tick", str, required=False) is not None

    def _read(
        self, name: str, kind: Asking, read: Callable[[str], _Value], *, required: bool = True, options: tuple[tuple[str, str], ...] = ()
    ) -> _Value | None:
        text = "" if self._typed is None else self._typed.get(name, "")
        value: _Value | None = None
        complaint = ""
        if text.strip():
            try:
                value = _short(text, read)
            except MalformedValue:
                complaint = kind
        elif required and self._typed is not None:
            complaint = kind
        self.asked.append(Asked(name, kind, required, text[:MOST_TYPED], complaint, options))
        return value


def _short(text: str, read: Callable[[str], _Value]) -> _Value:
    if len(text) > MOST_TYPED:
        raise MalformedValue("expected a shorter answer")
    return read(text)
