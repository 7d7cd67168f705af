from dataclasses import replace

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.domain.durations import Duration
from blauweknop.domain.verdict import Colour
from blauweknop.standards.dcql import CredentialSet, DcqlQuery
from blauweknop.verifier.asking.answers import AGE_UNKNOWN, PERSON_DIFFERS, PERSON_UNKNOWN, TOO_OLD, CheckedItem
from blauweknop.verifier.asking.questions import Question
from tests.unit.checking import credentials as c
from tests.unit.verifier.asking.asking_world import ITEM, SHORT, SUMMARY, AskingWorld, Browser, led_back

OTHER = replace(SHORT, id="ander-kort")
SETS = (CredentialSet((("schuld-kort",),)), CredentialSet((("ander-kort",),)))
TWO = Question("schuldhulp-1", (ITEM, replace(ITEM, id="ander")), DcqlQuery((SHORT, OTHER), SETS))
FREE = replace(OTHER, claims=SHORT.claims[2:])
NAMELESS = Question("schuldhulp-1", TWO.items, DcqlQuery((SHORT, FREE), SETS))


def kept(world: AskingWorld, browser: Browser, question: Question, other: str, names: tuple[str, ...] = SUMMARY) -> tuple[CheckedItem, ...]:
    path = world.request(question)
    holder = browser.begin(path)
    shown = {"schuld-kort": [holder.shown()], "ander-kort": [holder.shown(other, names)]}
    browser.come_back(led_back(holder.answer(shown)))  # type: ignore[arg-type] # lists of text are JSON
    found = world.kept(path)
    assert found is not None
    return found.answer.items


def test_two_things_of_one_person_are_green(world: AskingWorld, browser: Browser) -> None:
    assert [item.colour for item in kept(world, browser, TWO, c.of_wallet())] == [Colour.GREEN, Colour.GREEN]


@pytest.mark.parametrize("changes", [{"given_name": "Anna"}, {"family_name": "de Vries"}], ids=str)
def test_another_name_is_orange_and_is_said_and_never_dropped(world: AskingWorld, browser: Browser, changes: dict[str, JsonValue]) -> None:
    items = kept(world, browser, TWO, c.of_wallet({**c.CLAIMS, **changes}))
    assert [(item.colour, item.reasons) for item in items] == [(Colour.ORANGE, (PERSON_DIFFERS,))] * 2


def test_what_does_not_say_whose_it_is_is_orange(world: AskingWorld, browser: Browser) -> None:
    items = kept(world, browser, NAMELESS, c.of_wallet(), SUMMARY[2:])
    assert items[1].reasons == (PERSON_UNKNOWN,)


@pytest.mark.parametrize(
    ("days", "names", "reasons"),
    [
        (2, (*SUMMARY, "reference_date"), ()),
        (1, (*SUMMARY, "reference_date"), (TOO_OLD,)),
        (2, SUMMARY, (AGE_UNKNOWN,)),
    ],
    ids=["young enough", "too old", "of no day"],
)
def test_data_that_are_older_than_the_package_takes_are_orange(
    world: AskingWorld, browser: Browser, days: int, names: tuple[str, ...], reasons: tuple[str, ...]
) -> None:
    question = Question("schuldhulp-1", (replace(ITEM, maximum_age=Duration(0, days)),), DcqlQuery((SHORT,)))
    path = world.request(question)
    holder = browser.begin(path)
    browser.come_back(led_back(holder.answer({"schuld-kort": [holder.shown(names=names)]})))
    found = world.kept(path)
    assert found is not None
    assert found.answer.items[0].reasons == reasons
